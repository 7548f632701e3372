"""How a price moved: which line, which bookmaker, what stood at the kick-off, and what a chart keeps of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from console_odds import NOW, World, be_patient, minutes
from hypothesis import given
from hypothesis import strategies as st
from pymongo.database import Database

from PROPPR.Console.readings.books import LineKey
from PROPPR.Console.readings.prices import Choice, course_of, read_closing, read_courses, thinned
from PROPPR.SharedServices.odds.types import Line

Document = dict[str, Any]
KICKOFF = NOW


@pytest.fixture
def database(collections: Database[Document]) -> Database[Document]:
    return collections


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    be_patient(monkeypatch)


@pytest.fixture
def world(database: Database[Document]) -> World:
    made = World(database)
    made.fixture(1, KICKOFF, "live")
    return made


def _totals(over: float, hdp: float = 2.5) -> Line:
    return Line(hdp=hdp, over=over, under=1.9)


def test_each_bookmakers_course_of_one_side_of_one_line(world: World) -> None:
    world.quote(1, "Bet365", "Totals", _totals(1.9), _totals(3.0, 3.5), at=NOW - minutes(60))
    world.quote(1, "Bet365", "Totals", _totals(1.8), _totals(3.2, 3.5), at=NOW - minutes(30))
    world.quote(1, "Bet365", "Totals", _totals(1.7), _totals(3.2, 3.5), at=NOW + minutes(5))
    world.quote(1, "M88", "Totals", _totals(1.95), at=NOW - minutes(50))
    world.quote(1, "M88", "Totals", at=NOW - minutes(10))
    world.quote(1, "Late", "ML", Line(home=2.0), at=NOW - minutes(10))
    found = read_courses(world.database, 1, KICKOFF, Choice("Totals", "over", LineKey(hdp=2.5)))
    bet365, m88 = found
    assert bet365.bookmaker == "Bet365" and bet365.prices == [1.9, 1.8, 1.7]
    assert (bet365.at_kickoff, bet365.last, bet365.cut) == (1.8, 1.7, False)
    assert [at for at, _ in bet365.points] == [NOW - minutes(60), NOW - minutes(30), NOW + minutes(5)]
    assert (m88.bookmaker, m88.prices, m88.last, m88.at_kickoff) == ("M88", [1.95], None, None)
    other = read_courses(world.database, 1, KICKOFF, Choice("Totals", "over", LineKey(hdp=3.5)))
    assert [course.prices for course in other] == [[3.0, 3.2]]
    assert read_courses(world.database, 1, KICKOFF, Choice("Totals", "over")) == []


def test_the_statistic_of_a_player_market_is_part_of_its_name(world: World) -> None:
    lines = [
        Line(hdp=1.5, over=over, player_name="A Man", stat=stat) for stat, over in (("Shots", 1.9), ("Assists", 2.9))
    ]
    world.quote(1, "Bet365", "Player Props", *lines, is_player=True)
    line = LineKey("A Man", "", 1.5)
    found = read_courses(world.database, 1, KICKOFF, Choice("Player Props - Assists", "over", line))
    assert [course.prices for course in found] == [[2.9]]
    closing = read_closing(world.database, 1, KICKOFF, "Player Props - Shots")
    assert closing == {("Bet365", line, "over"): 1.9}


def test_closing_prices_are_the_last_before_the_kick_off(world: World) -> None:
    world.quote(1, "Bet365", "ML", Line(home=2.0, draw=3.3, away=4.0), at=NOW - minutes(60))
    world.quote(1, "Bet365", "ML", Line(home=1.9, draw=3.3, away=4.2), at=NOW - minutes(1))
    world.quote(1, "Bet365", "ML", Line(home=1.5, draw=3.9, away=6.0), at=NOW + minutes(9))
    world.quote(1, "M88", "ML", Line(home=2.0), at=NOW - minutes(60))
    world.quote(1, "M88", "ML", at=NOW - minutes(2))
    assert read_closing(world.database, 1, KICKOFF, "ML") == {
        ("Bet365", LineKey(), "home"): 1.9, ("Bet365", LineKey(), "draw"): 3.3, ("Bet365", LineKey(), "away"): 4.2,
    }  # fmt: skip


def test_prices_that_did_not_change_are_one_point() -> None:
    points = [(NOW + minutes(number), price) for number, price in enumerate((2.0, 2.0, None, None, 2.0, 2.1))]
    course = course_of("M88", points, NOW + minutes(2))
    assert [price for _, price in course.points] == [2.0, None, 2.0, 2.1] and course.at_kickoff is None


@given(st.lists(st.one_of(st.none(), st.floats(1.01, 1000)), min_size=1, max_size=300), st.integers(4, 60))
def test_thinning_keeps_both_ends_and_both_extremes(prices: list[float | None], most: int) -> None:
    points: list[tuple[datetime, float | None]] = [
        (NOW + timedelta(seconds=number), price) for number, price in enumerate(prices)
    ]
    kept = thinned(points, most)
    assert len(kept) <= max(most, 4) and kept == sorted(kept, key=lambda point: point[0])
    assert set(kept) <= set(points) and kept[0] == points[0] and kept[-1] == points[-1]
    known = [price for price in prices if price is not None]
    shown = [price for _, price in kept if price is not None]
    assert not known or (min(shown) == min(known) and max(shown) == max(known))
