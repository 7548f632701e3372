"""One fixture and one match: may they be the same, how surely, and what speaks for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from PROPPR.SharedServices.football.model import League, State, Team
from PROPPR.SharedServices.mapping.leagues import Judgement, Relation

AGREES: Final = timedelta(minutes=30)
"""Kick-offs that are one and the same."""
SHIFTED: Final = timedelta(hours=3)
SAME_DAY: Final = timedelta(hours=14)
NEXT_DAY: Final = timedelta(hours=36)
REARRANGED: Final = timedelta(days=10)
"""The furthest that a match may have moved at one source and not yet at the other."""
REARRANGED_NAMES: Final = 0.97
SWAPPED_FACTOR: Final = 0.90


class FotMobMatch(Protocol):
    """What the mapping needs to know of a match: a row of a list and a whole match both have it."""

    @property
    def match_id(self) -> int: ...
    @property
    def league(self) -> League: ...
    @property
    def kickoff(self) -> datetime: ...
    @property
    def home(self) -> Team: ...
    @property
    def away(self) -> Team: ...
    @property
    def state(self) -> State: ...


@dataclass(frozen=True, slots=True)
class Candidate:
    """A match that a fixture may be. `score` is from 0 to 1; `swapped`: the sides are the other way round.

    `home_similarity` and `away_similarity` are of the fixture's home and away team; `apart` is the match's kick-off
    less the fixture's.
    """

    match_id: int
    score: float
    home: str
    away: str
    kickoff: datetime
    country: str | None
    league: str
    competition_id: int
    relation: Relation
    home_similarity: float
    away_similarity: float
    apart: timedelta
    swapped: bool = False


def time_factor(apart: timedelta) -> float:
    """Return what a difference of kick-offs leaves of the score: 1 at none, 0.98 at 3 h, 0 beyond ten days."""
    distance = abs(apart)
    if distance <= SHIFTED:
        return 1.0 - 0.02 * (distance / SHIFTED)
    if distance <= SAME_DAY:
        return 0.95
    if distance <= NEXT_DAY:
        return 0.91
    return 0.86 if distance <= REARRANGED else 0.0


def league_factor(judgement: Judgement) -> float:
    """Return what the leagues leave of the score: all where they are one; too little for the bar where they differ."""
    if judgement.relation is Relation.SAME:
        return 1.0
    return 0.90 + 0.08 * judgement.likeness if judgement.relation is Relation.POSSIBLE else 0.6


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What else is known of a candidate: who else of the two meets when, and what both sources say of its standing.

    `alone`: the two teams meet only this once within three weeks; `alone_in_order`: only this once on this side's
    ground.
    """

    state: State
    status: str
    alone: bool
    alone_in_order: bool
    neutral: bool
    friendly: bool


def is_excluded(candidate: Candidate, known: Circumstances) -> bool:
    """Whether a candidate that the names allow must not be taken, for the time of its kick-off.

    What is apart in time is one match only if nothing else can be meant: no second meeting of the two teams near by
    (for the same day: none on the same ground), and from three hours on the same competition and no friendly. From the
    next day but one on, names beyond doubt too; and what one source has seen played can't be what the other expects.
    """
    distance = abs(candidate.apart)
    same_ground_tells = distance <= SAME_DAY and not known.neutral
    if distance > AGREES and not (known.alone_in_order if same_ground_tells else known.alone):
        return True
    if distance <= SHIFTED:
        return False
    if candidate.relation is not Relation.SAME or known.friendly or candidate.swapped:
        return True
    if distance <= NEXT_DAY:
        return False
    if min(candidate.home_similarity, candidate.away_similarity) < REARRANGED_NAMES:
        return True
    if candidate.apart < timedelta(0):  # the match was before the fixture: it must not have been played
        return known.state in (State.PLAYED, State.AWARDED, State.ABANDONED, State.LIVE)
    return known.status in ("settled", "live", "finished", "ended")
