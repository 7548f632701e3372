"""What two services derive, whatever they store, at whatever moments, and whenever they die: it equals the books."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from derived_rig import CLOCK, quote, register
from interleaving import Action, World
from pymongo.database import Database

from PROPPR.SharedServices.odds.arbitrage import ArbitrageRule
from PROPPR.SharedServices.odds.drops import DropRule
from PROPPR.SharedServices.odds.times import moment_of
from PROPPR.SharedServices.odds.types import FeedCleared, Source
from PROPPR.SharedServices.storage.books.store import BookStore
from PROPPR.SharedServices.storage.derived import dirty, follower
from PROPPR.SharedServices.storage.derived.arbitrage_bets import ArbitrageBets, arbitrages_of
from PROPPR.SharedServices.storage.derived.product import Product
from PROPPR.SharedServices.storage.derived.value_bets import ValueBets, ValueRule, bets_of, places_of
from PROPPR.SharedServices.storage.fixtures import FixtureStore

Document = dict[str, Any]
RULE = ValueRule(("M88", "FB Sports"))
BOOKMAKERS = ("M88", "M88", "FB Sports", "Bet365", "Unibet")
MARKETS = ("Draw No Bet", "ML HT")
PRICES = (1.8, 1.95, 2.1)
FIXTURES = (7,)


ANY_AGE = ArbitrageRule(max_age=None, max_age_in_play=None)


def products(database: Database[Document], source: Source) -> Sequence[Product]:
    return [ValueBets(database, CLOCK, RULE, source), ArbitrageBets(database, CLOCK, ANY_AGE, source)]


def stored_arbitrages(database: Database[Document]) -> dict[str, tuple[Any, ...]]:
    found = database["arbitrage_bets"].find()
    return {
        bet["_id"]: (
            bet["margin"],
            [(leg["bookmaker"], leg["side"], leg["odds"], leg["updated_at"]) for leg in bet["legs"]],
        )
        for bet in found
    }


def right_arbitrages(database: Database[Document]) -> dict[str, tuple[Any, ...]]:
    fixtures = FixtureStore(database, CLOCK).get(FIXTURES)
    loaded = BookStore(database, CLOCK, DropRule(Decimal("0.05"))).load(FIXTURES)
    return {
        key: (
            found.bet.margin,
            [(leg.bookmaker, leg.side, leg.odds, moment_of(leg.updated_at)) for leg in found.bet.legs],
        )
        for number, books in loaded.items()
        for key, found in arbitrages_of(
            books, {(place[0], place[2]) for place in places_of(books)}, fixtures[number], ANY_AGE, CLOCK.now_ms()
        ).items()
    }


def stored(database: Database[Document]) -> dict[str, tuple[Any, ...]]:
    return {
        bet["_id"]: (bet["expected_value"], bet["bookmaker_odds"], bet["sharp_source"], bet["sharp_odds"])
        for bet in database["all_value_bets"].find()
    }


def right(database: Database[Document]) -> dict[str, tuple[Any, ...]]:
    loaded = BookStore(database, CLOCK, DropRule(Decimal("0.05"))).load(FIXTURES)
    return {
        key: (bet.expected_value, bet.bookmaker_odds, bet.sharp_source, bet.sharp_odds)
        for books in loaded.values()
        for key, (_, bet) in bets_of(books, places_of(books), RULE).items()
    }


COMMANDS = [
    *(("find", name) for name in ("odds_books", "fixtures", "all_value_bets", "arbitrage_bets")),
    *(("update", name) for name in ("odds_books", "all_value_bets", "arbitrage_bets")),
]


class Script:
    """Actions whose updates come ever later."""

    def __init__(self, seed: int = 0) -> None:
        self.random = Random(seed)
        self.time = 0

    def quote(self, service: int, bookmaker: str, home: float, away: float = 1.9, **more: Any) -> Action:
        self.time += 1
        return ("commit", service, (quote(bookmaker, home, away, self.time, **more),))

    def price(self, service: int) -> Action:
        """One to three markets of one or two bookmakers move."""
        quotes = [
            self.quote(service, bookmaker, *self.random.choices(PRICES, k=2), market=market)[2][0]
            for bookmaker in self.random.sample(BOOKMAKERS, self.random.choice((1, 1, 2)))
            for market in self.random.sample(MARKETS, self.random.choice((1, 1, 2)))
        ]
        return ("commit", service, tuple(quotes))

    def any(self) -> Action:
        choice, service = self.random.random(), self.random.randrange(2)
        if choice < 0.45:
            return self.price(service)
        if choice < 0.5:
            self.time += 1
            bookmaker = self.random.choice(BOOKMAKERS)
            gone = FeedCleared(self.random.choice(FIXTURES), bookmaker, bookmaker, self.time, self.time, "no_markets")
            return ("commit", service, (gone,))
        if choice < 0.75:
            return ("turn", service, None)
        return ("rest", 0, None) if choice < 0.985 else ("kill", service, None)


@pytest.fixture
def database(collections: Database[Document]) -> Database[Document]:
    return collections


@pytest.fixture
def world(database: Database[Document], mongo_uri: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(follower, "GATHER_SECONDS", 0.0)
    monkeypatch.setattr(follower, "IDLE_SECONDS", 0.0)
    monkeypatch.setattr(dirty, "CONFIRMED_WAIT", 0.0)
    register(database, *FIXTURES)
    world = World(mongo_uri, database.name, products)
    yield world
    world.close()


def check(world: World, database: Database[Document]) -> None:
    world.settle()
    assert stored(database) == right(database)
    assert stored_arbitrages(database) == right_arbitrages(database)


@pytest.mark.parametrize("seed", range(4))
def test_at_quiet_all_is_as_the_books_say(seed: int, world: World, database: Database[Document]) -> None:
    script = Script(seed)
    for _ in range(20):
        world.play([script.any() for _ in range(8)])
        check(world, database)


@pytest.mark.parametrize("seed", range(3))
def test_at_quiet_all_is_as_the_books_say_after_a_race(seed: int, world: World, database: Database[Document]) -> None:
    """At some command of one service's turn the other one stores a price and does its own turn, or both die."""
    script = Script(seed)
    for _ in range(25):
        service, nth = script.random.randrange(2), script.random.choice((1, 1, 2))
        meanwhile = [script.price(1 - service), ("turn", 1 - service, None)]
        if script.random.random() < 0.1:
            meanwhile.append(("kill", script.random.randrange(2), None))
        world.at(service, *script.random.choice(COMMANDS), *meanwhile, nth=nth)
        world.play_in_turn(script.price(service), ("turn", service, None))
        if script.random.random() < 0.7:
            check(world, database)


def start(world: World, script: Script, database: Database[Document]) -> None:
    """Both services know the books: the first wrote the soft price, the second the sharp one."""
    world.play_in_turn(script.quote(0, "Bet365", 1.95), script.quote(1, "M88", 1.95))
    world.settle()
    assert {key.split("|")[3] for key in stored(database)} == {"home", "away"}


def test_a_price_that_the_other_service_moved_is_not_missed(world: World, database: Database[Document]) -> None:
    script = Script()
    start(world, script, database)
    world.play_in_turn(
        script.quote(1, "M88", 2.1), ("turn", 1, None), script.quote(0, "Bet365", 2.0), ("turn", 0, None)
    )
    assert stored(database) == right(database) != {}


def test_what_the_other_service_found_is_removed_too(world: World, database: Database[Document]) -> None:
    script = Script()
    start(world, script, database)
    world.play_in_turn(
        script.quote(1, "Bet365", 2.1), ("turn", 1, None), script.quote(0, "Bet365", 1.8), ("turn", 0, None)
    )
    assert {key.split("|")[3] for key in stored(database)} == {"away"}


def test_an_older_computation_that_is_written_last_is_found_out(world: World, database: Database[Document]) -> None:
    script = Script()
    start(world, script, database)
    world.at(0, "update", "all_value_bets", script.quote(1, "M88", 2.1), ("turn", 1, None))
    world.play_in_turn(script.quote(0, "Bet365", 2.0), ("turn", 0, None))
    assert stored(database) != right(database), "the test's premise: the first service wrote from old books"
    world.play_in_turn(("turn", 0, None))
    assert stored(database) == right(database)


def test_a_price_that_comes_back_is_compared_with_what_is_stored(world: World, database: Database[Document]) -> None:
    """Between two computations of the first service with the same outcome, the second one wrote another."""
    script = Script()
    start(world, script, database)
    world.play_in_turn(script.quote(1, "FB Sports", 1.8), script.quote(0, "M88", 1.8), ("turn", 1, None))
    world.play_in_turn(script.quote(0, "M88", 1.95), ("turn", 0, None))
    assert stored(database) == right(database)


@pytest.mark.parametrize("moment", [("find", "odds_books"), ("update", "all_value_bets"), ("find", "all_value_bets")])
def test_what_a_service_owed_when_it_died_is_done_by_the_other(
    world: World, database: Database[Document], moment: tuple[str, str]
) -> None:
    script = Script()
    start(world, script, database)
    world.at(0, *moment, ("kill", 0, None))
    world.play_in_turn(script.quote(0, "Bet365", 2.1), ("turn", 0, None))
    assert world.kills == 1
    assert stored(database) != right(database)
    world.settle()
    assert stored(database) == right(database)


def test_a_service_that_dies_before_it_looked_again_is_no_harm(world: World, database: Database[Document]) -> None:
    script = Script()
    start(world, script, database)
    world.at(0, "update", "all_value_bets", script.quote(1, "M88", 2.1), ("turn", 1, None))
    world.at(0, "find", "odds_books", ("kill", 0, None), nth=2)
    world.play_in_turn(script.quote(0, "Bet365", 2.0), ("turn", 0, None))
    assert world.kills == 1
    assert stored(database) != right(database)
    world.settle()
    assert stored(database) == right(database)


def test_a_confirmation_completes_what_the_other_service_made_possible(
    world: World, database: Database[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A leg that was too old when the other one arose counts again once it is confirmed, by whichever service."""
    monkeypatch.setattr(sys.modules[__name__], "ANY_AGE", ArbitrageRule(max_age=60_000))
    world.restart()
    now = CLOCK.now_ms()
    world.play_in_turn(
        ("commit", 0, (quote("Bet365", 2.1, 1.8, now - 120_000), quote("Unibet", 1.8, 1.8, now - 120_000))),
        ("turn", 0, None),
        ("commit", 1, (quote("Unibet", 1.8, 2.1, now),)),
        ("turn", 1, None),
    )
    assert not stored_arbitrages(database)
    world.play_in_turn(("commit", 0, (quote("Bet365", 2.1, 1.8, now),)), ("turn", 0, None))
    assert len(stored_arbitrages(database)) == 1
