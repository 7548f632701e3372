"""Which bets together answer every outcome of a line, and which of them together cost least.

Every bet is taken as one on some of the outcomes: backing one is a bet on it, laying one a bet on all the others. With
effective odds e, a return of R needs R / e of it. Of two outcomes, one bet on each is the only way. Of three, these
and mixtures of them are all ways to be paid whatever happens (the corners of the set of covers):

| legs | cost of a return of 1 |
| --- | --- |
| back each of the three | sum(1 / e) |
| back one, lay the same | 1 / e + 1 / e' |
| lay two; the third outcome pays twice | 1 / e' + 1 / e'' |
| lay each of the three, half as much | sum(1 / e) / 2, as each outcome is paid by two of them |
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from PROPPR.SharedServices.odds.types import Side


class Candidate(msgspec.Struct, frozen=True, gc=False):
    """A bet that can be placed. `effective` are its odds after commission, of the money at risk.

    `feed` is the source of the bookmaker's prices, `limit` the largest known stake (of a lay bet the backer's).
    """

    effective: float
    updated_at: int
    bookmaker: str
    feed: str
    side: Side
    is_lay: bool
    odds: float
    commission: float
    limit: float | None


class Combination(msgspec.Struct, frozen=True, gc=False):
    """Bets that answer every outcome if each of them returns `weight` of the wanted return.

    `cost` is the stake that a return of 1 needs: below 1 it is an arbitrage.
    """

    legs: tuple[Candidate, ...]
    weight: float
    cost: float


Slots = Sequence[list[Candidate]]
Plan = tuple[tuple[int, ...], float]

_TWO: tuple[Plan, ...] = (((0, 1), 1.0),)
_THREE_BACKS: tuple[Plan, ...] = (((0, 1, 2), 1.0),)
_THREE: tuple[Plan, ...] = (
    *_THREE_BACKS,
    *(((side, 3 + side), 1.0) for side in range(3)),
    *(((3 + first, 3 + second), 1.0) for first, second in ((0, 1), (0, 2), (1, 2))),
    ((3, 4, 5), 0.5),
)


def plans_of(outcomes: int, with_lays: bool) -> tuple[Plan, ...]:
    """Return the ways to answer every outcome: slots of which one bet each is needed, and their weight.

    Slots of two outcomes are the bets on the first and on the second; of three, those on each and those against each.
    """
    if outcomes == 2:
        return _TWO
    return _THREE if with_lays else _THREE_BACKS


def lay_slot(side: int, outcomes: int) -> int:
    """Return the slot of laying an outcome: of two, it is a bet on the other; of three, it has one of its own."""
    return 1 - side if outcomes == 2 else outcomes + side


def least_cost(best: Sequence[float], plans: Sequence[Plan]) -> float:
    """Return what a return of 1 costs at the best effective odds of each slot (0 where there are none)."""
    return min(
        sum(weight / best[slot] for slot in slots) if all(best[slot] for slot in slots) else float("inf")
        for slots, weight in plans
    )


def cheapest(slots: Slots, plans: Sequence[Plan]) -> Combination | None:
    """Return the combination of at least two bookmakers with the least cost, whatever the order of candidates.

    Of equal prices the newest quote counts, then the back bet, then the bookmaker first in the alphabet; of equal
    combinations the one with the fewest legs. None where no plan's slots have bets of two bookmakers.
    """
    leading = [_leading_two(slot) for slot in slots]
    found = [
        combination
        for plan, weight in plans
        if (combination := _combined([leading[slot] for slot in plan], weight)) is not None
    ]
    return min(found, key=_order, default=None)


def _leading_two(slot: list[Candidate]) -> tuple[Candidate, ...]:
    """The best bet of a slot and the best one of any other bookmaker."""
    if not slot:
        return ()
    best = min(slot, key=_preference)
    other = min((each for each in slot if each.feed != best.feed), key=_preference, default=None)
    return (best,) if other is None else (best, other)


def _combined(leading: Sequence[tuple[Candidate, ...]], weight: float) -> Combination | None:
    if not all(leading):
        return None
    best = [slot[0] for slot in leading]
    if len({leg.feed for leg in best}) > 1:
        return _priced(best, weight)
    # All best bets are of one bookmaker: the cheapest way out is to replace exactly one of them.
    others = [
        _priced([*best[:index], slot[1], *best[index + 1 :]], weight)
        for index, slot in enumerate(leading)
        if len(slot) == 2
    ]
    return min(others, key=_order, default=None)


def _priced(legs: Sequence[Candidate], weight: float) -> Combination:
    return Combination(tuple(legs), weight, sum(weight / leg.effective for leg in legs))


def _preference(candidate: Candidate) -> tuple[object, ...]:
    return (
        -candidate.effective,
        -candidate.updated_at,
        candidate.is_lay,
        candidate.bookmaker,
        candidate.side,
        candidate.odds,
        -(candidate.limit or 0.0),
    )


def _order(combination: Combination) -> tuple[object, ...]:
    return (combination.cost, len(combination.legs), [_preference(leg) for leg in combination.legs])
