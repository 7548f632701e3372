"""How alerts are stored: one document per key in `alerts`, changed only by the updates below.

{_id: key, state: "failing" | "recovered" | "notice", severity, title, detail, service, episode: how often it began to
fail, count: how often it was raised in this episode, raised_at, last_seen_at, recovered_at, sequence,
messages: [{n, kind, title, detail, severity, at}] still to be sent, oldest first (at most 20),
delivery: "pending" | "sent" | "undeliverable" | "stored", attempts, next_attempt_at, claim: {holder, until} | null,
last_error, recent: ids of the last changes, expires_at}

Every change is one atomic update by the server's clock, so processes that raise the same key make one alert.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from PROPPR.SharedServices.service.mongo_types import Document

COLLECTION = "alerts"
MOST_MESSAGES = 20
KEPT_DAYS = 30

Kind = Literal["failed", "recovered", "notice"]
AlertSeverity = Literal["info", "warning", "critical"]


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """Something an operator should know: `key` began to fail, recovered, or a notice without a state."""

    key: str
    kind: Kind
    severity: AlertSeverity
    title: str
    detail: str


def target(event: AlertEvent) -> Document:
    """Return the filter of the document that change() is for; with upsert, except for "recovered"."""
    # Without the state, every "still fine" would be a write.
    return {"_id": event.key, "state": "failing"} if event.kind == "recovered" else {"_id": event.key}


def change(event: AlertEvent, change_id: str, service: str, deliver: bool) -> list[Document]:
    """Return the pipeline that records `event` in the document of target(event).

    The same `change_id` twice changes nothing the second time. A key that fails already is only counted, one that does
    not fail can't recover.
    """
    begin, again = {
        "failed": (_begins(event, service, deliver), _counted(event)),
        "recovered": ({}, _recovers(event, deliver)),
        "notice": (_noticed(event, service, deliver), _noticed(event, service, deliver)),
    }[event.kind]
    is_failing = {"$eq": ["$state", "failing"]}
    known = {"$in": [change_id, {"$ifNull": ["$recent", []]}]}
    kept = {"recent": {"$slice": [{"$concatArrays": [{"$ifNull": ["$recent", []]}, [change_id]]}, -10]}}
    changed = {"$cond": [is_failing, again or "$$ROOT", begin or "$$ROOT"]}
    merged = {"$mergeObjects": ["$$ROOT", changed, kept, _EXPIRY]}
    return [{"$replaceWith": {"$cond": [known, "$$ROOT", merged]}}]


def claiming(holder: str, seconds: float) -> tuple[Document, list[Document]]:
    """Return filter and pipeline that claim an alert with a message that is due, for `seconds`."""
    is_due = {
        "delivery": "pending",
        "$expr": {"$and": [
            {"$lte": [{"$ifNull": ["$next_attempt_at", "$$NOW"]}, "$$NOW"]},
            {"$lte": [{"$ifNull": ["$claim.until", "$$NOW"]}, "$$NOW"]},
        ]},
    }  # fmt: skip
    return is_due, [{"$set": {"claim": {"holder": {"$literal": holder}, "until": _in(seconds)}}}]


def delivered(number: int) -> list[Document]:
    """Return the update after message `number` arrived."""
    return _without(number, attempts=0, last_error=None, undelivered=False)


def refused(number: int, error: str) -> list[Document]:
    """Return the update after message `number` was refused for good. Its "recovered" will not be sent either."""
    return _without(number, attempts=0, last_error=error, undelivered=True)


def skipped(number: int) -> list[Document]:
    """Return the update that takes out the "recovered" of a "failed" that never arrived."""
    return _without(number, undelivered=False, outcome="undeliverable")


def postponed(error: str, seconds: float) -> list[Document]:
    """Return the update after a failed attempt: the next one in `seconds`, for ever."""
    return [{"$set": {
        "attempts": {"$add": [{"$ifNull": ["$attempts", 0]}, 1]}, "last_error": {"$literal": error},
        "next_attempt_at": _in(seconds), "claim": None,
    }}]  # fmt: skip


def released(holder: str) -> tuple[Document, Document]:
    """Return filter and update that give back every claim of `holder`."""
    return {"claim.holder": holder}, {"$set": {"claim": None}}


_EXPIRY: Mapping[str, object] = {"expires_at": {"$dateAdd": {"startDate": "$$NOW", "unit": "day", "amount": KEPT_DAYS}}}


def _in(seconds: float) -> Document:
    return {"$dateAdd": {"startDate": "$$NOW", "unit": "millisecond", "amount": round(seconds * 1000)}}


def _begins(event: AlertEvent, service: str, deliver: bool) -> Document:
    return {
        "state": "failing", **_texts(event, service), "count": 1,
        "episode": {"$add": [{"$ifNull": ["$episode", 0]}, 1]},
        "raised_at": "$$NOW", "last_seen_at": "$$NOW", "recovered_at": None, **_posted(event, deliver),
    }  # fmt: skip


def _counted(event: AlertEvent) -> Document:
    return {"count": {"$add": ["$count", 1]}, "last_seen_at": "$$NOW", "last_detail": {"$literal": event.detail}}


def _recovers(event: AlertEvent, deliver: bool) -> Document:
    return {
        "state": "recovered", "recovered_at": "$$NOW", "recovered_detail": {"$literal": event.detail},
        **_posted(event, deliver),
    }  # fmt: skip


def _noticed(event: AlertEvent, service: str, deliver: bool) -> Document:
    return {
        "state": "notice", **_texts(event, service), "count": {"$add": [{"$ifNull": ["$count", 0]}, 1]},
        "raised_at": {"$ifNull": ["$raised_at", "$$NOW"]}, "last_seen_at": "$$NOW", **_posted(event, deliver),
    }  # fmt: skip


def _texts(event: AlertEvent, service: str) -> Document:
    """The event's texts as literals: a title like "$x" must not be read as a field."""
    return {
        "key": {"$literal": event.key}, "severity": {"$literal": event.severity}, "title": {"$literal": event.title},
        "detail": {"$literal": event.detail}, "service": {"$literal": service},
    }  # fmt: skip


def _posted(event: AlertEvent, deliver: bool) -> Document:
    number = {"$add": [{"$ifNull": ["$sequence", 0]}, 1]}
    if not deliver:
        return {"sequence": number, "messages": [], "delivery": "stored"}
    # A "recovered" may come without a title of its own: it is that of the failure.
    title = {"$ifNull": ["$title", {"$literal": event.key}]} if event.kind == "recovered" else {"$literal": event.title}
    message = {
        "n": number, "kind": event.kind, "title": title, "detail": {"$literal": event.detail},
        "severity": {"$literal": event.severity}, "at": "$$NOW",
    }  # fmt: skip
    waiting = {"$ifNull": ["$messages", []]}
    # Full: the second and third go. They are one "failed" and one "recovered", so the first, which may be on its
    # way already, is still followed by its opposite.
    last = {"$subtract": [{"$size": waiting}, 3]}
    shortened = {"$concatArrays": [{"$slice": [waiting, 1]}, {"$slice": [waiting, 3, {"$max": [last, 1]}]}]}
    room = {"$cond": [{"$gte": [{"$size": waiting}, MOST_MESSAGES]}, shortened, waiting]}
    return {
        "sequence": number, "messages": {"$concatArrays": [room, [message]]}, "delivery": "pending",
        "next_attempt_at": {"$ifNull": ["$next_attempt_at", "$$NOW"]},
    }  # fmt: skip


def _without(number: int, outcome: str = "", **fields: object) -> list[Document]:
    left = {"$filter": {"input": "$messages", "cond": {"$ne": ["$$this.n", number]}}}
    done = outcome or ("undeliverable" if fields.get("undelivered") else "sent")
    literal = {name: {"$literal": value} for name, value in fields.items()}
    return [
        {"$set": {"messages": left, **literal, "claim": None, "next_attempt_at": None}},
        {"$set": {"delivery": {"$cond": [{"$eq": ["$messages", []]}, done, "pending"]}}},
    ]
