"""A team's page, hand-written and real."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from listed_rows import listed, side, status

from PROPPR.SharedServices.football.errors import LayoutChanged
from PROPPR.SharedServices.football.model import Ending, League, Position, Score, State, Team
from PROPPR.SharedServices.football.pages import SquadMember, read_team

CUP = {"name": "Cup", "stage": "", "leagueId": 132}


def match(match_id: int, state: dict[str, Any]) -> dict[str, Any]:
    """A row of the team's matches; its side scores count the shootout, as the page's do."""
    return listed(match_id, side(11, "Ashton", 5), side(12, "Burwell", 4), state) | {"tournament": CUP}


def page(matches: object = (), squad: object = None) -> dict[str, Any]:
    """A team's page."""
    details = {"id": 11, "name": "Ashton Town", "country": "ENG", "gender": "female"}
    fixtures = {"allFixtures": {"fixtures": list(matches) if isinstance(matches, tuple) else matches}}
    return {"details": details, "fixtures": fixtures, "squad": squad}


GROUPS = [
    {"title": "coach", "members": [{"id": 1, "name": "A Coach"}]},
    {"title": "keepers", "members": [{"id": 2, "name": "Anna Ashe", "shirtNumber": 1, "ccode": "ENG", "injury": None}]},
    {"title": "defenders", "members": [{"id": "3", "name": "B.\u00a0Birch", "shirtNumber": 0}]},
    {"title": "midfielders", "members": [{"id": 4, "name": "C", "injury": {"id": "x"}}]},
    {"title": "attackers", "members": [{"id": 5, "name": "D"}, {"id": 5, "name": "D"}]},
    {"title": "loaned", "members": [{"id": 6, "name": "E"}]},
]
SQUAD = (
    SquadMember(2, "Anna Ashe", Position.GOALKEEPER, "1", "ENG", False),
    SquadMember(3, "B. Birch", Position.DEFENDER),
    SquadMember(4, "C", Position.MIDFIELDER, injured=True),
    SquadMember(5, "D", Position.FORWARD),
    SquadMember(6, "E"),
)


@pytest.mark.parametrize("squad", [GROUPS, {"squad": GROUPS, "isNationalTeam": False}], ids=["2023", "2026"])
def test_the_squad_is_read_without_coaches(squad: object) -> None:
    found = read_team(page(squad=squad))
    assert found.squad == SQUAD
    assert (found.team, found.country_code, found.gender) == (Team(11, "Ashton Town"), "ENG", "female")


def test_matches_are_in_the_order_of_time_and_without_the_shootout() -> None:
    later = match(2, status("Pen", "0 - 0"))
    earlier = match(3, status("FT", "5 - 4"))
    earlier["status"]["utcTime"] = "2026-05-01T14:00:00.000Z"
    found = read_team(page((later, earlier)))
    assert [each.match_id for each in found.matches] == [3, 2]
    assert found.matches[1].score == Score(0, 0)
    assert found.matches[1].ending is Ending.PENALTIES
    assert found.matches[1].league == League(132, "Cup")


@pytest.mark.parametrize("nothing", [None, False, [], {}])
def test_a_page_may_have_neither_squad_nor_matches(nothing: object) -> None:
    payload = page(squad=nothing) | {"fixtures": nothing}
    found = read_team(payload)
    assert (found.squad, found.matches) == ((), ())


@pytest.mark.parametrize(
    ("payload", "path"),
    [
        ({}, "details"),
        (page() | {"fixtures": {"rows": []}}, "fixtures.allFixtures"),
        (page(matches={}), "fixtures.allFixtures.fixtures"),
        (page(squad=[["keepers", []]]), "squad[0]"),
        (page(squad={"members": []}), "squad.squad"),
        (page(squad=[{"title": "keepers"}]), "squad[0].members"),
        (page(squad={"squad": [{"title": "keepers", "members": [{"name": "x"}]}]}), "squad.squad[0].members[0].id"),
        (page((listed(1, side(11, "A"), side(12, "B"), status("FT")),)), "fixtures.allFixtures.fixtures[0].tournament"),
    ],
    ids=["nothing", "renamed", "no_list", "a_pair", "no_squad", "no_members", "no_id", "no_tournament"],
)
def test_a_page_of_another_shape_says_what_broke(payload: dict[str, Any], path: str) -> None:
    with pytest.raises(LayoutChanged) as caught:
        read_team(payload)
    assert caught.value.path == path


@pytest.mark.parametrize(
    ("name", "team", "squad", "states", "shootouts"),
    [
        ("fotmob/api_data_teams_8540", Team(8540, "Palermo"), 31, {State.PLAYED: 41, State.SCHEDULED: 2}, 1),
        (
            "fusion-stat/teams_id_9825",
            Team(9825, "Arsenal"),
            26,
            {State.PLAYED: 45, State.SCHEDULED: 13, State.POSTPONED: 1},
            4,
        ),
    ],
    ids=["2026", "2024"],
)
def test_real_pages(
    real_data: Path, name: str, team: Team, squad: int, states: dict[State, int], shootouts: int
) -> None:
    payload = json.loads(gzip.decompress((real_data / "fotmob" / "misc" / f"{name}.json.gz").read_bytes()))
    rejects: list[LayoutChanged] = []
    found = read_team(payload, rejects.append)
    assert not rejects
    assert found.team == team
    assert len(found.squad) == squad
    assert all(member.position is not None for member in found.squad)
    assert Counter(each.state for each in found.matches) == states
    level = [each.score for each in found.matches if each.ending is Ending.PENALTIES]
    assert len(level) == shootouts
    assert all(team.id in (each.home.id, each.away.id) for each in found.matches)
