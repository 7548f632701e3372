"""Predictions against plain averages, match by match on real seasons, never looking ahead: `make predictions`."""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby
from math import log, sqrt
from pathlib import Path
from time import process_time

from player_predictions import judge, read_players
from prediction_baselines import BASELINES, Averages, Dispersion
from prediction_rows import fotmob_season, table_season

from PROPPR.SharedServices.football.appearances import TeamMatch
from PROPPR.SharedServices.football.statistics import Statistic
from PROPPR.StatsUpdateFM.core.predictions import Distribution, Model, fit
from PROPPR.StatsUpdateFM.core.predictions.table import PLAYING

REAL = Path(__file__).resolve().parents[2] / "shared" / "real"
LEAST_MATCHES = 5
"""Both teams have played so often in the season: with fewer, plain averages are no rivals."""
LINES = {
    Statistic.GOALS: ((0.5, 1.5, 2.5), (1.5, 2.5, 3.5)),
    Statistic.CORNERS: ((3.5, 4.5, 5.5, 6.5), (8.5, 9.5, 10.5, 11.5)),
    Statistic.SHOTS: ((9.5, 11.5, 13.5, 15.5), (21.5, 23.5, 25.5, 27.5)),
    Statistic.SHOTS_ON_TARGET: ((2.5, 3.5, 4.5, 5.5), (6.5, 7.5, 8.5, 9.5)),
    Statistic.YELLOW_CARDS: ((0.5, 1.5, 2.5), (2.5, 3.5, 4.5, 5.5)),
    Statistic.FOULS: ((8.5, 9.5, 10.5, 11.5, 12.5), (19.5, 20.5, 21.5, 22.5)),
    Statistic.OFFSIDES: ((0.5, 1.5, 2.5), (2.5, 3.5, 4.5)),
    Statistic.TACKLES: ((13.5, 15.5, 17.5, 19.5), (29.5, 32.5, 35.5, 38.5)),
}
"""The usual lines: of a team, of the match."""
MODEL = "model"


@dataclass
class Result:
    """The errors of one method at one statistic, in the order of the matches."""

    mean_errors: list[float] = field(default_factory=list)
    median_errors: list[float] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)

    def add(self, distribution: Distribution, number: float, lines: Sequence[float]) -> None:
        """Judge one prediction by what happened."""
        self.mean_errors.append(abs(distribution.mean - number))
        self.median_errors.append(abs(distribution.median - number))
        chances = [distribution.over(line) if number > line else distribution.under(line) for line in lines]
        self.losses.append(-sum(log(max(chance, 1e-6)) for chance in chances) / len(chances))

    def figures(self) -> tuple[float, float, float]:
        """Mean absolute error of the mean and of the median, and log-loss."""
        count = len(self.losses)
        return sum(self.mean_errors) / count, sum(self.median_errors) / count, sum(self.losses) / count


Results = dict[tuple[Statistic, bool], dict[str, Result]]
"""By (statistic, whole match or team), then by method."""


def walk(season: Sequence[TeamMatch], before: Sequence[TeamMatch] = (), stride: int = 1) -> Results:
    """Predict every match of a season from what was over at its kick-off; `before` are earlier seasons' rows.

    Only every `stride`-th kick-off is predicted.
    """
    results: Results = defaultdict(lambda: defaultdict(Result))
    averages, dispersion = Averages(), Dispersion()
    waiting: list[TeamMatch] = []
    ordered = sorted(season, key=lambda row: (row.kickoff, row.match_id, not row.home))
    for number, (kickoff, group) in enumerate(groupby(ordered, key=lambda row: row.kickoff)):
        over = [row for row in waiting if row.kickoff + PLAYING <= kickoff]
        averages.learn(over, LINES)
        waiting = [row for row in waiting if row.kickoff + PLAYING > kickoff]
        rows = list(group)
        waiting += rows
        homes = [row for row in rows if row.home and _judged(row, averages)]
        if homes and number % stride == 0:
            model = fit([*before, *season], kickoff)
            assert model is not None
            for row in homes:
                for statistic in LINES:
                    _judge(row, statistic, model, averages, dispersion, results)
    return results


def _judged(row: TeamMatch, averages: Averages) -> bool:
    return all(averages.matches(team.id, Statistic.GOALS) >= LEAST_MATCHES for team in (row.team, row.opponent))


def _judge(
    row: TeamMatch,
    statistic: Statistic,
    model: Model,
    averages: Averages,
    dispersion: Dispersion,
    results: Results,
) -> None:
    numbers = row.number(statistic), row.number(statistic, against=True)
    sides = model.predict(row.team.id, row.opponent.id, statistic)
    both = model.predict_total(row.team.id, row.opponent.id, statistic)
    if None in numbers or sides is None or both is None:
        return
    for_team, for_match = LINES[statistic]
    team, match = results[statistic, False], results[statistic, True]
    home, away = (float(number) for number in numbers if number is not None)
    for side, number in zip(sides, (home, away), strict=True):
        team[MODEL].add(side, number, for_team)
    match[MODEL].add(both, home + away, for_match)
    for name, means in averages.predict(row.team.id, row.opponent.id, statistic).items():
        told = [(False, mean, number) for mean, number in zip(means, (home, away), strict=True)]
        told.append((True, sum(means), home + away))
        for whole, mean, number in told:
            (match if whole else team)[name].add(
                dispersion.distribution(name, statistic, whole, mean), number, for_match if whole else for_team
            )
        for whole, mean, number in told:
            dispersion.learn(name, statistic, whole, mean, number)


def table(results: Results) -> Iterator[str]:
    """Markdown: log-loss, then both mean absolute errors of every method; bold where the model is not the best."""
    yield "| statistic | n | " + " | ".join((MODEL, *BASELINES)) + " | gain on the best of (a)-(c) |"
    yield "| --- | --- | " + "--- | " * (len(BASELINES) + 2)
    for (statistic, whole), methods in results.items():
        ours = methods[MODEL].figures()
        cells = []
        for name in (MODEL, *BASELINES):
            figures = methods[name].figures()
            beaten = name == MODEL or all(mine < theirs for mine, theirs in zip(ours, figures, strict=True))
            text = f"{figures[2]:.4f} / {figures[0]:.3f} / {figures[1]:.3f}"
            cells.append(text if beaten else f"**{text}**")
        of = "match" if whole else "team"
        yield (
            f"| {statistic.value}, {of} | {len(methods[MODEL].losses)} | "
            + " | ".join(cells)
            + f" | {_gain(methods)} |"
        )


def _gain(methods: dict[str, Result]) -> str:
    """How much less log-loss than the best of the three, and the standard error of that difference."""
    best = min(BASELINES[:3], key=lambda name: methods[name].figures()[2])
    pairs = zip(methods[best].losses, methods[MODEL].losses, strict=True)
    differences = [theirs - ours for theirs, ours in pairs]
    mean = sum(differences) / len(differences)
    variance = sum((difference - mean) ** 2 for difference in differences) / (len(differences) - 1)
    return f"{mean:.4f} +- {sqrt(variance / len(differences)):.4f}"


def unbeaten(results: Results, rivals: Sequence[str] = BASELINES[:3]) -> list[str]:
    """Where the model is not better than a rival, with the figures."""
    found = []
    for (statistic, whole), methods in results.items():
        ours = methods[MODEL].figures()
        for name in rivals:
            theirs = methods[name].figures()
            for what, mine, other in zip(("MAE mean", "MAE median", "log-loss"), ours, theirs, strict=True):
                if mine >= other:
                    found.append(
                        f"{statistic.value} {'match' if whole else 'team'} {what}: {mine:.4f}, {name} {other:.4f}"
                    )
    return found


def _time(rows: Sequence[TeamMatch]) -> float:
    """Processor seconds of one fit on a whole season."""
    at = max(row.kickoff for row in rows) + timedelta(days=1)
    start = process_time()
    fit(rows, at)
    return process_time() - start


def main() -> int:
    """Print the tables of both test seasons."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--real", type=Path, default=REAL, help="the directory of the real data")
    real = parser.parse_args().real
    old = fotmob_season(real / "fotmob" / "premier_league_2022_23", "2022/2023")
    new = fotmob_season(real / "fotmob" / "premier_league_2025_26", "2025/2026")
    ids = {row.team.name: row.team.id for row in old}
    last = table_season(real / "football_data" / "results_and_odds", "E0", 2022, ids)
    runs = (("2022/23", old, []), ("2022/23 with 2021/22 known", old, last), ("2025/26", new, []))
    for name, season, before in runs:
        print(f"\n### Premier League {name}\n")
        results = walk(season, before)
        print("\n".join(table(results)))
        print(f"\nNot beaten: {'; '.join(unbeaten(results)) or 'none'}")
        print(f"Fit of the whole: {_time([*before, *season]):.3f} s of processor time")
    print("\n### A player scores at least one goal\n\n| season | appearances | scored | model | base rate | gain |")
    print("| --- | --- | --- | --- | --- | --- |")
    data = read_players(real / "football_data" / "players" / "epl_player_matches_2019_2024.csv.gz")
    for seasons in (("2022-23",), ("2023-24",)):
        found = judge(data, seasons)
        share = f"{found.scored / found.count:.3f}"
        print(f"| {seasons[0]} | {found.count} | {share} | {found.model:.4f} | {found.base:.4f} | {found.gain:.1%} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
