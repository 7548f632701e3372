"""Results, scores, handicaps."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.grading.result import Result, mirrored
from PROPPR.SharedServices.grading.rules import handicaps, results
from PROPPR.SharedServices.grading.rules.totals import over_under

GOALS = st.integers(0, 9)
LINES = st.integers(-20, 20).map(lambda quarters: Decimal(quarters) / 4)
OUTCOMES = ("home", "draw", "away")


@pytest.mark.parametrize(
    ("own", "other", "line", "expected"),
    [
        (2, 1, "-0.5", "won"),
        (1, 1, "-0.5", "lost"),
        (1, 1, "0", "refund"),
        (2, 1, "-1", "refund"),
        (2, 1, "-0.75", "half_won"),
        (2, 1, "-1.25", "half_lost"),
        (1, 1, "0.25", "half_won"),
        (1, 1, "-0.25", "half_lost"),
        (0, 1, "0.75", "half_lost"),
        (0, 1, "1.25", "half_won"),
    ],
)
def test_asian_handicap(own: int, other: int, line: str, expected: str) -> None:
    assert handicaps.asian_handicap(own, other, Decimal(line)) == expected


@given(GOALS, GOALS, LINES)
def test_both_sides_of_a_handicap_mirror_each_other(home: int, away: int, line: Decimal) -> None:
    result = handicaps.asian_handicap(home, away, line)
    assert mirrored(result) is handicaps.asian_handicap(away, home, -line)


@given(GOALS, GOALS, LINES)
def test_a_handicap_is_a_line_on_the_margin(home: int, away: int, line: Decimal) -> None:
    assert handicaps.asian_handicap(home, away, line) is over_under(home - away, -line, over=True)


@given(GOALS, GOALS)
def test_draw_no_bet_is_a_handicap_of_none(home: int, away: int) -> None:
    assert results.draw_no_bet(home, away, "home") is handicaps.asian_handicap(home, away, Decimal(0))


@given(GOALS, GOALS, st.integers(-4, 4))
def test_one_of_three_wins(home: int, away: int, line: int) -> None:
    assert [results.match_result(home, away, outcome) for outcome in OUTCOMES].count(Result.WON) == 1
    assert [handicaps.european_handicap(home, away, line, outcome) for outcome in OUTCOMES].count(Result.WON) == 1
    twos = [{"home", "draw"}, {"home", "away"}, {"draw", "away"}]
    assert [results.double_chance(home, away, two) for two in twos].count(Result.WON) == 2


@given(GOALS, GOALS)
def test_yes_and_no(home: int, away: int) -> None:
    both = [results.both_teams_to_score(home, away, yes=yes) for yes in (True, False)]
    assert both[0] is mirrored(both[1])
    assert (both[0] is Result.WON) == (home > 0 < away)
    assert results.clean_sheet(away, yes=True) is (Result.LOST if away else Result.WON)
    nil = results.win_to_nil(home, away, yes=True)
    assert (nil is Result.WON) == (home > 0 == away)


def test_half_time_full_time_takes_the_score_of_the_whole_match() -> None:
    assert results.half_time_full_time((1, 0), (1, 1), ("home", "draw")) == "won"
    assert results.half_time_full_time((1, 0), (1, 1), ("home", "away")) == "lost"


def test_european_handicap_has_a_draw() -> None:
    assert handicaps.european_handicap(2, 1, -1, "draw") == "won"
    assert handicaps.european_handicap(2, 1, -1, "home") == "lost"
    assert handicaps.european_handicap(1, 1, 1, "home") == "won"


def test_correct_score_and_who_goes_through() -> None:
    assert results.correct_score(2, 1, (2, 1)) == "won"
    assert results.correct_score(2, 1, (1, 2)) == "lost"
    assert results.to_qualify(True, home=True) == "won"
    assert results.to_qualify(True, home=False) == "lost"
