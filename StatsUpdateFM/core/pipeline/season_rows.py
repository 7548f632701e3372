"""The rows of stored matches, read from their pages at most once while a league is worked up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import msgspec

from PROPPR.SharedServices.football.appearances import PlayerMatch, TeamMatch, player_matches, team_matches
from PROPPR.SharedServices.storage.matches import MatchStore, StoredMatch
from PROPPR.StatsUpdateFM.core.pipeline.match_pages import read_page


@dataclass(frozen=True, slots=True)
class MatchRows:
    """A match as both teams and all players of the squads had it; empty where it was not played to the end."""

    match_id: int
    teams: tuple[TeamMatch, ...]
    players: tuple[PlayerMatch, ...]


class SeasonRows:
    """Reads and keeps rows; make one per league, so that no more than a league's matches are in memory.

    Raises StrangeLayout for a stored page that can't be read any more, and what `proceed` raises, which is asked
    before each page.
    """

    def __init__(self, store: MatchStore, proceed: Callable[[], object]) -> None:
        self._store = store
        self._proceed = proceed
        self._rows: dict[int, MatchRows] = {}

    def of(self, match_ids: Iterable[int]) -> list[MatchRows]:
        """The rows of these stored matches, in the order of their ids; matches that are not stored are missing."""
        wanted = sorted(set(match_ids))
        for stored in self._store.load_many([each for each in wanted if each not in self._rows]):
            self._proceed()
            self._rows[stored.match_id] = rows_of(stored)
        return [self._rows[each] for each in wanted if each in self._rows]

    def __len__(self) -> int:
        return len(self._rows)


def rows_of(stored: StoredMatch) -> MatchRows:
    """Read the rows of a stored page."""
    match = read_page(stored.match_id, msgspec.json.decode(stored.payload))
    return MatchRows(stored.match_id, tuple(team_matches(match, stored.season)), player_matches(match, stored.season))


def team_rows(rows: Iterable[MatchRows]) -> Mapping[int, list[TeamMatch]]:
    """The rows of each team."""
    found: dict[int, list[TeamMatch]] = {}
    for each in rows:
        for row in each.teams:
            found.setdefault(row.team.id, []).append(row)
    return found


def player_rows(rows: Iterable[MatchRows]) -> Mapping[int, list[PlayerMatch]]:
    """The rows of each player."""
    found: dict[int, list[PlayerMatch]] = {}
    for each in rows:
        for row in each.players:
            found.setdefault(row.player_id, []).append(row)
    return found
