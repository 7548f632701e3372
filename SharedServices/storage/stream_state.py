"""Where each stream of odds was left, so that a restart continues there instead of reading everything again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.errors import TransientError

Document = dict[str, Any]
COLLECTION: Final = "stream_state"
KEPT: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class StoredPosition:
    """What is known of one filter set: the sequence to resume from, the books it was complete for, and when."""

    sequence: int
    bookmakers: frozenset[str]
    updated_at: datetime


class FencedOut(TransientError):
    """A younger holder of the lease has written here since: this process must not write any more."""


class StreamState:
    """Positions per (API key, filter set). The key itself is not stored, only a hash of it.

    Writers pass the fencing token of their lease: a process that lost it unnoticed can't overwrite its successor's
    position (FencedOut).
    """

    def __init__(self, database: Database[Document], clock: Clock, api_key: str) -> None:
        self._collection = database[COLLECTION]
        self._clock = clock
        self._key_hash = key_hash(api_key)

    def load(self, filter_sets: Iterable[str]) -> dict[str, StoredPosition]:
        """The stored positions of these filter sets, where there are any. Deletes what nobody used for long."""
        self._collection.delete_many({"updated_at": {"$lt": self._clock.now() - KEPT}})
        ids = [self._id(name) for name in filter_sets]
        found = self._collection.find({"_id": {"$in": ids}, "last_sequence": {"$ne": None}})
        return {
            document["filter_set"]: StoredPosition(
                int(document["last_sequence"]), frozenset(document.get("bookmakers", ())), document["updated_at"]
            )
            for document in found
        }

    def save(self, filter_set: str, sequence: int | None, bookmakers: Iterable[str], fence: int) -> None:
        """Store a position; None forgets it, so that the next start reads everything again. Raises FencedOut."""
        change = {
            "key_hash": self._key_hash,
            "filter_set": filter_set,
            "last_sequence": sequence,
            "bookmakers": sorted(bookmakers),
            "updated_at": self._clock.now(),
            "fence": fence,
        }
        own = {"_id": self._id(filter_set), "$or": [{"fence": {"$lte": fence}}, {"fence": None}]}
        try:
            self._collection.update_one(own, {"$set": change}, upsert=True)
        except DuplicateKeyError:
            # The document exists and did not match: its fence is higher.
            raise FencedOut("another instance has taken over the stream") from None

    def _id(self, filter_set: str) -> str:
        return f"{self._key_hash}:{filter_set}"


def key_hash(api_key: str) -> str:
    """A name for an API key that doesn't give it away."""
    return hashlib.sha256(b"proppr-stream:" + api_key.encode()).hexdigest()[:16]


def priced_fixtures(database: Database[Document], fixture_ids: Iterable[int]) -> set[int]:
    """Those of the fixtures that have stored books."""
    found = database["odds_books"].distinct("fixture_id", {"fixture_id": {"$in": list(fixture_ids)}})
    return {int(fixture_id) for fixture_id in found}
