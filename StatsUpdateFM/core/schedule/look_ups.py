"""When a match is to be looked up, from what is listed, what is stored and the time: the whole schedule of matches.

Nothing has to be remembered between two looks: what was not done, by whatever cause, is still due afterwards, and what
was done has left its mark in the store. So the schedule survives restarts and needs no catching up of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final

from PROPPR.SharedServices.football.listed_match import ListedMatch
from PROPPR.SharedServices.football.model import State
from PROPPR.SharedServices.storage.matches import MatchState

BEFORE_KICKOFF: Final = timedelta(hours=2)
"""First look before a match: who is injured or suspended."""
LINEUPS_OUT: Final = timedelta(minutes=55)
"""Second look, where the line-ups were not out at the first: they are an hour before the kick-off, as a rule."""
AFTER_KICKOFF: Final = timedelta(hours=2, minutes=30)
"""30 minutes after full time: two halves, the interval and stoppage time take two hours."""
RECENT: Final = timedelta(days=7)
"""A match that stayed incomplete for so long is given up; one that old and not stored waits for what is left over."""
NEXT_DAY: Final = timedelta(hours=24)
REVISED_WITHIN: Final = timedelta(days=5)
BACKOFF: Final = 2
"""An incomplete match is looked up again at twice its age: 5, 10, 20, 40, 80 and 160 hours after the kick-off."""

_CALLED_OFF: Final = frozenset({State.POSTPONED, State.CANCELLED})


class Reason(IntEnum):
    """Why a match is looked up, the most urgent first."""

    PRE_MATCH = 0
    POST_MATCH = 1
    REVISION = 2
    BACKFILL = 3


@dataclass(frozen=True, slots=True)
class LookUp:
    """A match that should be looked up now."""

    match_id: int
    league_id: int
    season: str
    kickoff: datetime
    reason: Reason


def reason_for(listed: ListedMatch, state: MatchState | None, now: datetime, *, mapped: bool) -> Reason | None:
    """Why this match should be looked up now; None if it should not.

    Before its kick-off only a match that belongs to a fixture (`mapped`) is of interest. `state` is what is stored of
    it, None where nothing is.
    """
    if listed.state in _CALLED_OFF:
        return None
    if now < listed.kickoff:
        return Reason.PRE_MATCH if mapped and _before(listed.kickoff, state, now) else None
    age = now - listed.kickoff
    if age < AFTER_KICKOFF:
        return None
    if state is not None and state.complete:
        return Reason.REVISION if _unrevised(listed.kickoff, state, now) else None
    if age > RECENT:
        return Reason.BACKFILL if state is None and listed.state is State.PLAYED else None
    return Reason.POST_MATCH if _unsettled(listed.kickoff, state, now) else None


def due(
    listed: Iterable[ListedMatch],
    states: dict[int, MatchState],
    now: datetime,
    *,
    league_id: int,
    season: str,
    mapped: Iterable[int] = (),
) -> list[LookUp]:
    """All matches of a league's listing that should be looked up now, in the order of the listing."""
    known = frozenset(mapped)
    found: list[LookUp] = []
    for match in listed:
        reason = reason_for(match, states.get(match.match_id), now, mapped=match.match_id in known)
        if reason is not None:
            found.append(LookUp(match.match_id, league_id, season, match.kickoff, reason))
    return found


def _before(kickoff: datetime, state: MatchState | None, now: datetime) -> bool:
    if now < kickoff - BEFORE_KICKOFF:
        return False
    if state is None or state.checked_at < kickoff - BEFORE_KICKOFF:
        return True
    return not state.confirmed and state.checked_at < kickoff - LINEUPS_OUT <= now


def _unsettled(kickoff: datetime, state: MatchState | None, now: datetime) -> bool:
    if state is None or state.checked_at < kickoff + AFTER_KICKOFF:
        return True
    return now - kickoff >= BACKOFF * (state.checked_at - kickoff)


def _unrevised(kickoff: datetime, state: MatchState, now: datetime) -> bool:
    age = now - kickoff
    return NEXT_DAY <= age <= REVISED_WITHIN and state.checked_at < kickoff + NEXT_DAY
