"""Every reading of fixtures, odds and bets finds what it wants by an index, and asks for a bounded number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from console_explain import listening, unbounded, whole_scans
from console_odds import NOW, World, be_patient, minutes
from pymongo import MongoClient
from pymongo.database import Database

from PROPPR.Console.readings import arbitrages, bets, drops, fixture, fixture_bets, fixtures, ledger, prices, value
from PROPPR.Console.readings.books import LineKey
from PROPPR.SharedServices.odds.types import Line
from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.collections import ensure_collections

Documents = Database[dict[str, Any]]
LEAGUE: Final = "England - First Division"
# Bounded by nature: the books of given fixtures, the states of given matches.
OF_GIVEN: Final = {"odds_books", "fotmob_matches"}


def _fixture(database: Documents) -> None:
    head = fixture.read_head(database, NOW, 1)
    assert head is not None
    fixture.seen_of(database, 1)
    assert fixture.read_book(database, head, "ML").market is not None
    fixture.read_surroundings(database, NOW, head)


READINGS: Final[dict[str, Callable[[Documents], object]]] = {
    **{
        f"fixtures, {shown}": lambda database, shown=shown: fixtures.read_fixtures(
            database, NOW, fixtures.FixtureFilter(shown=shown)
        )
        for shown in fixtures.SHOWN
    },
    **{
        f"some fixtures, {shown}": lambda database, shown=shown: fixtures.read_fixtures(
            database, NOW, fixtures.FixtureFilter("home", LEAGUE, shown, 3)
        )
        for shown in fixtures.SHOWN
    },
    "leagues": lambda database: fixtures.read_leagues(database, NOW),
    "a fixture": _fixture,
    "prices": lambda database: prices.read_courses(database, 1, NOW, prices.Choice("ML", "home")),
    "prices of a player": lambda database: prices.read_courses(
        database, 1, NOW, prices.Choice("Player Props - Shots", "over", LineKey("A Man", "x", 1.5))
    ),
    "closing prices": lambda database: prices.read_closing(database, 1, NOW, "ML"),
    "bets on a fixture": lambda database: fixture_bets.read_fixture_bets(database, 1, NOW, 4_000_001),
    "drops": lambda database: drops.read_drops(database, NOW, drops.DropFilter()),
    "some drops": lambda database: drops.read_drops(database, NOW, drops.DropFilter(5, "Bet365", LEAGUE)),
    "value bets": lambda database: value.read_values(database, NOW, value.ValueFilter()),
    "some value bets": lambda database: value.read_values(
        database, NOW, value.ValueFilter(101, "Bet365", LEAGUE, "home", "best")
    ),
    "arbitrages": lambda database: arbitrages.read_arbitrages(database, NOW, arbitrages.ArbitrageFilter()),
    "some arbitrages": lambda database: arbitrages.read_arbitrages(
        database, NOW, arbitrages.ArbitrageFilter(0.01, LEAGUE, False)
    ),
    "bets": lambda database: bets.read_bets(database, NOW, bets.BetFilter()),
    "some bets": lambda database: bets.read_bets(database, NOW, bets.BetFilter("player", NOW, 2)),
    **{
        f"bet {bet_id}": lambda database, bet_id=bet_id: bets.read_explanation(
            database, Settings(), ManualClock(NOW), bet_id
        )
        for bet_id in ("1", "a", "nobody", "6a1f0c7e9d5b4e3f2a1c0b9d")
    },
    "ledger": lambda database: ledger.LedgerReader(database).read(None, None),
    "ledger of a time": lambda database: ledger.LedgerReader(database).read(NOW - minutes(60), NOW),
}


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    be_patient(monkeypatch)


@pytest.fixture(scope="module")
def filled(mongo_client: MongoClient[dict[str, Any]]) -> Iterator[Documents]:
    database = mongo_client["queries_of_odds"]
    ensure_collections(database)
    world = World(database)
    for number in range(1, 31):
        world.fixture(number, NOW + minutes(number - 15), ("pending", "live", "settled")[number % 3])
        world.drop(f"d{number}", recorded_at=NOW - minutes(number))
        world.value(f"v{number}", last_updated=NOW - minutes(number), expires_at=NOW + minutes(number - 5))
        world.arbitrage(f"a{number}", last_updated=NOW - minutes(number), expires_at=NOW + minutes(number - 5))
        world.bet(number if number % 2 else str(number), settled_at=NOW - minutes(number))
        world.bet(f"p{number}", "player_tracked_bets", status="Win", market_name=..., stat_type="shots")
        world.waiting(f"w{number}", "no result: not there", kickoff=NOW - minutes(number - 10), fixture_id=number)
    for at in (90, 60, 30):
        world.quote(1, "Bet365", "ML", Line(home=2.0 + at / 100, draw=3.4, away=3.6), at=NOW - minutes(at))
    yield database
    mongo_client.drop_database(database)


@pytest.mark.parametrize("reading", READINGS)
def test_each_query_uses_an_index_and_is_bounded(filled: Documents, mongo_uri: str, reading: str) -> None:
    with listening(mongo_uri, filled.name) as (database, queries):
        READINGS[reading](database)
        asked = list(queries.commands)
        assert asked or reading.startswith("bet ")
        assert whole_scans(database, queries) == set()
    queries.commands = [each for each in asked if str(next(iter(each.values()))) not in OF_GIVEN]
    sums_of_bets = reading.startswith(("ledger", "bets", "some bets"))
    assert sums_of_bets or unbounded(queries) == []
