"""The table of a market out of the readers' views: lines, best prices, margins."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from console_odds import NOW, World, minutes
from hypothesis import given
from hypothesis import strategies as st
from pymongo.database import Database

from PROPPR.Console.readings.books import LineKey, list_markets, margin_of, market_view, moment_of
from PROPPR.SharedServices.odds.types import Line

Document = dict[str, Any]


@pytest.fixture
def database(collections: Database[Document]) -> Database[Document]:
    return collections


@pytest.fixture
def world(database: Database[Document]) -> World:
    made = World(database)
    made.fixture(1, NOW + minutes(30))
    return made


def _views(world: World) -> tuple[Document | None, Document | None]:
    return world.database["team_odds"].find_one({"id": 1}), world.database["player_odds"].find_one({"id": 1})


def test_markets_are_listed_usual_ones_first_and_players_last(world: World) -> None:
    world.quote(1, "Bet365", "Zebra Totals", Line(hdp=1.5, over=1.8, under=2.0))
    world.quote(1, "Bet365", "Totals", Line(hdp=2.5, over=1.8, under=2.0), Line(hdp=3.5, over=2.8, under=1.4))
    world.quote(1, "M88", "Totals", Line(hdp=2.5, over=1.9, under=1.9), at=NOW + timedelta(seconds=7))
    world.quote(1, "Bet365", "ML", Line(home=2.1, draw=3.4, away=3.6))
    world.quote(1, "Bet365", "Player Shots", Line(hdp=1.5, over=1.9, player_name="A Man"), is_player=True)
    found = list_markets(*_views(world))
    assert [(one.name, one.lines, one.bookmakers, one.is_player) for one in found] == [
        ("ML", 1, 1, False), ("Totals", 2, 2, False), ("Zebra Totals", 1, 1, False), ("Player Shots", 1, 1, True),
    ]  # fmt: skip
    assert found[1].newest == NOW + timedelta(seconds=7)


def test_the_best_price_of_each_side_and_the_margins(world: World) -> None:
    world.quote(1, "Bet365", "ML", Line(home=2.0, draw=3.4, away=4.0, max=500))
    world.quote(1, "M88", "ML", Line(home=2.1, draw=3.4, away=3.8))
    world.quote(1, "Betfair Exchange", "ML", Line(home=2.05, lay=(("home", 2.08),)))
    view = market_view(_views(world)[0], "ML", is_player=False)
    assert view is not None and view.sides == ("home", "draw", "away")
    (line,) = view.lines
    assert line.best == (2.1, 3.4, 4.0) and line.name == ""
    assert line.best_margin == pytest.approx(1 / 2.1 + 1 / 3.4 + 1 / 4.0 - 1)
    bet365, exchange, m88 = line.rows
    assert bet365.margin == pytest.approx(1 / 2.0 + 1 / 3.4 + 1 / 4.0 - 1) and bet365.most == 500
    assert exchange.prices == (2.05, None, None) and exchange.margin is None and exchange.lays == (2.08, None, None)
    assert [line.is_best(m88, place) for place in range(3)] == [True, True, False]
    assert line.is_best(bet365, 1) and not line.is_best(exchange, 0) and not line.is_best(exchange, 1)
    assert bet365.confirmed == NOW and bet365.changed == NOW


def test_lines_stand_in_order_with_their_sign(world: World) -> None:
    lines = [Line(hdp=hdp, home=1.9, away=1.95) for hdp in (0.5, -1.5, 0.0)]
    world.quote(1, "Bet365", "Spread", *lines)
    view = market_view(_views(world)[0], "Spread", is_player=False)
    assert view is not None and [line.name for line in view.lines] == ["-1.5", "0", "+0.5"]
    assert view.lines[0].key == LineKey(hdp=-1.5)
    alone = view.lines[0]
    assert not alone.is_best(alone.rows[0], 0), "a price that nobody else has is not marked"


def test_players_and_labels(world: World) -> None:
    world.quote(1, "Bet365", "Player Shots", Line(hdp=1.5, over=1.9, under=1.8, player_name="B Man"),
                Line(hdp=0.5, over=1.2, player_name="A Man"), is_player=True)  # fmt: skip
    world.quote(1, "M88", "Correct Score", Line(label="2-1", odds=9.0), Line(label="1-0", odds=7.0))
    team, player = _views(world)
    shots = market_view(player, "Player Shots", is_player=True)
    assert shots is not None and [line.name for line in shots.lines] == ["A Man 0.5", "B Man 1.5"]
    score = market_view(team, "Correct Score", is_player=False)
    assert score is not None and [line.name for line in score.lines] == ["1-0", "2-1"] and score.sides == ("odds",)
    assert score.lines[0].best_margin is None and score.lines[0].rows[0].margin is None


def test_what_nobody_quotes_is_not_there(world: World) -> None:
    assert list_markets(None, None) == () and market_view(None, "ML", is_player=False) is None
    world.quote(1, "Bet365", "ML", Line(home=2.0))
    assert market_view(_views(world)[0], "Totals", is_player=False) is None


def test_without_the_draw_a_market_that_has_draws_is_not_complete() -> None:
    assert margin_of(True, {"home": 2.0, "away": 2.0}) is None
    assert margin_of(False, {"home": 2.0, "away": 2.0}) == 0
    assert margin_of(False, {"over": 1.9}) is None


@given(st.text())
def test_any_text_is_a_time_or_none(text: str) -> None:
    moment = moment_of(text)
    assert moment is None or moment.tzinfo is not None
