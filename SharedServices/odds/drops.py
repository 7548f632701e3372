"""Price drops: falls of at least a threshold between two consecutive accepted quotes of one line.

The comparison is exact: prices have at most six decimals, so they are compared as whole millionths, and the threshold
is a decimal number. A fall of 0.05 % is a drop at a threshold of 0.05, one of 0.049 % is not. A line that was withdrawn
and returns starts anew: its first price has no predecessor.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

import msgspec

from PROPPR.SharedServices.odds.types import LineChange

MILLIONTHS = 1_000_000


class Drop(msgspec.Struct, frozen=True, gc=False):
    """A fall of one side of a line, in percent of the old price, rounded to four decimals."""

    change: LineChange
    old_odds: float
    new_odds: float
    drop_pct: float


class DropRule:
    """Which falls count as drops."""

    def __init__(self, threshold_pct: Decimal) -> None:
        if not threshold_pct.is_finite() or threshold_pct <= 0:
            raise ValueError(f"the drop threshold must be a positive percentage, not {threshold_pct}")
        ratio = Fraction(threshold_pct) / 100
        self._numerator, self._denominator = ratio.numerator, ratio.denominator

    def is_drop(self, previous: float, price: float) -> bool:
        """Whether the fall from `previous` to `price` reaches the threshold, without rounding error."""
        old, new = round(previous * MILLIONTHS), round(price * MILLIONTHS)
        return new < old and (old - new) * self._denominator >= old * self._numerator

    def drops(self, changes: Iterable[LineChange]) -> list[Drop]:
        """The drops among price changes, in their order."""
        found = []
        for change in changes:
            old, new = change.previous, change.price
            if old is not None and new is not None and self.is_drop(old, new):
                found.append(Drop(change, old, new, round((old - new) / old * 100, 4)))
        return found
