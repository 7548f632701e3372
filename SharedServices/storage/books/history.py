"""The history of prices: what a committed draft adds to `odds_history` and `price_drops`. Pure.

A history document's `_id` follows from the book's `_id`, its revision and a position, so that writing it again changes
nothing. It is stored inside the book first (`journal`), by the same operation as the prices, and copied from there:
whoever sees a journal may copy it, and a process that dies in between loses nothing. Drops follow from the history.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from bson import Int64

from PROPPR.SharedServices.odds.drops import DropRule
from PROPPR.SharedServices.odds.times import moment_of
from PROPPR.SharedServices.odds.types import LineChange
from PROPPR.SharedServices.storage.books.codec import book_id
from PROPPR.SharedServices.storage.books.plan import SegmentDraft

Document = dict[str, Any]


def history_of(draft: SegmentDraft, recorded_at: datetime) -> list[Document]:
    """The `odds_history` documents that a draft brings: one per accepted update that changed prices."""
    prefix = f"{book_id(draft.fixture_id, draft.bookmaker, draft.name)}|{draft.segment.revision + 1}"
    return [
        {
            "_id": f"{prefix}|{index}",
            "fixture_id": Int64(draft.fixture_id),
            "bookmaker": draft.bookmaker,
            "timestamp": moment_of(accepted.at),
            "source": accepted.origin[0],
            "lines": [_line(change) for change in accepted.changes],
            "recorded_at": recorded_at,
        }
        for index, accepted in enumerate(draft.accepted)
    ]


def drops_of(history: Iterable[Document], rule: DropRule) -> list[Document]:
    """The `price_drops` documents that follow from history documents."""
    drops = []
    for document in history:
        for index, line in enumerate(document["lines"]):
            drop_pct = rule.drop_pct(line.get("previous"), line["price"])
            if drop_pct is not None:
                drops.append(_drop(document, index, line, drop_pct))
    return drops


def _line(change: LineChange) -> Document:
    line: Document = {"market": change.market, "side": change.side}
    if change.hdp is not None:
        line["hdp"] = change.hdp
    if change.label is not None:
        line["label"] = change.label
    if change.player_name is not None:
        line["player_name"] = change.player_name
    if change.stat is not None:
        line["stat"] = change.stat
    line["price"] = change.price
    if change.previous is not None:
        line["previous"] = change.previous
    return line


def _drop(document: Document, index: int, line: Document, drop_pct: float) -> Document:
    identity = {key: value for key, value in line.items() if key not in ("price", "previous")}
    return {
        "_id": f"{document['_id']}|{index}",
        "fixture_id": document["fixture_id"],
        "bookmaker": document["bookmaker"],
        "timestamp": document["timestamp"],
        "recorded_at": document["recorded_at"],
        "is_player": "player_name" in line,
        **identity,
        "old_odds": line["previous"],
        "new_odds": line["price"],
        "drop_pct": drop_pct,
    }
