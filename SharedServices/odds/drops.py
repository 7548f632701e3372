"""Price drops: falls of at least a threshold between two consecutive accepted quotes of one line.

The comparison is exact: prices have at most six decimals, so they are compared as whole millionths, and the threshold
is a decimal number. A fall of 0.05 % is a drop at a threshold of 0.05, one of 0.049 % is not. A line that was withdrawn
and returns starts anew: its first price has no predecessor.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

MILLIONTHS = 1_000_000


class DropRule:
    """Which falls count as drops."""

    def __init__(self, threshold_pct: Decimal) -> None:
        if not threshold_pct.is_finite() or threshold_pct <= 0:
            raise ValueError(f"the drop threshold must be a positive percentage, not {threshold_pct}")
        ratio = Fraction(threshold_pct) / 100
        self._numerator, self._denominator = ratio.numerator, ratio.denominator

    def drop_pct(self, previous: float | None, price: float | None) -> float | None:
        """The fall from `previous` to `price` in percent, to four decimals; None if it is no drop."""
        if previous is None or price is None or price >= previous:
            return None
        old, new = round(previous * MILLIONTHS), round(price * MILLIONTHS)
        if (old - new) * self._denominator < old * self._numerator:
            return None
        return round((old - new) / old * 100, 4)
