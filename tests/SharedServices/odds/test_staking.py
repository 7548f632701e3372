"""Stakes in whole cents: nothing above the total, and the guaranteed return the highest that cents can reach."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.odds.combinations import Candidate, Combination
from PROPPR.SharedServices.odds.commission import back_price, lay_price
from PROPPR.SharedServices.odds.staking import Staking, divide, largest_total


def backed(odds: float, commission: float = 0.0, limit: float | None = None) -> Candidate:
    return Candidate(back_price(odds, commission), 0, "A", "A", "home", False, odds, commission, limit)


def laid(odds: float, commission: float = 0.0, limit: float | None = None) -> Candidate:
    return Candidate(lay_price(odds, commission), 0, "B", "B", "home", True, odds, commission, limit)


def combination(*legs: Candidate, weight: float = 1.0) -> Combination:
    return Combination(legs, weight, sum(weight / leg.effective for leg in legs))


odds = st.one_of(st.floats(1.01, 4), st.floats(1.01, 1000)).map(lambda price: round(price, 3))
legs = st.builds(lambda make, price, share: make(price, share), st.sampled_from([backed, laid]), odds, st.just(0.02))


def worth(found: Staking) -> float:
    return min(stake.potential_return for stake in found.stakes)


@given(st.lists(legs, min_size=2, max_size=3), st.integers(1000, 1_000_000).map(lambda cents: cents / 100))
def test_rounding_takes_at_most_a_cent_s_return_per_leg(chosen: list[Candidate], total: float) -> None:
    combined = combination(*chosen)
    found = divide(combined, total)
    assert found.total <= total
    a_cent = [math.ceil(leg.odds - 1) if leg.is_lay else 1 for leg in chosen]
    liabilities_rounded_up = sum(leg.is_lay for leg in chosen)
    lost = 0.01 * (sum(a_cent) + liabilities_rounded_up) / combined.cost + 0.01
    assert worth(found) >= total / combined.cost - lost - 1e-6
    for leg, stake in zip(chosen, found.stakes, strict=True):
        assert stake.stake == round(stake.stake, 2) and stake.at_risk == round(stake.at_risk, 2)
        exact = stake.stake * (leg.odds - 1) if leg.is_lay else stake.stake
        assert exact - 1e-6 <= stake.at_risk <= exact + 0.01
        assert exact * leg.effective - 0.01 - 1e-6 <= stake.potential_return <= exact * leg.effective + 1e-6


@given(st.lists(st.floats(1.1, 60).map(lambda price: round(price, 2)), min_size=2, max_size=3))
def test_no_other_division_of_the_cents_guarantees_more(prices: list[float]) -> None:
    """With a total of 60 cents every division can be tried."""
    cents = 60
    best = 0.0
    for parts in itertools.product(range(cents + 1), repeat=len(prices) - 1):
        if (last := cents - sum(parts)) >= 0:
            returns = [stake * price for stake, price in zip((*parts, last), prices, strict=True)]
            best = max(best, min(returns))
    found = divide(combination(*(backed(price) for price in prices)), cents / 100)
    assert min(stake.stake * 100 * price for stake, price in zip(found.stakes, prices, strict=True)) == pytest.approx(
        best
    )


def test_a_long_shot_is_not_left_short() -> None:
    """0.1007 would be right on 1000: rounded down to 0.10 the guaranteed return were 100, no profit at all."""
    found = divide(combination(backed(1.008), backed(1000.0)), 100)
    assert [stake.stake for stake in found.stakes] == [99.89, 0.11]
    assert worth(found) == 100.68


def test_a_lay_leg_risks_its_liability() -> None:
    found = divide(combination(backed(2.4), laid(2.1, 0.05)), 100)
    first, second = found.stakes
    assert second.at_risk == pytest.approx(second.stake * 1.1, abs=0.01)
    assert first.at_risk + second.at_risk == pytest.approx(found.total)
    assert first.potential_return == pytest.approx(2.4 * first.stake, abs=0.01)
    assert second.potential_return == pytest.approx(2.05 * second.stake, abs=0.01)


def test_the_smallest_known_limit_decides() -> None:
    assert largest_total(combination(backed(2.0), backed(4.0))) is None
    assert largest_total(combination(backed(2.0, limit=100), backed(4.0))) == 150
    assert largest_total(combination(backed(2.0, limit=100), backed(4.0, limit=10))) == 30
    assert largest_total(combination(backed(3.0), laid(3.0, limit=50))) == 150  # a liability of 100 and 50 backed


@given(st.lists(legs, min_size=2, max_size=3), st.integers(0, 2), st.floats(1, 5000))
def test_the_largest_total_uses_up_the_limit(chosen: list[Candidate], index: int, limit: float) -> None:
    which = index % len(chosen)
    make = laid if chosen[which].is_lay else backed
    chosen[which] = make(chosen[which].odds, chosen[which].commission, limit)
    combined = combination(*chosen)
    total = largest_total(combined)
    assert total is not None
    if 1 <= total <= 1e6:
        assert divide(combined, total).stakes[which].stake <= limit + 0.02
