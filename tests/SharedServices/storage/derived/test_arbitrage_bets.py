"""Arbitrages follow the books, the clock and the registry, on a real MongoDB and with a clock of the test's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from derived_rig import quote, register
from interleaving import Service
from pymongo.database import Database

from PROPPR.SharedServices.odds.arbitrage import ArbitrageRule
from PROPPR.SharedServices.odds.types import FeedCleared, Line, MarketUpdate, Source
from PROPPR.SharedServices.service.clock import ManualClock, SystemClock
from PROPPR.SharedServices.storage.derived import dirty, follower
from PROPPR.SharedServices.storage.derived.arbitrage_bets import ArbitrageBets
from PROPPR.SharedServices.storage.fixtures import FixtureStore

Document = dict[str, Any]
RULE = ArbitrageRule(max_age=600_000, max_age_in_play=10_000, commissions={"Betfair Exchange": 0.05})
HOUR = 3_600_000


class Rig:
    """One service, turned by hand."""

    def __init__(self, database: Database[Document]) -> None:
        self.clock = ManualClock(SystemClock().now().replace(microsecond=0))
        self.database = database
        self.bets = database["arbitrage_bets"]
        self.kickoff = self.clock.now_ms() + HOUR
        self.service = Service(database, self._products, clock=self.clock)
        self.register()

    def _products(self, database: Database[Document], source: Source) -> Sequence[ArbitrageBets]:
        return [ArbitrageBets(database, self.clock, RULE, source)]

    def register(self, **changes: Any) -> None:
        register(self.database, 7, clock=self.clock, **{"kickoff": self.kickoff, **changes})

    def quote(self, bookmaker: str, home: float, away: float, age: float = 0.0, **more: Any) -> None:
        at = self.clock.now_ms() - round(age * 1000)
        self.service.commit([quote(bookmaker, home, away, at, **more)])
        self.turn()

    def turn(self) -> None:
        while self.service.turn():
            pass

    def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.turn()

    def only(self) -> Document:
        (bet,) = self.bets.find()
        return bet

    def legs(self) -> list[tuple[str, str, float]]:
        return [(leg["bookmaker"], leg["side"], leg["odds"]) for bet in self.bets.find() for leg in bet["legs"]]

    def at(self, milliseconds: int) -> datetime:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)


@pytest.fixture
def database(collections: Database[Document]) -> Database[Document]:
    return collections


@pytest.fixture
def rig(database: Database[Document], monkeypatch: pytest.MonkeyPatch) -> Rig:
    monkeypatch.setattr(follower, "GATHER_SECONDS", 0.0)
    monkeypatch.setattr(follower, "IDLE_SECONDS", 0.0)
    monkeypatch.setattr(dirty, "CONFIRMED_WAIT", 0.0)
    return Rig(database)


def test_an_arbitrage_is_stored_with_all_that_a_bettor_needs(rig: Rig) -> None:
    rig.quote("Bet365", 2.10, 1.70)
    assert not rig.legs()
    rig.quote("Unibet", 1.70, 2.10, age=60)
    bet = rig.only()
    assert (bet["event_id"], bet["event_name"], bet["league"]) == (7, "Home vs Away", "England - Premier League")
    assert (bet["market_name"], bet["market_hdp"], bet["label"], bet["player_name"]) == (
        "Draw No Bet",
        None,
        None,
        None,
    )
    assert (bet["margin"], bet["implied_probability"]) == (0.05, 0.952381)
    assert (bet["total_stake"], bet["guaranteed_return"], bet["probable_error"]) == (100.0, 105.0, False)
    assert [(leg["stake"], leg["potential_return"], leg["lay"]) for leg in bet["legs"]] == [(50.0, 105.0, False)] * 2
    assert (bet["in_play"], bet["source"]) == (False, "websocket")
    oldest = min(leg["updated_at"] for leg in bet["legs"])
    assert bet["expires_at"] == oldest + timedelta(minutes=10)
    assert bet["created_at"] == bet["last_updated"] == rig.clock.now()


def test_a_confirmed_leg_renews_it_and_a_moved_one_makes_another(rig: Rig) -> None:
    rig.quote("Bet365", 2.10, 1.70)
    rig.quote("Unibet", 1.70, 2.10)
    first = rig.only()
    rig.pass_time(300)
    rig.quote("Bet365", 2.10, 1.70)
    assert rig.only()["expires_at"] == first["expires_at"], "the other leg is as old as before"
    rig.quote("Unibet", 1.70, 2.10)
    renewed = rig.only()
    assert renewed["expires_at"] == first["expires_at"] + timedelta(seconds=300)
    assert renewed["created_at"] == first["created_at"]
    rig.quote("Unibet", 1.70, 2.05, age=-1)
    moved = rig.only()
    assert (moved["created_at"], moved["margin"]) == (rig.clock.now(), pytest.approx(0.0374, abs=1e-4))
    rig.quote("Unibet", 1.70, 1.80, age=-2)
    assert not rig.legs()


def test_a_withdrawn_leg_ends_it(rig: Rig) -> None:
    rig.quote("Bet365", 2.10, 1.70)
    rig.quote("Unibet", 1.70, 2.10)
    at = rig.clock.now_ms() + 1
    rig.service.commit([FeedCleared(7, "Unibet", "Unibet", at, at, "no_markets")])
    rig.turn()
    assert not rig.legs()


def test_it_is_deleted_when_a_leg_gets_too_old_and_the_next_best_takes_its_place(rig: Rig) -> None:
    rig.quote("Bet365", 2.10, 1.70, age=300)
    rig.quote("Unibet", 1.70, 2.10)
    rig.quote("BetOnline.ag", 2.00, 1.70)
    assert rig.legs() == [("Bet365", "home", 2.10), ("Unibet", "away", 2.10)]
    rig.pass_time(299)
    assert len(rig.legs()) == 2
    rig.pass_time(2)
    assert rig.legs() == [("BetOnline.ag", "home", 2.00), ("Unibet", "away", 2.10)]
    rig.pass_time(300)
    assert not rig.legs()


def test_an_old_quote_is_no_leg_until_it_is_confirmed(rig: Rig) -> None:
    rig.quote("Bet365", 2.10, 1.70, age=601)
    rig.quote("Unibet", 1.70, 2.10)
    assert not rig.legs()
    rig.quote("Bet365", 2.10, 1.70)
    assert len(rig.legs()) == 2


def test_at_the_kick_off_quotes_of_before_are_too_old(rig: Rig) -> None:
    rig.pass_time(3_595 - 120)
    rig.quote("Bet365", 2.10, 1.70)
    rig.quote("Unibet", 1.70, 2.10)
    assert rig.only()["expires_at"] == rig.at(rig.kickoff)
    rig.pass_time(125)
    assert not rig.legs()
    rig.quote("Bet365", 2.10, 1.70)
    assert not rig.legs()
    rig.quote("Unibet", 1.70, 2.10, age=4)
    bet = rig.only()
    assert bet["in_play"]
    assert bet["expires_at"] == rig.clock.now() + timedelta(seconds=6)
    rig.pass_time(6.001)
    assert not rig.legs()


def test_a_quote_of_shortly_before_the_kick_off_counts_for_its_ten_seconds(rig: Rig) -> None:
    rig.pass_time(3_597)
    rig.quote("Bet365", 2.10, 1.70)
    rig.quote("Unibet", 1.70, 2.10)
    assert rig.only()["expires_at"] == rig.clock.now() + timedelta(seconds=10)
    rig.pass_time(5)
    assert rig.only()["in_play"], "looked at again at the kick-off"
    rig.pass_time(5.001)
    assert not rig.legs()


@pytest.mark.parametrize("status", ["live", "settled", "cancelled"])
def test_a_fixture_that_goes_live_or_is_over_loses_its_arbitrages(rig: Rig, status: str) -> None:
    rig.quote("Bet365", 2.10, 1.70)
    rig.quote("Unibet", 1.70, 2.10)
    rig.pass_time(11)
    assert len(rig.legs()) == 2
    FixtureStore(rig.database, rig.clock).set_status(7, status, None)
    rig.pass_time(1)
    assert not rig.legs()


def test_a_postponed_one_arises_again_with_its_later_kick_off(rig: Rig) -> None:
    rig.pass_time(3_500)
    rig.quote("Bet365", 2.10, 1.70)
    rig.quote("Unibet", 1.70, 2.10)
    assert rig.only()["expires_at"] == rig.at(rig.kickoff)
    rig.register(kickoff=rig.kickoff + HOUR)
    rig.service.follower.look_at([7])
    rig.turn()
    assert rig.only()["expires_at"] == rig.clock.now() + timedelta(minutes=10)


def test_a_lay_bet_and_a_commission_are_part_of_it(rig: Rig) -> None:
    at = rig.clock.now_ms()
    laid = Line(home=1.99, draw=3.6, away=3.9, lay=(("home", 2.0),), depth_lay=(("home", 40.0),))
    backed = Line(home=2.25, draw=3.3, away=3.4)
    for bookmaker, line in (("Betfair Exchange", laid), ("Bet365", backed)):
        rig.service.commit([MarketUpdate(7, bookmaker, bookmaker, "ML", False, at, at, (line,))])
    rig.turn()
    bet = rig.only()
    found = {(leg["bookmaker"], leg["side"], leg["lay"]): leg for leg in bet["legs"]}
    assert set(found) == {("Bet365", "home", False), ("Betfair Exchange", "home", True)}
    leg = found["Betfair Exchange", "home", True]
    assert (leg["commission"], leg["effective_odds"], leg["liability"]) == (0.05, 1.95, leg["stake"])
    assert bet["max_stake"] is not None


def test_a_margin_too_good_to_be_true_is_marked(rig: Rig) -> None:
    rig.quote("Bet365", 2.20, 1.70)
    rig.quote("Unibet", 1.70, 2.20)
    assert rig.only()["probable_error"]


def test_every_line_of_a_player_market_is_one_of_its_own(rig: Rig) -> None:
    for stat in ("First Half", "Second Half"):
        rig.quote("Bet365", 2.10, 1.70, market=f"Player Shots {stat}", player="A. Player", stat=stat)
        rig.quote("Unibet", 1.70, 2.10, market=f"Player Shots {stat}", player="A. Player", stat=stat)
    assert rig.bets.distinct("market_name") == [
        "Player Shots First Half - First Half",
        "Player Shots Second Half - Second Half",
    ]
    rig.quote("Unibet", 1.70, 1.80, age=-1, market="Player Shots First Half", player="A. Player", stat="First Half")
    assert rig.only()["market_name"] == "Player Shots Second Half - Second Half"


def test_what_did_not_change_is_not_written(rig: Rig) -> None:
    rig.quote("Bet365", 2.10, 1.70)
    rig.quote("Unibet", 1.70, 2.10)
    before = rig.only()
    rig.clock.advance(5)
    rig.quote("BetOnline.ag", 1.80, 1.80)
    assert rig.only() == before
