"""The stand-in's price model: probabilities that belong together add up, lines are ordered, goals move prices."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.simulator.goals import LONGEST, asian, goal_model, normal_over, poisson_over

STEPS = st.integers(8, 70)
LINES = (0.5, 1.5, 2.5, 3.5, 4.5)


@given(STEPS, STEPS)
def test_results_and_both_sides_of_a_line_add_up(home: int, away: int) -> None:
    model = goal_model(home, away)
    assert sum(model.result) == pytest.approx(1.0)
    prices = model.totals(LINES)
    for over, under in zip(prices[::2], prices[1::2], strict=True):
        if max(over, under) < LONGEST * 0.2:
            assert 1 / over + 1 / under == pytest.approx(1.0, abs=0.01)


@given(STEPS, STEPS)
def test_a_higher_line_is_dearer_to_pass_and_more_goals_make_it_cheaper(home: int, away: int) -> None:
    overs = goal_model(home, away).totals(LINES)[::2]
    assert list(overs) == sorted(overs)
    assert goal_model(home + 5, away).totals(LINES)[0] <= overs[0] + 1e-9


@given(STEPS, STEPS)
def test_spreads_are_from_the_home_side(home: int, away: int) -> None:
    prices = goal_model(home, away).spreads((-1.0, -0.5, 0.5, 1.0))[::2]
    assert list(prices) == sorted(prices, reverse=True)
    home_wins = 1 / goal_model(home, away).spreads((-0.5,))[0]
    assert home_wins == pytest.approx(max(goal_model(home, away).result[0], 1 / LONGEST), abs=0.01)


def test_a_quarter_line_lies_between_its_halves_and_stakes_returned_do_not_count() -> None:
    even = ((0, 0.25), (1, 0.5), (2, 0.25))
    assert asian(even, 1) == (2.0, 2.0)
    low, quarter, high = (asian(even, line)[0] for line in (0.5, 0.75, 1.0))
    assert low < quarter < high


@given(st.floats(0.05, 8), st.integers(0, 6))
def test_counts_are_ordered(mean: float, whole: int) -> None:
    assert poisson_over(mean, whole + 0.5)[0] <= poisson_over(mean, whole + 1.5)[0]
    assert normal_over(mean * 4, 3.0, whole)[0] <= normal_over(mean * 4, 3.0, whole + 1)[0]
