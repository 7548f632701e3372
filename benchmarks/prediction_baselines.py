"""The plain averages that predictions have to beat, each with the distribution that suits it best."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from PROPPR.SharedServices.football.appearances import TeamMatch
from PROPPR.SharedServices.football.statistics import Statistic
from PROPPR.StatsUpdateFM.core.predictions import Distribution

Pair = tuple[float, float]

BASELINES = ("last 10", "season", "league", "last 10 x", "season x")
"""A team's own average of its last ten matches and of the season; the league's mean of home and of away teams. The two
with an x are not asked for: the mean of what the team made and what its opponent conceded."""
LEAST_MEAN = 0.1
PRIOR_ERRORS = 50.0


@dataclass
class Averages:
    """What the plain averages know of a season's matches that were over."""

    made: dict[tuple[int, Statistic], list[float]] = field(default_factory=lambda: defaultdict(list))
    conceded: dict[tuple[int, Statistic], list[float]] = field(default_factory=lambda: defaultdict(list))
    grounds: dict[tuple[bool, Statistic], list[float]] = field(default_factory=lambda: defaultdict(list))

    def learn(self, rows: Iterable[TeamMatch], statistics: Iterable[Statistic]) -> None:
        """Take in the two rows of each match, in the order of kick-off."""
        for row in rows:
            for statistic in statistics:
                made, conceded = row.number(statistic), row.number(statistic, against=True)
                if made is None or conceded is None:
                    continue
                self.made[row.team.id, statistic].append(made)
                self.conceded[row.team.id, statistic].append(conceded)
                self.grounds[row.home, statistic].append(made)

    def matches(self, team: int, statistic: Statistic) -> int:
        """How many matches of a team are known."""
        return len(self.made[team, statistic])

    def predict(self, home: int, away: int, statistic: Statistic) -> dict[str, Pair]:
        """The mean of each baseline for the home and for the away team; both have played."""
        made = [self.made[team, statistic] for team in (home, away)]
        conceded = [self.conceded[team, statistic] for team in (away, home)]
        means = {
            "last 10": [_mean(own[-10:]) for own in made],
            "season": [_mean(own) for own in made],
            "league": [_mean(self.grounds[ground, statistic]) for ground in (True, False)],
            "last 10 x": [(_mean(a[-10:]) + _mean(b[-10:])) / 2 for a, b in zip(made, conceded, strict=True)],
            "season x": [(_mean(a) + _mean(b)) / 2 for a, b in zip(made, conceded, strict=True)],
        }
        return {name: (max(one, LEAST_MEAN), max(other, LEAST_MEAN)) for name, (one, other) in means.items()}


@dataclass
class Dispersion:
    """Variance / mean of a method's own past errors, from a start that counts for PRIOR_ERRORS of them."""

    errors: dict[tuple[str, Statistic, bool], list[float]] = field(default_factory=lambda: defaultdict(list))

    def distribution(self, name: str, statistic: Statistic, whole: bool, mean: float) -> Distribution:
        """A method's distribution around its mean: of a team's number, or of the whole match's."""
        errors = self.errors[name, statistic, whole]
        return Distribution(mean, (PRIOR_ERRORS + sum(errors)) / (PRIOR_ERRORS + len(errors)))

    def learn(self, name: str, statistic: Statistic, whole: bool, mean: float, number: float) -> None:
        """Take in how far a prediction was off."""
        self.errors[name, statistic, whole].append((number - mean) ** 2 / mean)


def _mean(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers)
