"""A league's page, hand-written and real."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from listed_rows import listed, side, status

from PROPPR.SharedServices.football.errors import LayoutChanged
from PROPPR.SharedServices.football.model import League, Score, State, Team
from PROPPR.SharedServices.football.pages import read_league

PLAYED = listed("901", side("11", "Ashton Town"), side("12", "Burwell FC"), status("FT", "2 - 1"))
TO_COME = listed("902", side("12", "Burwell FC"), side("13", "Colne"), status(None, started=False, finished=False))


def page(matches: object, **more: object) -> dict[str, Any]:
    """A league's page with these matches under `fixtures`."""
    details = {"id": 50, "name": "Second Division", "country": "ENG", "selectedSeason": "2025/2026", "gender": "male"}
    return {"details": details, "fixtures": {"allMatches": matches}, **more}


def table(*rows: dict[str, Any]) -> dict[str, Any]:
    """A `data` object of a table."""
    return {"data": {"table": {"all": list(rows)}}}


def test_a_page_is_read_as_a_whole() -> None:
    rows = [PLAYED | {"round": "1", "roundName": 1}, TO_COME | {"round": 2, "roundName": "Round 2"}]
    payload = page(
        rows,
        allAvailableSeasons=["2025/2026", "2024/2025"],
        table=[table({"id": 13, "name": "Colne"}, {"id": 11, "name": "Ashton Town"})],
    )
    found = read_league(payload)
    assert found.league == League(50, "Second Division", "ENG", season="2025/2026")
    assert (found.season, found.seasons, found.gender) == ("2025/2026", ("2025/2026", "2024/2025"), "male")
    assert [(match.match_id, match.round, match.score) for match in found.matches] == [
        (901, "1", Score(2, 1)),
        (902, "2", None),
    ]
    assert found.matches[0].league == League(50, "Second Division", "ENG", season="2025/2026", round="1")
    assert found.teams == (Team(13, "Colne"), Team(11, "Ashton Town"), Team(12, "Burwell FC"))


@pytest.mark.parametrize("key", ["fixtures", "matches"])
@pytest.mark.parametrize("wrapped", [True, False], ids=["object", "list"])
def test_the_list_has_had_several_places(key: str, wrapped: bool) -> None:
    payload = page([])
    del payload["fixtures"]
    payload[key] = {"allMatches": [PLAYED]} if wrapped else [PLAYED]
    assert [match.match_id for match in read_league(payload).matches] == [901]


def test_groups_have_a_table_each_and_a_cup_may_have_none() -> None:
    groups = [
        {"table": {"all": [{"id": 11, "name": "Ashton Town"}]}},
        {"table": {"all": [{"id": 13, "name": "Colne"}]}},
    ]
    assert [team.id for team in read_league(page([], table=[{"data": {"tables": groups}}])).teams] == [11, 13]
    for nothing in (None, False, [], {}, [None], [{"data": None}], [{"data": {"table": None, "tables": [None]}}]):
        assert read_league(page([PLAYED], table=nothing)).teams == (Team(11, "Ashton Town"), Team(12, "Burwell FC"))


def test_a_match_that_waits_for_its_teams_is_left_out() -> None:
    open_row = TO_COME | {"id": "903", "home": {"id": "", "name": "Winner of 17"}}
    told: list[LayoutChanged] = []
    assert [match.match_id for match in read_league(page([PLAYED, open_row, open_row]), told.append).matches] == [901]
    assert not told


def test_a_round_of_the_knock_out_stage_is_its_name() -> None:
    found = read_league(page([PLAYED | {"round": "1/8", "roundName": "Round of 16"}]))
    assert found.matches[0].round == "1/8"
    assert read_league(page([PLAYED | {"roundName": 7}])).matches[0].round == "7"


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"details": None}, "details"),
        ({"details": {"id": "x", "name": "a", "selectedSeason": "2026"}}, "details.id"),
        ({"details": {"id": 50, "name": "a"}}, "details.selectedSeason"),
        ({"fixtures": None}, "fixtures.allMatches"),
        ({"fixtures": {"allMatches": None}}, "fixtures.allMatches"),
        ({"fixtures": {"rows": []}}, "fixtures.allMatches"),
        ({"fixtures": {"allMatches": [7]}}, "fixtures.allMatches[0]"),
        ({"fixtures": {"allMatches": [PLAYED | {"home": {"name": "A"}}]}}, "fixtures.allMatches[0].home.id"),
        ({"fixtures": {"allMatches": [PLAYED | {"status": []}]}}, "fixtures.allMatches[0].status"),
    ],
    ids=["no_details", "no_id", "no_season", "null", "null_list", "renamed", "a_number", "no_team", "no_status"],
)
def test_a_page_of_another_shape_says_what_broke(change: dict[str, Any], path: str) -> None:
    with pytest.raises(LayoutChanged) as caught:
        read_league(page([PLAYED]) | change)
    assert caught.value.path == path


@pytest.mark.parametrize(
    ("name", "season", "states"),
    [
        ("fotmob/api_data_leagues_47", "2025/2026", {State.PLAYED: 361, State.SCHEDULED: 19}),
        ("FootyLiveliness/league47_2025_raw_api_response", "2024/2025", {State.PLAYED: 380}),
        ("fusion-stat/leagues_id_47", "2023/2024", {State.PLAYED: 39, State.SCHEDULED: 339, State.POSTPONED: 2}),
    ],
    ids=["2026", "2025", "2023"],
)
def test_real_pages(real_data: Path, name: str, season: str, states: dict[State, int]) -> None:
    payload = json.loads(gzip.decompress((real_data / "fotmob" / "misc" / f"{name}.json.gz").read_bytes()))
    rejects: list[LayoutChanged] = []
    found = read_league(payload, rejects.append)
    assert not rejects
    assert (found.league.id, found.league.country_code, found.season) == (47, "ENG", season)
    assert season in found.seasons
    assert Counter(match.state for match in found.matches) == states
    assert len(found.teams) == 20
    assert {team.id for team in found.teams} == {match.home.id for match in found.matches}
    for match in found.matches:
        assert (match.score is not None) == (match.state is State.PLAYED)


def test_a_trimmed_real_page_says_what_it_lacks(real_data: Path) -> None:
    payload = json.loads(gzip.decompress((real_data / "fotmob/misc/fotmob/league.json.gz").read_bytes()))
    with pytest.raises(LayoutChanged) as caught:
        read_league(payload)
    assert caught.value.path == "details.selectedSeason"
