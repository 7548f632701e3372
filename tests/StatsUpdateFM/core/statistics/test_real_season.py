"""The documents of real teams and players against numbers taken from the raw payloads by other, simpler code."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from bson import encode

from PROPPR.SharedServices.football.appearances import PlayerMatch, TeamMatch, player_matches, team_matches
from PROPPR.SharedServices.football.reading import read_match
from PROPPR.StatsUpdateFM.core.statistics.documents import PlayerIdentity, TeamIdentity
from PROPPR.StatsUpdateFM.core.statistics.player_document import player_document
from PROPPR.StatsUpdateFM.core.statistics.team_document import team_document

SEASON = "2025/2026"
NOW = datetime(2026, 6, 1, tzinfo=UTC)
TEAMS = {9825: "Arsenal", 8650: "Liverpool", 8463: "Leeds United", 8602: "Wolverhampton Wanderers"}
PLAYERS = {737066: "Erling Haaland", 292462: "Bruno Fernandes"}
KEYS = {
    "shots": "total_shots",
    "shots_on_target": "ShotsOnTarget",
    "corners": "corners",
    "fouls": "fouls",
    "offsides": "Offsides",
}
HALVES = {"first_half": "FirstHalf", "second_half": "SecondHalf"}

Raw = Mapping[str, Any]


@cache
def payloads(folder: Path) -> tuple[Raw, ...]:
    files = sorted((folder / "fotmob" / "premier_league_2025_26").glob("*.json.gz"))
    read = [json.loads(gzip.decompress(file.read_bytes())) for file in files]
    return tuple(sorted(read, key=lambda raw: raw["general"]["matchTimeUTCDate"], reverse=True))


@cache
def team_rows(folder: Path) -> list[TeamMatch]:
    return [row for raw in payloads(folder) for row in team_matches(read_match(raw), SEASON)]


@cache
def player_rows(folder: Path) -> list[PlayerMatch]:
    return [row for raw in payloads(folder) for row in player_matches(read_match(raw), SEASON)]


def of_team(folder: Path, team_id: int) -> list[tuple[Raw, int]]:
    """The team's payloads, newest first, each with its side (0 home, 1 away)."""
    sides = [(raw, [team["id"] for team in raw["header"]["teams"]]) for raw in payloads(folder)]
    return [(raw, ids.index(team_id)) for raw, ids in sides if team_id in ids]


def raw_number(raw: Raw, period: str, key: str, side: int) -> int:
    groups = raw["content"]["stats"]["Periods"][period]["stats"]
    values = [row["stats"][side] for group in groups for row in group["stats"] if row["key"] == key]
    return int(next(value for value in values if value is not None))


def mean(values: list[int]) -> float:
    return round(sum(values) / len(values), 4)


@pytest.mark.parametrize("team_id", TEAMS, ids=str)
def test_a_teams_averages_are_those_of_the_raw_payloads(real_data: Path, team_id: int) -> None:
    played = of_team(real_data, team_id)
    identity = TeamIdentity(team_id, TEAMS[team_id], 47, "Premier League", "England")
    found = team_document(identity, SEASON, team_rows(real_data), NOW)
    assert found["matches_played"] == len(played) == len({raw["general"]["matchId"] for raw, _ in played})
    for window, size in (("last5", 5), ("last10", 10), ("season", None)):
        for venue, sides in (("all", (0, 1)), ("home", (0,)), ("away", (1,))):
            chosen = [(raw, side) for raw, side in played if side in sides][:size]
            block = found["averages"][window][venue]
            assert block["n"] == len(chosen)
            goals = [[team["score"] for team in raw["header"]["teams"]] for raw, _ in chosen]
            assert block["for"]["goals"] == mean([score[side] for score, (_, side) in zip(goals, chosen, strict=True)])
            for name, key in KEYS.items():
                assert block["for"][name] == mean([raw_number(raw, "All", key, side) for raw, side in chosen])
                assert block["against"][name] == mean([raw_number(raw, "All", key, 1 - side) for raw, side in chosen])
        for half, period in HALVES.items():
            block = found["halves"][half][window]["for"]
            for name, key in KEYS.items():
                assert block[name] == mean([raw_number(raw, period, key, side) for raw, side in played[:size]])


@pytest.mark.parametrize("team_id", TEAMS, ids=str)
def test_yellow_cards_are_the_shown_ones_of_men_on_the_pitch(real_data: Path, team_id: int) -> None:
    counts = [
        sum(
            1
            for event in raw["content"]["matchFacts"]["events"]["events"]
            if event["type"] == "Card" and event["card"] == "Yellow" and event["isHome"] is (side == 0)
            if not event.get("cardDescription")
        )
        for raw, side in of_team(real_data, team_id)
    ]
    identity = TeamIdentity(team_id, TEAMS[team_id], 47, "Premier League", "England")
    block = team_document(identity, SEASON, team_rows(real_data), NOW)["averages"]["season"]["all"]
    known = block.get("fewer", {}).get("for", {}).get("yellow_cards", block["n"])
    assert known >= len(counts) - 1
    assert block["for"]["yellow_cards"] * known == pytest.approx(sum(counts), abs=2)


@pytest.mark.parametrize("player_id", PLAYERS, ids=str)
def test_a_players_season_is_that_of_the_raw_payloads(real_data: Path, player_id: int) -> None:
    appearances = []
    for raw in payloads(real_data):
        groups = (raw["content"]["playerStats"].get(str(player_id)) or {"stats": []})["stats"]
        flat = {stat["key"]: stat["stat"] for group in groups for stat in group["stats"].values() if "key" in stat}
        if flat:
            appearances.append(
                {
                    key: flat.get(key, {}).get("value") or 0
                    for key in ("minutes_played", "goals", "assists", "total_shots", "fouls")
                }
            )
    rows = [row for row in player_rows(real_data) if row.player_id == player_id]
    team = rows[0]
    found = player_document(
        PlayerIdentity(player_id, PLAYERS[player_id], team.team_id, team.team_name), SEASON, rows, NOW
    )
    assert found["appearances"] == len(appearances) > 10
    assert found["minutes"] == sum(numbers["minutes_played"] for numbers in appearances)
    totals = found["season_stats"]["totals"]
    for name, key in (("goals", "goals"), ("assists", "assists"), ("shots", "total_shots"), ("fouls", "fouls")):
        assert totals[name] == sum(numbers[key] for numbers in appearances)
    assert found["form"] == [int(numbers["goals"] > 0) for numbers in appearances[:5]]


def test_real_documents_are_small(real_data: Path) -> None:
    sizes = []
    for player_id in sorted({row.player_id for row in player_rows(real_data)}):
        rows = [row for row in player_rows(real_data) if row.player_id == player_id]
        identity = PlayerIdentity(player_id, rows[0].name, rows[0].team_id, rows[0].team_name, rows[0].position)
        sizes.append(len(encode(player_document(identity, SEASON, rows, NOW))))
    assert max(sizes) < 5_000
    assert sum(sizes) / len(sizes) < 3_500
