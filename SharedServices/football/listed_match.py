"""A match as lists show it: on the page of a day, of a league, of a team."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from PROPPR.SharedServices.football.errors import LayoutChanged
from PROPPR.SharedServices.football.model import Ending, League, Score, State, Team
from PROPPR.SharedServices.football.page_parts import Part, moment, part_of, text, whole
from PROPPR.SharedServices.football.standing import read_standing

OnReject = Callable[[LayoutChanged], None]
"""Called for each row that could not be read and was left out."""

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
    """A row of a list that is still to be read: where it is, what is there, and how to read it."""

    path: str
    value: object
    read: Callable[[Part], ListedMatch | None]


def read_rows(rows: Sequence[Row], on_reject: OnReject | None = None) -> tuple[ListedMatch, ...]:
    """Read the rows of a list, each by itself, in their order and each match once.

    A row that can't be read is left out and told to `on_reject`. When it is more than one and more than a tenth, or
    all of them, the layout has changed: the first one's LayoutChanged is raised.
    """
    found: dict[int, ListedMatch] = {}
    rejects: list[LayoutChanged] = []
    for row in rows:
        try:
            match = row.read(part_of(row.value, row.path))
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


def read_listed_match(row: Part, league: League, round_: object) -> ListedMatch | None:
    """Read a row; None for one that waits for its teams ("winner of match 3"). Raises LayoutChanged."""
    home, away = row.part("home"), row.part("away")
    status = row.part("status")
    state, ending = read_standing(status, row.get("statusId"))
    if state is State.SCHEDULED and (_is_open(home) or _is_open(away)):
        return None
    kickoff = moment(status.get("utcTime")) or moment(row.get("timeTS"))
    if kickoff is None:
        raise LayoutChanged(status.at("utcTime"), "the time of kick-off was expected")
    return ListedMatch(
        row.id("id"), league, kickoff, read_side(home), read_side(away), state, ending,
        _score(status, home, away, state, ending), text(round_),
    )  # fmt: skip


def read_side(side: Part) -> Team:
    """Read a team by its longest name. Raises LayoutChanged."""
    return Team(side.id("id"), side.text_if_any("longName") or side.text("name"))


def _is_open(side: Part) -> bool:
    """Whether the team is still to be found out: the id is there and says nothing."""
    return "id" in side.value and side.get("id") in (None, "", 0, "0", -1, "-1")


def _score(status: Part, home: Part, away: Part, state: State, ending: Ending | None) -> Score | None:
    if state not in _WITH_A_SCORE:
        return None
    shown = _SCORE.fullmatch(status.text_if_any("scoreStr") or "")
    if shown is not None:
        return Score(int(shown[1]), int(shown[2]))
    # The sides' own numbers are 0 where nothing is known, and on some pages they add the shootout.
    if state is State.ABANDONED or ending is Ending.PENALTIES:
        return None
    goals = whole(home.get("score")), whole(away.get("score"))
    return None if goals[0] is None or goals[1] is None else Score(goals[0], goals[1])
