"""The models of a league, fitted to its matches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from PROPPR.SharedServices.football.appearances import PlayerMatch, TeamMatch
from PROPPR.SharedServices.football.statistics import PREDICTED, Period, Statistic
from PROPPR.StatsUpdateFM.core.pipeline.models import LeagueModels
from PROPPR.StatsUpdateFM.core.predictions.model import Model, fit
from PROPPR.StatsUpdateFM.core.predictions.player_table import PROJECTED
from PROPPR.StatsUpdateFM.core.predictions.players import PlayerModel, fit_players
from PROPPR.StatsUpdateFM.core.statistics.documents import FixtureIdentity, PlayerIdentity

FOR_PLAYERS: Final = tuple(statistic for statistic in PROJECTED if statistic in PREDICTED)
"""What is expected of a team as far as it bears on its players."""

Expected = Mapping[Statistic, float]


@dataclass(slots=True)
class FittedLeague:
    """`teams` and `players` are None where nothing is known to fit them to."""

    teams: Model | None
    players: PlayerModel | None
    _expected: dict[int, tuple[Expected, Expected]] = field(default_factory=dict)

    def project(
        self, fixture: FixtureIdentity, player: PlayerIdentity, minutes: float, at_home: bool
    ) -> Expected | None:
        """What the player is expected to do, given what his team is expected to do in this match."""
        if self.players is None:
            return None
        team = self._of_teams(fixture)[0 if at_home else 1]
        found = self.players.project(player.id, player.position, minutes, team)
        return {statistic: distribution.mean for statistic, distribution in found.items()}

    def _of_teams(self, fixture: FixtureIdentity) -> tuple[Expected, Expected]:
        """The home and the away team's expected numbers."""
        if fixture.fixture_id not in self._expected:
            home: dict[Statistic, float] = {}
            away: dict[Statistic, float] = {}
            for statistic in FOR_PLAYERS:
                pair = self._pair(fixture, statistic)
                if pair is not None:
                    home[statistic], away[statistic] = pair
            self._expected[fixture.fixture_id] = (home, away)
        return self._expected[fixture.fixture_id]

    def _pair(self, fixture: FixtureIdentity, statistic: Statistic) -> tuple[float, float] | None:
        if self.teams is None or fixture.home_team_id is None or fixture.away_team_id is None:
            return None
        found = self.teams.predict(fixture.home_team_id, fixture.away_team_id, statistic, Period.MATCH)
        return None if found is None else (found[0].mean, found[1].mean)


class FittedModels:
    """Teams by the league's own matches, as elsewhere they meet teams of another strength; players by all of theirs."""

    def fit(
        self, league_id: int, rows: Sequence[TeamMatch], players: Sequence[PlayerMatch], at: datetime
    ) -> LeagueModels:
        """Fit to what was known at a moment."""
        return FittedLeague(fit([row for row in rows if row.league_id == league_id], at), fit_players(players, at))
