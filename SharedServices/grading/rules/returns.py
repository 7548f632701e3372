"""Money: what comes back of a stake, in decimals, rounded once at the end, half to even, to the cent."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from PROPPR.SharedServices.grading.result import Result

CENT: Final = Decimal("0.01")

# Wide enough that the product of a long accumulator stays exact; its own, so that no thread's settings matter.
EXACT: Final = Context(prec=400, rounding=ROUND_HALF_EVEN)


def to_the_cent(amount: Decimal) -> Decimal:
    """Round half to even: 0.125 is 0.12, 0.135 is 0.14."""
    return amount.quantize(CENT, context=EXACT)


def factor(result: Result, odds: Decimal) -> Decimal:
    """What one unit of the stake becomes, unrounded.

    Won: the odds. Refund: 1. Lost: 0. Half won: half at the odds and half back, (odds + 1) / 2. Half lost: 1/2.
    """
    if result is Result.WON:
        return odds
    if result is Result.REFUND:
        return Decimal(1)
    if result is Result.LOST:
        return Decimal(0)
    half = EXACT.divide(odds, Decimal(2)) if result is Result.HALF_WON else Decimal(0)
    return EXACT.add(half, Decimal("0.5"))


def returns_of(stake: Decimal, odds: Decimal, result: Result) -> Decimal:
    """What comes back, stake included, to the cent: won stake x odds, refund the stake, lost nothing.

    Half won: half the stake x odds and the other half back. Half lost: half the stake back.
    """
    return to_the_cent(EXACT.multiply(stake, factor(result, odds)))


def profit_of(stake: Decimal, returns: Decimal) -> Decimal:
    """Profit, negative for a loss: what came back less the stake, to the cent."""
    return to_the_cent(EXACT.subtract(returns, stake))
