"""`arbitrage_bets`: bets at different bookmakers that win together, as the stored books have them now.

An arbitrage is there from when it arises until one of its legs moves, is withdrawn or gets too old (`expires_at`); a
leg that is confirmed without a change moves that on. Expired ones are deleted about every second, and their line is
looked at again: what is left may be an arbitrage too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

import msgspec
from bson import Int64
from pymongo import DeleteOne, UpdateOne
from pymongo.database import Database

from PROPPR.SharedServices.odds.arbitrage import Arbitrage, ArbitrageRule, Leg, find_arbitrages
from PROPPR.SharedServices.odds.book import consolidated
from PROPPR.SharedServices.odds.shelves import Book
from PROPPR.SharedServices.odds.statuses import OVER
from PROPPR.SharedServices.odds.times import moment_of
from PROPPR.SharedServices.odds.types import Fixture, Source
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.storage.books.state import FixtureBooks
from PROPPR.SharedServices.storage.derived.candidates import Candidates
from PROPPR.SharedServices.storage.derived.dirty import MarketPlace
from PROPPR.SharedServices.storage.derived.product import Work
from PROPPR.SharedServices.storage.derived.writing import Operation, write

Document = dict[str, Any]
# To be raised when the same books and settings would give other arbitrages than before.
FORMULA = 2
_READ = {"event_id": 1, "segment": 1, "book_market": 1, "mark": 1, "legs_mark": 1}
_PLACE = {"event_id": 1, "segment": 1, "book_market": 1}
_encode = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True, slots=True)
class Found:
    """An arbitrage, where it is in the books, and when it ends (ms)."""

    place: MarketPlace
    bet: Arbitrage
    expires_at: int


def arbitrages_of(
    books: FixtureBooks, places: Iterable[MarketPlace], fixture: Fixture, rule: ArbitrageRule, now: int
) -> dict[str, Found]:
    """The arbitrages in the given markets of a fixture at a time, by `_id`, as its books stand. Pure."""
    found: dict[str, Found] = {}
    for place in places:
        found.update(_arbitrages_in(place, lines_of(books, place), fixture, rule, now))
    return found


def lines_of(books: FixtureBooks, place: MarketPlace) -> list[Book]:
    """What each bookmaker has of a market."""
    segment, name = place
    held = [(bookmaker, parts.get(segment)) for bookmaker, parts in books.books.items()]
    markets = [(bookmaker, part.markets.get(name)) for bookmaker, part in held if part is not None]
    return [(bookmaker, consolidated(market)) for bookmaker, market in markets if market is not None]


class ArbitrageBets:
    """A derived product."""

    name = "arbitrage_bets"

    def __init__(self, database: Database[Document], clock: Clock, rule: ArbitrageRule, source: Source) -> None:
        self._bets = database[self.name]
        self._fixtures = database["fixtures"]
        self._clock = clock
        self._rule = rule
        self._candidates = Candidates(rule)
        self._source = source
        self.written = 0
        self.removed = 0

    @property
    def rule(self) -> str:
        return f"{FORMULA} {self._rule}"

    def fixtures(self) -> set[int]:
        return set(self._bets.distinct("event_id"))

    def sweep(self) -> dict[int, set[MarketPlace] | None]:
        """Delete what has expired. Its markets, and those of fixtures that have begun since, are to be looked at."""
        now = self._clock.now()
        # At the millisecond of its expiry a quote is not too old yet: deleted then, it would be found again.
        ended = {"expires_at": {"$lt": now}}
        expired = list(self._bets.find(ended, _PLACE))
        if expired:
            condition = {"_id": {"$in": [document["_id"] for document in expired]}, **ended}
            self.removed += self._bets.delete_many(condition).deleted_count
        found: dict[int, set[MarketPlace]] = {}
        for document in [*expired, *self._begun(now)]:
            found.setdefault(document["event_id"], set()).add((document["segment"], document["book_market"]))
        return dict(found)

    def refresh(self, works: Sequence[Work]) -> set[int]:
        now = self._clock.now_ms()
        scopes: dict[int, _Scope] = {}
        for work in works:
            places = self._candidates.to_look_at(work)
            if places or work.dirty.everything:
                found = self._look_at(work, places, now)
                scopes[work.fixture.id] = _Scope(work.fixture, None if work.dirty.everything else places, found)
        operations: list[Operation] = []
        wrote: set[int] = set()
        for number, stored in self._stored(scopes).items():
            own = self._operations(scopes[number], stored, now)
            if own:
                wrote.add(number)
                operations += own
        written, removed = write(self._bets, operations)
        self.written += written
        self.removed += removed
        return wrote

    def _look_at(self, work: Work, places: Iterable[MarketPlace], now: int) -> dict[str, Found]:
        found: dict[str, Found] = {}
        for place in places:
            books = lines_of(work.books, place)
            if len(books) > 1 and self._candidates.leaves_margin(work.fixture, place, books):
                found.update(_arbitrages_in(place, books, work.fixture, self._rule, now))
        return found

    def _begun(self, now: datetime) -> list[Document]:
        """The arbitrages, made before the kick-off, of fixtures that are no longer waiting for it."""
        ids = self._bets.distinct("event_id", {"in_play": False})
        if not ids:
            return []
        begun = {"id": {"$in": ids}, "$or": [{"status": {"$in": ["live", *OVER]}}, {"kickoff": {"$lte": now}}]}
        started = [document["id"] for document in self._fixtures.find(begun, {"_id": 0, "id": 1})]
        return list(self._bets.find({"event_id": {"$in": started}, "in_play": False}, _PLACE)) if started else []

    def _stored(self, scopes: Mapping[int, _Scope]) -> dict[int, dict[str, Document]]:
        stored: dict[int, dict[str, Document]] = {number: {} for number in scopes}
        if stored:
            for document in self._bets.find({"event_id": {"$in": list(scopes)}}, _READ):
                if scopes[document["event_id"]].covers(document):
                    stored[document["event_id"]][document["_id"]] = document
        return stored

    def _operations(self, scope: _Scope, stored: Mapping[str, Document], now: int) -> list[Operation]:
        operations: list[Operation] = [DeleteOne({"_id": key}) for key in stored.keys() - scope.found.keys()]
        for key, each in scope.found.items():
            values = self._document(scope.fixture, each, now)
            known = stored.get(key)
            if known is None or known["mark"] != values["mark"]:
                same_legs = known is not None and known["legs_mark"] == values["legs_mark"]
                operations.append(_upsert(key, values, moment_of(now), same_legs))
        return operations

    def _document(self, fixture: Fixture, found: Found, now: int) -> Document:
        bet = found.bet
        values: Document = {
            **msgspec.structs.asdict(bet),
            "event_id": Int64(fixture.id),
            "event_name": f"{fixture.home} vs {fixture.away}",
            "league": f"{fixture.country} - {fixture.league}" if fixture.country else fixture.league,
            "legs": [_leg(leg) for leg in bet.legs],
            "in_play": _is_in_play(fixture, now),
            "segment": found.place[0],
            "book_market": found.place[1],
            "expires_at": moment_of(found.expires_at),
            "source": self._source,
        }
        values["mark"] = _mark([values["event_name"], values["league"], values["in_play"], found.expires_at, bet])
        values["legs_mark"] = _mark([(leg.bookmaker, leg.side, leg.is_lay, leg.odds) for leg in bet.legs])
        return values


@dataclass(frozen=True, slots=True)
class _Scope:
    """What was looked at in a fixture (None: all of it), and what was found."""

    fixture: Fixture
    places: set[MarketPlace] | None
    found: Mapping[str, Found]

    def covers(self, document: Mapping[str, Any]) -> bool:
        return self.places is None or (document["segment"], document["book_market"]) in self.places


def _arbitrages_in(
    place: MarketPlace, books: Sequence[Book], fixture: Fixture, rule: ArbitrageRule, now: int
) -> dict[str, Found]:
    if fixture.status in OVER:
        return {}
    in_play = _is_in_play(fixture, now)
    return {
        f"{fixture.id}|{bet.key}": Found(place, bet, _expires_at(bet, fixture, rule, in_play))
        for bet in find_arbitrages(place[1], fixture.sport, books, rule, now, in_play=in_play)
    }


def _leg(leg: Leg) -> Document:
    values = msgspec.structs.asdict(leg)
    values["lay"] = values.pop("is_lay")
    values["updated_at"] = moment_of(leg.updated_at)
    return values


def _upsert(key: str, values: Document, now: datetime, same_legs: bool) -> UpdateOne:
    """Renewed with the same legs it is the same arbitrage; with others it is a new one."""
    fields = {**values, "last_updated": now}
    if same_legs:
        return UpdateOne({"_id": key}, {"$set": fields, "$setOnInsert": {"created_at": now}}, upsert=True)
    return UpdateOne({"_id": key}, {"$set": {**fields, "created_at": now}}, upsert=True)


def _is_in_play(fixture: Fixture, now: int) -> bool:
    return fixture.status == "live" or fixture.kickoff <= now


def _expires_at(bet: Arbitrage, fixture: Fixture, rule: ArbitrageRule, in_play: bool) -> int:
    """When the first leg gets too old: from the kick-off on, in-play ages count."""
    oldest = min(leg.updated_at for leg in bet.legs)
    ends = [] if bet.expires_at is None else [bet.expires_at]
    if not in_play and rule.max_age_in_play is not None:
        ends.append(max(fixture.kickoff, oldest + rule.max_age_in_play))
    return min(ends, default=_NEVER)


def _mark(values: object) -> Int64:
    return Int64(int.from_bytes(blake2b(_encode(values), digest_size=8).digest(), "big", signed=True))


_NEVER = 253_402_300_799_000  # the last second of the year 9999, the latest that BSON's readers in Python take
