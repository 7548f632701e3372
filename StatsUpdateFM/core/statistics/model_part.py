"""The `model` of a fixture's document: the adjusted predictions, and from them the chance of more than a line."""

from __future__ import annotations

from typing import Any, Protocol

from PROPPR.SharedServices.football.ninety_minutes import PERIODS
from PROPPR.SharedServices.football.statistics import PREDICTED, Period, Statistic
from PROPPR.StatsUpdateFM.core.predictions.distribution import Distribution
from PROPPR.StatsUpdateFM.core.statistics.averages import half_line
from PROPPR.StatsUpdateFM.core.statistics.documents import FixtureIdentity, rounded


class Predictor(Protocol):
    """What gives the distributions of both teams' numbers; None where it can't say (`predictions.model.Model`)."""

    def predict(
        self, home_team_id: int, away_team_id: int, statistic: Statistic, period: Period = Period.MATCH
    ) -> tuple[Distribution, Distribution] | None:
        """The home and the away team's distribution."""

    def predict_total(
        self, home_team_id: int, away_team_id: int, statistic: Statistic, period: Period = Period.MATCH
    ) -> Distribution | None:
        """The distribution of both numbers together."""


def model_part(fixture: FixtureIdentity, predictor: Predictor) -> dict[str, Any]:
    """{period: {statistic: {home, away, total}}}, each with `mean`, `dispersion` and `over` [[line, probability]].

    `dispersion` is variance / mean. The lines are the half line nearest to the mean, for the whole match also the ones
    below and above it. Empty where the fixture's teams are not known by FotMob's ids.
    """
    if fixture.home_team_id is None or fixture.away_team_id is None:
        return {}
    part: dict[str, Any] = {}
    for period in PERIODS:
        found: dict[str, Any] = {}
        for statistic in PREDICTED:
            sides = predictor.predict(fixture.home_team_id, fixture.away_team_id, statistic, period)
            both = predictor.predict_total(fixture.home_team_id, fixture.away_team_id, statistic, period)
            if sides is not None and both is not None:
                named = {"home": sides[0], "away": sides[1], "total": both}
                found[str(statistic)] = {name: _prediction(each, period) for name, each in named.items()}
        if found:
            part[str(period)] = found
    return part


def usual_lines(mean: float, period: Period) -> tuple[float, ...]:
    """The half lines for which a probability is given."""
    middle = half_line(mean)
    if period is not Period.MATCH:
        return (middle,)
    return tuple(line for line in (middle - 1, middle, middle + 1) if line > 0)


def _prediction(predicted: Distribution, period: Period) -> dict[str, Any]:
    return {
        "mean": rounded(predicted.mean),
        "dispersion": rounded(predicted.dispersion),
        "over": [[line, rounded(predicted.over(line))] for line in usual_lines(predicted.mean, period)],
    }
