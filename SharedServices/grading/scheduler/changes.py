"""From a verdict to what is written into a bot's document, or to nothing where it says what is there already. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from PROPPR.SharedServices.grading.documents import FOTMOB, fields_of
from PROPPR.SharedServices.grading.readers.statuses import read_status
from PROPPR.SharedServices.grading.result import PENDING, VOID, Pending, Settled
from PROPPR.SharedServices.grading.scheduler.judging import Leg, Verdict
from PROPPR.SharedServices.grading.scheduler.passes import Pass, pass_at

Document = Mapping[str, Any]
MOST_HISTORY: Final = 20
LONGEST_REASON: Final = 500
TURNED: Final = "settled as played and void now, or void and played now"
_MONEY: Final = ("status", "actual_value", "returns", "profit_loss", "settled_at")


def settlement(seen: Document, verdict: Verdict, now: datetime) -> dict[str, Any] | None:
    """The fields to set in a pending bet; None where it waits for the same as before.

    A status that can't be read stays as it is.
    """
    outcome = verdict.outcome
    fields = fields_of(outcome, verdict.source, verdict.match_id)
    if read_status(seen.get("status")) is None:
        fields["status"] = seen["status"]
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


def correction(
    seen: Document, verdict: Verdict, now: datetime, *, anyway: bool = False
) -> tuple[dict[str, Any], bool] | None:
    """The fields to set in a settled bet whose match or race has changed, and whether its result or money has.

    None where it was settled on this revision of this match already; with `anyway` that alone is no reason. A bet that
    the new data no longer settles keeps its result, with `grading.doubt`; so does one whose match was played and is not
    any more, or was void and is played at last. What is replaced goes to `grading.history`.
    """
    held = _grading(seen)
    legs = [_leg_fields(leg) for leg in verdict.legs]
    known = _is_known(held, verdict, legs)
    if known and not anyway:
        return None
    outcome = verdict.outcome
    kept = {**held, "match_id": verdict.match_id, "revision": verdict.revision, "checked_at": now}
    kept |= {"legs": legs} if legs else {}
    if isinstance(outcome, Pending):
        return _standing(held, kept, str(outcome))
    fields = fields_of(outcome, verdict.source, verdict.match_id)
    if all(seen.get(name) == fields[name] for name in _MONEY[:4]):
        kept.pop("doubt", None)
        return None if known and "doubt" not in held else ({"grading": kept}, False)
    if turned := _turned(held, verdict, outcome):  # what was void stands where the match was played long after
        is_plain = all(_is_after(kickoff, seen.get("settled_at")) for kickoff in turned)
        return _standing(held, kept, None if is_plain else TURNED)
    kept.pop("doubt", None)
    old = {**{name: seen.get(name) for name in _MONEY}, "replaced_at": now}
    old |= {name: held.get(name) for name in ("rule", "revision", "numbers", "graded_at", "legs") if name in held}
    grading = {
        **kept, **fields["grading"], "revision": verdict.revision, "graded_at": now,
        "history": [*_history(held), old][-MOST_HISTORY:],
    }  # fmt: skip
    changed = any(seen.get(name) != fields[name] for name in ("status", "returns"))
    return {**fields, "grading": grading, "settled_at": now, "_graded_immediately": False}, changed


def _is_known(held: Document, verdict: Verdict, legs: list[dict[str, Any]]) -> bool:
    of_match = (held.get("match_id"), held.get("revision")) == (verdict.match_id, verdict.revision)
    return of_match and held.get("legs", []) == legs


def _standing(held: Document, kept: dict[str, Any], doubt: str | None) -> tuple[dict[str, Any], bool] | None:
    """The settlement as it was made, in doubt or not; None where that is what is stored."""
    legs = held.get("legs")
    if isinstance(legs, list) and len(legs) == len(kept.get("legs", ())):
        looked_at = ({name: leg[name] for name in ("match_id", "revision")} for leg in kept["legs"])
        kept["legs"] = [{**old, **new} for old, new in zip(legs, looked_at, strict=True)]
    if kept["match_id"] is None:  # no match is known of it now: that of its numbers stays
        kept |= {name: held.get(name) for name in ("match_id", "revision")}
    kept.pop("doubt", None)
    if doubt is not None:
        kept["doubt"] = doubt[:LONGEST_REASON]
    tells = doubt is not None and held.get("doubt") != kept["doubt"]
    unchanged = {**held, "checked_at": None} == {**kept, "checked_at": None}
    return None if unchanged else ({"grading": kept}, tells)


def _turned(held: Document, verdict: Verdict, outcome: Settled) -> list[datetime | None]:
    """One entry for each match that was void here and now is played, its kick-off, or the other way round, None."""
    if verdict.source != FOTMOB:
        return []
    if not verdict.legs:
        pairs = [(str(held.get("rule")).startswith(VOID), outcome.is_void, verdict.kickoff)]
    else:
        before = held.get("legs")
        pairs = [
            (bool(old.get("void")), leg.outcome.is_void, leg.kickoff)
            for old, leg in zip(before if isinstance(before, list) else (), verdict.legs, strict=False)
            if isinstance(old, Mapping) and old.get("result") != PENDING and isinstance(leg.outcome, Settled)
        ]
    return [kickoff if was_void else None for was_void, is_void, kickoff in pairs if was_void is not is_void]


def _is_after(kickoff: datetime | None, moment: object) -> bool:
    return kickoff is not None and isinstance(moment, datetime) and kickoff > moment


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
    if isinstance(leg.outcome, Settled) and leg.outcome.is_void:
        fields["void"] = True
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
