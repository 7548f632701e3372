"""The team model: what it does without data, with little, with much, and that only what matters matters."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_league import LEVEL, START, match, season

from PROPPR.SharedServices.football.appearances import TeamMatch
from PROPPR.SharedServices.football.model import Team
from PROPPR.SharedServices.football.statistics import PREDICTED, Period, Statistic
from PROPPR.StatsUpdateFM.core.predictions import Distribution, Model, fit
from PROPPR.StatsUpdateFM.core.predictions.table import read_table

LATER = START + timedelta(days=40)
GOALS = Statistic.GOALS


def fitted(rows: list[TeamMatch]) -> Model:
    model = fit(rows, LATER)
    assert model is not None
    return model


def means(model: Model, home: int, away: int, statistic: Statistic = GOALS) -> tuple[float, float]:
    sides = model.predict(home, away, statistic)
    assert sides is not None
    return sides[0].mean, sides[1].mean


def test_without_rows_there_is_no_model() -> None:
    assert fit([], LATER) is None


def test_matches_that_are_not_over_are_not_known() -> None:
    rows = list(match(1, START, (1, 2), ({GOALS: 2}, {GOALS: 0})))
    assert fit(rows, START) is None
    assert fit(rows, START + timedelta(hours=2)) is None
    assert fit(rows, START + timedelta(hours=2.5)) is not None


def test_a_team_never_seen_plays_like_the_mean_of_the_league() -> None:
    model = fitted(season(spread=1.0))
    unknown = means(model, 998, 999)
    assert unknown == means(model, 997, 996)
    usual = [means(model, home, away) for home in range(8) for away in range(8) if home != away]
    assert unknown[0] == pytest.approx(sum(pair[0] for pair in usual) / len(usual), rel=0.12)
    sides, known = model.predict(998, 999, GOALS), model.predict(1, 2, GOALS)
    assert sides is not None and known is not None
    assert sides[0].dispersion > known[0].dispersion


@pytest.mark.parametrize("statistic", PREDICTED, ids=str)
def test_much_data_brings_out_levels_home_advantage_and_strength(statistic: Statistic) -> None:
    model = fitted(season(spread=0.6, rounds=2))
    strong, weak = means(model, 7, 0, statistic), means(model, 0, 7, statistic)
    assert strong[0] > weak[0] and weak[1] > strong[1]
    level = means(model, 998, 999, statistic)
    assert sum(level) / 2 == pytest.approx(LEVEL[statistic], rel=0.12)


def test_equal_teams_at_home_make_more() -> None:
    home, away = means(fitted(season(rounds=3)), 998, 999, Statistic.SHOTS)
    assert 1.12 < home / away < 1.33  # they were made with e^0.2


def test_one_surprising_match_moves_little() -> None:
    rows = season()
    before = means(fitted(rows), 3, 4)
    rows += match(10_000, LATER - timedelta(days=1), (3, 5), ({GOALS: 9}, {GOALS: 0}))
    after = means(fitted(rows), 3, 4)
    assert before[0] < after[0] < before[0] * 1.35


def test_the_newer_of_two_opposite_forms_counts_more() -> None:
    def rows(first: int, then: int) -> list[TeamMatch]:
        found = season(teams=6)
        for place in range(5):
            found += match(900 + place, START + timedelta(days=place), (50, place), ({GOALS: first}, {GOALS: 1}))
            at = LATER - timedelta(days=5 - place)
            found += match(950 + place, at + timedelta(days=160), (50, place), ({GOALS: then}, {GOALS: 1}))
        return found

    at = LATER + timedelta(days=170)
    up, down = fit(rows(0, 4), at), fit(rows(4, 0), at)
    assert up is not None and down is not None
    assert means(up, 50, 999)[0] > means(down, 50, 999)[0]


def test_last_season_counts_less_than_this_one() -> None:
    rows = season(teams=6)
    table = read_table([replace(row, season="2023/2024") if row.match_id % 2 else row for row in rows], LATER)
    plain = read_table(rows, LATER)
    assert table is not None and plain is not None
    odd = [place for place, row in enumerate(sorted({row.match_id: row for row in rows})) if row % 2]
    assert table.weights[odd] == pytest.approx(plain.weights[odd] / 2)


def test_a_summer_without_matches_is_a_change_of_season() -> None:
    rows = season(teams=4)
    last = max(row.kickoff for row in rows)
    before, after = read_table(rows, last + timedelta(days=60)), read_table(rows, last + timedelta(days=61))
    assert before is not None and after is not None
    assert after.weights[-1] < before.weights[-1] * 0.51


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1000), st.booleans())
def test_order_and_doubling_of_rows_change_nothing(seed: int, both: bool) -> None:
    rows = season(teams=5)
    other = rows + rows[:7] if both else [row for row in rows if row.home]
    Random(seed).shuffle(other)
    assert means(fitted(rows), 1, 2) == pytest.approx(means(fitted(other), 1, 2), rel=1e-12)


@settings(max_examples=10, deadline=None)
@given(st.permutations(range(5)))
def test_other_numbers_for_the_teams_change_nothing_else(numbers: list[int]) -> None:
    rows = season(teams=5, spread=0.8)

    def renamed(team: Team) -> Team:
        return Team(700 + numbers[team.id], team.name)

    others = [replace(row, team=renamed(row.team), opponent=renamed(row.opponent)) for row in rows]
    plain, other = fitted(rows), fitted(others)
    for home, away in ((0, 1), (3, 2)):
        ours, theirs = means(plain, home, away), means(other, 700 + numbers[home], 700 + numbers[away])
        assert ours == pytest.approx(theirs, rel=1e-9)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 50), st.integers(1, 8))
def test_however_wild_the_numbers_predictions_stay_finite(wild: int, matches: int) -> None:
    rows: list[TeamMatch] = []
    for place in range(matches):
        numbers = ({statistic: wild for statistic in PREDICTED}, dict.fromkeys(PREDICTED, 0))
        rows += match(place, START + timedelta(days=place), (place % 3, 3), numbers)
    model = fitted(rows)
    for statistic in PREDICTED:
        sides = model.predict(0, 3, statistic)
        assert sides is not None
        assert all(0 < side.mean < 200 for side in sides)


def test_what_no_match_tells_is_not_predicted() -> None:
    rows = list(match(1, START, (1, 2), ({GOALS: 2, Statistic.CORNERS: None}, {GOALS: 0})))
    model = fitted(rows)
    assert model.predict(1, 2, GOALS) is not None
    assert model.predict(1, 2, Statistic.CORNERS) is None
    assert model.predict_total(1, 2, Statistic.CORNERS) is None
    assert model.predict(1, 2, Statistic.EXPECTED_GOALS) is None
    assert model.predict(1, 2, GOALS, Period.ALL) is None


def test_shots_alone_say_something_of_goals() -> None:
    rows = season(teams=6)
    for place in range(8):
        shots = ({Statistic.SHOTS: 22, GOALS: None}, {Statistic.SHOTS: 5, GOALS: None})
        rows += match(800 + place, START + timedelta(days=20 + place), (60, place % 6), shots)
    model = fitted(rows)
    assert means(model, 60, 999)[0] > means(model, 998, 999)[0] * 1.15
    assert means(model, 999, 60)[0] < means(model, 999, 998)[0]


def test_expected_goals_outweigh_as_many_goals() -> None:
    def numbers(goals: int, expected: float) -> dict[Statistic, float | None]:
        return {GOALS: goals, Statistic.EXPECTED_GOALS: expected}

    def model(goals: int, expected: float) -> Model:
        rows: list[TeamMatch] = []
        for row in season(teams=6):
            if row.home:
                pair = row.own[Period.MATCH][GOALS] or 0, row.against[Period.MATCH][GOALS] or 0
                sides = [numbers(int(each), 0.7 + each / 2) for each in pair]
                rows += match(row.match_id, row.kickoff, (row.team.id, row.opponent.id), (sides[0], sides[1]))
        for place in range(6):
            both = numbers(goals, expected), numbers(1, 1.2)
            rows += match(800 + place, START + timedelta(days=20 + place), (60, place), both)
        return fitted(rows)

    assert means(model(1, 3.0), 60, 999)[0] > means(model(3, 1.0), 60, 999)[0]


@pytest.mark.parametrize("statistic", PREDICTED, ids=str)
def test_halves_add_up_to_the_match(statistic: Statistic) -> None:
    model = fitted(season())
    parts = [model.predict(1, 2, statistic, period) for period in (Period.FIRST_HALF, Period.SECOND_HALF)]
    whole = model.predict(1, 2, statistic)
    assert whole is not None
    for side in (0, 1):
        assert sum(part[side].mean for part in parts if part is not None) == pytest.approx(whole[side].mean)


def test_the_league_tells_its_own_first_halves() -> None:
    rows: list[TeamMatch] = []
    for row in season(teams=8, rounds=2):
        if row.home:
            own, against = row.own[Period.MATCH], row.against[Period.MATCH]
            rows += match(
                row.match_id, row.kickoff, (row.team.id, row.opponent.id), (own, against), "s", (own, against)
            )
    usual, early = (fitted(each).predict(1, 2, GOALS, Period.FIRST_HALF) for each in (season(teams=8), rows))
    assert usual is not None and early is not None
    assert early[0].mean > usual[0].mean


@pytest.mark.parametrize("period", [Period.MATCH, Period.FIRST_HALF], ids=str)
@pytest.mark.parametrize("statistic", PREDICTED, ids=str)
def test_totals_have_the_sum_of_the_means(statistic: Statistic, period: Period) -> None:
    model = fitted(season())
    sides, both = model.predict(1, 2, statistic, period), model.predict_total(1, 2, statistic, period)
    assert sides is not None and isinstance(both, Distribution)
    assert both.mean == pytest.approx(sides[0].mean + sides[1].mean)
    assert both.variance > max(side.variance for side in sides)
