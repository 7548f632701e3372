"""`proppr stats` on a real database: what is found, what is not, JSON, pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from pymongo.database import Database
from stats_documents import AWAY, CHANGED, HOME, KICKOFF, lines, player, projection, team

from PROPPR.SharedServices.cli.main import main
from PROPPR.SharedServices.cli.plan import free_port

Documents = Database[dict[str, Any]]


@pytest.fixture
def environment(mongo_uri: str, database: Documents, tmp_path: Path) -> dict[str, str]:
    database["team_stats"].insert_many(
        [
            team(),
            team(season="2025/2026", matches_played=38, last_10_matches=[{"date": "2026-05-20", "home": True}]),
            team(AWAY, "Brentford FC"),
            team(258657, "Arsenal Women", league="WSL"),
        ]
    )
    database["player_stats"].insert_many(
        [player(), player(7, "Gabriel Magalhães"), player(8, "Gabriel Jesus", team="Palmeiras")]
    )
    database["predicted_lines"].insert_one(lines())
    database["player_projections"].insert_one(projection())
    return {
        "MONGO_URI": mongo_uri,
        "MONGO_DATABASE": database.name,
        "PROPPR_DATA_DIR": str(tmp_path),
        "COLUMNS": "150",
    }


def stats(environment: dict[str, str], *arguments: str) -> Result:
    return CliRunner().invoke(main, ["stats", "--env-file", "no-such-file", *arguments], env=environment)


@pytest.mark.parametrize("which", ["70505028", "4813374", "Arsenal - Brentford", "brentford v arsenal", "Arsenal"])
def test_a_fixture_is_found_by_either_id_and_by_its_names(environment: dict[str, str], which: str) -> None:
    result = stats(environment, "fixture", which)
    assert result.exit_code == 0, result.output
    assert "Arsenal - Brentford FC" in result.output and "Bukayo Saka" in result.output


def test_the_number_of_two_fixtures_is_not_guessed(environment: dict[str, str], database: Documents) -> None:
    database["predicted_lines"].insert_one(lines(4813374, fotmob_match_id=1, home_team="Everton", home_team_id=1))
    result = stats(environment, "fixture", "4813374")
    assert result.exit_code == 1 and "several may be meant" in result.stderr
    assert "Everton - Brentford FC" in result.stderr and "70505028" in result.stderr


def test_why_nothing_is_predicted(environment: dict[str, str], database: Documents) -> None:
    head = {"home": "Derby", "away": "Leeds", "country": "England", "league": "Cup", "kickoff": KICKOFF}
    database["fixtures"].insert_many(
        {**head, "id": number, "sport": "football", "status": "pending"} for number in (1, 2)
    )
    mapping = {**head, "fixture_id": 2, "status": "unresolved", "reason": "no candidate", "updated_at": CHANGED}
    database["fixture_mappings"].insert_many(
        [mapping, {**mapping, "fixture_id": 3, "status": "auto", "fotmob_match_id": 9}]
    )
    for which, words in {
        "1": "has not been looked at yet",
        "2": "Derby - Leeds has no FotMob match (no candidate)",
        "3": "is match 9, nothing is predicted for it yet",
        "9": "is match 9, nothing is predicted for it yet",
        "4": "nobody knows a fixture or match 4",
        "Derby - Leeds": "Derby - Leeds",
        "Juventus - Napoli": "no fixture is like",
        "9" * 30: "is no id",
    }.items():
        result = stats(environment, "fixture", which)
        assert result.exit_code == 1 and words in result.stderr, result.output


@pytest.mark.parametrize("which", ["arsenal", str(HOME)])
def test_a_team_is_shown_in_its_newest_season(environment: dict[str, str], which: str) -> None:
    result = stats(environment, "team", which)
    assert result.exit_code == 0 and "10 matches this season" in result.output, result.output
    assert "70505028" in result.output
    older = stats(environment, "team", which, "--season", "2025/2026")
    assert older.exit_code == 0 and "38 matches this season" in older.output
    assert stats(environment, "team", which, "--season", "1999/2000").exit_code == 1


def test_several_of_one_name_are_listed(environment: dict[str, str]) -> None:
    result = stats(environment, "player", "gabriel")
    assert result.exit_code == 1 and not result.stdout
    assert "Gabriel Magalhães (Arsenal" in result.stderr and "Gabriel Jesus (Palmeiras" in result.stderr
    assert stats(environment, "player", "8").exit_code == 0
    assert "nobody is called" in stats(environment, "player", "Xyzzy").stderr
    assert "nobody has the id" in stats(environment, "player", "99").stderr


def test_json_is_what_is_stored(environment: dict[str, str]) -> None:
    told = json.loads(stats(environment, "player", "saka", "--json").stdout)
    assert told["player_stats"]["season_stats"]["totals"] == {"goals": 5, "expected_goals": 3.25}
    assert told["player_projections"][0]["projected_goals"] == 0.41
    assert told["player_stats"]["updated_at"] == "2026-08-20T06:00:00Z"
    fixture = json.loads(stats(environment, "fixture", "70505028", "--json").stdout)
    assert fixture["predicted_lines"]["fotmob_match_id"] == 4813374 and len(fixture["player_projections"]) == 1
    arsenal = json.loads(stats(environment, "team", "arsenal", "--json").stdout)
    assert "content_hash" not in arsenal["team_stats"] and "_id" not in arsenal["team_stats"]


@pytest.mark.parametrize("what", [("fixture", "70505028"), ("team", "arsenal"), ("player", "saka")], ids=str)
def test_a_picture_is_written(environment: dict[str, str], tmp_path: Path, what: tuple[str, str]) -> None:
    path = tmp_path / "form.png"
    result = stats(environment, *what, "--plot", str(path), "--statistic", "goals", "--json")
    assert result.exit_code == 0, result.output
    assert path.read_bytes().startswith(b"\x89PNG") and f"drawn: {path}" in result.stderr
    assert json.loads(result.stdout), "the picture does not disturb the JSON"


@pytest.mark.parametrize("path", ["form.jpg", "no/such/directory/form.png"])
def test_a_picture_that_cannot_be_is_refused(environment: dict[str, str], tmp_path: Path, path: str) -> None:
    assert stats(environment, "team", "arsenal", "--plot", str(tmp_path / path)).exit_code == 2


def test_an_empty_database_and_one_that_is_away(mongo_uri: str, database: Documents, tmp_path: Path) -> None:
    empty = {"MONGO_URI": mongo_uri, "MONGO_DATABASE": database.name, "PROPPR_DATA_DIR": str(tmp_path)}
    assert "there are no statistics yet" in stats(empty, "team", "arsenal").stderr
    uri = f"mongodb://user:hidden-password@127.0.0.1:{free_port(0)}/?serverSelectionTimeoutMS=200"
    away = stats({**empty, "MONGO_URI": uri}, "team", "arsenal")
    assert away.exit_code == 1 and "hidden-password" not in away.output and "proppr: " in away.stderr
