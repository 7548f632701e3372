"""Projections of what a player does in a match, as distributions.

rate per ninety minutes, shrunk to his position's, x expected minutes x what his team is expected to do in this match
over what it usually does (docs/predictions.md has the formulas).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from PROPPR.SharedServices.football.appearances import PlayerMatch
from PROPPR.SharedServices.football.model import Position
from PROPPR.SharedServices.football.statistics import Statistic
from PROPPR.StatsUpdateFM.core.predictions.distribution import Distribution
from PROPPR.StatsUpdateFM.core.predictions.player_table import NINETY, PROJECTED, Appearances, read_appearances
from PROPPR.StatsUpdateFM.core.predictions.priors import Floats

SHRINKAGE: Final = np.array([16.0, 20.0, 5.0, 9.0, 6.0])
"""Full matches that the position's rate counts for against a player's own: goals, assists, shots, on target, fouls."""
DISPERSION: Final = np.array([1.0, 1.0, 1.15, 1.05, 1.08])
"""Variance / mean of a player's number when his minutes are about as expected."""
USUAL_RATES: Final[Mapping[Position | None, tuple[float, ...]]] = {
    Position.GOALKEEPER: (0.001, 0.01, 0.01, 0.003, 0.04),
    Position.DEFENDER: (0.05, 0.07, 0.55, 0.16, 0.95),
    Position.MIDFIELDER: (0.15, 0.14, 1.35, 0.45, 1.25),
    Position.FORWARD: (0.38, 0.14, 2.40, 0.95, 1.25),
    None: (0.12, 0.10, 1.05, 0.35, 1.05),
}
"""Rates per ninety minutes by position before anything is seen."""
USUAL_WEIGHT: Final = 3.0
"""Men that they count for."""
TEAM_WEIGHT: Final = 6.0
"""Matches that the league's mean counts for in what a team usually does."""
OWN_GOALS: Final = np.array([1.034, 1.0, 1.0, 1.0, 1.0])
"""A team's number over the sum of its players': own goals of the others count for the team alone."""
_TEAM_NUMBER: Final = {Statistic.ASSISTS: Statistic.GOALS}
"""What of his team's expected numbers a player's number goes with, where it is not the same one."""


@dataclass(frozen=True, slots=True)
class PlayerModel:
    """What `fit_players` learned. `rates` are per ninety minutes; `usual` is what the player's team usually did."""

    rates: Mapping[int, Floats]
    usual: Mapping[int, Floats]
    position_rates: Mapping[Position | None, Floats]
    league: Floats

    def project(
        self,
        player_id: int,
        position: Position | None,
        expected_minutes: float,
        team_expected: Mapping[Statistic, float] | None = None,
    ) -> dict[Statistic, Distribution]:
        """The distribution of each of PROJECTED in the minutes he is expected to play.

        `team_expected` are the numbers expected of his team in this match (the means that the team model predicts);
        what is not in it is taken to be as usual. A player without rows projects like his position, an unknown position
        like all players. Raises ValueError for minutes that are negative.
        """
        if expected_minutes < 0:
            raise ValueError(f"expected minutes can't be negative, as {expected_minutes}")
        rates = self.rates.get(player_id)
        if rates is None:
            rates = self.position_rates[position if position in self.position_rates else None]
        usual = self.usual.get(player_id, self.league)
        projected: dict[Statistic, Distribution] = {}
        for place, statistic in enumerate(PROJECTED):
            expected = (team_expected or {}).get(_TEAM_NUMBER.get(statistic, statistic))
            base = float(usual[PROJECTED.index(_TEAM_NUMBER.get(statistic, statistic))])
            factor = expected / base if expected is not None and base > 0 else 1.0
            mean = float(rates[place]) * expected_minutes / NINETY * factor
            projected[statistic] = Distribution(mean, float(DISPERSION[place]))
        return projected


def fit_players(rows: Sequence[PlayerMatch], at: datetime) -> PlayerModel | None:
    """The model of who had played `at` a moment, rows in any order; None if nobody had.

    Expected goals and assists make most of the evidence for goals and assists where the rows have them.
    """
    seen = read_appearances(rows, at)
    if seen is None:
        return None
    evidence = np.where(np.isfinite(seen.evidence), seen.evidence, 0.0) * seen.information
    exposure = seen.information * seen.nineties[:, None]
    made = _summed(seen.player, evidence, len(seen.players))
    time = _summed(seen.player, exposure, len(seen.players))
    by_position = _position_rates(seen, made, time)
    prior = np.array([by_position[position] for position in seen.positions])
    rates = (SHRINKAGE * prior + made) / (SHRINKAGE + time)
    league, usual = _usual(seen)
    return PlayerModel(
        rates=dict(zip(seen.players, rates, strict=True)),
        usual=dict(zip(seen.players, usual, strict=True)),
        position_rates=by_position,
        league=league,
    )


def _position_rates(seen: Appearances, made: Floats, time: Floats) -> dict[Position | None, Floats]:
    """The mean man's rates for each position, drawn to the usual ones; None stands for all men.

    A man counts by time / (time + SHRINKAGE), which is the best weight for a mean of men who differ: by minutes alone,
    those who play most, and are better than others, would set the rate for men of whom little is known.
    """
    weight = 1 / (time + SHRINKAGE)
    rates: dict[Position | None, Floats] = {}
    for position, usual in USUAL_RATES.items():
        chosen = np.array([position is None or known is position for known in seen.positions])
        total, men = (weight * made)[chosen].sum(0), (weight * time)[chosen].sum(0)
        rates[position] = (USUAL_WEIGHT * np.array(usual) + total) / (USUAL_WEIGHT + men)
    return rates


def _usual(seen: Appearances) -> tuple[Floats, Floats]:
    """What teams of the league do in a match, and for each player what his teams did, by his minutes in them."""
    count = int(seen.match.max()) + 1
    known = np.isfinite(seen.evidence)
    sums = _summed(seen.match, np.where(known, seen.evidence, 0.0), count) * OWN_GOALS
    there = _summed(seen.match, known.astype(np.float64), count) > 0
    # Every appearance of a match has the match's weight and team: the last one of each tells them.
    weight, team = np.zeros((count, sums.shape[1])), np.zeros(count, dtype=np.intp)
    weight[seen.match], team[seen.match] = seen.information, seen.team
    weight = np.where(there, weight, 0.0)
    league = (weight * sums).sum(0) / np.maximum(weight.sum(0), 1e-9)
    teams = len(seen.teams)
    made, matches = _summed(team, weight * sums, teams), _summed(team, weight, teams)
    of_team = (TEAM_WEIGHT * league + made) / (TEAM_WEIGHT + matches)
    share = seen.information * seen.nineties[:, None]
    total = _summed(seen.player, share, len(seen.players))
    mine = _summed(seen.player, share * of_team[seen.team], len(seen.players))
    return league, np.where(total > 0, mine / np.maximum(total, 1e-9), league)


def _summed(places: np.typing.NDArray[np.intp], values: Floats, count: int) -> Floats:
    """Rows of values added up by place."""
    columns = [np.bincount(places, weights=column, minlength=count) for column in values.T]
    return np.stack(columns, axis=1)
