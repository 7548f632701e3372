"""Goalscorers and what cards are worth."""

from __future__ import annotations

import pytest

from PROPPR.SharedServices.football.model import CardKind, Goal, Minute
from PROPPR.SharedServices.grading.rules import players
from PROPPR.SharedServices.grading.rules.counts import BOOKING_POINTS, RED_COUNTS_ONE, RED_COUNTS_TWO, worth_of

OWN = Goal(Minute(5), True, 99, "Unlucky", own_goal=True)
FIRST = Goal(Minute(20), True, 1, "One")
SECOND = Goal(Minute(70), False, 2, "Two")
THIRD = Goal(Minute(90, 3), True, 1, "One")
GOALS = (OWN, FIRST, SECOND, THIRD)


def test_own_goals_are_nobodys() -> None:
    assert players.anytime_scorer(GOALS, 99) == "lost"
    assert players.first_scorer(GOALS, 99, None) == "lost"
    assert players.first_scorer(GOALS, 1, None) == "won"
    assert players.first_scorer((OWN,), 1, None) == "lost"
    assert players.no_scorer((OWN,)) == "won"
    assert players.no_scorer(GOALS) == "lost"


def test_two_or_more() -> None:
    assert players.anytime_scorer(GOALS, 1, times=2) == "won"
    assert players.anytime_scorer(GOALS, 2, times=2) == "lost"
    assert players.anytime_scorer(GOALS, 1, times=3) == "lost"


@pytest.mark.parametrize(
    ("came_on", "expected"),
    [(None, "lost"), (Minute(10), "lost"), (Minute(20), None), (Minute(46), "refund")],
    ids=["starter", "before", "same minute", "after"],
)
def test_who_came_on_after_the_first_goal_is_refunded(came_on: Minute | None, expected: str | None) -> None:
    assert players.first_scorer(GOALS, 7, came_on) == expected


def test_last_scorer() -> None:
    assert players.last_scorer(GOALS, 1) == "won"
    assert players.last_scorer(GOALS, 2) == "lost"
    assert players.last_scorer((FIRST, OWN), 1) == "won"
    assert players.last_scorer((), 1) == "lost"


@pytest.mark.parametrize(
    ("shown", "points", "one", "two"),
    [
        ([CardKind.YELLOW], 10, 1, 1),
        ([CardKind.RED], 25, 1, 2),
        ([CardKind.YELLOW, CardKind.SECOND_YELLOW], 35, 2, 3),
        ([CardKind.YELLOW, CardKind.RED], 35, 2, 3),
        ([], 0, 0, 0),
    ],
    ids=["yellow", "red", "two yellows", "yellow and red", "none"],
)
def test_what_cards_are_worth(shown: list[CardKind], points: int, one: int, two: int) -> None:
    assert [worth_of(shown, worth) for worth in (BOOKING_POINTS, RED_COUNTS_ONE, RED_COUNTS_TWO)] == [points, one, two]
