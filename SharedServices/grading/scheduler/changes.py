"""From a verdict to what is written into a bot's document, or to nothing where it says what is there already. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from PROPPR.SharedServices.grading.documents import fields_of
from PROPPR.SharedServices.grading.result import Pending, Settled
from PROPPR.SharedServices.grading.scheduler.judging import Leg, Verdict
from PROPPR.SharedServices.grading.scheduler.passes import Pass, pass_at

Document = Mapping[str, Any]
MOST_HISTORY: Final = 20
LONGEST_REASON: Final = 500
_MONEY: Final = ("status", "actual_value", "returns", "profit_loss", "settled_at")


def settlement(seen: Document, verdict: Verdict, now: datetime) -> dict[str, Any] | None:
    """The fields to set in a pending bet; None where it waits for the same as before."""
    outcome = verdict.outcome
    fields = fields_of(outcome, verdict.source, verdict.match_id)
    grading = {**fields["grading"], "revision": verdict.revision, "graded_at": now}
    if verdict.legs:
        grading["legs"] = [_leg_fields(leg) for leg in verdict.legs]
    held = _grading(seen)
    if "history" in held:
        grading["history"] = held["history"]
    if isinstance(outcome, Pending):
        grading["reason"] = str(outcome)[:LONGEST_REASON]
        grading["since"] = _stored(verdict.kickoff or held.get("since") or now)
        same = seen.get("status") == fields["status"] and all(
            held.get(name) == grading.get(name) for name in ("reason", "match_id", "revision", "since", "legs")
        )
        return None if same else {**fields, "grading": grading}
    grading["pass"] = pass_at(verdict.kickoff, now).name.lower()
    immediate = grading["pass"] == Pass.IMMEDIATE.name.lower()
    return {**fields, "grading": grading, "settled_at": now, "_graded_immediately": immediate}


def correction(seen: Document, verdict: Verdict, now: datetime) -> tuple[dict[str, Any], bool] | None:
    """The fields to set in a settled bet whose match or race has changed, and whether its result or money has.

    None where it was settled on this revision already. A bet that the new data no longer settles keeps its result,
    with `grading.doubt`; what is replaced goes to `grading.history`.
    """
    held = _grading(seen)
    legs = [_leg_fields(leg) for leg in verdict.legs]
    if held.get("revision") == verdict.revision and held.get("legs", []) == legs:
        return None
    outcome = verdict.outcome
    kept = {**held, "revision": verdict.revision, "checked_at": now} | ({"legs": legs} if legs else {})
    if isinstance(outcome, Pending):
        return {"grading": {**kept, "doubt": str(outcome)[:LONGEST_REASON]}}, True
    kept.pop("doubt", None)
    fields = fields_of(outcome, verdict.source, verdict.match_id)
    if all(seen.get(name) == fields[name] for name in _MONEY[:4]):
        return {"grading": kept}, False
    old = {**{name: seen.get(name) for name in _MONEY}, "replaced_at": now}
    old |= {name: held.get(name) for name in ("rule", "revision", "numbers", "graded_at", "legs") if name in held}
    grading = {
        **kept, **fields["grading"], "revision": verdict.revision, "graded_at": now,
        "history": [*_history(held), old][-MOST_HISTORY:],
    }  # fmt: skip
    changed = any(seen.get(name) != fields[name] for name in ("status", "returns"))
    return {**fields, "grading": grading, "settled_at": now, "_graded_immediately": False}, changed


def waits_since(seen: Document) -> datetime | None:
    """Since when a pending bet waits: the kick-off of its match, else when the grader first met it."""
    since = _grading(seen).get("since")
    return since if isinstance(since, datetime) else None


def reason_of(seen: Document) -> str:
    """The kind of reason that is stored with a pending bet; empty where none is."""
    return str(_grading(seen).get("reason") or "").partition(":")[0]


def is_overdue(seen: Document, now: datetime, patience: timedelta = timedelta(days=1)) -> bool:
    """Whether a pending bet has waited for more than a day."""
    since = waits_since(seen)
    return since is not None and now - since > patience


def _leg_fields(leg: Leg) -> dict[str, Any]:
    shown = str(leg.outcome.result) if isinstance(leg.outcome, Settled) else "pending"
    fields: dict[str, Any] = {"match_id": leg.match_id, "revision": leg.revision, "result": shown}
    return fields | ({"reason": str(leg.outcome)[:LONGEST_REASON]} if isinstance(leg.outcome, Pending) else {})


def _stored(moment: datetime) -> datetime:
    """As MongoDB keeps it: in milliseconds."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000) if isinstance(moment, datetime) else moment


def _grading(seen: Document) -> Mapping[str, Any]:
    held = seen.get("grading")
    return held if isinstance(held, Mapping) else {}


def _history(held: Mapping[str, Any]) -> list[Any]:
    history = held.get("history")
    return list(history) if isinstance(history, list) else []
