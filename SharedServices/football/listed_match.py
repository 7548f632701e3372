"""A match as lists show it: on the page of a day, of a league, of a team."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from PROPPR.SharedServices.football.errors import At, LayoutChanged
from PROPPR.SharedServices.football.fields import (
    Json,
    as_object,
    integer,
    mapping,
    moment,
    optional_integer,
    optional_text,
    text,
    wrong,
)
from PROPPR.SharedServices.football.model import Ending, League, Score, State, Team
from PROPPR.SharedServices.football.standing import read_standing

OnReject = Callable[[LayoutChanged], None]
"""Called for each row that could not be read and was left out."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST: Final = 10**13
_SCORE: Final = re.compile(r"\s*(\d{1,3})\s*[-\u2013]\s*(\d{1,3})\s*")
_WITH_A_SCORE: Final = frozenset({State.LIVE, State.PLAYED, State.ABANDONED, State.AWARDED})


@dataclass(frozen=True, slots=True)
class ListedMatch:
    """One row of a list. `kickoff` is in UTC; `ending` is set for played matches only.

    `score` is after extra time, without the shootout: that of the moment for a live match, at the stop for an abandoned
    one, the decision's for an awarded one, and None for all others (the source shows 0 - 0 there).
    """

    match_id: int
    league: League
    kickoff: datetime
    home: Team
    away: Team
    state: State
    ending: Ending | None = None
    score: Score | None = None
    round: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a list that is still to be read: its place in the page, what is there, and how to read it."""

    place: tuple[str | int, ...]
    value: object
    read: Callable[[Json], ListedMatch | None]


def read_rows(rows: Sequence[Row], on_reject: OnReject | None = None) -> tuple[ListedMatch, ...]:
    """Read the rows of a list, each by itself, in their order and each match once.

    A row that can't be read is left out and told to `on_reject`. When it is more than one and more than a tenth, or
    all of them, the layout has changed: the first one's LayoutChanged is raised.
    """
    found: dict[int, ListedMatch] = {}
    rejects: list[LayoutChanged] = []
    for row in rows:
        try:
            with At(*row.place):
                match = row.read(as_object(row.value))
        except LayoutChanged as changed:
            rejects.append(changed)
            continue
        if match is not None:
            found.setdefault(match.match_id, match)
    if rejects and (len(rejects) == len(rows) or len(rejects) > max(1, len(rows) // 10)):
        raise rejects[0]
    if on_reject is not None:
        for reject in rejects:
            on_reject(reject)
    return tuple(found.values())


def read_listed_match(row: Json, league: League, round_: str | None) -> ListedMatch | None:
    """Read a row; None for one that waits for its teams ("winner of match 3"). Raises LayoutChanged."""
    home, away, status = (mapping(row, key) for key in ("home", "away", "status"))
    with At("status"):
        state, ending = read_standing(status, row.get("statusId"))
    if state is State.SCHEDULED and (_is_open(home) or _is_open(away)):
        return None
    teams = []
    for key, side in (("home", home), ("away", away)):
        with At(key):
            teams.append(Team(read_id(side, "id"), optional_text(side, "longName") or text(side, "name")))
    return ListedMatch(
        match_id=read_id(row, "id"),
        league=league,
        kickoff=_kickoff(row, status),
        home=teams[0],
        away=teams[1],
        state=state,
        ending=ending,
        score=_score(status, home, away, state, ending),
        round=round_,
    )


def read_id(parent: Json, key: str) -> int:
    """Return the id at `key`, a number or its digits. Raises LayoutChanged."""
    found = integer(parent, key)
    if not 0 < found < 2**63:
        raise wrong(key, "an id", parent[key])
    return found


def _kickoff(row: Json, status: Json) -> datetime:
    """Return the time of kick-off; lists of before 2022 have it beside the status, in ms since 1970."""
    stamp = row.get("timeTS")
    if "utcTime" not in status and isinstance(stamp, int) and 0 < stamp < _LATEST:
        return _EPOCH + timedelta(milliseconds=stamp)
    with At("status"):
        return moment(status, "utcTime")


def _is_open(side: Json) -> bool:
    """Whether the team is still to be found out: the id is there and says nothing."""
    return "id" in side and side["id"] in (None, "", 0, "0", -1, "-1")


def _score(status: Json, home: Json, away: Json, state: State, ending: Ending | None) -> Score | None:
    if state not in _WITH_A_SCORE:
        return None
    with At("status"):
        shown = _SCORE.fullmatch(optional_text(status, "scoreStr") or "")
    if shown is not None:
        return Score(int(shown[1]), int(shown[2]))
    # The sides' own numbers are 0 where nothing is known, and on some pages they add the shootout.
    if state is State.ABANDONED or ending is Ending.PENALTIES:
        return None
    goals = optional_integer(home, "score"), optional_integer(away, "score")
    return None if goals[0] is None or goals[1] is None else Score(goals[0], goals[1])
