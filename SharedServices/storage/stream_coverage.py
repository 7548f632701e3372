"""What the live stream carries, as the updater says it and the poller reads it: who is current without REST."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from PROPPR.SharedServices.storage.stream_state import COLLECTION, FencedOut

Document = dict[str, Any]
# The updater says it every few seconds while it is true.
BELIEVED_FOR: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Coverage:
    """One stream that is connected and whose books are complete. `sports` are slugs, empty for all.

    `is_whole` is false where a filter by league, event or status, or connections that take turns, leave parts out.
    """

    bookmakers: frozenset[str]
    sports: frozenset[str]
    markets: tuple[str, ...]
    is_whole: bool

    def carries(self, bookmaker: str, sport: str) -> bool:
        """Whether every fixture's subscribed markets of this bookmaker and sport come by the stream."""
        return self.is_whole and bookmaker in self.bookmakers and (not self.sports or sport in self.sports)


class StreamCoverage:
    """The coverage documents in `stream_state`, one per API key. Raises pymongo's errors."""

    def __init__(self, database: Database[Document]) -> None:
        self._collection = database[COLLECTION]

    def save(self, key_hash: str, coverage: Coverage | None, now: datetime, fence: int) -> None:
        """Say what the stream of this key carries from now on; None for nothing. Raises FencedOut."""
        values: Document = {"kind": "coverage", "key_hash": key_hash, "updated_at": now, "fence": fence}
        values["live"] = coverage is not None
        if coverage is not None:
            values |= {
                "bookmakers": sorted(coverage.bookmakers),
                "sports": sorted(coverage.sports),
                "markets": list(coverage.markets),
                "is_whole": coverage.is_whole,
            }
        own = {"_id": f"{key_hash}:coverage", "$or": [{"fence": {"$lte": fence}}, {"fence": None}]}
        try:
            self._collection.update_one(own, {"$set": values}, upsert=True)
        except DuplicateKeyError:
            raise FencedOut("another instance has taken over the stream") from None

    def load(self, now: datetime) -> list[Coverage]:
        """The streams that said lately what they carry."""
        recent = {"kind": "coverage", "live": True, "updated_at": {"$gte": now - BELIEVED_FOR}}
        return [
            Coverage(
                frozenset(document["bookmakers"]),
                frozenset(document["sports"]),
                tuple(document["markets"]),
                bool(document["is_whole"]),
            )
            for document in self._collection.find(recent)
        ]


def is_covered(streams: Iterable[Coverage], bookmaker: str, sport: str) -> bool:
    """Whether one of the streams carries the pair."""
    return any(stream.carries(bookmaker, sport) for stream in streams)
