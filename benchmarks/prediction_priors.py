"""Where the priors of predictions come from: spread of teams and scatter of matches, by expectation-maximisation.

Prints what StatsUpdateFM/core/predictions/priors.py holds, from league seasons that predictions are not judged on. The
model is linear: number / mean of the ground - 1 = what the team makes + what the opponent lets be made + scatter, with
normal strengths that are correlated within a team and normal scatter that is correlated within a match.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from prediction_rows import FULL, table_season

from PROPPR.SharedServices.football.statistics import Statistic
from PROPPR.StatsUpdateFM.core.predictions.priors import Floats

REAL = Path(__file__).resolve().parents[2] / "shared" / "real"
YEARS = range(2014, 2023)
DIVISIONS = ("E0", "SP1", "D1", "I1", "F1")
OTHERWISE_COUNTED = {("I1", 2019), ("I1", 2020), ("I1", 2021), ("F1", 2020)}
"""Italian shots without blocked ones; a French season that was broken off."""
ORDER = (
    Statistic.GOALS,
    Statistic.SHOTS,
    Statistic.SHOTS_ON_TARGET,
    Statistic.CORNERS,
    Statistic.YELLOW_CARDS,
)
COUNT = len(ORDER)
WIDE = 2 * COUNT
SWAP = np.r_[COUNT:WIDE, 0:COUNT]
ROUNDS = 25


@dataclass(frozen=True)
class LeagueSeason:
    """Who met whom, and how far each number was from its mean: the home team's, then the away team's."""

    home: np.typing.NDArray[np.intp]
    away: np.typing.NDArray[np.intp]
    teams: int
    deviations: Floats


def read(folder: Path, division: str, year: int) -> LeagueSeason:
    """One season of a division; a match with an unknown number is left out."""
    assert set(ORDER) == set(FULL)
    rows = [row for row in table_season(folder, division, year) if row.home]
    numbers = np.array(
        [[row.number(each, against=side) for side in (False, True) for each in ORDER] for row in rows], dtype=np.float64
    )
    known = np.isfinite(numbers).all(axis=1)
    ids = sorted({row.team.id for row in rows})
    return LeagueSeason(
        home=np.array([ids.index(row.team.id) for row in rows])[known],
        away=np.array([ids.index(row.opponent.id) for row in rows])[known],
        teams=len(ids),
        deviations=numbers[known] / numbers[known].mean(axis=0) - 1,
    )


def maximise(seasons: Sequence[LeagueSeason]) -> tuple[Floats, Floats]:
    """The covariance of a team's strengths and that of a match's scatter, both relative to the mean."""
    spread = np.eye(WIDE) * 0.03
    scatter = np.cov(np.concatenate([season.deviations for season in seasons]).T)
    for _ in range(ROUNDS):
        strengths, residuals = np.zeros((WIDE, WIDE)), np.zeros((WIDE, WIDE))
        for season in seasons:
            of_teams, of_matches = _expect(season, spread, scatter)
            strengths += of_teams
            residuals += of_matches
        spread = strengths / sum(season.teams for season in seasons)
        scatter = residuals / sum(len(season.home) for season in seasons)
    return spread, scatter


def _expect(season: LeagueSeason, spread: Floats, scatter: Floats) -> tuple[Floats, Floats]:
    """Sums over teams and over matches of the expected squares, given the two covariances."""
    own, size = np.linalg.inv(scatter), season.teams * WIDE
    information = np.kron(np.eye(season.teams), np.linalg.inv(spread)).reshape(season.teams, WIDE, season.teams, WIDE)
    pull = np.zeros((season.teams, WIDE))
    for home, away, deviation in zip(season.home, season.away, season.deviations @ own, strict=True):
        information[home, :, home] += own
        information[away, :, away] += own[np.ix_(SWAP, SWAP)]
        information[home, :, away] += own[:, SWAP]
        information[away, :, home] += own[SWAP]
        pull[home] += deviation
        pull[away] += deviation[SWAP]
    covariance = np.linalg.inv(information.reshape(size, size)).reshape(information.shape)
    mean = np.einsum("iajb,jb->ia", covariance, pull)
    of_teams = mean.T @ mean + np.einsum("iaib->ab", covariance)
    left = season.deviations - mean[season.home] - mean[season.away][:, SWAP]
    of_matches = left.T @ left
    for home, away in zip(season.home, season.away, strict=True):
        cross = covariance[home, :, away][:, SWAP]
        of_matches += covariance[home, :, home] + covariance[away, :, away][np.ix_(SWAP, SWAP)] + cross + cross.T
    return of_teams, of_matches


def _show(name: str, covariance: Floats) -> None:
    deviation = np.sqrt(np.diag(covariance))
    print(f"\n{name}: standard deviations\n{deviation.round(3)}\ncorrelations")
    print((covariance / np.outer(deviation, deviation)).round(2))


def main() -> int:
    """Print both covariances of England and of all five leagues, and the mean of the two spreads."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--real", type=Path, default=REAL, help="the directory of the real data")
    folder = parser.parse_args().real / "football_data" / "results_and_odds"
    np.set_printoptions(suppress=True, linewidth=140)
    spreads = []
    for divisions in (DIVISIONS[:1], DIVISIONS):
        chosen = [(each, year) for each in divisions for year in YEARS if (each, year) not in OTHERWISE_COUNTED]
        spread, scatter = maximise([read(folder, *each) for each in chosen])
        spreads.append(spread)
        _show(f"{', '.join(divisions)}: scatter", scatter)
    _show("strengths, England and all five alike", (spreads[0] + spreads[1]) / 2)
    return 0


if __name__ == "__main__":
    sys.exit(main())
