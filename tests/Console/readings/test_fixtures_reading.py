"""The list of fixtures: its order, filters and pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from console_odds import NOW, World, be_patient, minutes
from pymongo import MongoClient
from pymongo.database import Database

from PROPPR.Console.readings import fixtures
from PROPPR.Console.readings.fixtures import FixtureFilter, FixtureList, Shown, read_fixtures, read_leagues
from PROPPR.SharedServices.odds.types import Line
from PROPPR.SharedServices.storage.collections import ensure_collections

Document = dict[str, Any]
ML = Line(home=2.1, draw=3.4, away=3.6)


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    be_patient(monkeypatch)


@pytest.fixture(scope="module")
def world(mongo_client: MongoClient[Document]) -> Iterator[World]:
    database: Database[Document] = mongo_client["console_fixtures"]
    ensure_collections(database)
    made = World(database)
    made.fixture(1, NOW + minutes(30))
    made.fixture(2, NOW - minutes(50), "live", scores={"home": 2, "away": 1})
    made.fixture(3, NOW - minutes(20), "live", country="Spain", league="La Liga", home="Córdoba", away="Lugo (B)")
    made.fixture(4, NOW - minutes(5))
    made.fixture(5, NOW + minutes(10), country="Spain", league="La Liga")
    made.fixture(6, NOW - minutes(300), "settled", scores={"home": 0, "away": 0})
    made.fixture(7, NOW - minutes(400), "live")
    made.fixture(8, NOW + minutes(20), "cancelled")
    made.fixture(9, NOW - minutes(60 * 24 * 10), "settled")
    made.quote(1, "Bet365", "ML", ML, at=NOW - minutes(3))
    made.quote(1, "M88", "ML", ML, at=NOW - minutes(1))
    made.quote(1, "M88", "Player Shots", Line(hdp=1.5, over=1.9, player_name="A Man"), is_player=True)
    made.quote(2, "Bet365", "ML", ML, at=NOW - minutes(9))
    made.quote(2, "M88", "ML", ML, at=NOW - minutes(8))
    made.quote(2, "M88", "ML", at=NOW - minutes(2))  # withdrawn: the book stays, without a price
    yield made
    mongo_client.drop_database(database.name)


def _listed(world: World, **wanted: Any) -> FixtureList:
    return read_fixtures(world.database, NOW, FixtureFilter(**wanted))


def test_live_ones_come_first_and_then_by_kick_off(world: World) -> None:
    found = _listed(world)
    assert [(row.id, row.state) for row in found.rows] == [
        (2, "live"), (3, "live"), (4, "due"), (5, "next"), (1, "next"),
    ]  # fmt: skip
    assert (found.total, found.live, found.page, found.pages) == (5, 2, 1, 1)
    assert found.rows[0].score == "2-1" and found.rows[0].league == "England - First Division"


@pytest.mark.parametrize(
    ("shown", "ids"), [("live", [2, 3]), ("next", [4, 5, 1]), ("over", [6, 7])], ids=["live", "next", "over"]
)
def test_what_is_shown(world: World, shown: Shown, ids: list[int]) -> None:
    assert [row.id for row in _listed(world, shown=shown).rows] == ids


def test_books_count_while_they_have_a_price(world: World) -> None:
    rows = {row.id: row for row in _listed(world).rows}
    assert (rows[1].bookmakers, rows[1].newest) == (2, NOW)
    assert (rows[2].bookmakers, rows[2].newest) == (1, NOW - minutes(9))
    assert (rows[5].bookmakers, rows[5].newest) == (0, None)


@pytest.mark.parametrize(
    ("text", "ids"),
    [("home 5", [5]), ("LIGA", [3, 5]), ("córd", [3]), ("(b)", [3]), (".*", []), ("4", [4]), ("  ", [2, 3, 4, 5, 1]),
     ("spain away", [5]), ("9" * 30, [])],
    ids=["team", "league", "accent", "brackets", "pattern", "number", "blank", "two words", "long number"],
)  # fmt: skip
def test_texts_are_words_not_patterns(world: World, text: str, ids: list[int]) -> None:
    assert [row.id for row in _listed(world, text=text).rows] == ids


def test_a_league_is_chosen_by_its_whole_name(world: World) -> None:
    leagues = read_leagues(world.database, NOW)
    assert leagues == ["England - First Division", "Spain - La Liga"]
    assert [row.id for row in _listed(world, league=leagues[1]).rows] == [3, 5]
    assert _listed(world, league="La").rows == ()


def test_pages_go_on_where_the_one_before_ended(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fixtures, "PAGE_SIZE", 2)
    pages = [_listed(world, page=number) for number in (1, 2, 3)]
    assert [row.id for page in pages for row in page.rows] == [2, 3, 4, 5, 1]
    assert {page.pages for page in pages} == {3}
    assert _listed(world, page=99).page == 3 and _listed(world, page=-1).page == 1
