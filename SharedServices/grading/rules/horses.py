"""Horse racing: win, place, each way, dead heats and Rule 4 deductions.

Sources: the Rules on Betting of Tattersalls' Committee (Rule 4 (c) for withdrawals, the standard terms for places).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from PROPPR.SharedServices.grading.result import Result
from PROPPR.SharedServices.grading.rules.returns import EXACT

MOST_DEDUCTED: Final = Decimal("0.90")

# Price of the horse withdrawn, as decimal odds rounded up to the hundredth, and what is taken of winnings then.
_DEDUCTIONS: Final = tuple(
    (Decimal(odds), Decimal(taken) / 100)
    for odds, taken in (
        ("1.12", 90), ("1.19", 85), ("1.25", 80), ("1.30", 75), ("1.40", 70), ("1.54", 65), ("1.62", 60),
        ("1.80", 55), ("1.96", 50), ("2.20", 45), ("2.50", 40), ("2.75", 35), ("3.25", 30), ("4", 25),
        ("5", 20), ("6.5", 15), ("10", 10), ("15", 5),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlaceTerms:
    """How many places pay, and which part of the odds: 3 places at 1/5."""

    places: int
    fraction: Decimal


@dataclass(frozen=True, slots=True)
class Finish:
    """Where a horse finished. `position` is None for one that ran and did not finish; `sharing` is how many horses
    dead-heated for that position, itself included. `deduction` is the part taken of winnings by Rule 4, 0 to 0.9.
    """

    ran: bool
    position: int | None = None
    sharing: int = 1
    deduction: Decimal = Decimal(0)


def rule_4(odds_withdrawn: Decimal) -> Decimal:
    """The part of winnings that is taken for one horse withdrawn at these decimal odds (evens, 2.0: 0.45)."""
    return next((taken for odds, taken in _DEDUCTIONS if odds_withdrawn <= odds), Decimal(0))


def rule_4_together(odds_withdrawn: tuple[Decimal, ...]) -> Decimal:
    """The part taken for several: the sum, at most 90p in the pound."""
    return min(MOST_DEDUCTED, sum((rule_4(odds) for odds in odds_withdrawn), Decimal(0)))


def standard_terms(runners: int, *, handicap: bool) -> PlaceTerms | None:
    """The standard place terms by the number of runners that came under orders; None where there is no place betting.

    2 to 4 runners: win only. 5 to 7: two places at 1/4. 8 and more: three at 1/5; handicaps of 12 to 15: three at 1/4,
    of 16 and more: four at 1/4.
    """
    if runners < 5:
        return None
    if runners < 8:
        return PlaceTerms(2, Decimal("0.25"))
    if handicap and runners >= 12:
        return PlaceTerms(3 if runners < 16 else 4, Decimal("0.25"))
    return PlaceTerms(3, Decimal("0.2"))


def share_of_place(finish: Finish, places: int) -> Decimal:
    """The part of the stake that is on a winner: 1, or with a dead heat the places left over those who share them.

    Two who dead-heat for first share one first place: half the stake each. Two for third of three places: half; two
    for second of three: all, as both are placed.
    """
    if finish.position is None or finish.position > places:
        return Decimal(0)
    left = places - finish.position + 1
    return min(Decimal(1), EXACT.divide(Decimal(left), Decimal(finish.sharing)))


def win_factor(finish: Finish, odds: Decimal) -> Decimal:
    """What a unit to win becomes, unrounded. A non-runner is refunded; Rule 4 takes of winnings, never of the stake."""
    return _factor(finish, odds - 1, places=1)


def place_factor(finish: Finish, odds: Decimal, terms: PlaceTerms) -> Decimal:
    """What a unit for a place becomes at the place's part of the odds, unrounded."""
    return _factor(finish, EXACT.multiply(odds - 1, terms.fraction), terms.places)


def each_way_factor(finish: Finish, odds: Decimal, terms: PlaceTerms) -> Decimal:
    """What a unit each way becomes: half of it to win, half for a place, unrounded."""
    both = EXACT.add(win_factor(finish, odds), place_factor(finish, odds, terms))
    return EXACT.divide(both, Decimal(2))


def result_of_factor(became: Decimal, whole: Decimal) -> Result:
    """The status of a bet whose unit became `became`, `whole` being all it could have been without dead heats.

    All of it: won. Nothing: lost. The unit itself: refund. Between them half won with a profit, half lost with a loss.
    """
    if became <= 0:
        return Result.LOST
    if became >= whole:
        return Result.WON
    if became == 1:
        return Result.REFUND
    return Result.HALF_WON if became > 1 else Result.HALF_LOST


def _factor(finish: Finish, winnings: Decimal, places: int) -> Decimal:
    if not finish.ran:
        return Decimal(1)
    kept = EXACT.multiply(winnings, 1 - finish.deduction)
    return EXACT.multiply(share_of_place(finish, places), 1 + kept)
