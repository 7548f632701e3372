"""What the pipeline wants of a model: distributions of team numbers, and expected numbers of players."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from PROPPR.SharedServices.football.appearances import PlayerMatch, TeamMatch
from PROPPR.SharedServices.football.statistics import Statistic
from PROPPR.StatsUpdateFM.core.statistics.documents import FixtureIdentity, PlayerIdentity
from PROPPR.StatsUpdateFM.core.statistics.model_part import Predictor


class LeagueModels(Protocol):
    """The models of one league at one moment. `teams` is None where too little is known for any."""

    @property
    def teams(self) -> Predictor | None:
        """The model of team numbers."""

    def project(
        self, fixture: FixtureIdentity, player: PlayerIdentity, minutes: float, at_home: bool
    ) -> Mapping[Statistic, float] | None:
        """What a player is expected to do in these minutes; None where the model does not say."""


class Models(Protocol):
    """Makes the models of a league."""

    def fit(
        self, league_id: int, rows: Sequence[TeamMatch], players: Sequence[PlayerMatch], at: datetime
    ) -> LeagueModels:
        """Fit to what is known before `at`. The same rows and moment give the same models."""


@dataclass(frozen=True, slots=True)
class _Averages:
    teams: Predictor | None = None

    def project(
        self, fixture: FixtureIdentity, player: PlayerIdentity, minutes: float, at_home: bool
    ) -> Mapping[Statistic, float] | None:
        return None


class AveragesOnly:
    """No model at all: the documents hold the plain averages."""

    def fit(
        self, league_id: int, rows: Sequence[TeamMatch], players: Sequence[PlayerMatch], at: datetime
    ) -> LeagueModels:
        """Nothing is fitted."""
        return _Averages()
