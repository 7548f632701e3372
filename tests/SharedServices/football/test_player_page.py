"""A player's page, hand-written and real."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from PROPPR.SharedServices.football.errors import LayoutChanged
from PROPPR.SharedServices.football.model import Position, Score, Team
from PROPPR.SharedServices.football.pages import Appearance, PlayerPage, read_player

APPEARANCE = {
    "id": 901, "matchDate": {"utcTime": "2026-05-16T14:00:00.000Z"}, "leagueId": 50, "teamId": 11,
    "teamName": "Ashton Town", "opponentTeamId": 12, "isHomeTeam": False, "homeScore": 1, "awayScore": 2,
    "minutesPlayed": 80, "goals": 1, "assists": 0, "yellowCards": 1, "redCards": 0,
    "ratingProps": {"rating": "7.9"}, "onBench": False,
}  # fmt: skip


def page(*appearances: object, position: str = "rightwingback") -> dict[str, Any]:
    """A player's page."""
    return {
        "id": 7, "name": "Max Muster", "birthDate": {"utcTime": "2001-09-05T00:00:00.000Z"}, "gender": "male",
        "primaryTeam": {"teamId": 11, "teamName": "Ashton Town"}, "injuryInformation": None,
        "positionDescription": {"primaryPosition": {"label": "x", "key": position}},
        "recentMatches": list(appearances),
    }  # fmt: skip


def test_a_page_is_read_as_a_whole() -> None:
    kickoff = datetime(2026, 5, 16, 14, 0, tzinfo=UTC)
    appearance = Appearance(
        901, kickoff, 50, Team(11, "Ashton Town"), 12, False, Score(1, 2), True, 80, 1, 0, 1, 0, 7.9
    )
    assert read_player(page(APPEARANCE)) == PlayerPage(
        7, "Max Muster", Team(11, "Ashton Town"), Position.DEFENDER, date(2001, 9, 5), "male", False, (appearance,)
    )


@pytest.mark.parametrize(
    ("key", "position"),
    [
        ("keeper", Position.GOALKEEPER),
        ("centerback", Position.DEFENDER),
        ("leftwingback", Position.DEFENDER),
        ("defensivemidfielder", Position.MIDFIELDER),
        ("centerattackingmidfielder", Position.MIDFIELDER),
        ("rightwinger", Position.FORWARD),
        ("striker", Position.FORWARD),
        ("coach", None),
    ],
)
def test_positions(key: str, position: Position | None) -> None:
    assert read_player(page(position=key)).position is position


@pytest.mark.parametrize(
    ("change", "played"),
    [
        ({"minutesPlayed": 0, "onBench": True}, False),
        ({"minutesPlayed": 0, "onBench": True, "playedInMatch": False}, False),
        ({"minutesPlayed": 0, "onBench": True, "playedInMatch": True}, True),
        ({"minutesPlayed": 12, "onBench": True}, True),
        ({"minutesPlayed": 0, "onBench": False}, None),
        ({"minutesPlayed": None, "onBench": None}, None),
    ],
)
def test_who_stayed_on_the_bench_did_not_play(change: dict[str, Any], played: bool | None) -> None:
    assert read_player(page(APPEARANCE | change)).appearances[0].played is played


def test_missing_numbers_are_unknown_and_not_zero() -> None:
    bare = {key: APPEARANCE[key] for key in ("id", "matchDate", "teamId", "teamName")}
    found = read_player(page(bare)).appearances[0]
    assert (found.goals, found.assists, found.minutes, found.yellow_cards, found.rating) == (None,) * 5
    assert (found.score, found.home, found.league_id, found.played) == (None,) * 4


def test_a_man_without_a_team_or_matches() -> None:
    found = read_player({"id": 7, "name": "Max Muster", "primaryTeam": None, "recentMatches": None})
    assert (found.team, found.position, found.birth_date, found.injured, found.appearances) == (None,) * 4 + ((),)


@pytest.mark.parametrize(
    ("payload", "path"),
    [
        ({}, "recentMatches"),
        (page() | {"id": None}, "id"),
        (page() | {"recentMatches": {"League": []}}, "recentMatches"),
        (page(7), "recentMatches[0]"),
        (page(APPEARANCE | {"matchDate": None}), "recentMatches[0].matchDate"),
        (page(APPEARANCE | {"matchDate": {"utcTime": "soon"}}), "recentMatches[0].matchDate.utcTime"),
        (page(APPEARANCE | {"teamId": None}), "recentMatches[0].teamId"),
    ],
    ids=["nothing", "no_id", "by_league", "a_number", "no_date", "no_time", "no_team"],
)
def test_a_page_of_another_shape_says_what_broke(payload: dict[str, Any], path: str) -> None:
    with pytest.raises(LayoutChanged) as caught:
        read_player(payload)
    assert caught.value.path == path


def real_page(real_data: Path, name: str) -> dict[str, Any]:
    payload = json.loads(gzip.decompress((real_data / "fotmob" / "misc" / f"{name}.json.gz").read_bytes()))
    found: dict[str, Any] = payload["pageProps"]["data"] if "pageProps" in payload else payload
    return found


@pytest.mark.parametrize(
    ("name", "player", "team", "appearances", "benched"),
    [
        ("12yd/player_30981_messi", "Lionel Messi", "Inter Miami CF", 54, 1),
        ("fotmob/player", "Cristiano Ronaldo", "Al Nassr FC", 53, 0),
        ("fusion-stat/playerData_id_961995", "Bukayo Saka", "Arsenal", 64, 2),
    ],
    ids=["2026", "2023", "2024"],
)
def test_real_pages(real_data: Path, name: str, player: str, team: str, appearances: int, benched: int) -> None:
    found = read_player(real_page(real_data, name))
    assert found.team is not None
    assert (found.name, found.team.name, found.position) == (player, team, Position.FORWARD)
    assert len(found.appearances) == appearances
    assert sum(each.played is False for each in found.appearances) == benched
    assert all(each.goals is not None and each.yellow_cards is not None for each in found.appearances)


@pytest.mark.parametrize("name", ["fotmob/player_old", "fusion-stat/playerData_id_961995_older"], ids=["2021", "2023"])
def test_pages_of_before_2024_are_another_layout(real_data: Path, name: str) -> None:
    with pytest.raises(LayoutChanged) as caught:
        read_player(real_page(real_data, name))
    assert caught.value.path == "recentMatches"
