"""What is believed of a league before its matches are seen: levels, spread between teams, scatter between matches.

Measured on the top five European leagues, seasons 2013/14 to 2021/22, England's counted as much as all five together,
by expectation-maximisation of the linear mixed model that `strength` fits (docs/predictions.md says how, and which
numbers are not measured but set).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from PROPPR.SharedServices.football.statistics import Statistic

Floats = NDArray[np.float64]

SOURCES: Final = (
    Statistic.GOALS,
    Statistic.EXPECTED_GOALS,
    Statistic.SHOTS,
    Statistic.SHOTS_ON_TARGET,
    Statistic.CORNERS,
    Statistic.YELLOW_CARDS,
    Statistic.FOULS,
    Statistic.OFFSIDES,
    Statistic.TACKLES,
)
"""The statistics the model reads, in the order of every table here; all but the second are predicted."""
COUNT: Final = len(SOURCES)

LEVEL: Final = np.array([1.38, 1.38, 12.3, 4.4, 4.95, 2.0, 11.5, 1.8, 16.0])
"""A team's usual number in a match, the mean of home and away."""
HOME_ADVANTAGE: Final = np.array([0.23, 0.23, 0.20, 0.20, 0.20, -0.11, -0.02, 0.10, 0.0])
"""Log of home level / away level."""
LEVEL_PRECISION: Final = 4.0
HOME_ADVANTAGE_PRECISION: Final = 100.0
"""Precisions (1 / variance) of a league's log level and log home advantage around the two tables."""

SCATTER: Final = np.array([0.94, 0.35, 1.36, 1.06, 1.33, 0.84, 1.0, 1.2, 1.1])
"""Variance / mean of a number around what the teams' strengths say."""
SCATTER_WEIGHT: Final = 1500.0
"""Numbers of teams in matches that SCATTER counts for against the league's own."""

HALF_LIFE_DAYS: Final = 250.0
"""A match this old counts half."""
SEASON_WEIGHT: Final = 0.5
"""What a match counts more than one season ago is multiplied by, for each change of season since."""

FIRST_HALF: Final = np.array([0.445, 0.45, 0.46, 0.46, 0.465, 0.37, 0.48, 0.50, 0.50])
"""The first half's share of a match."""
FIRST_HALF_WEIGHT: Final = 400.0
"""Numbers of teams in matches that FIRST_HALF counts for against the league's own."""

# Goals, shots, shots on target, corners, yellow cards: first what a team makes, then what its opponents make.
_MEASURED: Final = (0, 2, 3, 4, 5)
_SPREAD: Final = np.array([0.300, 0.160, 0.212, 0.147, 0.128, 0.201, 0.163, 0.167, 0.151, 0.153])
_TOGETHER: Final = np.array(
    [
        [1.00, 0.92, 0.96, 0.91, -0.48, -0.79, -0.74, -0.75, -0.81, 0.34],
        [0.92, 1.00, 0.98, 0.92, -0.47, -0.73, -0.76, -0.74, -0.80, 0.30],
        [0.96, 0.98, 1.00, 0.91, -0.49, -0.75, -0.75, -0.74, -0.81, 0.32],
        [0.91, 0.92, 0.91, 1.00, -0.46, -0.76, -0.76, -0.76, -0.82, 0.30],
        [-0.48, -0.47, -0.49, -0.46, 1.00, 0.49, 0.40, 0.46, 0.41, -0.02],
        [-0.79, -0.73, -0.75, -0.76, 0.49, 1.00, 0.83, 0.92, 0.84, -0.30],
        [-0.74, -0.76, -0.75, -0.76, 0.40, 0.83, 1.00, 0.96, 0.93, -0.29],
        [-0.75, -0.74, -0.74, -0.76, 0.46, 0.92, 0.96, 1.00, 0.91, -0.29],
        [-0.81, -0.80, -0.81, -0.82, 0.41, 0.84, 0.93, 0.91, 1.00, -0.32],
        [0.34, 0.30, 0.32, 0.30, -0.02, -0.30, -0.29, -0.29, -0.32, 1.00],
    ]
)
# Expected goals follow goals and shots on target; cards come from fouls; the rest stands alone.
_XG_OF_GOALS: Final = (0.42, 0.47)
_XG_OF_SHOTS_ON_TARGET: Final = (0.61, 0.58)
_FOULS_OF_CARDS: Final = (0.35, 0.35)
_OWN_SPREAD: Final = {1: (0.04, 0.03), 6: (0.09, 0.07), 7: (0.17, 0.15), 8: (0.07, 0.07)}

# How one match's numbers scatter together, beyond what strengths say: within a team, and against the opponent's.
_WITHIN: Final = {
    (0, 1): 0.50, (0, 2): 0.15, (0, 3): 0.51, (0, 4): -0.11, (0, 5): -0.04,
    (1, 2): 0.60, (1, 3): 0.62, (1, 4): 0.18, (1, 5): -0.05,
    (2, 3): 0.57, (2, 4): 0.42, (2, 5): -0.05, (3, 4): 0.17, (3, 5): -0.05, (4, 5): -0.03,
    (5, 6): 0.21, (2, 8): -0.10, (4, 7): -0.10, (2, 7): -0.05,
}  # fmt: skip
_AGAINST: Final = {
    (0, 0): 0.02, (0, 2): 0.06, (0, 3): 0.02, (0, 4): 0.07, (1, 1): -0.05, (1, 2): -0.08, (1, 3): -0.04,
    (1, 4): -0.08, (2, 2): -0.20, (2, 3): -0.06, (2, 4): -0.18, (2, 5): 0.02, (3, 3): -0.01, (3, 4): -0.05,
    (4, 4): -0.17, (5, 5): 0.18, (5, 6): 0.15, (6, 6): 0.10, (8, 8): 0.20,
}  # fmt: skip


def _effects() -> Floats:
    measured = _TOGETHER * np.outer(_SPREAD, _SPREAD)
    loading = np.zeros((2 * COUNT, len(_SPREAD)))
    own = np.zeros(2 * COUNT)
    for side in (0, 1):
        row, column = side * COUNT, side * len(_MEASURED)
        for place, source in enumerate(_MEASURED):
            loading[row + source, column + place] = 1.0
        loading[row + 1, column] = _XG_OF_GOALS[side]
        loading[row + 1, column + 2] = _XG_OF_SHOTS_ON_TARGET[side]
        loading[row + 6, column + 4] = _FOULS_OF_CARDS[side]
        for source, spread in _OWN_SPREAD.items():
            own[row + source] = spread[side]
    covariance: Floats = loading @ measured @ loading.T + np.diag(own**2)
    return covariance


def _scatter() -> Floats:
    within, against = np.eye(COUNT), np.zeros((COUNT, COUNT))
    for table, known in ((within, _WITHIN), (against, _AGAINST)):
        for (one, other), value in known.items():
            table[one, other] = table[other, one] = value
    return np.block([[within, against], [against, within]])


EFFECTS: Final = _effects()
"""Covariance of a team's log strengths: COUNT of making, then COUNT of letting the opponent make."""
CORRELATION: Final = _scatter()
"""Correlation of a match's numbers around what strengths say: COUNT of the home team, then COUNT of the away team."""
