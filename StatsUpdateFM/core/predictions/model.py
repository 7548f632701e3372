"""Predictions of the numbers of a match between two teams, as distributions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from PROPPR.SharedServices.football.appearances import TeamMatch
from PROPPR.SharedServices.football.statistics import PREDICTED, Period, Statistic
from PROPPR.StatsUpdateFM.core.predictions.distribution import Distribution, total
from PROPPR.StatsUpdateFM.core.predictions.priors import (
    CORRELATION,
    COUNT,
    FIRST_HALF,
    FIRST_HALF_WEIGHT,
    LEVEL,
    SCATTER,
    SCATTER_WEIGHT,
    SOURCES,
    Floats,
)
from PROPPR.StatsUpdateFM.core.predictions.strength import Strengths, estimate
from PROPPR.StatsUpdateFM.core.predictions.table import Table, read_table

_PLACE = {source: number for number, source in enumerate(SOURCES)}


@dataclass(frozen=True, slots=True)
class Model:
    """What `fit` learned. Asking costs nothing to speak of; the model never changes."""

    teams: Mapping[int, int]
    strengths: Strengths
    scatter: Floats
    first_half: Floats
    known: frozenset[Statistic]

    def predict(
        self, home_team_id: int, away_team_id: int, statistic: Statistic, period: Period = Period.MATCH
    ) -> tuple[Distribution, Distribution] | None:
        """The distributions of the home and of the away team's number in a period of ninety minutes.

        A team that the model has not seen plays like the league's mean. None for a statistic that is not in PREDICTED
        or that no match of the rows has, and for a period other than the match and its halves.
        """
        if statistic not in self.known:
            return None
        share = self._share(statistic, period)
        if share is None:
            return None
        place = _PLACE[statistic]
        home, away = self.teams.get(home_team_id), self.teams.get(away_team_id)
        means = self.strengths.expected(home, away)[:, place]
        spread = self.scatter[place] + means * self.strengths.uncertainty(home, away)[:, place]
        one, other = (
            Distribution(float(mean) * share, 1 + share * (float(dispersion) - 1))
            for mean, dispersion in zip(means, spread, strict=True)
        )
        return one, other

    def predict_total(
        self, home_team_id: int, away_team_id: int, statistic: Statistic, period: Period = Period.MATCH
    ) -> Distribution | None:
        """The distribution of both teams' numbers together, with the correlation of the two; None as for `predict`."""
        sides = self.predict(home_team_id, away_team_id, statistic, period)
        share = self._share(statistic, period)
        if sides is None or share is None:
            return None
        place = _PLACE[statistic]
        scatter = float(self.scatter[place])
        correlation = float(CORRELATION[place, COUNT + place]) * share * scatter / (1 + share * (scatter - 1))
        return total(*sides, correlation)

    def _share(self, statistic: Statistic, period: Period) -> float | None:
        if period is Period.MATCH:
            return 1.0
        first = float(self.first_half[_PLACE[statistic]])
        return {Period.FIRST_HALF: first, Period.SECOND_HALF: 1 - first}.get(period)


def fit(rows: Sequence[TeamMatch], at: datetime) -> Model | None:
    """The model of what was known `at` a moment; None without a row.

    `rows` are matches of one league, of this season and, if at hand, of earlier ones; either or both rows of a match;
    in any order. Matches that may not have been over at the moment (`PLAYING`) are left out. Expected goals inform the
    prediction of goals where the rows have them.
    """
    table = read_table(rows, at)
    if table is None:
        return None
    strengths = estimate(table)
    seen = np.isfinite(table.numbers).any(axis=0).reshape(2, COUNT)
    return Model(
        teams={team: place for place, team in enumerate(table.teams)},
        strengths=strengths,
        scatter=_scatter(table, strengths),
        first_half=_first_half(table),
        known=frozenset(source for source in PREDICTED if seen[:, _PLACE[source]].any()),
    )


def _scatter(table: Table, strengths: Strengths) -> Floats:
    """Variance / mean of each source: the prior's and that of the matches, by their weights."""
    expected = np.array([strengths.expected(*pair) for pair in zip(table.home, table.away, strict=True)])
    numbers = table.numbers.reshape(-1, 2, COUNT)
    known = np.isfinite(numbers)
    squares = np.where(known, (numbers - expected) ** 2 / expected, 0.0)
    weights = table.weights[:, None, None] * known
    seen = weights.sum(axis=(0, 1))
    # Each team fits two numbers of its own, about half of each after shrinkage: so much scatter hides in them.
    free = np.maximum(known.sum(axis=(0, 1)) - len(table.teams), 1) / np.maximum(known.sum(axis=(0, 1)), 1)
    found = (weights * squares).sum(axis=(0, 1)) / free
    mixed: Floats = (SCATTER_WEIGHT * SCATTER + found) / (SCATTER_WEIGHT + seen)
    return mixed


def _first_half(table: Table) -> Floats:
    """The first half's share of each source: the prior's and that of the matches where both are known."""
    both = np.isfinite(table.numbers) & np.isfinite(table.first_half)
    first = np.where(both, table.first_half, 0.0).reshape(-1, COUNT).sum(0)
    whole = np.where(both, table.numbers, 0.0).reshape(-1, COUNT).sum(0)
    prior = FIRST_HALF_WEIGHT * LEVEL
    share: Floats = (prior * FIRST_HALF + first) / (prior + whole)
    return share
