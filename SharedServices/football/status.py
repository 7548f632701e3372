"""The head of a match page: where the match stands, when it kicks off, its score and shootout."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from PROPPR.SharedServices.football.errors import At
from PROPPR.SharedServices.football.fields import (
    Json,
    boolean,
    flag,
    integer,
    missing,
    moment,
    optional_mapping,
    optional_text,
    pair,
)
from PROPPR.SharedServices.football.model import Ending, Score, State
from PROPPR.SharedServices.football.standing import read_standing

_WITH_A_SCORE = frozenset({State.LIVE, State.PLAYED, State.ABANDONED, State.AWARDED})


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a match; `ending` after a match played to the end, `shootout` where it is told."""

    state: State
    kickoff: datetime
    ending: Ending | None
    shootout: Score | None


def read_status(status: Json) -> Status:
    """Read `header.status`: the rule of `standing`, and every part that it looks at must be there.

    Raises LayoutChanged.
    """
    flags = [boolean(status, key) for key in ("started", "finished", "cancelled")]
    flag(status, "awarded")
    reason = optional_mapping(status, "reason") or {}
    with At("reason"):
        if any(flags[1:]) and not (optional_text(reason, "shortKey") or optional_text(reason, "short")):
            raise missing("short")
        shootout = Score(*pair(reason, "penalties")) if reason.get("penalties") else None
    state, ending = read_standing(status)
    return Status(state, moment(status, "utcTime"), ending, shootout)


def read_score(sides: tuple[Json, Json], state: State) -> Score | None:
    """Return the score of `header.teams`, None for a match that has none: the source shows 0 before it is played."""
    goals: list[int] = []
    for index, side in enumerate(sides):
        if state in _WITH_A_SCORE:
            with At(index):
                goals.append(integer(side, "score"))
    return Score(*goals) if goals else None
