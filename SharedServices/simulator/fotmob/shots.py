"""`content.shotmap` of a match: shots, own goals and the kicks of a shootout, with the events they belong to."""

from __future__ import annotations

from typing import Any

from PROPPR.SharedServices.simulator.fotmob.play import Attempt, Game
from PROPPR.SharedServices.simulator.fotmob.team_stats import PERIODS
from PROPPR.SharedServices.simulator.scoreline import shown

Json = dict[str, Any]
_PERIODS = ("", "FirstHalf", "SecondHalf", "FirstHalfExtra", "SecondHalfExtra")
_SITUATIONS = ("RegularPlay", "FromCorner", "SetPiece", "RegularPlay", "FastBreak", "RegularPlay", "ThrowInSetPiece")


def shot_row(game: Game, match_id: int, shot: Attempt, color: str, kick: int | None = None) -> Json:
    """One shot; `kick` is its number in the shootout. Blocked shots say `isOnTarget`, as FotMob's do."""
    minute, over = shown(shot.at)
    blocked = shot.end == "Blocked"
    went_in = shot.end in ("Goal", "AttemptSaved") and not blocked
    goal_x, goal_y = (round(34 + (shot.number * 13 % 7 - 3) * 1.1, 4), round((shot.number * 7 % 24) / 10, 4))
    row: Json = {
        "id": match_id % 10_000_000 * 100 + shot.number + (60 if kick is not None else 0),
        "eventType": "AttemptSaved" if blocked else shot.end,
        "teamId": game.side(shot.home).club.id,
        "playerId": shot.man.id,
        "playerName": shot.man.name,
        "x": shot.x,
        "y": shot.y,
        "min": minute if kick is None else 121 + kick,
        "minAdded": (over or None) if kick is None else None,
        "isBlocked": blocked,
        "isOnTarget": went_in or blocked,
        "blockedX": round(shot.x + 2.0, 4) if blocked else None,
        "blockedY": shot.y if blocked else None,
        "goalCrossedY": goal_x,
        "goalCrossedZ": goal_y,
        "expectedGoals": None if shot.own_goal else shot.xg,
        "expectedGoalsOnTarget": round(shot.xg * 1.1, 6) if went_in else 0,
        "shotType": "Header" if shot.headed else ("RightFoot" if shot.number % 3 else "LeftFoot"),
        "situation": "Penalty" if shot.penalty else _SITUATIONS[shot.number % len(_SITUATIONS)],
        "period": "PenaltyShootout" if kick is not None else _PERIODS[shot.at[0]],
        "isOwnGoal": shot.own_goal,
        "onGoalShot": {"x": round(goal_x / 34, 6), "y": round(goal_y / 4, 6), "zoomRatio": 1},
        "isSavedOffLine": False,
        "isFromInsideBox": shot.x >= 88.5,
        "keeperId": shot.keeper.id if shot.keeper is not None else None,
        "firstName": shot.man.first,
        "lastName": shot.man.last,
        "fullName": shot.man.name,
        "teamColor": color,
    }
    return row


def shotmap(rows: list[Json]) -> Json:
    """All shots, and once more by period."""
    periods: Json = {"All": rows}
    for name, period in zip(PERIODS[1:], _PERIODS[1:], strict=True):
        found = [row for row in rows if row["period"] == period]
        if found or name in ("FirstHalf", "SecondHalf"):
            periods[name] = found
    return {"shots": rows, "Periods": periods if rows else {"All": []}}
