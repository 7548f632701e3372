"""Drops, value bets and arbitrages as the pages list them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from bson import Int64
from console_odds import NOW, World, be_patient, minutes
from pymongo import MongoClient

from PROPPR.Console.readings import drops
from PROPPR.Console.readings.arbitrages import ArbitrageFilter, read_arbitrages
from PROPPR.Console.readings.drops import DropFilter, read_drops
from PROPPR.Console.readings.value import ValueFilter, read_values
from PROPPR.Console.readings.words import handicap_text, line_text, selection
from PROPPR.SharedServices.storage.collections import ensure_collections

Document = dict[str, Any]
SPAIN = {"league": "Spain - La Liga"}


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    be_patient(monkeypatch)


@pytest.fixture(scope="module")
def prepared(mongo_client: MongoClient[Document]) -> Iterator[World]:
    database = mongo_client["console_derived"]
    ensure_collections(database)
    made = World(database)
    made.fixture(1, NOW + minutes(30))
    made.fixture(2, NOW + minutes(40), country="Spain", league="La Liga")
    yield made
    mongo_client.drop_database(database.name)


@pytest.fixture
def world(prepared: World) -> World:
    for name in ("price_drops", "all_value_bets", "arbitrage_bets"):
        prepared.database[name].delete_many({})
    return prepared


def test_the_newest_drops_with_their_names(world: World) -> None:
    world.drop("old", recorded_at=NOW - minutes(9), fixture_id=Int64(2), drop_pct=7.5, bookmaker="M88")
    world.drop("new", side="under", hdp=3.0)
    world.drop(
        "player", recorded_at=NOW - minutes(1), market="Player Props", stat="Shots", player_name="A Man", hdp=1.5
    )
    world.drop("unknown", recorded_at=NOW - minutes(20), fixture_id=Int64(77), hdp=..., label="2-1", side="odds")
    found = read_drops(world.database, NOW, DropFilter())
    assert [one.selection for one in found] == [
        "Totals 3 under", "Player Props - Shots A Man 1.5 over", "Totals 2.5 over", "Totals 2-1 odds",
    ]  # fmt: skip
    assert (found[0].fixture, found[0].league) == ("Home 1 - Away 1", "England - First Division")
    assert found[3].fixture == "fixture 77" and (found[2].old, found[2].new, found[2].percent) == (2.5, 2.0, 7.5)


@pytest.mark.parametrize(
    ("wanted", "count"),
    [(DropFilter(least=10), 2), (DropFilter(bookmaker="M88"), 1), (DropFilter(league="Spain - La Liga"), 1),
     (DropFilter(10, "Bet365", "England - First Division"), 2), (DropFilter(league="Nowhere"), 0)],
    ids=["percent", "bookmaker", "league", "all", "unknown league"],
)  # fmt: skip
def test_drops_can_be_filtered(world: World, wanted: DropFilter, count: int) -> None:
    world.drop("one")
    world.drop("two")
    world.drop("three", fixture_id=Int64(2), drop_pct=7.5, bookmaker="M88")
    assert len(read_drops(world.database, NOW, wanted)) == count


def test_a_filter_looks_back_only_so_far(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.drop("far", recorded_at=NOW - minutes(60), bookmaker="M88")
    for number in range(5):
        world.drop(f"near {number}")
    monkeypatch.setattr(drops, "LOOKED_AT", 5)
    assert read_drops(world.database, NOW, DropFilter(bookmaker="M88")) == ()


def test_value_bets_that_hold_the_newest_or_the_best_first(world: World) -> None:
    world.value("new", expected_value=105.0)
    world.value("best", last_updated=NOW - minutes(5), expected_value=120.0, **SPAIN)
    world.value("gone", expires_at=NOW)
    world.value("label", last_updated=NOW - minutes(9), label="2-1", bet_side="2-1", bookmaker_odds={"odds": 9.5},
                sharp_odds={"odds": 9.0}, fair_expected_value=None, fair_odds=None, bookmaker="M88")  # fmt: skip
    world.value("both", last_updated=NOW - minutes(10), label="A", bet_side="A: under", bookmaker_odds={"under": 1.7})
    newest = read_values(world.database, NOW, ValueFilter())
    assert [one.expected for one in newest] == [105.0, 120.0, 108.8, 108.8]
    assert (newest[0].price, newest[0].sharp_price, newest[0].fair_price) == (2.1, 1.93, 2.0173)
    assert (newest[2].price, newest[2].sharp_price, newest[2].fair_expected) == (9.5, 9.0, None)
    assert newest[3].price == 1.7 and newest[0].selection == "ML new home"
    assert [one.expected for one in read_values(world.database, NOW, ValueFilter(order="best"))][:2] == [120.0, 108.8]
    assert [one.league for one in read_values(world.database, NOW, ValueFilter(least=110))] == ["Spain - La Liga"]
    assert len(read_values(world.database, NOW, ValueFilter(bookmaker="M88"))) == 1
    assert len(read_values(world.database, NOW, ValueFilter(league="Spain - La Liga"))) == 1
    assert len(read_values(world.database, NOW, ValueFilter(text="BEST ml"))) == 1


def test_arbitrages_the_largest_first_and_errors_last(world: World) -> None:
    world.arbitrage("small", margin=0.01)
    world.arbitrage("large", margin=0.05, **SPAIN)
    world.arbitrage("error", margin=0.4, probable_error=True)
    world.arbitrage("gone", margin=0.3, expires_at=NOW - timedelta(seconds=1))
    found = read_arbitrages(world.database, NOW, ArbitrageFilter())
    assert [one.margin for one in found] == [0.05, 0.01, 0.4] and found[2].probable_error
    back, lay = found[0].legs
    assert (back.what, back.risk, back.stake) == ("home -0.5", 60.0, 60.0)
    assert (lay.what, lay.risk, lay.stake, lay.commission) == ("lay away +0.5", 40.0, 80.0, 0.05)
    assert (found[0].most, found[0].guaranteed, found[0].since) == (250.0, 104.0, NOW - minutes(2))
    assert len(read_arbitrages(world.database, NOW, ArbitrageFilter(errors=False))) == 2
    assert [one.margin for one in read_arbitrages(world.database, NOW, ArbitrageFilter(least=0.02, errors=False))] == [
        0.05
    ]
    assert len(read_arbitrages(world.database, NOW, ArbitrageFilter(league="Spain - La Liga"))) == 1


def test_words() -> None:
    assert selection("Totals", "over", 2.5) == "Totals 2.5 over"
    assert [line_text(value) for value in (None, 3.0, True, "x")] == ["", "3", "True", "x"]
    assert [handicap_text(value) for value in (None, 0.0, -1.5, 0.25)] == ["", "0", "-1.5", "+0.25"]
