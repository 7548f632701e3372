"""The matches that bets are settled on: from the store, and from the source where the store has nothing new enough."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec

from PROPPR.SharedServices.football.errors import LayoutChanged
from PROPPR.SharedServices.football.model import Match, State
from PROPPR.SharedServices.football.reading import read_match
from PROPPR.SharedServices.grading.mirrored import mirrored
from PROPPR.SharedServices.grading.options import GradingOptions
from PROPPR.SharedServices.grading.result import Pending, Reason
from PROPPR.SharedServices.grading.settle import MatchGrader
from PROPPR.SharedServices.providers.fotmob.source import Answer
from PROPPR.SharedServices.service.errors import SourceChanged
from PROPPR.SharedServices.storage.graded_matches import GradedMatches
from PROPPR.SharedServices.storage.match_facts import facts_of
from PROPPR.SharedServices.storage.matches import MatchState, MatchStore

MOST_HELD: Final = 12
"""Matches kept in memory at a time: bets come match by match, only accumulators need several."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A match as it is stored, ready to grade bets on it; `seen_at` is when the source last stood by the page."""

    grader: MatchGrader
    revision: int
    kickoff: datetime | None
    seen_at: datetime


class MatchSource:
    """One match is read once for all bets on it. Raises what MongoDB raises. Used by one thread."""

    def __init__(self, store: MatchStore, graded: GradedMatches, options: GradingOptions) -> None:
        self._store = store
        self._graded = graded
        self._options = options
        self._held: OrderedDict[tuple[int, bool], Ready | Pending] = OrderedDict()

    def forget(self) -> None:
        """Read all matches anew: a round begins, or pages have changed."""
        self._held.clear()
        self._store.rest()

    def states(self, match_ids: Iterable[int]) -> dict[int, MatchState]:
        """What is stored of these matches."""
        return self._store.states(match_ids)

    def ready(self, match_id: int, state: MatchState | None, *, swapped: bool = False) -> Ready | Pending:
        """A match to grade on, with its sides exchanged where `swapped`; what its bets wait for where there is none."""
        if state is None:
            return Pending(Reason.NO_RESULT, f"match {match_id} is not stored yet")
        key = (match_id, swapped)
        if key not in self._held:
            self._held[key] = self._read(match_id, state, swapped)
            while len(self._held) > MOST_HELD:
                self._held.popitem(last=False)
        self._held.move_to_end(key)
        return self._held[key]

    def look_up(self, match_id: int, fetch: Callable[[int], Answer]) -> bool:
        """Ask the source for a match and store what it says; whether that is a new revision.

        A page that has lost its numbers does not replace the one that had them. Raises what the source raises, and
        SourceChanged for a page that can't be read.
        """
        answer = fetch(match_id)
        try:
            match = read_match(answer.payload)
        except LayoutChanged as error:
            raise SourceChanged(f"match {match_id}: {error}") from error
        state = self._store.states([match_id]).get(match_id)
        facts = facts_of(match, *self._listed_under(match, state))
        if state is not None and state.complete and not facts.complete and match.state is State.PLAYED:
            self._store.touch(match_id, answer.fetched_at)
            return False
        return self._store.save(match_id, answer.raw, match.kickoff, facts, fetched_at=answer.fetched_at).changed

    def _read(self, match_id: int, state: MatchState, swapped: bool) -> Ready | Pending:
        stored = self._store.load(match_id)
        if stored is None:
            return Pending(Reason.NO_RESULT, f"match {match_id} is not stored yet")
        try:
            match = read_match(msgspec.json.decode(stored.payload))
        except (LayoutChanged, msgspec.DecodeError) as error:
            return Pending(Reason.UNREADABLE_MATCH, f"match {match_id}: {error}")
        grader = MatchGrader(mirrored(match) if swapped else match, self._options, state.checked_at)
        return Ready(grader, stored.revision, stored.kickoff, state.checked_at)

    def _listed_under(self, match: Match, state: MatchState | None) -> tuple[int, str]:
        """The league and season to store a match under: as before, as the statistics list it, else as its page says."""
        if state is not None:
            return state.league_id, state.season
        listed = self._graded.listed_under(match.match_id)
        return listed or (match.league.competition_id, match.league.season or "")
