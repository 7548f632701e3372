"""Whether value bets and arbitrages are what the stored books say, document by document."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from pymongo.database import Database

from PROPPR.SharedServices.ingest.pipeline import arbitrage_rule, value_rule
from PROPPR.SharedServices.odds.drops import DropRule
from PROPPR.SharedServices.odds.types import Fixture
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.books.state import FixtureBooks
from PROPPR.SharedServices.storage.books.store import BookStore
from PROPPR.SharedServices.storage.derived.arbitrage_bets import arbitrages_of
from PROPPR.SharedServices.storage.derived.value_bets import bets_of, places_of
from PROPPR.SharedServices.storage.fixtures import FixtureStore

CLOCK = SystemClock()
PAUSE = threading.Event()
CHUNK = 20
Document = dict[str, Any]


@dataclass
class Derived:
    """What was compared, and what is missing, surplus or wrong."""

    value_bets: int = 0
    arbitrages: int = 0
    faults: list[str] = field(default_factory=list)


def check_derived(database: Database[Document], settings: Settings, patience: float = 45.0) -> Derived:
    """Compare until all is right or patience ends: a dead service's debt is taken over after fifteen seconds."""
    deadline = CLOCK.monotonic() + patience
    fixtures = sorted(database["odds_books"].distinct("fixture_id"))
    found = Derived()
    for start in range(0, len(fixtures), CHUNK):
        chunk = fixtures[start : start + CHUNK]
        compared = _compare(database, chunk, settings)
        while compared.faults and CLOCK.monotonic() < deadline:
            PAUSE.wait(0.5)
            compared = _compare(database, chunk, settings)
        found.value_bets += compared.value_bets
        found.arbitrages += compared.arbitrages
        found.faults += compared.faults
    return found


def _compare(database: Database[Document], ids: Iterable[int], settings: Settings) -> Derived:
    found = Derived()
    books = BookStore(database, CLOCK, DropRule(Decimal("0.05"))).load(ids)
    for number, fixture in FixtureStore(database, CLOCK).get(ids).items():
        _compare_bets(database, fixture, books[number], settings, found)
        _compare_arbitrages(database, fixture, books[number], settings, found)
    return found


def _compare_bets(
    database: Database[Document], fixture: Fixture, books: FixtureBooks, settings: Settings, found: Derived
) -> None:
    """In play a bet whose prices stand still for ten minutes expires: there, missing ones are no fault."""
    right = {key: bet for key, (_, bet) in bets_of(books, places_of(books), value_rule(settings)).items()}
    stored = _valid(database, "all_value_bets", fixture.id)
    found.value_bets += len(stored)
    for key in stored.keys() | right.keys():
        bet, document = right.get(key), stored.get(key)
        if bet is None or document is None:
            if document is not None or fixture.kickoff > CLOCK.now_ms():
                found.faults.append(f"value bet {'surplus' if bet is None else 'missing'}: {key}")
        elif (bet.bookmaker_odds, bet.sharp_odds) != (document["bookmaker_odds"], document["sharp_odds"]):
            found.faults.append(f"value bet from other prices: {key}")


def _compare_arbitrages(
    database: Database[Document], fixture: Fixture, books: FixtureBooks, settings: Settings, found: Derived
) -> None:
    places = {(segment, market) for segment, _, market in places_of(books)}
    right = arbitrages_of(books, places, fixture, arbitrage_rule(settings), CLOCK.now_ms())
    stored = _valid(database, "arbitrage_bets", fixture.id)
    found.arbitrages += len(stored)
    for key in stored.keys() | right.keys():
        each, document = right.get(key), stored.get(key)
        expected = None if each is None else [(leg.bookmaker, leg.side, leg.odds) for leg in each.bet.legs]
        legs = document and [(leg["bookmaker"], leg["side"], leg["odds"]) for leg in document["legs"]]
        if expected != legs:
            found.faults.append(f"arbitrage {key}: {legs} instead of {expected}")


def _valid(database: Database[Document], name: str, fixture_id: int) -> dict[str, Document]:
    condition = {"event_id": fixture_id, "expires_at": {"$gt": CLOCK.now()}}
    return {document["_id"]: document for document in database[name].find(condition)}
