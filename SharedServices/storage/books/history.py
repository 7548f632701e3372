"""The history of prices: what a committed draft adds to `odds_history` and `price_drops`. Pure.

A document's `_id` follows from the book's `_id`, its revision and a position, so that writing it again changes nothing.
It is stored inside the book first (`journal`), by the same operation as the prices, and copied from there: whoever sees
a journal may copy it, and a process that dies in between loses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from PROPPR.SharedServices.odds.drops import Drop, DropRule
from PROPPR.SharedServices.odds.types import LineChange
from PROPPR.SharedServices.storage.books.codec import book_id
from PROPPR.SharedServices.storage.books.plan import Accepted, SegmentDraft

Document = dict[str, Any]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Journal:
    """The history documents of one revision of one book."""

    history: list[Document]
    drops: list[Document]


def journal_of(draft: SegmentDraft, rule: DropRule, recorded_at: datetime) -> Journal | None:
    """The history that a draft brings, or None where no price changed."""
    if not draft.accepted:
        return None
    prefix = f"{book_id(draft.fixture_id, draft.bookmaker, draft.name)}|{draft.segment.revision + 1}"
    journal = Journal([], [])
    for index, accepted in enumerate(draft.accepted):
        key = f"{prefix}|{index}"
        head = {"fixture_id": draft.fixture_id, "bookmaker": draft.bookmaker, "timestamp": date_of(accepted.at)}
        journal.history.append(_history(key, head, accepted, recorded_at))
        for position, drop in enumerate(rule.drops(accepted.changes)):
            journal.drops.append({"_id": f"{key}|{position}", **head, **_drop(drop), "recorded_at": recorded_at})
    return journal


def date_of(milliseconds: int) -> datetime:
    """A BSON date from milliseconds since the epoch."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


def _history(key: str, head: Document, accepted: Accepted, recorded_at: datetime) -> Document:
    lines = [_line(change) for change in accepted.changes]
    return {"_id": key, **head, "source": accepted.source, "lines": lines, "recorded_at": recorded_at}


def _line(change: LineChange) -> Document:
    line = _identity(change)
    line["price"] = change.price
    if change.previous is not None:
        line["previous"] = change.previous
    return line


def _drop(drop: Drop) -> Document:
    return {
        "is_player": drop.change.player_name is not None,
        **_identity(drop.change),
        "old_odds": drop.old_odds,
        "new_odds": drop.new_odds,
        "drop_pct": drop.drop_pct,
    }


def _identity(change: LineChange) -> Document:
    identity: Document = {"market": change.market, "side": change.side}
    for field in ("hdp", "label", "player_name", "stat"):
        value = getattr(change, field)
        if value is not None:
            identity[field] = value
    return identity
