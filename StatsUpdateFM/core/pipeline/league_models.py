"""The models of a league, fitted to its matches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from PROPPR.SharedServices.football.appearances import PlayerMatch, TeamMatch
from PROPPR.SharedServices.football.statistics import Statistic
from PROPPR.StatsUpdateFM.core.pipeline.models import LeagueModels
from PROPPR.StatsUpdateFM.core.predictions.model import fit
from PROPPR.StatsUpdateFM.core.statistics.documents import FixtureIdentity, PlayerIdentity
from PROPPR.StatsUpdateFM.core.statistics.model_part import Predictor


@dataclass(frozen=True, slots=True)
class _Fitted:
    teams: Predictor | None

    def project(
        self, fixture: FixtureIdentity, player: PlayerIdentity, minutes: float, at_home: bool
    ) -> Mapping[Statistic, float] | None:
        return None


class FittedModels:
    """Fits to the league's own matches: a team's matches elsewhere are against teams of another strength."""

    def fit(
        self, league_id: int, rows: Sequence[TeamMatch], players: Sequence[PlayerMatch], at: datetime
    ) -> LeagueModels:
        """Fit to what was known at a moment."""
        return _Fitted(fit([row for row in rows if row.league_id == league_id], at))
