"""The cheapest way to answer every outcome: against all choices of bets, and against linear optimisation by corners."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.odds.combinations import Candidate, cheapest, lay_slot, least_cost, plans_of
from PROPPR.SharedServices.odds.types import Side

SIDES: tuple[Side, ...] = ("home", "draw", "away")


def candidate(effective: float, feed: str, side: Side = "home", updated_at: int = 0, is_lay: bool = False) -> Candidate:
    return Candidate(effective, updated_at, feed, feed, side, is_lay, effective, 0.0, None)


@st.composite
def slots(draw: st.DrawFn) -> list[list[Candidate]]:
    filled = []
    for slot in range(6):
        offers = draw(st.lists(st.tuples(st.floats(1.01, 9), st.sampled_from("ABC"), st.integers(0, 2)), max_size=3))
        filled.append([candidate(odds, feed, SIDES[slot % 3], at, slot > 2) for odds, feed, at in offers])
    return filled


def test_two_outcomes_have_one_plan_and_laying_one_is_backing_the_other() -> None:
    assert plans_of(2, True) == plans_of(2, False) == (((0, 1), 1.0),)
    assert [lay_slot(side, 2) for side in (0, 1)] == [1, 0]
    assert [lay_slot(side, 3) for side in (0, 1, 2)] == [3, 4, 5]


def covered(slot: int) -> set[int]:
    return {slot} if slot < 3 else {0, 1, 2} - {slot - 3}


@given(st.lists(st.floats(1.01, 20), min_size=6, max_size=6))
def test_no_division_of_stakes_costs_less(odds: list[float]) -> None:
    """min sum(y / e) with every outcome paid 1: the optimum of a linear problem is at a corner, and all are tried."""
    least = math.inf
    for weights in corners():
        least = min(least, sum(weight / price for weight, price in zip(weights, odds, strict=True)))
    assert math.isclose(least_cost(odds, plans_of(3, True)), least)


def corners() -> Iterator[tuple[float, ...]]:
    """All feasible halves and wholes: the corners of this set have no other numbers."""
    for weights in itertools.product((0.0, 0.5, 1.0), repeat=6):
        if all(sum(weight for slot, weight in enumerate(weights) if side in covered(slot)) >= 1 for side in range(3)):
            yield weights


@given(slots())
def test_the_cheapest_of_all_choices_with_two_bookmakers(offered: list[list[Candidate]]) -> None:
    least = math.inf
    for plan, weight in plans_of(3, True):
        for legs in itertools.product(*(offered[slot] for slot in plan)):
            if len({leg.feed for leg in legs}) > 1:
                least = min(least, sum(weight / leg.effective for leg in legs))
    found = cheapest(offered, plans_of(3, True))
    if math.isinf(least):
        assert found is None
    else:
        assert found is not None
        assert math.isclose(found.cost, least)
        assert len({leg.feed for leg in found.legs}) > 1


@given(slots(), st.randoms(use_true_random=False))
def test_the_order_of_offers_is_no_matter(offered: list[list[Candidate]], random: Random) -> None:
    before = cheapest(offered, plans_of(3, True))
    for slot in offered:
        random.shuffle(slot)
    assert cheapest(offered, plans_of(3, True)) == before


def chosen(*offers: Sequence[Candidate]) -> list[str]:
    found = cheapest([list(each) for each in offers], plans_of(2, False))
    assert found is not None
    return [leg.bookmaker for leg in found.legs]


def test_of_equal_prices_the_newest_counts_then_the_first_in_the_alphabet() -> None:
    other = [candidate(2.0, "Z")]
    assert chosen([candidate(2.5, "A", updated_at=1), candidate(2.5, "B", updated_at=2)], other) == ["B", "Z"]
    assert chosen([candidate(2.5, "B"), candidate(2.5, "A")], other) == ["A", "Z"]


def test_where_one_bookmaker_is_best_everywhere_the_smaller_loss_is_taken() -> None:
    first = [candidate(2.5, "A"), candidate(2.4, "B")]
    second = [candidate(2.5, "A"), candidate(2.0, "B")]
    assert chosen(first, second) == ["B", "A"]
    assert cheapest([[candidate(2.5, "A")], [candidate(2.5, "A")]], plans_of(2, False)) is None
