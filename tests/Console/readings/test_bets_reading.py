"""The lists of bets, the bets on a fixture, and a ledger that many ask for at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from console_odds import NOW, World, be_patient, minutes
from pymongo import MongoClient
from support import eventually

from PROPPR.Console.readings import bets
from PROPPR.Console.readings.bets import BetFilter, read_bets, read_explanation
from PROPPR.Console.readings.fixture_bets import read_fixture_bets
from PROPPR.Console.readings.ledger import LedgerReader, Shared
from PROPPR.SharedServices.grading.ledger import sum_up
from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.collections import ensure_collections
from PROPPR.SharedServices.storage.ledger import settled_bets

Document = dict[str, Any]


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    be_patient(monkeypatch)


@pytest.fixture(scope="module")
def prepared(mongo_client: MongoClient[Document]) -> Iterator[World]:
    database = mongo_client["console_bets"]
    ensure_collections(database)
    yield World(database)
    mongo_client.drop_database(database.name)


@pytest.fixture
def world(prepared: World) -> World:
    for name in bets.BOTS.values():
        prepared.database[name].delete_many({})
    return prepared


def test_what_waits_stands_with_its_reason_the_earliest_kick_off_first(world: World) -> None:
    world.waiting("late", "not finished: second half", kickoff=NOW - minutes(60))
    world.waiting("early", "no match: the fixture is not mapped", "player_tracked_bets", kickoff=NOW - minutes(900))
    world.waiting("by hand", "bad bet: stake: is missing", kickoff=..., manual_override=True, stake=...)
    world.waiting("to come", "no result: not there", kickoff=NOW + minutes(5))
    world.bet("new", status="pending", kickoff=NOW + minutes(90), grading=..., settled_at=..., returns=...)
    found = read_bets(world.database, NOW, BetFilter())
    assert [(row.bet_id, row.bot) for row in found.waiting] == [
        ("early", "player"),
        ("late", "team"),
        ("by hand", "team"),
    ]
    assert found.waiting[0].reason == "no match: the fixture is not mapped" and found.to_come == 2
    assert found.waiting[0].since == NOW - minutes(90) and found.waiting[2].by_hand
    assert found.overview.by_reason == {"not finished": 1, "no match": 1, "bad bet": 1, "no result": 1}
    assert [row.bet_id for row in read_bets(world.database, NOW, BetFilter(bot="player")).waiting] == ["early"]
    assert found.settled == ()


def test_settled_ones_in_doubt_stand_apart(world: World) -> None:
    world.bet("doubted", grading={"match_id": 1, "reason": None, "doubt": "no result: the page has lost it"})
    world.bet("decided", grading={"match_id": 1, "doubt": "no result: the page has lost it"}, manual_override=True)
    found = read_bets(world.database, NOW, BetFilter())
    assert [(row.bet_id, row.reason) for row in found.doubted] == [("doubted", "no result: the page has lost it")]
    assert found.overview.doubted == 1 and len(found.settled) == 2


def test_settled_ones_the_newest_first_page_by_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bets, "PAGE_SIZE", 2)
    for number, collection in enumerate((*bets.BOTS.values(), "team_tracked_bets")):
        world.bet(f"b{number}", collection, settled_at=NOW - minutes(number))
    pages = [read_bets(world.database, NOW, BetFilter(page=number)) for number in (1, 2, 3, 4)]
    assert [[row.bet_id for row in page.settled] for page in pages] == [["b0", "b1"], ["b2", "b3"], ["b4"], []]
    assert [page.more for page in pages] == [True, True, False, False]
    before = read_bets(world.database, NOW, BetFilter(until=NOW - minutes(3)))
    assert [row.bet_id for row in before.settled] == ["b4"]
    only = read_bets(world.database, NOW, BetFilter(bot="overtime"))
    assert [row.bet_id for row in only.settled] == ["b3"] and only.settled[0].profit == Decimal("9.00")


@pytest.mark.parametrize(
    "fields",
    [{"stake": [], "odds": {}, "profit_loss": "?", "bookmaker": {"a": 1}, "kickoff": "soon", "actual_value": {"x": 1}},
     {"Stake": 5, "status": "no such status", "grading": "odd", "manual_override": "perhaps"},
     {"bet_id": 7, "stake": "5,50", "odds": "5/2", "bookmaker": "x" * 900}],
    ids=["wrong types", "contradictions", "other spellings"],
)  # fmt: skip
def test_whatever_a_bot_wrote_is_shown_as_far_as_it_can_be_read(world: World, fields: Document) -> None:
    row = bets.row_of("team_tracked_bets", {"_id": 1, "bet_id": "odd", "status": "won", "stake": 10, **fields})
    assert row.stake in (None, Decimal("5.50")) and len(row.bookmaker) <= 200 and row.profit is None


def test_a_bets_story_is_that_of_the_command_line(world: World) -> None:
    world.bet("one", note="a field of the bot")
    world.bet(33, odds="evens")
    world.database["horse_tracked_bets"].insert_one({"id": "by id", "status": "pending"})

    def story(bet_id: str) -> bets.Explanation | None:
        return read_explanation(world.database, Settings(), ManualClock(NOW), bet_id)

    told = story("one")
    assert told is not None and told.collection == "team_tracked_bets"
    assert "  note: a field of the bot" in told.written and "stored: won" in told.stored
    assert any("waits" in line for line in told.now)
    unreadable, by_id = story("33"), story("by id")
    assert unreadable is not None and unreadable.read == ("can't be read: odds: is no number",)
    assert by_id is not None and by_id.collection == "horse_tracked_bets"
    assert story("nobody") is None and story("") is None and story("x" * 5000) is None


def test_bets_on_a_fixture_are_those_of_its_match_and_those_that_name_it(world: World) -> None:
    kickoff = NOW - minutes(180)
    world.bet("graded", fotmob_match_id=4_000_001)
    world.bet("other match", fotmob_match_id=9, grading={"match_id": 9})
    world.waiting("named", "no match: not mapped", fixture_id="7", grading={"reason": "no match: not mapped"})
    world.waiting("other fixture", "no match: not mapped", fixture_id=8, grading={})
    world.bet("new", "overtime_placed_bets", status="open", fixture_id=7, market="ML", market_name=..., grading=...,
              direction="home", threshold=..., settled_at=..., returns=..., profit_loss=...)  # fmt: skip
    legs = [{"market_name": "Totals", "direction": "over", "threshold": 2.5, "odds": 1.5, "fixture_id": number}
            for number in (7, 8)]  # fmt: skip
    world.waiting("several", "not finished: 1 of 2", legs=legs, grading={"legs": [{"match_id": 4_000_001}]})
    found = read_fixture_bets(world.database, 7, kickoff, 4_000_001)
    assert {row.bet_id for row in found} == {"graded", "named", "new", "several"}
    assert found[-1].bet_id == "graded", "those that wait come first"
    assert {row.bet_id for row in read_fixture_bets(world.database, 7, kickoff, None)} == {"named", "new", "several"}


def test_the_ledger_of_a_period(world: World) -> None:
    world.bet("one", settled_at=NOW - minutes(60))
    world.bet("two", settled_at=NOW, stake="10")
    world.bet("three", settled_at=NOW + minutes(1))
    reader = LedgerReader(world.database)
    assert reader.read(None, None) == sum_up(settled_bets(world.database))
    assert reader.read(NOW - minutes(30), NOW + minutes(1)).total.bets == 1


def test_who_asks_meanwhile_shares_the_next_computation_never_the_one_before() -> None:
    begun, go_on = threading.Semaphore(0), threading.Semaphore(0)
    computed: list[int] = []

    def compute(_: str) -> int:
        computed.append(len(computed))
        begun.release()
        assert go_on.acquire(timeout=10)
        return computed[-1]

    shared: Shared[str, int] = Shared(compute)
    answers: list[int] = []
    asking = [threading.Thread(target=lambda: answers.append(shared.get("all"))) for _ in range(4)]
    asking[0].start()
    assert begun.acquire(timeout=10)
    for each in asking[1:]:
        each.start()
    eventually(lambda: len(shared._next) == 1, what="the others to wait for the next one")
    go_on.release()
    assert begun.acquire(timeout=10)
    go_on.release()
    go_on.release()
    for each in asking:
        each.join(10)
    assert answers[0] == 0 and set(answers[1:]) <= {1, 2} and len(computed) <= 3


def test_an_error_is_raised_to_all_and_the_next_one_is_asked_anew() -> None:
    failing = [True]

    def compute(_: str) -> int:
        if failing[0]:
            raise OSError("away")
        return 7

    shared: Shared[str, int] = Shared(compute)
    with pytest.raises(OSError, match="away"):
        shared.get("all")
    failing[0] = False
    assert shared.get("all") == 7
