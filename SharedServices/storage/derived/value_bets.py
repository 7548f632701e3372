"""`all_value_bets`: the prices above a sharp bookmaker's, as the stored books have them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

import msgspec
from bson import Int64
from bson.codec_options import CodecOptions, DatetimeConversion
from pymongo import DeleteOne, UpdateOne
from pymongo.database import Database

from PROPPR.SharedServices.odds.book import TEAM_SEGMENT, consolidated
from PROPPR.SharedServices.odds.margin import MarginMethod
from PROPPR.SharedServices.odds.times import milliseconds_of, moment_of
from PROPPR.SharedServices.odds.types import Fixture, Line, Source
from PROPPR.SharedServices.odds.value import ValueBet, find_value
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.storage.books.state import FixtureBooks
from PROPPR.SharedServices.storage.derived.dirty import Dirty, MarketPlace, Place
from PROPPR.SharedServices.storage.derived.product import Work
from PROPPR.SharedServices.storage.derived.writing import Operation, write
from PROPPR.SharedServices.storage.fixtures import FixtureStore

Document = dict[str, Any]

Stored = tuple[int | None, int]
"""A stored bet: its mark, and when it expires (ms)."""

IN_PLAY_LIFE = timedelta(minutes=10)
# To be raised when the same books and settings would give other bets than before.
FORMULA = 1
COMPARE_SECONDS = 60.0
_SHOWN = [
    {
        "$group": {
            "_id": "$event_id",
            "names": {"$addToSet": "$event_name"},
            "first": {"$min": "$expires_at"},
            "last": {"$max": "$expires_at"},
        }
    }
]
# A time as a number: reading thousands of bets a second, dates are what costs.
_QUICK: CodecOptions[Document] = CodecOptions(datetime_conversion=DatetimeConversion.DATETIME_MS)
_encode = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True, slots=True)
class ValueRule:
    """What counts as value: against whom, from which expected value, and how the sharp margin is removed."""

    sharp_bookmakers: tuple[str, ...]
    minimum: float = 100.0
    method: MarginMethod = "power"


def bets_of(books: FixtureBooks, places: Iterable[Place], rule: ValueRule) -> dict[str, tuple[Place, ValueBet]]:
    """The value bets at the given places of a fixture, by `_id`, as its books stand. Pure."""
    found: dict[str, tuple[Place, ValueBet]] = {}
    sharp_lines: dict[MarketPlace, list[tuple[str, list[Line]]]] = {}
    for place in places:
        segment, bookmaker, market = place
        sharps = sharp_lines.get((segment, market))
        if sharps is None:
            every = [(name, _lines(books, (segment, name, market))) for name in rule.sharp_bookmakers]
            sharps = sharp_lines[segment, market] = [sharp for sharp in every if sharp[1]]
        if not sharps:
            continue
        lines = _lines(books, place)
        for bet in find_value(market, lines, sharps, rule.minimum, rule.method, bookmaker=bookmaker):
            found[_id(books.fixture_id, bet)] = (place, bet)
    return found


def places_of(books: FixtureBooks) -> set[Place]:
    """Every market of every book of a fixture."""
    return {
        (name, bookmaker, market)
        for bookmaker, segments in books.books.items()
        for name, segment in segments.items()
        for market in list(segment.markets)
    }


class ValueBets:
    """A derived product."""

    name = "all_value_bets"

    def __init__(self, database: Database[Document], clock: Clock, rule: ValueRule, source: Source) -> None:
        self._bets = database[self.name]
        self._quick = self._bets.with_options(codec_options=_QUICK)
        self._clock = clock
        self._rule = rule
        self._source = source
        self._fixtures = FixtureStore(database, clock).get
        self._compare_at = clock.monotonic()
        self.written = 0
        self.removed = 0

    @property
    def rule(self) -> str:
        return f"{FORMULA} {self._rule}"

    def fixtures(self) -> set[int]:
        return set(self._bets.distinct("event_id"))

    def sweep(self) -> dict[int, set[MarketPlace] | None]:
        """Once a minute: the fixtures whose bets don't show what the registry says by now, such as a moved kick-off."""
        moment = self._clock.monotonic()
        if moment < self._compare_at:
            return {}
        self._compare_at = moment + COMPARE_SECONDS
        now = self._clock.now()
        shown = {document["_id"]: document for document in self._bets.aggregate(_SHOWN)}
        named = self._fixtures(shown)
        return {number: None for number, fixture in named.items() if not _shows(shown[number], _Head(fixture, now))}

    def refresh(self, works: Sequence[Work]) -> set[int]:
        scopes = {work.fixture.id: _Scope(work, self._rule) for work in works}
        stored = self._stored(scopes)
        operations: list[Operation] = []
        wrote: set[int] = set()
        for work in works:
            scope = scopes[work.fixture.id]
            known = stored.get(work.fixture.id, {})
            own = self._operations(work.fixture, bets_of(work.books, scope.places, self._rule), known)
            if own:
                wrote.add(work.fixture.id)
                operations += own
        written, removed = write(self._bets, operations)
        self.written += written
        self.removed += removed
        return wrote

    def _stored(self, scopes: Mapping[int, _Scope]) -> dict[int, dict[str, Stored]]:
        clauses = [clause for scope in scopes.values() for clause in scope.clauses()]
        found: dict[int, dict[str, Stored]] = {}
        if not clauses:
            return found
        for document in self._quick.find({"$or": clauses}, {"event_id": 1, "mark": 1, "expires_at": 1}):
            known = (document.get("mark"), int(document["expires_at"]))
            found.setdefault(document["event_id"], {})[document["_id"]] = known
        return found

    def _operations(
        self, fixture: Fixture, bets: Mapping[str, tuple[Place, ValueBet]], stored: Mapping[str, Stored]
    ) -> list[Operation]:
        operations: list[Operation] = [DeleteOne({"_id": key}) for key in stored.keys() - bets.keys()]
        if not bets:
            return operations
        head = _Head(fixture, self._clock.now())
        for key, (place, bet) in bets.items():
            mark = head.mark(bet)
            known = stored.get(key)
            if known is None or known[0] != mark or not head.lasts(known[1]):
                operations.append(self._upsert(key, head, place, bet, mark))
        return operations

    def _upsert(self, key: str, head: _Head, place: Place, bet: ValueBet, mark: int) -> UpdateOne:
        values: Document = {
            **msgspec.structs.asdict(bet),
            "event_id": Int64(head.fixture.id),
            "event_name": head.event_name,
            "league": head.league,
            "book_market": place[2],
            "last_updated": head.now,
            "expires_at": head.expires_at,
            "source": self._source,
            "mark": Int64(mark),
        }
        return UpdateOne({"_id": key}, {"$set": values, "$setOnInsert": {"created_at": head.now}}, upsert=True)


class _Head:
    """What all value bets of a fixture share."""

    def __init__(self, fixture: Fixture, now: datetime) -> None:
        kickoff = moment_of(fixture.kickoff)
        in_play = kickoff <= now
        self.fixture = fixture
        self.now = now
        self.event_name = f"{fixture.home} vs {fixture.away}"
        self.league = f"{fixture.country} - {fixture.league}" if fixture.country else fixture.league
        self.expires_at = now + IN_PLAY_LIFE if in_play else kickoff
        self.ends = None if in_play else kickoff
        self._renew_until = milliseconds_of(now + IN_PLAY_LIFE / 2) if in_play else None
        shared = (self.event_name, self.league, None if in_play else fixture.kickoff)
        self._shared = _encode(shared)

    def mark(self, bet: ValueBet) -> int:
        """A number that is another one as soon as anything of the stored bet would be."""
        digest = blake2b(_encode(bet) + self._shared, digest_size=8).digest()
        return int.from_bytes(digest, "big", signed=True)

    def lasts(self, expires_at: int) -> bool:
        """Whether a stored bet that is right may stay as it is: in play, with half of its life to come."""
        return self._renew_until is None or expires_at > self._renew_until


def _shows(shown: Document, head: _Head) -> bool:
    return shown["names"] == [head.event_name] and (head.ends is None or shown["first"] == shown["last"] == head.ends)


class _Scope:
    """The bets of one fixture that may have changed: where they are in the books, and how they are found."""

    def __init__(self, work: Work, rule: ValueRule) -> None:
        self._fixture_id = work.fixture.id
        self._everything = work.dirty.everything
        self.places = places_of(work.books) if self._everything else _depending(work.dirty, work.books, rule)
        # By market: the bookmakers whose bets are looked at, None for all.
        self._markets: dict[MarketPlace, set[str] | None] = {}
        for segment, bookmaker, market in work.dirty.moved:
            known = self._markets.setdefault((segment, market), set())
            if bookmaker in rule.sharp_bookmakers:
                self._markets[segment, market] = None
            elif known is not None:
                known.add(bookmaker)

    def clauses(self) -> list[Document]:
        """What finds them, by the unique index."""
        if self._everything:
            return [{"event_id": self._fixture_id}]
        found = []
        for (segment, market), bookmakers in self._markets.items():
            clause: Document = {"event_id": self._fixture_id, "market_name": market}
            if segment != TEAM_SEGMENT:  # a player's bet carries the statistic behind the market's name
                clause |= {"market_name": {"$regex": f"^{re.escape(market)}"}, "book_market": market}
            if bookmakers is not None:
                clause["bookmaker"] = {"$in": sorted(bookmakers)}
            found.append(clause)
        return found


def _depending(dirty: Dirty, books: FixtureBooks, rule: ValueRule) -> set[Place]:
    """The places whose bets may have changed: those that moved, and all bookmakers' where a sharp price moved."""
    places = set(dirty.moved)
    for segment, bookmaker, market in dirty.moved:
        if bookmaker in rule.sharp_bookmakers:
            places |= {(segment, name, market) for name in books.books}
    return places


def _lines(books: FixtureBooks, place: Place) -> list[Line]:
    segment, bookmaker, market = place
    held = books.segment(bookmaker, segment)
    found = None if held is None else held.markets.get(market)
    return [] if found is None else [priced.line for priced in consolidated(found)]


def _id(fixture_id: int, bet: ValueBet) -> str:
    parts = (fixture_id, bet.market_name, bet.market_hdp, bet.bet_side, bet.bookmaker, bet.player_name)
    return "|".join("" if part is None else str(part) for part in parts)
