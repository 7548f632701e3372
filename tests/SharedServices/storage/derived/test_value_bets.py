"""Value bets follow the books, on a real MongoDB."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from derived_rig import CLOCK, Process, quote, register
from pymongo.database import Database
from support import eventually

from PROPPR.SharedServices.odds.types import FeedCleared
from PROPPR.SharedServices.storage.derived import value_bets
from PROPPR.SharedServices.storage.derived.value_bets import ValueBets, ValueRule

Document = dict[str, Any]
RULE = ValueRule(("M88", "FB Sports"))


class Rig:
    def __init__(self, database: Database[Document]) -> None:
        self.database = database
        self.bets = database["all_value_bets"]

        self.product = ValueBets(database, CLOCK, RULE, "websocket")
        self.process = Process(database, lambda source: [self.product])
        self.submit = self.process.store_now

    def found(self) -> dict[tuple[str, str], float]:
        return {(bet["bookmaker"], bet["bet_side"]): bet["expected_value"] for bet in self.bets.find()}


@pytest.fixture
def database(collections: Database[Document]) -> Database[Document]:
    return collections


@pytest.fixture
def rig(database: Database[Document]) -> Iterator[Rig]:
    register(database, 7)
    rig = Rig(database)
    with rig.process:
        yield rig


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


def test_what_did_not_change_is_not_written(rig: Rig) -> None:
    rig.submit(quote("M88", 1.93, 1.90, 1))
    rig.submit(quote("Bet365", 2.10, 1.75, 2))
    before = eventually(rig.bets.find_one)
    rig.submit(quote("Bet365", 2.10, 1.76, 3), quote("Unibet", 2.20, 1.75, 3))
    eventually(lambda: len(rig.found()) == 2)
    rig.submit(quote("Unibet", 2.30, 1.75, 4))
    eventually(lambda: rig.found()["Unibet", "home"] == 119.2)
    after = rig.bets.find_one({"_id": before["_id"]}) or {}
    assert after["bookmaker_odds"] == {"home": 2.10, "away": 1.76}
    assert after["created_at"] == before["created_at"]
    stamp = after["last_updated"]
    rig.submit(quote("Unibet", 2.20, 1.75, 5))
    eventually(lambda: rig.found()["Unibet", "home"] == 114.0)
    assert (rig.bets.find_one({"_id": before["_id"]}) or {})["last_updated"] == stamp


def test_a_fixture_without_names_is_shown_once_it_has_them(rig: Rig) -> None:
    rig.submit(quote("M88", 1.93, 1.90, 1, fixture=8))
    rig.submit(quote("Bet365", 2.10, 1.75, 2, fixture=8))
    eventually(lambda: not rig.process.follower.pending)
    assert not rig.found()
    register(rig.database, 8)
    eventually(lambda: rig.found() == {("Bet365", "home"): 108.8}, what="the bet of a fixture that got its names")


def test_a_changed_name_or_kick_off_reaches_the_bets(rig: Rig) -> None:
    rig.submit(quote("M88", 1.93, 1.90, 1))
    rig.submit(quote("Bet365", 2.10, 1.75, 2))
    eventually(rig.found)
    later = CLOCK.now_ms() + 7_200_000
    register(rig.database, 7, home="Winner", kickoff=later)
    rig.process.follower.look_at([7])
    bet = eventually(lambda: rig.bets.find_one({"event_name": "Winner vs Away"}))
    assert round(bet["expires_at"].timestamp() * 1000) == later


def test_a_change_in_the_registry_that_nobody_tells_of_is_noticed(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(value_bets, "COMPARE_SECONDS", 0.1)
    rig.product._compare_at = 0.0
    rig.submit(quote("M88", 1.93, 1.90, 1))
    rig.submit(quote("Bet365", 2.10, 1.75, 2))
    before = eventually(rig.bets.find_one)
    register(rig.database, 7, kickoff=CLOCK.now_ms() + 9_000_000)
    later = eventually(lambda: rig.bets.find_one({"expires_at": {"$gt": before["expires_at"]}}))
    assert later["created_at"] == before["created_at"]


def test_players_bets_are_told_apart_by_market_and_statistic(rig: Rig) -> None:
    def names() -> set[str]:
        return {bet["market_name"] for bet in rig.bets.find()}

    shots, on_target = "Player Shots", "Player Shots On Target"
    for market, stat in ((shots, "First Half"), (on_target, None)):
        rig.submit(quote("M88", 1.9, 1.9, 1, market=market, player="A. Player", stat=stat))
        rig.submit(quote("Bet365", 2.1, 1.7, 1, market=market, player="A. Player", stat=stat))
    eventually(lambda: names() == {"Player Shots - First Half", on_target})
    rig.submit(quote("Bet365", 1.8, 1.7, 2, market=shots, player="A. Player", stat="First Half"))
    eventually(lambda: names() == {on_target}, what="the bet whose price fell to go, and no other")
