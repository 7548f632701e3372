"""Value bets follow the books, on a real MongoDB."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from pymongo.database import Database
from support import eventually

from PROPPR.SharedServices.odds.drops import DropRule
from PROPPR.SharedServices.odds.types import BookUpdate, FeedCleared, Fixture, Line, MarketUpdate
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.storage.books.store import BookStore
from PROPPR.SharedServices.storage.books.writer import BookWriter
from PROPPR.SharedServices.storage.collections import ensure_collections
from PROPPR.SharedServices.storage.fixtures import FixtureStore
from PROPPR.SharedServices.storage.value_bets import ValueBetWriter, ValueRule

Document = dict[str, Any]
CLOCK = SystemClock()
RULE = ValueRule(("M88", "FB Sports"))


class Rig:
    def __init__(self, database: Database[Document]) -> None:
        self.bets = database["all_value_bets"]
        self.store = BookStore(database, CLOCK, DropRule(Decimal("0.05")))
        self.values = ValueBetWriter(database, CLOCK, RULE, FixtureStore(database, CLOCK).get, "websocket")
        self.done: list[int] = []
        self.writer = BookWriter(
            self.store,
            CLOCK,
            on_done=lambda tickets, _: self.done.extend(tickets),
            set_aside=lambda *found: pytest.fail(str(found)),
            listeners=[self.values],
        )
        self.writer.start()
        self.values.start()
        self.tickets = 0

    def submit(self, *updates: BookUpdate) -> None:
        self.tickets += 1
        self.writer.submit(updates, ticket=self.tickets, received_at=CLOCK.monotonic())
        eventually(lambda: len(self.done) == self.tickets)

    def found(self) -> dict[tuple[str, str], float]:
        return {(bet["bookmaker"], bet["bet_side"]): bet["expected_value"] for bet in self.bets.find()}

    def stop(self) -> None:
        self.writer.stop(CLOCK.monotonic() + 5)
        self.values.stop(CLOCK.monotonic() + 5)


def quote(bookmaker: str, home: float, away: float, at: int) -> MarketUpdate:
    return MarketUpdate(7, bookmaker, bookmaker, "Draw No Bet", False, at, at, (Line(home=home, away=away),))


@pytest.fixture
def rig(database: Database[Document]) -> Iterator[Rig]:
    ensure_collections(database)
    kickoff = CLOCK.now_ms() + 3_600_000
    date = "2026-01-01T00:00:00Z"
    fixture = Fixture(7, "Home", "Away", "football", "Premier League", "England", date, kickoff, "pending")
    FixtureStore(database, CLOCK).upsert_many([fixture], "websocket")
    rig = Rig(database)
    yield rig
    rig.stop()


def test_the_worked_example_is_stored_and_goes_with_its_price(rig: Rig) -> None:
    rig.submit(quote("M88", 1.93, 1.90, 1))
    rig.submit(quote("Bet365", 2.10, 1.75, 2))
    bet = eventually(rig.bets.find_one)
    assert (bet["expected_value"], bet["fair_expected_value"], bet["margin_method"]) == (108.8, 104.1, "power")
    assert (bet["event_name"], bet["league"]) == ("Home vs Away", "England - Premier League")
    assert (bet["bet_side"], bet["sharp_source"], bet["market_hdp"]) == ("home", "M88", None)
    rig.submit(quote("Bet365", 1.90, 1.75, 3))
    eventually(lambda: not rig.found(), what="the value bet to go")


def test_a_sharp_price_that_moves_is_held_against_every_bookmaker(rig: Rig) -> None:
    rig.submit(quote("M88", 1.93, 1.90, 1))
    rig.submit(quote("Bet365", 1.90, 1.90, 2))
    rig.submit(quote("BetOnline.ag", 1.88, 1.85, 3))
    eventually(lambda: rig.found() == {("Bet365", "away"): 100.0})
    rig.submit(quote("M88", 1.80, 2.00, 4))
    eventually(lambda: rig.found() == {("Bet365", "home"): 105.6, ("BetOnline.ag", "home"): 104.4})
    rig.submit(FeedCleared(7, "M88", "M88", 5, 5, "no_markets"))
    eventually(lambda: not rig.found(), what="no value without a sharp price")


def test_what_a_dead_process_left_wrong_is_put_right(rig: Rig) -> None:
    rig.submit(quote("M88", 1.93, 1.90, 1))
    rig.submit(quote("Bet365", 2.10, 1.75, 2))
    right = eventually(rig.found)
    bet = rig.bets.find_one() or {}
    rig.bets.update_one({"_id": bet["_id"]}, {"$set": {"expected_value": 150.0}})
    rig.bets.insert_one({**bet, "_id": "left over", "bet_side": "away"})
    assert rig.values.reconcile(rig.store.load) == 1
    eventually(lambda: rig.found() == right, what="the collection to follow from the books again")
