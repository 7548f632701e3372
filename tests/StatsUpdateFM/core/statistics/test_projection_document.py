from __future__ import annotations

from datetime import timedelta
from typing import Any

from bson import encode
from football_rows import KICKOFF, PLAYER_NUMBERS, SEASON, TEAM, player_row, player_seasons
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.football.appearances import PlayerMatch
from PROPPR.SharedServices.football.model import Position, Role
from PROPPR.SharedServices.football.statistics import Statistic
from PROPPR.StatsUpdateFM.core.statistics.documents import FixtureIdentity, PlayerIdentity
from PROPPR.StatsUpdateFM.core.statistics.projection_document import PROJECTED, projection_document

FIXTURE = FixtureIdentity(8, "Homeham", "Awayton", "Premier League", KICKOFF + timedelta(weeks=30), SEASON, 9, 10, 20)
IDENTITY = PlayerIdentity(7, "Man 7", TEAM.id, TEAM.name, Position.FORWARD)
GOALS, SHOTS = Statistic.GOALS, Statistic.SHOTS


def document(rows: list[PlayerMatch], minutes: float = 60.04, **more: Any) -> dict[str, Any]:
    return projection_document(FIXTURE, IDENTITY, rows, minutes, KICKOFF, **more)


def test_a_rate_times_the_expected_minutes() -> None:
    rows = [
        player_row(1, values={GOALS: 1, SHOTS: 3}),
        player_row(2, role=Role.SUBSTITUTE_UNUSED),
        player_row(3, values={GOALS: 0, SHOTS: 3}),
    ]
    assert document(rows, 60.0) == {
        "fixture_id": 8,
        "player_id": 7,
        "player_name": "Man 7",
        "team_id": 10,
        "team": "Homeham United",
        "position": "forward",
        "kickoff": FIXTURE.kickoff,
        "method": "average",
        "projected_goals": 0.3333,
        "projected_shots": 2.0,
        "expected_minutes": 60.0,
        "avg_stats_last5": {"goals": 0.5, "shots": 3.0},
        "form": [0, 1],
        "updated_at": KICKOFF,
    }


def test_too_few_minutes_project_nothing_without_a_model() -> None:
    rows = [player_row(1, minutes=10, values={GOALS: 1})]
    assert "projected_goals" not in document(rows)
    found = document(rows, projected={GOALS: 0.123456})
    assert (found["projected_goals"], found["method"]) == (0.1235, "model")
    assert "projected_shots" not in found


def test_only_what_was_known_at_kick_off_counts() -> None:
    rows = [player_row(30, values={GOALS: 2}), player_row(29, values={GOALS: 0})]
    assert document(rows)["form"] == [0]


@given(rows=player_seasons(), data=st.data())
def test_the_same_matches_give_the_same_bytes(rows: list[PlayerMatch], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(rows + rows[::2]))
    assert encode(document(shuffled)) == encode(document(rows))


@given(player_seasons())
def test_what_is_unknown_is_left_out(rows: list[PlayerMatch]) -> None:
    found = document(rows)
    known = {name for row in rows if row.played for name in row.numbers}
    for name in PROJECTED:
        if name not in known:
            assert f"projected_{name}" not in found
            assert name not in found["avg_stats_last5"]
    assert found["expected_minutes"] == 60.0


def test_the_document_is_small() -> None:
    rows = [player_row(place, values={name: 3 for name in PLAYER_NUMBERS}) for place in range(20)]
    assert len(encode(document(rows))) < 600
