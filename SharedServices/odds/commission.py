"""What a bet pays after an exchange's commission, as decimal odds of the money at risk.

An exchange keeps a share of what a customer wins on a market. Taken from each bet alone it is never less than what is
really kept, because winnings and losses of one market are set off before it is: what is said here is the worst case.
"""

from __future__ import annotations


def back_price(odds: float, commission: float = 0.0) -> float:
    """Return the decimal odds of a back bet after commission: 1 + (o - 1)(1 - c). 3.00 at 5 % pays like 2.90."""
    return 1 + (odds - 1) * (1 - commission)


def lay_price(odds: float, commission: float = 0.0) -> float:
    """Return the decimal odds at which laying an outcome backs "not this outcome": (l - c) / (l - 1).

    Laying with a backer's stake of 1 puts l - 1 (the liability) at risk, which comes back with 1 - c if the outcome
    fails. Laying 3.00 at 5 % pays like 1.475 on the other outcomes. `odds` must be above 1.
    """
    return (odds - commission) / (odds - 1)
