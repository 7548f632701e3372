"""The chat's queue in `alerts`: filters and updates that claim messages in batches and note what became of them.

A claim names its batch and the last message `n` that it takes; messages that come meanwhile stay for the next one.
"""

from __future__ import annotations

from collections.abc import Sequence

from PROPPR.SharedServices.service.alert_documents import later
from PROPPR.SharedServices.service.mongo_types import Document

_FIRST = {"$arrayElemAt": [{"$ifNull": ["$messages", []]}, 0]}
_LAST = {"$arrayElemAt": [{"$ifNull": ["$messages", []]}, -1]}


def due(scope: Document | None = None) -> Document:
    """Return the filter of alerts with a message that may go now and that nobody has claimed."""
    ready: Document = {
        "delivery": "pending",
        "$expr": {"$and": [
            {"$lte": [{"$ifNull": ["$next_attempt_at", "$$NOW"]}, "$$NOW"]},
            {"$lte": [{"$ifNull": ["$claim.until", "$$NOW"]}, "$$NOW"]},
        ]},
    }  # fmt: skip
    return {"$and": [ready, scope]} if scope else ready


def counting(scope: Document | None = None) -> list[Document]:
    """Return the aggregation that says what is due: messages, age of the oldest in ms, whether one is critical."""
    messages = {"$ifNull": ["$messages", []]}
    return [
        {"$match": due(scope)},
        {"$group": {
            "_id": None, "messages": {"$sum": {"$size": messages}}, "alerts": {"$sum": 1},
            "oldest": {"$max": {"$subtract": ["$$NOW", {"$ifNull": [{"$min": "$messages.at"}, "$$NOW"]}]}},
            "critical": {"$max": {"$eq": ["$severity", "critical"]}},
        }},
    ]  # fmt: skip


def claiming(holder: str, batch: str, seconds: float, whole: bool) -> list[Document]:
    """Return the update that claims a due alert for `seconds`: its first message, or all of them where `whole`."""
    # A claim that ended by itself belonged to a process that died, perhaps between Telegram's answer and its note.
    again = {"$ne": [{"$ifNull": ["$claim", None]}, None]}
    claim = {
        "holder": {"$literal": holder}, "batch": batch, "until": later(seconds), "again": again,
        "n": {"$getField": {"field": "n", "input": _LAST if whole else _FIRST}},
    }  # fmt: skip
    return [{"$set": {"claim": claim}}]


def claimed(batch: str, holder: str) -> Document:
    """Return the filter of what the batch holds."""
    return {"claim.batch": batch, "claim.holder": holder}


def of_claim(alert: Document) -> Sequence[Document]:
    """Return the messages that the alert's claim takes, oldest first."""
    last = alert["claim"].get("n") or 0
    return [message for message in alert.get("messages") or () if message["n"] <= last]


def delivered() -> list[Document]:
    """Return the update after the claimed messages arrived."""
    taken = {"$filter": {"input": "$messages", "cond": _is_taken}}
    stateful = {"$filter": {"input": taken, "cond": {"$ne": ["$$this.kind", "notice"]}}}
    newest = {"$getField": {"field": "kind", "input": {"$arrayElemAt": [stateful, -1]}}}
    told = {"$switch": {
        "branches": [
            {"case": {"$eq": [stateful, []]}, "then": {"$ifNull": ["$told", None]}},
            {"case": {"$eq": [newest, "recovered"]}, "then": "recovered"},
        ],
        "default": "failed",
    }}  # fmt: skip
    return [{"$set": {"told": told, "told_at": "$$NOW"}}, *_without("sent", None, undelivered=False)]


def refused(error: str) -> list[Document]:
    """Return the update after the claimed messages were refused for good. Their "recovered" will not be sent either."""
    return _without("undeliverable", error, undelivered=True)


def skipped() -> list[Document]:
    """Return the update that takes out the "recovered" of a "failed" that never arrived."""
    return _without("undeliverable", "the failure itself was refused", undelivered=False)


def postponed(error: str, seconds: float) -> list[Document]:
    """Return the update after a failed attempt: the next one in `seconds`, for ever."""
    return [{"$set": {
        "attempts": {"$add": [{"$ifNull": ["$attempts", 0]}, 1]}, "last_error": {"$literal": error},
        "next_attempt_at": later(seconds), "claim": None,
    }}]  # fmt: skip


def released(holder: str) -> tuple[Document, Document]:
    """Return filter and update that give back every claim of `holder`."""
    return {"claim.holder": holder}, {"$set": {"claim": None}}


def muting(patterns: Document) -> tuple[Document, list[Document]]:
    """Return filter and update that reduce the queue of muted alerts to what will still be news when the mute ends.

    That is at most one message: the failure if it goes on and was not told, the recovery if the failure was told.
    """
    free = {"$lte": [{"$ifNull": ["$claim.until", "$$NOW"]}, "$$NOW"]}
    several = {"delivery": "pending", "state": {"$in": ["failing", "recovered"]}, "$expr": free}
    was_told = {"$eq": [{"$ifNull": ["$told", None]}, "failed"]}
    failures = {"$filter": {"input": "$messages", "cond": {"$in": ["$$this.kind", ["failed", "worse"]]}}}
    recoveries = {"$filter": {"input": "$messages", "cond": {"$eq": ["$$this.kind", "recovered"]}}}
    kept = {"$cond": [
        {"$eq": ["$state", "failing"]},
        {"$cond": [was_told, [], {"$slice": [failures, -1]}]},
        {"$cond": [was_told, {"$slice": [recoveries, -1]}, []]},
    ]}  # fmt: skip
    label = {"$cond": [{"$eq": ["$messages", []]}, "muted", "pending"]}
    return {"$and": [several, patterns]}, [{"$set": {"messages": kept}}, {"$set": {"delivery": label}}]


def reminding(seconds: float, patterns: Document | None) -> tuple[Document, list[Document]]:
    """Return filter and update that queue a reminder of what fails still, `seconds` after it was told."""
    since = {"$ifNull": ["$told_at", "$raised_at"]}
    silent: Document = {
        "state": "failing", "acknowledged_at": None, "severity": {"$in": ["warning", "critical"]}, "messages": [],
        "$expr": {"$lte": [since, later(-seconds)]},
    }  # fmt: skip
    number = {"$add": [{"$ifNull": ["$sequence", 0]}, 1]}
    message = {
        "n": number, "kind": "reminder", "title": "$title", "severity": "$severity", "at": "$$NOW",
        "detail": {"$ifNull": ["$last_detail", "$detail"]},
    }  # fmt: skip
    update = {"sequence": number, "messages": [message], "delivery": "pending", "next_attempt_at": "$$NOW"}
    return ({"$nor": [patterns], **silent} if patterns else silent), [{"$set": update}]


_is_taken = {"$lte": ["$$this.n", {"$ifNull": ["$claim.n", 0]}]}


def _without(outcome: str, error: str | None, *, undelivered: bool) -> list[Document]:
    left = {"$filter": {"input": {"$ifNull": ["$messages", []]}, "cond": {"$not": [_is_taken]}}}
    return [
        {"$set": {
            "messages": left, "claim": None, "next_attempt_at": None, "attempts": 0,
            "last_error": {"$literal": error}, "undelivered": undelivered,
        }},
        {"$set": {"delivery": {"$cond": [{"$eq": ["$messages", []]}, outcome, "pending"]}}},
    ]  # fmt: skip
