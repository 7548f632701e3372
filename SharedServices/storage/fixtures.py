"""The registry of fixtures: what the sources last said about each, and which should be moving now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import bson
from bson import Int64
from bson.errors import InvalidDocument
from pymongo import ASCENDING, UpdateOne
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from PROPPR.SharedServices.odds.times import milliseconds_of, moment_of
from PROPPR.SharedServices.odds.types import Fixture, Source
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.errors import TransientError

Document = dict[str, Any]
DUPLICATE_KEY = 11000
PERMANENT = frozenset({2, 9, 14, 52, 54, 56, 57, 121, 17280})  # the same document would be refused again
BULK = 1000
# A match with extra time and penalties is over by then; a `live` that is older was never corrected.
LONGEST_MATCH = timedelta(hours=4)
MOST_LISTED = 5000
MOST_REGISTERED = 50_000


@dataclass(slots=True)
class Upserted:
    """What became of the fixtures of one call: stored, outrun by newer news, or refused with a reason."""

    stored: int = 0
    outdated: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)


class FixtureStore:
    """The collection `fixtures`. Raises pymongo's connection errors and TransientError; nothing else."""

    def __init__(self, database: Database[Document], clock: Clock) -> None:
        self._fixtures = database["fixtures"]
        self._clock = clock

    def upsert_many(
        self, fixtures: Sequence[Fixture], source: Source, seen_at: datetime | None = None, *, registered: bool = True
    ) -> Upserted:
        """Store what a source said at `seen_at` (default: now), unless something newer is stored.

        What a fixture leaves out (None) keeps its stored value. A fixture that can't be stored does not harm the rest.
        `registered` is the poller's word, who owns the registry, that it follows the fixture from now on.
        """
        seen = seen_at or self._clock.now()
        result = Upserted()
        operations: list[tuple[int, UpdateOne]] = []
        for fixture in {fixture.id: fixture for fixture in fixtures}.values():
            try:
                document = _encode(fixture, source, seen)
                if registered and source == "api_poller":
                    document["registered"] = True
            except (InvalidDocument, OverflowError, UnicodeError, RecursionError) as error:
                result.refused.append((fixture.id, type(error).__name__))
            else:
                not_newer = {"id": document["id"], "last_seen": {"$lte": seen}}
                operations.append((fixture.id, UpdateOne(not_newer, {"$set": document}, upsert=True)))
        for start in range(0, len(operations), BULK):
            self._write(operations[start : start + BULK], result)
        return result

    def set_status(
        self, fixture_id: int, status: str, scores: Mapping[str, object] | None, seen_at: datetime | None = None
    ) -> bool:
        """Note a known fixture's status (and scores, if told); False if it is unknown or something newer is stored."""
        seen = seen_at or self._clock.now()
        values: Document = {"status": status, "last_seen": seen} | ({} if scores is None else {"scores": dict(scores)})
        matching = {"id": Int64(fixture_id), "last_seen": {"$lte": seen}}
        return self._fixtures.update_one(matching, {"$set": values}).matched_count > 0

    def get(self, ids: Iterable[int]) -> dict[int, Fixture]:
        """The stored fixtures of these ids; those unknown are missing."""
        wanted = list(ids)
        return {document["id"]: _decode(document) for document in self._fixtures.find({"id": {"$in": wanted}})}

    def known(self, ids: Iterable[int]) -> set[int]:
        """Those of these ids that are stored."""
        return {document["id"] for document in self._fixtures.find({"id": {"$in": list(ids)}}, {"_id": 0, "id": 1})}

    def live_or_due(self, now: datetime, sports: Sequence[str] = (), limit: int = MOST_LISTED) -> list[Fixture]:
        """The fixtures whose odds should be moving: live, or past their kick-off without having been called off.

        Kicked off within the last four hours, earliest first; only of `sports` (slugs) if any are named.
        """
        found = self._fixtures.find(_moving(now, sports)).sort("kickoff", ASCENDING).limit(limit)
        return [_decode(document) for document in found]

    def count_live_or_due(self, now: datetime, sports: Sequence[str] = ()) -> int:
        """How many fixtures `live_or_due` would list."""
        return self._fixtures.count_documents(_moving(now, sports))

    def upcoming(
        self, now: datetime, within: timedelta, sports: Sequence[str] = (), limit: int = MOST_LISTED
    ) -> list[Fixture]:
        """The pending fixtures that kick off from `now` until `within` later, earliest first."""
        condition: Document = {"status": "pending", "kickoff": {"$gte": now, "$lte": now + within}, **_of(sports)}
        found = self._fixtures.find(condition).sort("kickoff", ASCENDING).limit(limit)
        return [_decode(document) for document in found]

    def registered(
        self, begin: datetime, end: datetime, sports: Sequence[str], limit: int = MOST_REGISTERED
    ) -> list[Fixture]:
        """The fixtures that the poller has registered and that kick off in the given time, earliest first."""
        condition: Document = {"kickoff": {"$gte": begin, "$lte": end}, "registered": True, **_of(sports)}
        found = self._fixtures.find(condition).sort("kickoff", ASCENDING).limit(limit)
        return [_decode(document) for document in found]

    def _write(self, operations: Sequence[tuple[int, UpdateOne]], result: Upserted) -> None:
        failures: list[Mapping[str, Any]] = []
        try:
            self._fixtures.bulk_write([operation for _, operation in operations], ordered=False, comment="fixtures")
        except BulkWriteError as error:
            if error.details.get("writeConcernErrors"):
                raise TransientError("MongoDB did not confirm that a majority stored the fixtures") from error
            failures = error.details.get("writeErrors", [])
        for failure in failures:
            if failure["code"] == DUPLICATE_KEY:  # the filter found no document that is not newer, but there is one
                result.outdated += 1
            elif failure["code"] in PERMANENT:
                reason = f"{failure['code']}: {failure.get('errmsg', '')}"[:500]
                result.refused.append((operations[failure["index"]][0], reason))
            else:
                raise TransientError(f"MongoDB refused to store fixtures for now (code {failure['code']})")
        result.stored += len(operations) - len(failures)


def _moving(now: datetime, sports: Sequence[str]) -> Document:
    started = {"$gte": now - LONGEST_MATCH, "$lte": now}
    return {"status": {"$in": ["live", "pending"]}, "kickoff": started, **_of(sports)}


def _of(sports: Sequence[str]) -> Document:
    return {"sport": {"$in": list(sports)}} if sports else {}


def _encode(fixture: Fixture, source: Source, seen: datetime) -> Document:
    document: Document = {
        "id": Int64(fixture.id),
        "home": fixture.home,
        "away": fixture.away,
        "sport": fixture.sport,
        "league": fixture.league,
        "country": fixture.country,
        "date": fixture.date,
        "kickoff": moment_of(fixture.kickoff),
        "status": fixture.status,
        "source": source,
        "last_seen": seen,
    }
    for name, identity in (("home_id", fixture.home_id), ("away_id", fixture.away_id)):
        if identity is not None:
            document[name] = Int64(identity)
    if fixture.scores is not None:
        document["scores"] = fixture.scores
    bson.encode(document)  # here, so that one that can't be encoded stands alone
    return document


def _decode(document: Mapping[str, Any]) -> Fixture:
    return Fixture(
        id=int(document["id"]),
        home=document["home"],
        away=document["away"],
        sport=document["sport"],
        league=document["league"],
        country=document["country"],
        date=document["date"],
        kickoff=milliseconds_of(document["kickoff"]),
        status=document["status"],
        home_id=_whole(document.get("home_id")),
        away_id=_whole(document.get("away_id")),
        scores=document.get("scores"),
    )


def _whole(value: int | None) -> int | None:
    return None if value is None else int(value)
