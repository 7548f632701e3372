"""Accumulators: every leg has to come in; a void leg drops out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from PROPPR.SharedServices.grading.result import Result
from PROPPR.SharedServices.grading.rules.returns import EXACT, factor, to_the_cent

Leg = tuple[Result, Decimal]
"""A leg's result and its odds."""


def factor_of(legs: Iterable[Leg]) -> Decimal:
    """What one unit becomes: the product of the legs' factors, unrounded. A refunded leg counts as odds 1."""
    product = Decimal(1)
    for result, odds in legs:
        product = EXACT.multiply(product, factor(result, odds))
    return product


def accumulator_returns(stake: Decimal, legs: Iterable[Leg]) -> Decimal:
    """What comes back, stake included, rounded once to the cent. One lost leg leaves nothing."""
    return to_the_cent(EXACT.multiply(stake, factor_of(legs)))


def accumulator_result(legs: Sequence[Leg]) -> Result:
    """The status of the whole: lost with one lost leg, a refund where all legs are, won where none was halved.

    With a halved leg it is half won if it still shows a profit, half lost if a loss, a refund if neither. The money is
    always that of `accumulator_returns`. Raises ValueError without legs.
    """
    results = {result for result, _ in legs}
    if not results:
        raise ValueError("an accumulator without legs")
    if Result.LOST in results:
        return Result.LOST
    if results.isdisjoint({Result.HALF_WON, Result.HALF_LOST}):
        return Result.WON if Result.WON in results else Result.REFUND
    became = factor_of(legs)
    return Result.REFUND if became == 1 else Result.HALF_WON if became > 1 else Result.HALF_LOST
