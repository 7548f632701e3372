"""Keeps `all_value_bets` true to the books: found when a price moves, renewed, and gone when the price is.

Works in a thread of its own behind a conflating queue of what changed, so that it never delays a book. What is in the
collection follows from the stored books alone; after a crash it is computed anew (`reconcile`).
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from bson import Int64
from pymongo import DeleteOne, UpdateOne
from pymongo.database import Database
from pymongo.errors import BulkWriteError, PyMongoError

from PROPPR.SharedServices.odds.book import consolidated
from PROPPR.SharedServices.odds.margin import MarginMethod
from PROPPR.SharedServices.odds.types import Fixture, Line, Source
from PROPPR.SharedServices.odds.value import ValueBet, find_value
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.components import Check
from PROPPR.SharedServices.storage.books.plan import SegmentDraft
from PROPPR.SharedServices.storage.books.state import FixtureBooks

log = logging.getLogger(__name__)

Document = dict[str, Any]
Place = tuple[str, str]
"""(bookmaker, market)."""
Bets = dict[str, ValueBet]
"""The value bets of one place by `_id`."""
Known = dict[Place, dict[str, int]]
"""What was written, as hashes: enough to tell what changed."""

DUPLICATE_KEY = 11000
IN_PLAY_LIFE = timedelta(minutes=10)
RETRY_SECONDS = 0.5
# What moves within it is computed once: a tenth of a second is nothing to a bettor and half the work under load.
GATHER_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class ValueRule:
    """What counts as value: against whom, from which expected value, and how the sharp margin is removed."""

    sharp_bookmakers: tuple[str, ...]
    minimum: float = 100.0
    method: MarginMethod = "power"


@dataclass(slots=True)
class _Dirty:
    """What changed in one fixture; `everything` after it was read anew."""

    fixture: FixtureBooks
    places: set[Place] = field(default_factory=set)
    everything: bool = False


def bets_of(fixture: FixtureBooks, places: Iterable[Place], rule: ValueRule) -> dict[Place, Bets]:
    """The value bets at the given places of a fixture, as its books stand. Pure."""
    found: dict[Place, Bets] = {}
    for bookmaker, market in places:
        sharps = [(name, _lines(fixture, name, market)) for name in rule.sharp_bookmakers]
        lines = _lines(fixture, bookmaker, market)
        bets = find_value(
            market, lines, [sharp for sharp in sharps if sharp[1]], rule.minimum, rule.method, bookmaker=bookmaker
        )
        found[bookmaker, market] = {_id(fixture.fixture_id, bet): bet for bet in bets}
    return found


class ValueBetWriter:
    """A listener of the book writer and a component. `fixtures` looks up what the registry knows of fixtures."""

    name = "value_bets"

    def __init__(
        self,
        database: Database[Document],
        clock: Clock,
        rule: ValueRule,
        fixtures: Callable[[Iterable[int]], Mapping[int, Fixture]],
        source: Source,
        most_fixtures: int = 5_000,
    ) -> None:
        self._bets = database["all_value_bets"]
        self._clock = clock
        self._rule = rule
        self._fixtures = fixtures
        self._source = source
        self._most = most_fixtures
        self._condition = threading.Condition()
        self._dirty: OrderedDict[int, _Dirty] = OrderedDict()
        self._known: OrderedDict[int, Known] = OrderedDict()
        self._closed = False
        self._stop = threading.Event()
        self._failing: str | None = None
        self._thread = threading.Thread(target=self._run, name="value-bets", daemon=True)
        self.written = 0
        self.removed = 0
        self.dropped = 0

    def loaded(self, fixtures: Sequence[FixtureBooks]) -> None:
        """Fixtures were read from MongoDB: all their value bets are computed anew."""
        with self._condition:
            for fixture in fixtures:
                self._mark(fixture).everything = True
            self._condition.notify()

    def committed(self, written: Sequence[tuple[FixtureBooks, Sequence[SegmentDraft]]]) -> None:
        """Prices were stored: the value bets that depend on them are computed anew."""
        with self._condition:
            for fixture, drafts in written:
                changed = {(draft.bookmaker, name) for draft in drafts for name in draft.changed}
                if changed:
                    self._mark(fixture).places |= changed
            self._condition.notify()

    def reconcile(self, load: Callable[[Iterable[int]], Mapping[int, FixtureBooks]], batch: int = 50) -> int:
        """Compute the value bets of every fixture that has any anew; returns how many fixtures that were."""
        ids: list[int] = self._bets.distinct("event_id")
        for start in range(0, len(ids), batch):
            self.loaded(list(load(ids[start : start + batch]).values()))
        return len(ids)

    def start(self) -> None:
        self._thread.start()

    def stop(self, deadline: float) -> None:
        """Write what waits, until `deadline`."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()
        if self._thread.is_alive():
            self._thread.join(max(0.0, deadline - self._clock.monotonic()))
        self._stop.set()

    def check(self) -> Check:
        """Not ok while value bets can't be written."""
        waiting = f"{len(self._dirty)} fixtures waiting"
        if not self._thread.is_alive():
            return Check(ok=False, detail="the thread is dead")
        if self._failing:
            return Check(ok=False, detail=f"{waiting}; {self._failing}", severity="degraded")
        return Check(ok=True, detail=waiting)

    @property
    def pending(self) -> int:
        """Fixtures whose value bets wait to be computed."""
        return len(self._dirty)

    def _mark(self, fixture: FixtureBooks) -> _Dirty:
        dirty = self._dirty.get(fixture.fixture_id)
        if dirty is None:
            if len(self._dirty) >= self._most:
                lost, _ = self._dirty.popitem(last=False)
                self._known.pop(lost, None)
                self.dropped += 1
            dirty = self._dirty[fixture.fixture_id] = _Dirty(fixture)
        dirty.fixture = fixture
        return dirty

    def _again(self, batch: Sequence[_Dirty]) -> None:
        with self._condition:
            for dirty in batch:
                self._mark(self._dirty.get(dirty.fixture.fixture_id, dirty).fixture).everything = True

    def _run(self) -> None:
        while not self._stop.is_set():
            with self._condition:
                if not self._dirty:
                    if self._closed:
                        return
                    self._condition.wait(0.5)
                    continue
                batch = [self._dirty.popitem(last=False)[1] for _ in range(min(100, len(self._dirty)))]
            try:
                self._refresh(batch)
                self._failing = None
                self._stop.wait(0 if self._closed else GATHER_SECONDS)
            except PyMongoError as error:
                if self._failing is None:
                    log.warning("value bets can't be stored for now", extra={"reason": str(error)})
                self._failing = f"MongoDB: {type(error).__name__}"
                self._again(batch)
                self._stop.wait(RETRY_SECONDS)
            except Exception:  # a defect in one fixture's odds must not end the thread, nor the others' value bets
                log.exception("value bets could not be computed", extra={"fixtures": len(batch)})

    def _refresh(self, batch: Sequence[_Dirty]) -> None:
        named = self._fixtures([dirty.fixture.fixture_id for dirty in batch])
        operations: list[UpdateOne | DeleteOne] = []
        computed: list[tuple[int, Known]] = []
        anew = [dirty for dirty in batch if dirty.everything or dirty.fixture.fixture_id not in self._known]
        stored = self._stored_ids([dirty.fixture.fixture_id for dirty in anew])
        for dirty in batch:
            fixture = named.get(dirty.fixture.fixture_id)
            if fixture is None:
                # Without names there is nothing to show; the next change of this fixture computes all of it.
                self._known.pop(dirty.fixture.fixture_id, None)
                continue
            old = stored.get(fixture.id)
            places = _all_places(dirty.fixture) if old is not None else _depending(dirty, self._rule)
            new = bets_of(dirty.fixture, places, self._rule)
            known = {} if old is not None else self._known[fixture.id]
            if old is None:
                old = {key for place in new for key in known.get(place, ())}
            marks = {place: {key: _mark_of(bet) for key, bet in bets.items()} for place, bets in new.items()}
            operations += self._operations(fixture, old, known, new, marks)
            computed.append((fixture.id, known | marks))
        self._write(operations)
        for fixture_id, bets in computed:
            self._known[fixture_id] = {place: found for place, found in bets.items() if found}
            self._known.move_to_end(fixture_id)
        while len(self._known) > self._most:
            self._known.popitem(last=False)

    def _stored_ids(self, fixture_ids: Sequence[int]) -> dict[int, set[str]]:
        found: dict[int, set[str]] = {fixture_id: set() for fixture_id in fixture_ids}
        if fixture_ids:
            for document in self._bets.find({"event_id": {"$in": list(fixture_ids)}}, {"event_id": 1}):
                found[document["event_id"]].add(document["_id"])
        return found

    def _operations(
        self, fixture: Fixture, old: set[str], known: Known, new: Mapping[Place, Bets], marks: Known
    ) -> list[UpdateOne | DeleteOne]:
        now = self._clock.now()
        operations: list[UpdateOne | DeleteOne] = []
        for place, bets in new.items():
            before = known.get(place, {})
            for key, bet in bets.items():
                if before.get(key) != marks[place][key]:
                    operations.append(self._upsert(key, fixture, bet, now))
        current = {key for bets in new.values() for key in bets}
        operations += [DeleteOne({"_id": key}) for key in old - current]
        return operations

    def _upsert(self, key: str, fixture: Fixture, bet: ValueBet, now: datetime) -> UpdateOne:
        kickoff = datetime.fromtimestamp(fixture.kickoff / 1000, UTC)
        values = {
            **msgspec.structs.asdict(bet),
            "event_id": Int64(fixture.id),
            "event_name": f"{fixture.home} vs {fixture.away}",
            "league": f"{fixture.country} - {fixture.league}" if fixture.country else fixture.league,
            "last_updated": now,
            "expires_at": kickoff if kickoff > now else now + IN_PLAY_LIFE,
            "source": self._source,
        }
        return UpdateOne({"_id": key}, {"$set": values, "$setOnInsert": {"created_at": now}}, upsert=True)

    def _write(self, operations: Sequence[UpdateOne | DeleteOne]) -> None:
        if not operations:
            return
        try:
            result = self._bets.bulk_write(list(operations), ordered=False)
            self.written += result.modified_count + len(result.upserted_ids or {})
            self.removed += result.deleted_count
        except BulkWriteError as error:
            codes = {failed.get("code") for failed in error.details.get("writeErrors", ())}
            # Another process stored the same bet at the same moment, from the same books.
            if codes - {DUPLICATE_KEY}:
                raise


def _lines(fixture: FixtureBooks, bookmaker: str, market: str) -> list[Line]:
    for segment in list(fixture.books.get(bookmaker, {}).values()):
        found = segment.markets.get(market)
        if found is not None:
            return [priced.line for priced in consolidated(found)]
    return []


def _all_places(fixture: FixtureBooks) -> set[Place]:
    return {
        (bookmaker, market)
        for bookmaker, segments in list(fixture.books.items())
        for segment in list(segments.values())
        for market in list(segment.markets)
    }


def _depending(dirty: _Dirty, rule: ValueRule) -> set[Place]:
    """The places whose bets may have changed: those that moved, and all bookmakers' where a sharp price moved."""
    places = set(dirty.places)
    moved = {market for bookmaker, market in dirty.places if bookmaker in rule.sharp_bookmakers}
    if moved:
        places |= {place for place in _all_places(dirty.fixture) if place[1] in moved}
    return places


def _mark_of(bet: ValueBet) -> int:
    return hash(msgspec.msgpack.encode(bet))


def _id(fixture_id: int, bet: ValueBet) -> str:
    parts = (fixture_id, bet.market_name, bet.market_hdp, bet.bet_side, bet.bookmaker, bet.player_name)
    return "|".join("" if part is None else str(part) for part in parts)
