"""The step that keeps `predicted_lines` and `player_projections` of a league's coming fixtures."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from PROPPR.SharedServices.football.appearances import PlayerMatch, TeamMatch
from PROPPR.SharedServices.football.model import Lineup, Match
from PROPPR.SharedServices.storage.matches import MatchState, MatchStore
from PROPPR.SharedServices.storage.statistics import StatisticsStore
from PROPPR.StatsUpdateFM.core.pipeline.fixture_mapping import MappedFixture
from PROPPR.StatsUpdateFM.core.pipeline.identities import player_identity
from PROPPR.StatsUpdateFM.core.pipeline.match_pages import read_page
from PROPPR.StatsUpdateFM.core.pipeline.models import LeagueModels, Models
from PROPPR.StatsUpdateFM.core.pipeline.season_rows import MatchRows, SeasonRows, player_rows, team_rows
from PROPPR.StatsUpdateFM.core.statistics.documents import FixtureIdentity
from PROPPR.StatsUpdateFM.core.statistics.expected_minutes import expected_minutes
from PROPPR.StatsUpdateFM.core.statistics.line_document import line_document
from PROPPR.StatsUpdateFM.core.statistics.projection_document import projection_document

PREDICTING: Final = "2"
"""Part of every key: raise it when the documents or the models change."""
LEAST_MINUTES: Final = 1.0
"""Who is expected for less is not projected."""

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Task:
    """What predictions are wanted for: a league's season at a moment (`at`: nothing later is known)."""

    league_id: int
    seasons: tuple[str, ...]
    fixtures: tuple[MappedFixture, ...]
    at: datetime


@dataclass(slots=True)
class Predicted:
    """How many documents changed."""

    lines: int = 0
    projections: int = 0


@dataclass(frozen=True, slots=True)
class _Squads:
    """Everything that the documents of a league are made of: rows by team, by player, and of all men of a team."""

    teams: Mapping[int, list[TeamMatch]]
    players: Mapping[int, list[PlayerMatch]]
    men: Mapping[int, list[PlayerMatch]]
    models: LeagueModels


class FixturePredictions:
    """Raises StrangeLayout, LeaseLost and what MongoDB raises."""

    def __init__(self, store: MatchStore, statistics: StatisticsStore, models: Models) -> None:
        self._store = store
        self._statistics = statistics
        self._models = models

    def key(self, task: Task) -> str:
        """Everything that the documents depend on, as a short text: the same key means the same documents."""
        digest = hashlib.blake2b(f"{PREDICTING}|{task.at:%Y-%m-%d}".encode(), digest_size=12)
        for state in sorted(self._states(task).values(), key=lambda state: state.match_id):
            digest.update(f"|{state.match_id}:{state.fingerprint}".encode())
        for each in task.fixtures:
            digest.update(f"|{each.fixture.id}={each.match.match_id}@{each.fixture.kickoff}{each.swapped}".encode())
        upcoming = self._store.states(each.match.match_id for each in task.fixtures)
        digest.update(repr(sorted((each, state.fingerprint) for each, state in upcoming.items())).encode())
        return digest.hexdigest()

    def update(self, task: Task, rows: SeasonRows, now: datetime, fence: int) -> Predicted:
        """Write the documents of these fixtures anew, where they change."""
        if not task.fixtures:
            return Predicted()
        found = rows.of(each for each, state in self._states(task).items() if state.settled)
        squads = self._squads(task, found)
        done = Predicted()
        lines = [self._line(each, squads, task, now) for each in task.fixtures]
        done.lines = self._statistics.write("predicted_lines", lines, fence)
        for each in task.fixtures:
            documents = self._projections(each, squads, task, now)
            done.projections += self._statistics.write_group("player_projections", each.fixture.id, documents, fence)
        return done

    def _states(self, task: Task) -> dict[int, MatchState]:
        """The matches that the fixtures' teams played, and those of the league: averages need the one, models both."""
        teams = {team for each in task.fixtures for team in (each.match.home.id, each.match.away.id)}
        found: dict[int, MatchState] = {}
        for season in task.seasons:
            found |= self._store.of_league(task.league_id, season) | self._store.of_teams(teams, season)
        return {each: state for each, state in found.items() if state.settled}

    def _squads(self, task: Task, found: Sequence[MatchRows]) -> _Squads:
        everyone = [row for each in found for row in each.players]
        men: dict[int, list[PlayerMatch]] = {}
        for row in everyone:
            men.setdefault(row.team_id, []).append(row)
        models = self._models.fit(task.league_id, [row for each in found for row in each.teams], everyone, task.at)
        return _Squads(team_rows(found), player_rows(found), men, models)

    def _line(self, each: MappedFixture, squads: _Squads, task: Task, now: datetime) -> Document:
        home_id, away_id = each.team_ids
        home, away = squads.teams.get(home_id, []), squads.teams.get(away_id, [])
        return line_document(each.identity(task.seasons[0]), home, away, now, squads.models.teams)

    def _projections(self, each: MappedFixture, squads: _Squads, task: Task, now: datetime) -> list[Document]:
        identity = each.identity(task.seasons[0])
        lineups = self._lineups(each)
        documents: list[Document] = []
        for team_id, at_home in zip(each.team_ids, (True, False), strict=True):
            minutes = expected_minutes(squads.men.get(team_id, []), lineups.get(team_id))
            for player_id in sorted(minutes):
                rows = squads.players.get(player_id)
                if rows and minutes[player_id] >= LEAST_MINUTES:
                    documents.append(_projection(identity, rows, minutes[player_id], at_home, squads.models, now))
        return documents

    def _lineups(self, each: MappedFixture) -> Mapping[int, Lineup]:
        """Who is announced, or known to be unavailable: of the match's own page, where it was looked up already."""
        stored = self._store.load(each.match.match_id)
        if stored is None:
            return {}
        match = read_page(stored.match_id, msgspec.json.decode(stored.payload))
        return _announced(match)


def _announced(match: Match) -> Mapping[int, Lineup]:
    sides = ((match.home.id, match.home_lineup), (match.away.id, match.away_lineup))
    return {team_id: lineup for team_id, lineup in sides if lineup is not None}


def _projection(
    fixture: FixtureIdentity, rows: Sequence[PlayerMatch], minutes: float, at_home: bool, models: LeagueModels,
    now: datetime,
) -> Document:  # fmt: skip
    player = player_identity(rows)
    projected = models.project(fixture, player, minutes, at_home)
    return projection_document(fixture, player, rows, minutes, now, projected)
