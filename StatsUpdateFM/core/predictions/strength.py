"""How strong teams are at making and at preventing each number of a match.

log(expected number) = level +- home advantage / 2 + what the team makes + what the opponent lets be made

for all statistics at once, as a team's strengths in them go together: with normal priors on strengths (`EFFECTS`), and
scatter of a match's numbers that is correlated as well (`CORRELATION`). Solved as generalised estimating equations
(Liang and Zeger 1986) with a penalty, by Fisher scoring; docs/predictions.md has the formulas.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from PROPPR.StatsUpdateFM.core.predictions.priors import (
    CORRELATION,
    COUNT,
    EFFECTS,
    HOME_ADVANTAGE,
    HOME_ADVANTAGE_PRECISION,
    LEVEL,
    LEVEL_PRECISION,
    SCATTER,
    Floats,
)
from PROPPR.StatsUpdateFM.core.predictions.table import Table

WIDE = 2 * COUNT
_ENOUGH = 1e-5
_MOST_STEPS = 12
_LARGEST_STEP = 1.0
_SWAP = np.r_[COUNT:WIDE, 0:COUNT]
"""The away team's order: what it makes stands in the second half of a match's numbers."""
_SIDES = np.block([[np.eye(COUNT), 0.5 * np.eye(COUNT)], [np.eye(COUNT), -0.5 * np.eye(COUNT)]])
"""Level and home advantage to the log levels of home and away."""


@dataclass(frozen=True, slots=True)
class Strengths:
    """`common`: log level, then home advantage, of every source. `effects[team]` and `variances[team]`: log strengths
    and their posterior variances, COUNT of making, then COUNT of letting the opponent make.
    """

    common: Floats
    effects: Floats
    variances: Floats

    def expected(self, home: int | None, away: int | None) -> Floats:
        """The expected numbers of a match between two teams by their places: a row each for home and away.

        None is a team of which nothing is known.
        """
        nothing = np.zeros(WIDE)
        one = nothing if home is None else self.effects[home]
        other = nothing if away is None else self.effects[away]
        return np.exp(_SIDES @ self.common + one + other[_SWAP]).reshape(2, COUNT)

    def uncertainty(self, home: int | None, away: int | None) -> Floats:
        """The variances of the logs of `expected`, covariances between the two teams left out."""
        prior = np.diag(EFFECTS)
        one = prior if home is None else self.variances[home]
        other = prior if away is None else self.variances[away]
        return (one + other[_SWAP]).reshape(2, COUNT)


def estimate(table: Table) -> Strengths:
    """The strengths that the table's matches tell. Deterministic."""
    teams = len(table.teams)
    prior = np.concatenate([np.log(LEVEL), HOME_ADVANTAGE])
    precision = np.diag(np.repeat([LEVEL_PRECISION, HOME_ADVANTAGE_PRECISION], COUNT))
    spread = np.linalg.inv(EFFECTS)
    common, effects = _start(table), np.zeros((teams, WIDE))
    known = np.isfinite(table.numbers)
    inverse = _inverses(known)
    for _ in range(_MOST_STEPS):
        expected = np.exp(common @ _SIDES.T + effects[table.home] + effects[table.away][:, _SWAP])
        residual = np.where(known, table.numbers / expected - 1, 0.0)
        scale = np.sqrt(expected / np.tile(SCATTER, 2) * table.weights[:, None])
        weight = inverse * scale[:, :, None] * scale[:, None, :]
        matrix = _matrix(table, weight)
        matrix[:WIDE, :WIDE] += precision
        for team in range(1, teams + 1):
            block = slice(team * WIDE, team * WIDE + WIDE)
            matrix[block, block] += spread
        pull = np.concatenate([(precision @ (prior - common))[None], -effects @ spread])
        pull += _gradient(table, np.einsum("mij,mj->mi", weight, residual))
        step = np.clip(np.linalg.solve(matrix, pull.reshape(-1)).reshape(-1, WIDE), -_LARGEST_STEP, _LARGEST_STEP)
        common, effects = common + step[0], effects + step[1:]
        if np.abs(step).max() < _ENOUGH:
            break
    variances = np.diag(np.linalg.inv(matrix)).reshape(-1, WIDE)[1:]
    return Strengths(common, effects, variances)


def _start(table: Table) -> Floats:
    """Levels of the plain averages, drawn a little to the prior, so that the first step is a short one."""
    known = np.isfinite(table.numbers)
    sums = np.where(known, table.numbers, 0.0).sum(0).reshape(2, COUNT).sum(0)
    counts = known.sum(0).reshape(2, COUNT).sum(0)
    return np.concatenate([np.log((sums + LEVEL) / (counts + 1)), HOME_ADVANTAGE])


def _inverses(known: np.typing.NDArray[np.bool_]) -> Floats:
    """For each match the inverse of the correlation of the numbers that are known; zero for the others."""
    inverses = np.zeros((len(known), WIDE, WIDE))
    patterns, which = np.unique(known, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        there = np.flatnonzero(pattern)
        whole = np.zeros((WIDE, WIDE))
        whole[np.ix_(there, there)] = np.linalg.inv(CORRELATION[np.ix_(there, there)])
        inverses[which.reshape(-1) == number] = whole
    return inverses


def _matrix(table: Table, weight: Floats) -> Floats:
    """The information on (common, team, team, ...), in blocks of WIDE."""
    blocks = np.zeros((len(table.teams) + 1,) * 2 + (WIDE, WIDE))
    shared = np.einsum("ki,mkj->mij", _SIDES, weight)
    blocks[0, 0] = _SIDES.T @ weight.sum(0) @ _SIDES
    swapped = weight[:, :, _SWAP]
    away_own = swapped[:, _SWAP, :]
    shared_away = shared[:, :, _SWAP]
    for match, (home, away) in enumerate(zip(table.home.tolist(), table.away.tolist(), strict=True)):
        one, other = home + 1, away + 1
        blocks[one, one] += weight[match]
        blocks[other, other] += away_own[match]
        blocks[one, other] += swapped[match]
        blocks[other, one] += swapped[match].T
        blocks[0, one] += shared[match]
        blocks[0, other] += shared_away[match]
    blocks[1:, 0] = blocks[0, 1:].transpose(0, 2, 1)
    size = len(blocks) * WIDE
    return blocks.transpose(0, 2, 1, 3).reshape(size, size)


def _gradient(table: Table, pulls: Floats) -> Floats:
    """What the matches' residuals pull at: a row for the common part, one for each team."""
    gradient = np.zeros((len(table.teams) + 1, WIDE))
    gradient[0] = pulls.sum(0) @ _SIDES
    np.add.at(gradient, table.home + 1, pulls)
    np.add.at(gradient, table.away + 1, pulls[:, _SWAP])
    return gradient
