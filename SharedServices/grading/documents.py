"""The fields that grading adds to a bot's document."""

from __future__ import annotations

from typing import Any

from PROPPR.SharedServices.grading.result import PENDING, Pending, Settled

FOTMOB = "fotmob"
HORSE_RESULTS = "horse_results"


def fields_of(outcome: Settled | Pending, source: str, match_id: int | str | None = None) -> dict[str, Any]:
    """What to set in the document: status, actual_value, returns, profit_loss and grading; money as float.

    A float of an amount to the cent is that amount again when it is rounded to the cent. Of a bet that waits only the
    status and the reason. Times are the caller's to add.
    """
    grading: dict[str, Any] = {"source": source, "match_id": match_id}
    if isinstance(outcome, Pending):
        return {"status": PENDING, "grading": grading | {"rule": None, "reason": str(outcome)}}
    return {
        "status": outcome.result.value,
        "actual_value": outcome.actual,
        "returns": float(outcome.returns),
        "profit_loss": float(outcome.profit_loss),
        "grading": grading | {"rule": outcome.rule, "numbers": dict(outcome.numbers), "reason": None},
    }
