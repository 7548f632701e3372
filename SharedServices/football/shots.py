"""The shots of a match."""

from __future__ import annotations

from PROPPR.SharedServices.football.errors import At
from PROPPR.SharedServices.football.fields import (
    Json,
    as_object,
    flag,
    integer,
    items,
    optional_integer,
    optional_mapping,
    optional_number,
    present,
    text,
    wrong,
)
from PROPPR.SharedServices.football.model import Minute, Shot
from PROPPR.SharedServices.football.statistics import Period

_PERIODS = {
    "FirstHalf": Period.FIRST_HALF,
    "SecondHalf": Period.SECOND_HALF,
    "FirstHalfExtra": Period.EXTRA_TIME,
    "SecondHalfExtra": Period.EXTRA_TIME,
}
_SHOOTOUT = "PenaltyShootout"
_KINDS = frozenset({"Goal", "AttemptSaved", "Miss", "Post"})


def read_shots(content: Json, home_id: int, away_id: int) -> tuple[Shot, ...]:
    """Read `content.shotmap`, without own goals and the shootout. Raises LayoutChanged."""
    present(content, "shotmap")
    shotmap = optional_mapping(content, "shotmap")
    if shotmap is None:
        return ()
    shots: list[Shot] = []
    with At("shotmap"):
        for index, shot in enumerate(items(shotmap, "shots")):
            with At("shots", index):
                read = _read(as_object(shot), home_id, away_id)
            if read is not None:
                shots.append(read)
    return tuple(shots)


def _read(shot: Json, home_id: int, away_id: int) -> Shot | None:
    name = text(shot, "period")
    if name == _SHOOTOUT or flag(shot, "isOwnGoal"):
        return None
    if name not in _PERIODS:
        raise wrong("period", "a period that we know", name)
    kind = text(shot, "eventType")
    if kind not in _KINDS:
        raise wrong("eventType", f"one of {', '.join(sorted(_KINDS))}", kind)
    team = integer(shot, "teamId")
    if team not in (home_id, away_id):
        raise wrong("teamId", "one of the two teams", team)
    blocked = flag(shot, "isBlocked")
    return Shot(
        at=Minute(integer(shot, "min"), optional_integer(shot, "minAdded") or 0),
        period=_PERIODS[name],
        home=team == home_id,
        player_id=optional_integer(shot, "playerId"),
        goal=kind == "Goal",
        # the source's own isOnTarget is true for blocked shots
        on_target=kind == "Goal" or (kind == "AttemptSaved" and not blocked),
        blocked=blocked,
        expected_goals=optional_number(shot, "expectedGoals"),
    )
