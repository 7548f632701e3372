"""Lines: whole (2), half (2.5) and quarter (2.25), which is half the stake on each neighbour (2 and 2.5)."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from PROPPR.SharedServices.grading.result import Result, mean_result

QUARTER: Final = Decimal("0.25")
HALF: Final = Decimal("0.5")


def is_line(line: Decimal) -> bool:
    """Whether it is a line that bookmakers offer: a finite multiple of a quarter."""
    return line.is_finite() and line % QUARTER == 0


def is_quarter(line: Decimal) -> bool:
    """Whether it is a quarter line, such as 2.25 or -0.75."""
    return line % HALF != 0


def parts(line: Decimal) -> tuple[Decimal, ...]:
    """The lines that the stake is laid on in equal parts: the line itself, or both neighbours of a quarter line.

    2.5 is (2.5,), 2.25 is (2, 2.5), -0.75 is (-1, -0.5). Raises ValueError where it is no multiple of a quarter.
    """
    if not is_line(line):
        raise ValueError(f"{line} is no multiple of a quarter")
    return (line - QUARTER, line + QUARTER) if is_quarter(line) else (line,)


def of_margins(margins: tuple[Decimal, ...]) -> Result:
    """A part with a margin above zero is won, at zero refunded, below lost; together they make the bet's result."""
    return mean_result(Result.WON if margin > 0 else Result.LOST if margin < 0 else Result.REFUND for margin in margins)
