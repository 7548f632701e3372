"""When the source is to be asked for a match that bets are on, from what is stored of it and the time. Pure.

Nothing has to be remembered between two rounds: what was asked has left its time in the match store, whoever asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final, Protocol

END_OF_PLAY: Final = timedelta(minutes=105)
"""The earliest end of a match: two halves and the interval."""
POST_MATCH: Final = timedelta(minutes=150)
"""30 minutes after full time: two halves, the interval and stoppage time take two hours."""
DELAYED: Final = timedelta(hours=4)
"""Two hours after full time."""
LATER: Final = tuple(timedelta(hours=hours) for hours in (8, 16, 32, 64, 128))
"""What is not complete by then is looked at again at twice its age, for the last time after more than five days."""
NEXT_DAY: Final = timedelta(hours=24)
REVISED_WITHIN: Final = timedelta(days=5)
VOID_GRACE: Final = timedelta(minutes=5)


class Pass(IntEnum):
    """The pass of grading that a match is due for, the most urgent first."""

    IMMEDIATE = 0
    POST_MATCH = 1
    DELAYED = 2
    NEXT_DAY = 3


class Known(Protocol):
    """What is stored of a match (MatchState)."""

    @property
    def complete(self) -> bool:
        """Whether it was played to the end and its numbers are there."""

    @property
    def checked_at(self) -> datetime:
        """When the source was last asked for it."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """`every` is how often a match is asked for from its end until it is complete; `live` also while it is played.

    `voids` are the delays after which bets on a match that was not played are void: each wants data from after it.
    """

    every: timedelta = timedelta(minutes=5)
    live: bool = False
    voids: tuple[timedelta, ...] = ()

    @property
    def begin(self) -> timedelta:
        """The age of a match at its first look."""
        return timedelta(0) if self.live else END_OF_PLAY

    def marks(self) -> Iterable[timedelta]:
        """The ages at which an incomplete match is looked at again."""
        return self.begin, POST_MATCH, DELAYED, *LATER, *(delay + VOID_GRACE for delay in self.voids)


def pass_at(kickoff: datetime | None, now: datetime) -> Pass:
    """The pass that a bet on this match is settled in now."""
    age = NEXT_DAY if kickoff is None else now - kickoff
    if age < POST_MATCH:
        return Pass.IMMEDIATE
    if age < DELAYED:
        return Pass.POST_MATCH
    return Pass.DELAYED if age < NEXT_DAY else Pass.NEXT_DAY


def due(kickoff: datetime | None, known: Known | None, now: datetime, rhythm: Rhythm) -> Pass | None:
    """The pass for which the source should be asked now for a match that a bet waits for; None if it should not.

    A match of which neither a kick-off nor a page is known is looked up at once.
    """
    if known is not None and kickoff is not None and known.complete:
        return revision_due(kickoff, known, now)
    if known is None:
        early = kickoff is not None and now - kickoff < rhythm.begin
        return None if early else pass_at(kickoff, now)
    if kickoff is None:
        return pass_at(None, now) if now - known.checked_at >= NEXT_DAY else None
    age = now - kickoff
    if age < rhythm.begin:
        return None
    last = max((mark for mark in rhythm.marks() if mark <= age), default=rhythm.begin)
    if known.checked_at < kickoff + last:
        return pass_at(kickoff, now)
    return Pass.IMMEDIATE if age < POST_MATCH and now - known.checked_at >= rhythm.every else None


def revision_due(kickoff: datetime, known: Known, now: datetime) -> Pass | None:
    """The pass in which a match that bets are settled on is looked at once more.

    A complete one half an hour after full time and the next day. One that is not was settled on during the match, or
    as far as its numbers are there: two hours after full time, too.
    """
    age = now - kickoff
    if age > REVISED_WITHIN or age < POST_MATCH:
        return None
    marks = {POST_MATCH: Pass.POST_MATCH, NEXT_DAY: Pass.NEXT_DAY}
    if not known.complete:
        marks[DELAYED] = Pass.DELAYED
    mark = max(each for each in marks if each <= age)
    return marks[mark] if known.checked_at < kickoff + mark else None
