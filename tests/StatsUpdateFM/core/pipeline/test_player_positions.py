"""Players whom the odds name are found in the squads, and `player_odds` shows their positions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from bson import Int64
from pymongo.database import Database
from stats_rig import Rig


@pytest.fixture
def database(collections: Database[dict[str, Any]]) -> Database[dict[str, Any]]:
    return collections


@pytest.fixture
def rig(database: Database[dict[str, Any]]) -> Iterator[Rig]:
    rig = Rig(database, fixtures=3, history=1)
    rig.register()
    yield rig
    rig.pipeline.close()


def book(fixture_id: int, names: list[str], rig: Rig) -> dict[str, Any]:
    iso = "2046-05-28T20:00:00Z"
    players = [{"player_name": name, "odds": [{"over": 1.8, "hdp": 0.5, "changedAt": iso}]} for name in names]
    market = {"name": "Shots", "updatedAt": iso, "odds": [], "players": players}
    return {
        "_id": f"{fixture_id}|Bet365|a", "fixture_id": Int64(fixture_id), "bookmaker": "Bet365", "segment": "a",
        "has_team": False, "has_player": True, "revision": Int64(1), "source": "websocket",
        "last_updated": rig.clock.now(), "markets": {"0": market}, "expires_at": rig.clock.now() + timedelta(days=30),
    }  # fmt: skip


def test_positions_reach_player_odds_and_doubtful_names_get_none(rig: Rig) -> None:
    rig.pipeline.run_daily_update()
    line = rig.database["predicted_lines"].find_one()
    assert line is not None
    squad = list(rig.database["player_stats"].find({"team_id": line["home_team_id"], "position": {"$ne": None}}))
    man = next(each for each in squad if " " in each["player_name"])
    names = [man["player_name"], "Nobody Ofthatname"]
    rig.database["odds_books"].insert_one(book(line["fixture_id"], names, rig))
    report = rig.pipeline.run_daily_update()
    assert report.total("positions") == 1
    stored = rig.database["fixture_players"].find_one()
    assert stored is not None
    assert stored["unknown"] == ["Nobody Ofthatname"]
    assert stored["player_ids"] == [man["player_id"]]
    shown = rig.database["player_odds"].find_one({"id": line["fixture_id"]})
    assert shown is not None
    players = shown["markets_normalized"]["Bet365"][0]["players"]
    assert [(each["player_name"], each.get("position")) for each in players] == [
        (man["player_name"], man["position"]),
        ("Nobody Ofthatname", None),
    ]
    assert rig.pipeline.run_daily_update().total("positions") == 0
