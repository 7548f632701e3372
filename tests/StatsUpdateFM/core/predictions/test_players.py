"""The player model: shrinkage to the position, minutes, and what the team is expected to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from PROPPR.SharedServices.football.appearances import PlayerMatch
from PROPPR.SharedServices.football.model import Number, Position, Role
from PROPPR.SharedServices.football.statistics import Statistic
from PROPPR.StatsUpdateFM.core.predictions import PlayerModel, fit_players
from PROPPR.StatsUpdateFM.core.predictions.player_table import PROJECTED

START = datetime(2024, 8, 10, 14, tzinfo=UTC)
LATER = START + timedelta(days=60)
GOALS, SHOTS = Statistic.GOALS, Statistic.SHOTS
FORWARD = Position.FORWARD


def row(
    player: int,
    place: int,
    numbers: dict[Statistic, Number],
    minutes: int | None = 90,
    position: Position | None = FORWARD,
    team: int = 1,
) -> PlayerMatch:
    return PlayerMatch(
        match_id=place,
        kickoff=START + timedelta(days=place),
        league_id=9,
        season="2024/2025",
        team_id=team,
        opponent_id=99,
        home=True,
        player_id=player,
        name=f"Player {player}",
        position=position,
        role=Role.STARTER if minutes else Role.SUBSTITUTE_UNUSED,
        minutes=minutes,
        numbers=numbers,
    )


def eleven(matches: int = 10, team: int = 1, goals: int = 1) -> list[PlayerMatch]:
    """Team mates: three of each position; one forward scores."""
    rows = []
    for place in range(matches):
        for number in range(9):
            position = (Position.DEFENDER, Position.MIDFIELDER, FORWARD)[number // 3]
            numbers = {GOALS: goals if number == 6 else 0, Statistic.ASSISTS: 0, SHOTS: number // 2, Statistic.FOULS: 1}
            rows.append(row(team * 100 + number, place, dict(numbers), position=position, team=team))
    return rows


def fitted(rows: list[PlayerMatch]) -> PlayerModel:
    model = fit_players(rows, LATER)
    assert model is not None
    return model


def test_without_appearances_there_is_no_model() -> None:
    assert fit_players([], LATER) is None
    assert fit_players([row(1, 0, {}, minutes=0), row(2, 0, {}, minutes=None)], LATER) is None
    assert fit_players([row(1, 0, {GOALS: 1})], START + timedelta(hours=1)) is None


def test_nobody_knows_a_new_man_so_he_projects_like_his_position() -> None:
    model = fitted(eleven())
    new, defender = model.project(5, FORWARD, 90), model.project(5, Position.DEFENDER, 90)
    assert new[GOALS].mean == pytest.approx(float(model.position_rates[FORWARD][0]))
    assert new[GOALS].mean > defender[GOALS].mean
    assert model.project(5, None, 90)[GOALS].mean == pytest.approx(float(model.position_rates[None][0]))


def test_the_more_is_seen_of_a_man_the_nearer_his_own_rate() -> None:
    seen = []
    for matches in (1, 5, 20, 50):
        rows = eleven() + [row(7, place, {GOALS: 1, SHOTS: 5}) for place in range(matches)]
        seen.append(fitted(rows).project(7, FORWARD, 90)[GOALS].mean)
    assert seen == sorted(seen)
    assert seen[0] < 0.6 and 0.75 < seen[-1] < 1


def test_no_minutes_no_numbers() -> None:
    projected = fitted(eleven()).project(106, FORWARD, 0)
    assert set(projected) == set(PROJECTED)
    assert all(distribution.mean == 0 for distribution in projected.values())
    with pytest.raises(ValueError, match="negative"):
        fitted(eleven()).project(106, FORWARD, -1)


@given(st.floats(1, 90), st.floats(0.2, 4))
def test_projections_go_with_minutes_and_with_the_team(minutes: float, expected: float) -> None:
    model = MODEL
    usual = model.project(106, FORWARD, 90)[GOALS].mean
    assert model.project(106, FORWARD, minutes)[GOALS].mean == pytest.approx(usual * minutes / 90)
    one, double = (model.project(106, FORWARD, minutes, {GOALS: goals}) for goals in (expected, 2 * expected))
    assert double[GOALS].mean == pytest.approx(2 * one[GOALS].mean)
    assert double[Statistic.ASSISTS].mean == pytest.approx(2 * one[Statistic.ASSISTS].mean)
    assert double[SHOTS].mean == one[SHOTS].mean


def test_a_team_that_does_as_usual_changes_nothing() -> None:
    model = fitted(eleven())
    usual = float(model.usual[106][0])
    plain, told = model.project(106, FORWARD, 80), model.project(106, FORWARD, 80, {GOALS: usual})
    assert told[GOALS].mean == pytest.approx(plain[GOALS].mean)


def test_the_usual_of_a_man_is_that_of_his_team() -> None:
    model = fitted(eleven(team=1, goals=3) + eleven(team=2, goals=1))
    assert model.usual[106][0] > model.league[0] > model.usual[206][0]


def test_expected_goals_are_most_of_the_evidence() -> None:
    def rate(goals: int, expected: float) -> float:
        rows = [row(7, place, {GOALS: goals, Statistic.EXPECTED_GOALS: expected}) for place in range(10)]
        return fitted(eleven() + rows).project(7, FORWARD, 90)[GOALS].mean

    assert rate(0, 1.0) > rate(1, 0.0)


def test_an_unknown_number_is_no_zero() -> None:
    known = eleven() + [row(7, place, {GOALS: 1}) for place in range(10)]
    model = fitted(known)
    assert model.project(7, FORWARD, 90)[SHOTS].mean == pytest.approx(float(model.position_rates[FORWARD][2]))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000))
def test_the_order_of_rows_and_repeats_change_nothing(seed: int) -> None:
    rows = eleven() + eleven(team=2, goals=2)
    other = rows + rows[:11]
    Random(seed).shuffle(other)
    for player in (100, 106, 206):
        ours, theirs = (fitted(each).project(player, FORWARD, 70, {GOALS: 1.5}) for each in (rows, other))
        assert [ours[each].mean for each in PROJECTED] == pytest.approx([theirs[each].mean for each in PROJECTED])


MODEL = fitted(eleven())
