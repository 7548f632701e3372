"""Choosing fixtures of the registry: intersections, bounds included, in the order of kick-off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.database import Database

from PROPPR.SharedServices.odds.types import Fixture
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.storage.backfills import Selection
from PROPPR.SharedServices.storage.fixture_choice import FixtureChoice
from PROPPR.SharedServices.storage.fixtures import FixtureStore

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PREMIER, SERIE_A, LEAGUE_ONE = ("England", "Premier League"), ("Italy", "Serie A"), ("", "Serie A")


def fixture(number: int, league: tuple[str, str], hours: int, sport: str = "football") -> Fixture:
    kickoff = (NOON + timedelta(hours=hours) - EPOCH) // timedelta(milliseconds=1)
    return Fixture(number, "A", "B", sport, league[1], league[0], "2026-11-21T12:00:00Z", kickoff, "pending")


@pytest.fixture
def choice(database: Database[dict[str, Any]]) -> FixtureChoice:
    rows = [(1, PREMIER, 5), (2, SERIE_A, 0), (3, LEAGUE_ONE, 1), (7_291_391_184, PREMIER, 24)]
    fixtures = [fixture(number, league, hours) for number, league, hours in rows]
    FixtureStore(database, SystemClock()).upsert_many([*fixtures, fixture(5, PREMIER, 2, "futsal")], "api_poller")
    return FixtureChoice(database)


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection(), [2, 3, 5, 1, 7_291_391_184]),
        (Selection(ids=(1, 7_291_391_184, 99)), [1, 7_291_391_184]),
        (Selection(leagues=(PREMIER,)), [5, 1, 7_291_391_184]),
        (Selection(leagues=(SERIE_A,)), [2]),
        (Selection(leagues=(SERIE_A, PREMIER), sports=("football",)), [2, 1, 7_291_391_184]),
        (Selection(since=NOON, until=NOON + timedelta(hours=2)), [2, 3, 5]),
        (Selection(since=NOON + timedelta(milliseconds=1), until=NOON + timedelta(hours=2)), [3, 5]),
        (Selection(ids=(1, 2), leagues=(PREMIER,), until=NOON + timedelta(hours=4)), []),
        (Selection(sports=("tennis",)), []),
    ],
)
def test_what_is_chosen(choice: FixtureChoice, selection: Selection, expected: list[int]) -> None:
    assert [one.id for one in choice.choose(selection, 100)] == expected


def test_no_more_than_asked_for(choice: FixtureChoice) -> None:
    assert [one.id for one in choice.choose(Selection(), 2)] == [2, 3]


def test_times_and_status_are_told(choice: FixtureChoice) -> None:
    (found,) = choice.choose(Selection(ids=(2,)), 10)
    assert (found.kickoff, found.status) == ((NOON - EPOCH) // timedelta(milliseconds=1), "pending")


def test_unknown_ids_in_their_order_each_once(choice: FixtureChoice) -> None:
    assert choice.unknown((9, 1, 8, 9, 7_291_391_184)) == [9, 8]
    assert choice.unknown(()) == []


def test_leagues_are_pairs(choice: FixtureChoice) -> None:
    assert choice.leagues() == [LEAGUE_ONE, PREMIER, SERIE_A]
