"""The durable queue of fixtures whose books have to be read whole: new ones, and those that a hole may have changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from bson import Int64
from pymongo import ASCENDING, UpdateOne
from pymongo.database import Database

from PROPPR.SharedServices.odds.times import milliseconds_of, moment_of
from PROPPR.SharedServices.odds.types import Fixture
from PROPPR.SharedServices.service.clock import Clock

Document = dict[str, Any]
Reason = Literal["new", "hole", "missing", "unreadable", "doubtful"]
COLLECTION: Final = "poller_rereads"
BULK: Final = 1_000
# Older than this a match is over, and nobody needs its books.
OVER_AFTER: Final = timedelta(hours=5)
_FIRST: Final = ("new", "missing", "unreadable", "doubtful")


@dataclass(frozen=True, slots=True)
class Reread:
    """A fixture to be read at these bookmakers, wanted since (ms of our clock).

    `is_doubtful`: an earlier answer lacked something without proving it to be gone; now it has to be proven.
    """

    fixture_id: int
    bookmakers: tuple[str, ...]
    wanted_at: int
    is_doubtful: bool = False


class RereadQueue:
    """The collection `poller_rereads`, at most one document a fixture. Raises pymongo's errors."""

    def __init__(self, database: Database[Document], clock: Clock) -> None:
        self._collection = database[COLLECTION]
        self._clock = clock

    def want(self, fixtures: Iterable[Fixture], bookmakers: Sequence[str], reason: Reason) -> int:
        """Queue fixtures; those that wait already wait for these bookmakers too. Returns how many were named."""
        now = self._clock.now()
        operations = [self._wanting(fixture, bookmakers, reason, now) for fixture in fixtures]
        for start in range(0, len(operations), BULK):
            self._collection.bulk_write(operations[start : start + BULK], ordered=False, comment="rereads")
        return len(operations)

    def next(self, limit: int) -> list[Reread]:
        """What to read next: new and doubtful fixtures, then by kick-off. What is over is thrown away."""
        self._collection.delete_many({"kickoff": {"$lt": self._clock.now() - OVER_AFTER}})
        due = {"$or": [{"not_before": {"$exists": False}}, {"not_before": {"$lte": self._clock.now()}}]}
        found = self._collection.find(due).sort([("rank", ASCENDING), ("kickoff", ASCENDING)]).limit(limit)
        return [
            Reread(
                int(document["_id"]),
                tuple(document["bookmakers"]),
                milliseconds_of(document["wanted_at"]),
                "doubtful" in document["reasons"],
            )
            for document in found
        ]

    def done(self, entries: Sequence[Reread], bookmakers: Sequence[str]) -> None:
        """These were read at these bookmakers and stored; what was wanted again meanwhile stays."""
        read = {"$pull": {"bookmakers": {"$in": list(bookmakers)}}}
        ids = [Int64(entry.fixture_id) for entry in entries]
        operations = [
            UpdateOne({"_id": Int64(entry.fixture_id), "wanted_at": moment_of(entry.wanted_at)}, read)
            for entry in entries
        ]
        if operations:
            self._collection.bulk_write(operations, ordered=False, comment="rereads")
            self._collection.delete_many({"_id": {"$in": ids}, "bookmakers": []})

    def postpone(self, fixture_id: int, seconds: float) -> None:
        """Leave a fixture alone for a while: its answers can't be read, and others wait behind it."""
        later = self._clock.now() + timedelta(seconds=seconds)
        self._collection.update_one({"_id": Int64(fixture_id)}, {"$set": {"not_before": later}})

    def answered(self, fixture_ids: Sequence[int], bookmaker: str, asked_at: int) -> None:
        """A later answer brought these fixtures' whole books of this bookmaker: they need not be read for it."""
        if not fixture_ids:
            return
        ids = [Int64(fixture_id) for fixture_id in fixture_ids]
        waiting = {"_id": {"$in": ids}, "bookmakers": bookmaker, "wanted_at": {"$lte": moment_of(asked_at)}}
        self._collection.update_many(waiting, {"$pull": {"bookmakers": bookmaker}})
        self._collection.delete_many({"_id": {"$in": ids}, "bookmakers": []})

    def drop_bookmakers(self, bookmakers: Sequence[str]) -> None:
        """Nothing is to be read at these any more: their return opens a hole of its own."""
        self._collection.update_many(
            {"bookmakers": {"$in": list(bookmakers)}}, {"$pull": {"bookmakers": {"$in": list(bookmakers)}}}
        )
        self._collection.delete_many({"bookmakers": []})

    def waiting(self) -> dict[tuple[str, str], int]:
        """How many fixtures wait per (bookmaker, sport)."""
        stages: list[Document] = [
            {"$unwind": "$bookmakers"},
            {"$group": {"_id": {"bookmaker": "$bookmakers", "sport": "$sport"}, "count": {"$sum": 1}}},
        ]
        found = self._collection.aggregate(stages)
        return {(group["_id"]["bookmaker"], group["_id"]["sport"]): group["count"] for group in found}

    def size(self) -> int:
        """How many fixtures wait."""
        return self._collection.estimated_document_count()

    @staticmethod
    def _wanting(fixture: Fixture, bookmakers: Sequence[str], reason: Reason, now: datetime) -> UpdateOne:
        change: Document = {
            "$set": {"sport": fixture.sport, "kickoff": moment_of(fixture.kickoff), "wanted_at": now},
            "$min": {"rank": 0 if reason in _FIRST else 1},
            "$addToSet": {"bookmakers": {"$each": list(bookmakers)}, "reasons": reason},
        }
        return UpdateOne({"_id": Int64(fixture.id)}, change, upsert=True)
