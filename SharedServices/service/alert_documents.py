"""How alerts are stored: one document per key in `alerts`, changed only by the updates here and in `alerting`.

{_id: key, state: "failing" | "recovered" | "notice", severity, title, detail, service, episode: how often it began to
fail, count: how often it was raised in this episode, raised_at, last_seen_at, recovered_at, sequence,
acknowledged_at, acknowledged_by, recent: ids of the last changes, expires_at,
messages: [{n, kind, title, detail, severity, at}] still to be sent to the chat, oldest first (at most 20),
delivery: "pending" | "sent" | "undeliverable" | "stored" | "muted", told: "failed" | "recovered": what the chat heard
last, told_at, attempts, next_attempt_at, claim: {holder, batch, until, n, again} | null, last_error,
email, pagerduty: {open, episode, told_at, claim, ...}: what those channels heard (see alerting.told)}

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
_RANKS = {"info": 0, "warning": 1, "critical": 2}


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

    The same `change_id` twice changes nothing the second time. A key that fails already is only counted (and told as
    "worse" when its severity rises), one that does not fail can't recover.
    """
    begin, again = {
        "failed": (_begins(event, service, deliver), _counted(event, deliver)),
        "recovered": ({}, _recovers(event, deliver)),
        "notice": (_noticed(event, service, deliver), _noticed(event, service, deliver)),
    }[event.kind]
    is_failing = {"$eq": ["$state", "failing"]}
    known = {"$in": [change_id, {"$ifNull": ["$recent", []]}]}
    kept = {"recent": {"$slice": [{"$concatArrays": [{"$ifNull": ["$recent", []]}, [change_id]]}, -10]}}
    changed = {"$cond": [is_failing, again or "$$ROOT", begin or "$$ROOT"]}
    merged = {"$mergeObjects": ["$$ROOT", changed, kept, _EXPIRY]}
    return [{"$replaceWith": {"$cond": [known, "$$ROOT", merged]}}]


_EXPIRY: Mapping[str, object] = {"expires_at": {"$dateAdd": {"startDate": "$$NOW", "unit": "day", "amount": KEPT_DAYS}}}


def later(seconds: float) -> Document:
    """Return the expression of the server's time in `seconds` (before now where negative)."""
    return {"$dateAdd": {"startDate": "$$NOW", "unit": "millisecond", "amount": round(seconds * 1000)}}


def _begins(event: AlertEvent, service: str, deliver: bool) -> Document:
    return {
        "state": "failing", **_texts(event, service), "count": 1,
        "episode": {"$add": [{"$ifNull": ["$episode", 0]}, 1]},
        "raised_at": "$$NOW", "last_seen_at": "$$NOW", "recovered_at": None, "acknowledged_at": None,
        "acknowledged_by": None, **_posted(event, deliver),
    }  # fmt: skip


def _counted(event: AlertEvent, deliver: bool) -> Document:
    lower = [name for name, rank in _RANKS.items() if rank < _RANKS[event.severity]]
    is_worse = {"$in": ["$severity", lower]}
    counted: Document = {
        "count": {"$add": ["$count", 1]}, "last_seen_at": "$$NOW", "last_detail": {"$literal": event.detail},
        "severity": {"$cond": [is_worse, event.severity, "$severity"]},
    }  # fmt: skip
    if not deliver:
        return counted
    # While an older message waits, that one tells it: the severity is the document's.
    is_news = {"$and": [is_worse, {"$eq": [{"$ifNull": ["$messages", []]}, []]}]}
    told = _posted(event, deliver, kind="worse")
    return {**counted, **{name: {"$cond": [is_news, value, f"${name}"]} for name, value in told.items()}}


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


def _posted(event: AlertEvent, deliver: bool, kind: str = "") -> Document:
    number = {"$add": [{"$ifNull": ["$sequence", 0]}, 1]}
    if not deliver:
        return {"sequence": number, "messages": [], "delivery": "stored"}
    # A "recovered" may come without a title of its own: it is that of the failure.
    title = {"$ifNull": ["$title", {"$literal": event.key}]} if event.kind == "recovered" else {"$literal": event.title}
    message = {
        "n": number, "kind": kind or event.kind, "title": title, "detail": {"$literal": event.detail},
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
