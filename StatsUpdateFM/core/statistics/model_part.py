"""The `model` of a fixture's document: the adjusted predictions, and from them the chance of more than a line."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from math import ceil
from typing import Any, Protocol

from PROPPR.SharedServices.football.ninety_minutes import PERIODS
from PROPPR.SharedServices.football.statistics import PREDICTED, Period, Statistic
from PROPPR.StatsUpdateFM.core.statistics.averages import half_line
from PROPPR.StatsUpdateFM.core.statistics.documents import FixtureIdentity, rounded


class CountDistribution(Protocol):
    """How likely each count of an event is."""

    @property
    def mean(self) -> float:
        """The expected count."""

    @property
    def dispersion(self) -> float:
        """How much wider than Poisson's, by the predictor's own measure."""

    def over(self, line: float) -> float:
        """The probability of more than a half line."""

    def probability(self, k: int) -> float:
        """The probability of exactly `k`."""


class Predictor(Protocol):
    """What gives the distributions of both teams' numbers, None where it does not know a team or a statistic."""

    def predict(
        self, home_team_id: int, away_team_id: int, statistic: Statistic, period: Period
    ) -> tuple[CountDistribution, CountDistribution] | None:
        """The home and the away team's distribution."""


def model_part(fixture: FixtureIdentity, predictor: Predictor) -> dict[str, Any]:
    """{period: {statistic: {home, away, total}}}, each with `mean`, (`dispersion`) and `over` [[line, probability]].

    The lines are the half line nearest to the mean, for the whole match also the ones below and above it. The total
    takes both teams' numbers as independent.
    """
    if fixture.home_team_id is None or fixture.away_team_id is None:
        return {}
    part: dict[str, Any] = {}
    for period in PERIODS:
        found: dict[str, Any] = {}
        for statistic in PREDICTED:
            pair = predictor.predict(fixture.home_team_id, fixture.away_team_id, statistic, period)
            if pair is not None:
                found[str(statistic)] = _prediction(pair[0], pair[1], period)
        if found:
            part[str(period)] = found
    return part


def total_over(home: CountDistribution, away: CountDistribution, line: float) -> float:
    """The probability that two independent counts add up to more than a half line."""
    most = ceil(line) - 1
    if most < 0:
        return 1.0
    up_to = list(accumulate(away.probability(k) for k in range(most + 1)))
    return max(0.0, 1.0 - sum(home.probability(k) * up_to[most - k] for k in range(most + 1)))


def usual_lines(mean: float, period: Period) -> tuple[float, ...]:
    """The half lines for which a probability is given."""
    middle = half_line(mean)
    if period is not Period.MATCH:
        return (middle,)
    return tuple(line for line in (middle - 1, middle, middle + 1) if line > 0)


def _prediction(home: CountDistribution, away: CountDistribution, period: Period) -> dict[str, Any]:
    total = home.mean + away.mean
    return {
        "home": _side(home, period),
        "away": _side(away, period),
        "total": {"mean": rounded(total), "over": _chances(total, period, lambda line: total_over(home, away, line))},
    }


def _side(side: CountDistribution, period: Period) -> dict[str, Any]:
    return {
        "mean": rounded(side.mean),
        "dispersion": rounded(side.dispersion),
        "over": _chances(side.mean, period, side.over),
    }


def _chances(mean: float, period: Period, over: Callable[[float], float]) -> list[list[float]]:
    return [[line, rounded(over(line))] for line in usual_lines(mean, period)]
