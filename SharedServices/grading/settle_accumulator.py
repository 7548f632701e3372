"""From the legs of an accumulator to its money."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from math import prod
from typing import Final

from PROPPR.SharedServices.grading.bets import Accumulator
from PROPPR.SharedServices.grading.result import Pending, Reason, Result, Settled
from PROPPR.SharedServices.grading.rules.accumulators import accumulator_result, accumulator_returns
from PROPPR.SharedServices.grading.rules.returns import profit_of, to_the_cent

HALF_A_CENT: Final = Decimal("0.005")
ROUNDED: Final = Decimal("0.01")


def grade_accumulator(bet: Accumulator, legs: Sequence[Settled | Pending | None]) -> Settled | Pending:
    """Settle an accumulator by its legs, in their order; None is a leg whose match nobody knows yet.

    One lost leg loses it at once. Else every leg has to be settled; a void one counts as odds 1, halves as they are.
    Where its own odds are told and are not those of the legs together, nobody can say what was agreed: it waits.
    """
    results = [leg.result if isinstance(leg, Settled) else None for leg in legs]
    if Result.LOST in results:
        lost = results.index(Result.LOST) + 1
        nothing = to_the_cent(Decimal(0))
        return Settled(Result.LOST, None, nothing, profit_of(bet.stake, nothing), f"accumulator, leg {lost} lost")
    for number, leg in enumerate(legs, 1):
        if not isinstance(leg, Settled):
            waiting = leg if leg is not None else Pending(Reason.NO_RESULT, "no match")
            return Pending(waiting.reason, f"leg {number}: {waiting.detail}")
    together = prod((own.odds for own in bet.legs), start=Decimal(1))
    if bet.odds is not None and abs(bet.odds - together) > together * _rounded(bet):
        return Pending(Reason.BAD_BET, f"odds: {bet.odds} are not those of the legs together, {together:.4g}")
    parts = [(leg.result, own.odds) for leg, own in zip(legs, bet.legs, strict=True) if isinstance(leg, Settled)]
    returns = accumulator_returns(bet.stake, parts)
    numbers = {f"leg {number}": str(result) for number, (result, _) in enumerate(parts, 1)}
    rule = f"accumulator of {len(parts)}"
    return Settled(accumulator_result(parts), None, returns, profit_of(bet.stake, returns), rule, numbers)


def _rounded(bet: Accumulator) -> Decimal:
    """By which part the odds told may differ from the product: the legs' are rounded to the hundredth."""
    return ROUNDED + sum((HALF_A_CENT / leg.odds for leg in bet.legs), Decimal(0))
