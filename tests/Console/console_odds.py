"""Odds and bets for the tests of the console's pages, stored as the services store them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import pytest
from bson import Int64
from pymongo.database import Database

from PROPPR.Console import errors
from PROPPR.Console.readings import bounds, ledger
from PROPPR.SharedServices.odds.drops import DropRule
from PROPPR.SharedServices.odds.times import milliseconds_of
from PROPPR.SharedServices.odds.types import Fixture, Line, MarketUpdate
from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.storage.books.plan import plan
from PROPPR.SharedServices.storage.books.store import BookStore
from PROPPR.SharedServices.storage.fixtures import FixtureStore

Document = dict[str, Any]
NOW: Final = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOSTILE: Final = """<script>alert("1")</script><img src=x onerror='alert(2)'>&amp;{{ 7 * 7 }}"""
"""A name that would do harm if it were not escaped."""


def be_patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let queries take their time: tests are not about how busy the machine is."""
    for module, name in ((bounds, "SECONDS"), (ledger, "SECONDS"), (errors, "LONGEST_REQUEST")):
        monkeypatch.setattr(module, name, 60.0)


def minutes(number: float) -> timedelta:
    """So many minutes."""
    return timedelta(minutes=number)


class World:
    """A prepared database, filled through the code that stores the real odds."""

    def __init__(self, database: Database[Document]) -> None:
        self.database = database
        self.clock = ManualClock(NOW)
        self._sequence = 0
        self._fixtures = FixtureStore(database, self.clock)

    def fixture(self, number: int, kickoff: datetime, status: str = "pending", **values: Any) -> int:
        """Register a fixture of the league "England - First Division"."""
        named: Document = {
            "home": f"Home {number}", "away": f"Away {number}", "sport": "football", "league": "First Division",
            "country": "England", "date": f"{kickoff:%Y-%m-%dT%H:%M:%SZ}", **values,
        }  # fmt: skip
        at = milliseconds_of(kickoff)
        self._fixtures.upsert_many([Fixture(id=number, kickoff=at, status=status, **named)], "api_poller")
        return number

    def quote(
        self, number: int, bookmaker: str, market: str, *lines: Line, at: datetime = NOW, is_player: bool = False
    ) -> None:
        """A bookmaker quotes a market: what changes goes to the history, what falls to the drops."""
        self._sequence += 1
        clock = ManualClock(at)
        store = BookStore(self.database, clock, DropRule(Decimal("0.05")))
        update = MarketUpdate(number, bookmaker, bookmaker, market, is_player, clock.now_ms(), self._sequence, lines)
        store.record(store.commit(plan(store.load([number])[number], [update])).history)

    def value(self, name: str, **values: Any) -> None:
        """A price above the sharp one: 2.10 against 1.93."""
        self.database["all_value_bets"].insert_one(
            {"_id": name, "event_id": Int64(1), "event_name": "Home 1 - Away 1", "league": "England - First Division",
             "market_name": "ML", "market_hdp": None, "bet_side": "home", "player_name": name, "label": None,
             "bookmaker": "Bet365", "bookmaker_odds": {"home": 2.1, "away": 3.0}, "sharp_source": "M88",
             "sharp_odds": {"home": 1.93}, "expected_value": 108.8, "fair_odds": 2.0173, "fair_expected_value": 104.1,
             "margin_method": "power", "created_at": NOW, "last_updated": NOW, "expires_at": NOW + minutes(60),
             "source": "websocket", **values}
        )  # fmt: skip

    def arbitrage(self, name: str, **values: Any) -> None:
        """Two bookmakers of which one lays, 4 % for certain."""
        legs = [
            {"bookmaker": "Bet365", "side": "home", "lay": False, "hdp": -0.5, "odds": 2.2, "commission": 0.0,
             "effective_odds": 2.2, "stake": 60.0, "liability": None, "potential_return": 104.0, "updated_at": NOW},
            {"bookmaker": "Betfair Exchange", "side": "away", "lay": True, "hdp": 0.5, "odds": 1.5, "commission": 0.05,
             "effective_odds": 2.9, "stake": 80.0, "liability": 40.0, "potential_return": 104.0, "updated_at": NOW},
        ]  # fmt: skip
        self.database["arbitrage_bets"].insert_one(
            {"_id": name, "event_id": Int64(1), "event_name": "Home 1 - Away 1", "league": "England - First Division",
             "market_name": "Spread", "market_hdp": -0.5, "label": None, "player_name": name, "legs": legs,
             "margin": 0.04, "implied_probability": 0.96, "total_stake": 100.0, "guaranteed_return": 104.0,
             "max_stake": 250.0, "probable_error": False, "in_play": False, "created_at": NOW - minutes(2),
             "last_updated": NOW, "expires_at": NOW + minutes(8), "source": "websocket", "segment": "team",
             "book_market": "Spread", "mark": Int64(1), "legs_mark": Int64(1), **values}
        )  # fmt: skip

    def drop(self, name: str, **values: Any) -> None:
        """A price that fell by a fifth; `...` leaves a field out."""
        drop = {
            "_id": name, "fixture_id": Int64(1), "is_player": False, "timestamp": NOW, "recorded_at": NOW,
            "bookmaker": "Bet365", "market": "Totals", "side": "over", "hdp": 2.5, "old_odds": 2.5, "new_odds": 2.0,
            "drop_pct": 20.0,
        }  # fmt: skip
        kept = {field: value for field, value in {**drop, **values}.items() if value is not ...}
        self.database["price_drops"].insert_one(kept)

    def bet(self, bet_id: object, collection: str = "team_tracked_bets", **values: Any) -> None:
        """A settled bet that won 9 on 10; `...` leaves a field out."""
        bet = {
            "bet_id": bet_id, "status": "won", "bookmaker": "Bet365", "market_name": "Totals", "direction": "over",
            "threshold": 2.5, "odds": 1.9, "stake": 10, "kickoff": NOW - minutes(180), "settled_at": NOW - minutes(30),
            "returns": 19.0, "profit_loss": 9.0, "actual_value": 3,
            "grading": {"match_id": 4_000_001, "rule": "over/under", "reason": None},
        }  # fmt: skip
        kept = {name: value for name, value in {**bet, **values}.items() if value is not ...}
        self.database[collection].insert_one(kept)

    def waiting(self, bet_id: object, reason: str, collection: str = "team_tracked_bets", **values: Any) -> None:
        """A bet that the grader has looked at and that waits."""
        graded = {"match_id": 4_000_001, "rule": None, "reason": reason, "since": NOW - minutes(90)}
        gone = dict.fromkeys(("settled_at", "returns", "profit_loss", "actual_value"), ...)
        self.bet(bet_id, collection, **{"status": "pending", "grading": graded, **gone, **values})
