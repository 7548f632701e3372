"""Handicaps: goals (or corners, or cards) given to one side before they are counted."""

from __future__ import annotations

from decimal import Decimal

from PROPPR.SharedServices.grading.result import Result
from PROPPR.SharedServices.grading.rules.lines import of_margins, parts
from PROPPR.SharedServices.grading.rules.totals import Amount, exact


def asian_handicap(own: Amount, other: Amount, line: Decimal) -> Result:
    """Own number plus the line against the other's: more wins, equal refunds, less loses.

    `line` is that of the side backed: -0.5 of the favourite is +0.5 of the other. A quarter line is half the stake on
    each neighbour: -0.75 with one goal more is half won. Raises ValueError where it is no multiple of a quarter.
    """
    return of_margins(tuple(exact(own) - exact(other) + part for part in parts(line)))


def european_handicap(home: int, away: int, home_line: int, backed: str) -> Result:
    """Three ways (`backed` "home", "draw" or "away") after `home_line`, a whole number, is added to the home side's.

    A draw after the handicap wins the draw and loses both others: nothing is refunded.
    """
    margin = home - away + home_line
    came = "home" if margin > 0 else "away" if margin < 0 else "draw"
    return Result.WON if backed == came else Result.LOST
