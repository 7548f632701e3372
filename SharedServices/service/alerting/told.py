"""What a channel without a queue has been told of each alert, and what is left to tell: e-mail and PagerDuty.

In the field of the channel: {open: it was told of a failure and not yet of its end, episode, acknowledged, told_at,
refused: the episode that it will not take, claim: {holder, batch, until, again} | null, attempts, last_error}.
Only the difference between that and the alert is told, so hours without the channel cost one message, not hundreds.
"""

from __future__ import annotations

from typing import Literal

from PROPPR.SharedServices.service.alert_documents import later
from PROPPR.SharedServices.service.mongo_types import Document

News = Literal["failed", "acknowledged", "recovered"]


def untold(
    channel: str, news: News, *, after: float = 0.0, muted: Document | None = None, only_critical: bool = False
) -> Document:
    """Return the filter of unclaimed alerts of which `channel` has yet to hear the `news`.

    A failure is news once it lasts `after` seconds, nobody acknowledged it, and it is not for information only; its end
    is news where the failure was told, muted or not: what was opened gets closed.
    """
    free = {"$lte": [{"$ifNull": [f"${channel}.claim.until", "$$NOW"]}, "$$NOW"]}
    if news == "recovered":
        return {"state": {"$ne": "failing"}, f"{channel}.open": True, "$expr": free}
    if news == "acknowledged":
        return {
            "state": "failing", f"{channel}.open": True, f"{channel}.acknowledged": {"$ne": True},
            "acknowledged_at": {"$type": "date"}, "$expr": free,
        }  # fmt: skip
    new = {"$ne": [{"$ifNull": [f"${channel}.refused", None]}, "$episode"]}
    chosen: Document = {
        "state": "failing", f"{channel}.open": {"$ne": True}, "acknowledged_at": None,
        "severity": "critical" if only_critical else {"$in": ["critical", "warning"]},
        "$expr": {"$and": [free, new, {"$lte": ["$raised_at", later(-after)]}]},
    }  # fmt: skip
    return {"$nor": [muted], **chosen} if muted else chosen


def claiming(channel: str, holder: str, batch: str, seconds: float) -> list[Document]:
    """Return the update that claims an alert for one attempt."""
    again = {"$ne": [{"$ifNull": [f"${channel}.claim", None]}, None]}
    claim = {"holder": {"$literal": holder}, "batch": batch, "until": later(seconds), "again": again}
    return [{"$set": {f"{channel}.claim": claim}}]


def claimed(channel: str, holder: str, batch: str) -> Document:
    """Return the filter of what the batch holds."""
    return {f"{channel}.claim.batch": batch, f"{channel}.claim.holder": holder}


def told(channel: str, news: News) -> list[Document]:
    """Return the update after the channel took the news."""
    changes: dict[News, Document] = {
        "failed": {"open": True, "acknowledged": False, "episode": "$episode"},
        "acknowledged": {"acknowledged": True},
        "recovered": {"open": False},
    }
    return _noted(channel, {**changes[news], "told_at": "$$NOW", "last_error": None, "attempts": 0})


def refused(channel: str, news: News, error: str) -> list[Document]:
    """Return the update after the channel refused the news for good."""
    said = {"last_error": {"$literal": error}}
    if news == "failed":
        return _noted(channel, {**said, "refused": "$episode"})
    return _noted(channel, {**said, **({"acknowledged": True} if news == "acknowledged" else {"open": False})})


def failed(channel: str, error: str) -> list[Document]:
    """Return the update after an attempt that will be repeated."""
    attempts = {"$add": [{"$ifNull": [f"${channel}.attempts", 0]}, 1]}
    return _noted(channel, {"last_error": {"$literal": error}, "attempts": attempts})


def released(channel: str, holder: str) -> tuple[Document, Document]:
    """Return filter and update that give back every claim of `holder`."""
    return {f"{channel}.claim.holder": holder}, {"$set": {f"{channel}.claim": None}}


def _noted(channel: str, changes: Document) -> list[Document]:
    return [{"$set": {f"{channel}.claim": None, **{f"{channel}.{name}": value for name, value in changes.items()}}}]
