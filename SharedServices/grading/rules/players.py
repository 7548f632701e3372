"""Goalscorers: own goals never count, neither as a goal of the man nor as the first or last of the match."""

from __future__ import annotations

from collections.abc import Sequence

from PROPPR.SharedServices.football.model import Goal, Minute
from PROPPR.SharedServices.grading.result import Result


def scorers(goals: Sequence[Goal]) -> tuple[Goal, ...]:
    """The goals that count for goalscorer markets, in order."""
    return tuple(goal for goal in goals if not goal.own_goal)


def anytime_scorer(goals: Sequence[Goal], player_id: int, times: int = 1) -> Result:
    """To score at any time, or `times` or more ("two or more", "hat-trick")."""
    return _won(sum(1 for goal in scorers(goals) if goal.player_id == player_id) >= times)


def first_scorer(goals: Sequence[Goal], player_id: int, came_on: Minute | None) -> Result | None:
    """First goalscorer of `goals`. `came_on` is when he came on, None for a man who started.

    Who comes on after the first goal is refunded: he had no chance of it (the rule of all bookmakers; an own goal is
    no first goal). With no goal but own goals every man loses. None where he came on in the very minute of the goal,
    so that nobody can tell which was first.
    """
    counted = scorers(goals)
    if not counted:
        return Result.LOST
    first = counted[0]
    if first.player_id == player_id:
        return Result.WON
    if came_on is None or came_on < first.at:
        return Result.LOST
    return Result.REFUND if came_on > first.at else None


def last_scorer(goals: Sequence[Goal], player_id: int) -> Result:
    """Last goalscorer of `goals`: every man who played at all stands, even if he had gone off before it."""
    counted = scorers(goals)
    return _won(bool(counted) and counted[-1].player_id == player_id)


def no_scorer(goals: Sequence[Goal]) -> Result:
    """ "No goalscorer": won where no goal but own goals fell."""
    return _won(not scorers(goals))


def _won(yes: bool) -> Result:
    return Result.WON if yes else Result.LOST
