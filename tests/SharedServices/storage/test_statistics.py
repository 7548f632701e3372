"""Computed documents are written where they say something new, and never by a process whose time is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.database import Database

from PROPPR.SharedServices.service.leases import LeaseLost
from PROPPR.SharedServices.storage.statistics import BULK, StatisticsStore

NOW = datetime(2026, 3, 7, 6, 0, tzinfo=UTC)


@pytest.fixture
def database(collections: Database[dict[str, Any]]) -> Database[dict[str, Any]]:
    return collections


@pytest.fixture
def store(database: Database[dict[str, Any]]) -> StatisticsStore:
    return StatisticsStore(database, lambda document: f"hash of {document.get('goals')}")


MAN = {"player_name": "x", "kickoff": NOW, "expected_minutes": 80.0, "updated_at": NOW}


def team(number: int, goals: float = 1.5, at: datetime = NOW) -> dict[str, Any]:
    rest = {"last_5_matches": [], "last_10_matches": [], "averages": {}, "halves": {}, "matches_played": 0}
    head = {"team_id": number, "team_name": "Homeham", "season": "2025/2026"}
    return {**head, **rest, "goals": goals, "updated_at": at}


def projection(fixture: int, player: int, goals: float = 0.2) -> dict[str, Any]:
    return {"fixture_id": fixture, "player_id": player, "goals": goals, **MAN}


def test_only_what_has_changed_is_written(store: StatisticsStore, database: Database[dict[str, Any]]) -> None:
    later = NOW + timedelta(days=1)
    assert store.write("team_stats", (team(number) for number in range(BULK + 5)), 1) == BULK + 5
    assert store.write("team_stats", [team(1, at=later), team(2, 9.0, later)], 1) == 1
    found = {each["team_id"]: each["updated_at"] for each in database["team_stats"].find({"team_id": {"$lte": 2}})}
    assert found == {0: NOW, 1: NOW, 2: later}


def test_a_group_holds_what_it_was_given_last(store: StatisticsStore, database: Database[dict[str, Any]]) -> None:
    store.write_group("player_projections", 1, [projection(1, 7), projection(1, 8)], 1)
    store.write_group("player_projections", 2, [projection(2, 7)], 1)
    assert store.write_group("player_projections", 1, [projection(1, 8), projection(1, 9)], 1) == 1
    found = [(each["fixture_id"], each["player_id"]) for each in database["player_projections"].find()]
    assert sorted(found) == [(1, 8), (1, 9), (2, 7)]
    store.write_group("player_projections", 1, [], 1)
    assert database["player_projections"].count_documents({"fixture_id": 1}) == 0


def test_a_former_holder_of_the_lease_is_kept_out(store: StatisticsStore, database: Database[dict[str, Any]]) -> None:
    store.write("team_stats", [team(1, 2.0)], 5)
    with pytest.raises(LeaseLost):
        store.write("team_stats", [team(1, 3.0)], 4)
    assert store.remove("team_stats", [{"team_id": 1, "season": "2025/2026"}], 4) == 0
    assert database["team_stats"].find_one()["goals"] == 2.0  # type: ignore[index]
    assert store.remove("team_stats", [{"team_id": 1, "season": "2025/2026"}], 6) == 1
    assert store.remove("team_stats", [], 6) == 0
