"""The step that keeps `team_stats` and `player_stats`: whoever was in a changed match gets his documents anew.

A document holds a team's, or a player's, season over all competitions and teams, so its matches are looked for by
team and by player, not by league: which league is worked up first makes no difference to the result.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from PROPPR.SharedServices.storage.matches import MatchState, MatchStore
from PROPPR.SharedServices.storage.statistics import StatisticsStore
from PROPPR.StatsUpdateFM.core.pipeline.identities import LeagueName, player_identity, team_identity
from PROPPR.StatsUpdateFM.core.pipeline.season_rows import SeasonRows, player_rows, team_rows
from PROPPR.StatsUpdateFM.core.statistics.player_document import player_document
from PROPPR.StatsUpdateFM.core.statistics.team_document import team_document

COUNTING: Final = "1"
"""Raise it when the documents change: every stored match is counted anew then."""
CHUNK: Final = 200
"""Players whose matches are looked for with one question."""

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Counted:
    """How many matches were counted, and how many documents of teams and players that changed."""

    matches: int = 0
    teams: int = 0
    players: int = 0


class SeasonStatistics:
    """Raises StrangeLayout, LeaseLost and what MongoDB raises; until it returns the matches stay uncounted."""

    def __init__(self, store: MatchStore, statistics: StatisticsStore) -> None:
        self._store = store
        self._statistics = statistics

    def update(
        self, league_id: int, season: str, rows: SeasonRows, names: Mapping[int, LeagueName], now: datetime, fence: int
    ) -> Counted:
        """Count what has changed in a league's season."""
        states = self._store.of_league(league_id, season)
        changed = {each: state for each, state in states.items() if state.counted != _name(state)}
        if not changed:
            return Counted()
        played = self._ever_counted(changed)
        teams, players = self._store.people_of(played)
        written_teams = self._write_teams(teams, season, rows, names, now, fence)
        written_players = self._write_players(players, season, rows, now, fence)
        self._store.mark_counted({each: (state.revision, _name(state)) for each, state in changed.items()})
        return Counted(len(played), written_teams, written_players)

    def _ever_counted(self, changed: Mapping[int, MatchState]) -> list[int]:
        """Those whose numbers count, or have counted: a page from before the match changes nobody's statistics."""
        return [each for each, state in changed.items() if state.settled or state.counted is not None]

    def _write_teams(
        self, teams: set[int], season: str, rows: SeasonRows, names: Mapping[int, LeagueName], now: datetime, fence: int
    ) -> int:  # fmt: skip
        found = team_rows(rows.of(_settled(self._store.of_teams(teams, season))))
        gone = [{"team_id": each, "season": season} for each in sorted(teams - found.keys())]
        documents = (
            team_document(team_identity(found[each], season, names), season, found[each], now)
            for each in sorted(teams & found.keys())
        )
        return self._statistics.write("team_stats", documents, fence) + self._statistics.remove(
            "team_stats", gone, fence
        )

    def _write_players(self, players: set[int], season: str, rows: SeasonRows, now: datetime, fence: int) -> int:
        written = 0
        ordered = sorted(players)
        for start in range(0, len(ordered), CHUNK):
            chunk = ordered[start : start + CHUNK]
            found = player_rows(rows.of(_settled(self._store.of_players(chunk, season))))
            written += self._statistics.write("player_stats", _documents(chunk, season, found, now), fence)
            gone = [{"player_id": each, "season": season} for each in chunk if each not in found]
            written += self._statistics.remove("player_stats", gone, fence)
        return written


def _documents(chunk: list[int], season: str, found: Mapping[int, Any], now: datetime) -> Iterator[Document]:
    for each in chunk:
        if each in found:
            yield player_document(player_identity(found[each]), season, found[each], now)


def _settled(states: Mapping[int, MatchState]) -> list[int]:
    return [each for each, state in states.items() if state.settled]


def _name(state: MatchState) -> str:
    return f"{COUNTING}:{state.revision}:{state.fingerprint}"
