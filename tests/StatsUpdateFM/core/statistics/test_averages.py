from __future__ import annotations

from fractions import Fraction
from math import floor, isclose

import pytest
from football_rows import SEASON, team_row, team_seasons
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.football.appearances import TeamMatch, distinct_matches
from PROPPR.SharedServices.football.ninety_minutes import PERIODS
from PROPPR.SharedServices.football.statistics import PREDICTED, Statistic
from PROPPR.StatsUpdateFM.core.statistics.averages import Average, Window, average, averages, half_line, select

KNOWN = st.none() | st.integers(0, 40)


@given(st.lists(KNOWN))
def test_an_average_is_over_what_is_known(values: list[int | None]) -> None:
    known = [value for value in values if value is not None]
    found = average(values)
    if not known:
        assert found is None
    else:
        assert found is not None
        assert found.n == len(known)
        assert isclose(found.mean, Fraction(sum(known), len(known)))


@given(values=st.lists(KNOWN), unknown=st.integers(0, 5))
def test_unknown_never_counts_as_zero(values: list[int | None], unknown: int) -> None:
    assert average([*values, *[None] * unknown]) == average(values)


@given(team_seasons(), st.sampled_from(Window), st.sampled_from([None, True, False]))
def test_a_window_takes_the_newest(rows: list[TeamMatch], window: Window, home: bool | None) -> None:
    chosen = select(distinct_matches(rows), window, SEASON, home)
    fitting = [row for row in rows if home is None or row.home is home]
    if window is Window.SEASON:
        assert list(chosen) == [row for row in reversed(fitting) if row.season == SEASON]
    else:
        assert window.size is not None
        assert list(chosen) == fitting[::-1][: window.size]


@given(team_seasons(), st.sampled_from(PERIODS), st.booleans())
def test_averages_equal_brute_force(rows: list[TeamMatch], period: object, against: bool) -> None:
    found = averages(rows, period, against=against)  # type: ignore[arg-type]
    for statistic in PREDICTED:
        total, count = 0, 0
        for row in rows:
            side = row.against if against else row.own
            value = side[period][statistic]  # type: ignore[index]
            if value is not None:
                total, count = total + int(value), count + 1
        if count == 0:
            assert statistic not in found
        else:
            assert found[statistic].n == count
            assert isclose(found[statistic].mean, total / count)


@given(team_seasons())
def test_home_and_away_add_up_to_all(rows: list[TeamMatch]) -> None:
    whole = averages(rows)
    home, away = (averages([row for row in rows if row.home is at_home]) for at_home in (True, False))
    for statistic, mean in whole.items():
        parts = [part[statistic] for part in (home, away) if statistic in part]
        assert sum(part.n for part in parts) == mean.n
        assert isclose(sum(part.mean * part.n for part in parts), mean.mean * mean.n, abs_tol=1e-9)


def test_an_average_of_a_statistic_nobody_knows_is_absent() -> None:
    found = averages([team_row(1, own={Statistic.GOALS: 0}), team_row(2, own={Statistic.GOALS: 1})])
    assert found == {Statistic.GOALS: Average(0.5, 2)}


@pytest.mark.parametrize(
    ("mean", "line"),
    [(0.0, 0.5), (0.4, 0.5), (1.0, 0.5), (1.2, 1.5), (1.9, 1.5), (2.0, 1.5), (2.01, 2.5), (11.6, 11.5), (12.0, 11.5)],
)
def test_a_line_is_the_nearest_half_line(mean: float, line: float) -> None:
    assert half_line(mean) == line


@given(st.floats(0, 60))
def test_no_half_line_is_nearer(mean: float) -> None:
    line = half_line(mean)
    assert line - floor(line) == 0.5
    assert line == 0.5 or abs(mean - line) <= 0.5001
    assert line >= 0.5


def test_a_sum_that_floats_spoil_is_no_higher_line() -> None:
    assert 0.7 + 0.2 + 0.1 != 1.0
    assert half_line(1 + 0.7 + 0.2 + 0.1) == half_line(2.0)
    assert half_line(2.0000000000000004) == 1.5
