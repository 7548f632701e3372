"""Looking a match up: its page is fetched, read, and stored where it says anything new."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PROPPR.SharedServices.football.errors import LayoutChanged
from PROPPR.SharedServices.football.model import Match, State
from PROPPR.SharedServices.football.reading import read_match
from PROPPR.SharedServices.storage.match_facts import facts_of
from PROPPR.SharedServices.storage.matches import MatchStore, Revision
from PROPPR.StatsUpdateFM.core.pipeline.source import Source, StrangeLayout
from PROPPR.StatsUpdateFM.core.schedule.look_ups import LookUp


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What a look-up brought. `kept` says that the stored page was the better one and has stayed."""

    match: Match
    revision: Revision
    kept: bool = False


class MatchPages:
    """Raises what the source raises, StrangeLayout for a page that can't be read, and what MongoDB raises."""

    def __init__(self, source: Source, store: MatchStore) -> None:
        self._source = source
        self._store = store

    def look_up(self, wanted: LookUp) -> LookedUp:
        """Fetch a match and store it.

        A page that says less than the stored one (its numbers are gone, though the match was played) does not replace
        it: the last good numbers stay.
        """
        answer = self._source.match(wanted.match_id)
        match = read_page(wanted.match_id, answer.payload)
        facts = facts_of(match, wanted.league_id, wanted.season)
        stored = self._store.states([wanted.match_id]).get(wanted.match_id)
        if stored is not None and stored.complete and not facts.complete and match.state is State.PLAYED:
            self._store.touch(wanted.match_id, answer.fetched_at)
            return LookedUp(match, Revision(stored.revision, False), kept=True)
        revision = self._store.save(wanted.match_id, answer.raw, match.kickoff, facts, fetched_at=answer.fetched_at)
        return LookedUp(match, revision)


def read_page(match_id: int, payload: Mapping[str, Any]) -> Match:
    """Read a match's page. Raises StrangeLayout with the path that broke."""
    try:
        return read_match(payload)
    except LayoutChanged as error:
        raise StrangeLayout(f"match {match_id}", error) from error
