"""Over and under: a number of the match against a line."""

from __future__ import annotations

from decimal import Decimal

from PROPPR.SharedServices.grading.result import Result
from PROPPR.SharedServices.grading.rules.lines import of_margins, parts

Amount = int | float | Decimal


def exact(number: Amount) -> Decimal:
    """The decimal that a number is written as: 0.1 is one tenth, not the float next to it."""
    return number if isinstance(number, Decimal) else Decimal(str(number))


def over_under(actual: Amount, line: Decimal, *, over: bool) -> Result:
    """Over is won by more than the line, under by less; exactly the line refunds the stake (the push).

    A quarter line is half the stake on each neighbour: over 2.25 with 2 is half lost, under 2.25 half won. The rule is
    that of Asian goal lines at all bookmakers. Raises ValueError where the line is no multiple of a quarter, and where
    a number with a fraction lies between both halves of a quarter line.
    """
    sign = 1 if over else -1
    return of_margins(tuple(sign * (exact(actual) - part) for part in parts(line)))


def exactly(actual: int, wanted: int) -> Result:
    """Exact number ("Exact Total Goals"): won by that number alone."""
    return Result.WON if actual == wanted else Result.LOST


def between(actual: int, lowest: int, highest: int | None) -> Result:
    """A range ("2 or 3 goals", "7+ goals" with no highest): won within it, both ends included."""
    return Result.WON if actual >= lowest and (highest is None or actual <= highest) else Result.LOST


def odd_even(actual: int, *, odd: bool) -> Result:
    """Odd or even: none is even (0 goals is an even number at all bookmakers)."""
    return Result.WON if (actual % 2 == 1) is odd else Result.LOST
