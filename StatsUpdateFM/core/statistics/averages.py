"""Averages of a team's numbers over its last five, its last ten and the season's matches.

A number that is unknown in a match is left out of the average of that statistic, never counted as zero: so each average
says how many matches it is based on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil, fsum

from PROPPR.SharedServices.football.appearances import TeamMatch
from PROPPR.SharedServices.football.model import Number
from PROPPR.SharedServices.football.statistics import PREDICTED, Period, Statistic
from PROPPR.StatsUpdateFM.core.statistics.documents import PLACES


class Window(StrEnum):
    """Which matches an average is over. The value is the end of a field's name."""

    LAST_5 = "last5"
    LAST_10 = "last10"
    SEASON = "season"

    @property
    def size(self) -> int | None:
        """The number of matches, None for all of the season."""
        return {"last5": 5, "last10": 10}.get(self.value)


@dataclass(frozen=True, slots=True)
class Average:
    """A mean over the `n` matches in which the number is known."""

    mean: float
    n: int


def average(values: Iterable[Number | None]) -> Average | None:
    """The mean of what is known; None where nothing is."""
    known = [value for value in values if value is not None]
    return Average(fsum(known) / len(known), len(known)) if known else None


def select(rows: Sequence[TeamMatch], window: Window, season: str, home: bool | None = None) -> Sequence[TeamMatch]:
    """The rows of a window; of home (away) matches only: the last five at home (away).

    `rows` are distinct and newest first (`distinct_matches`). The last five and ten reach back into earlier seasons.
    """
    chosen = [
        row
        for row in rows
        if (home is None or row.home is home) and (window is not Window.SEASON or row.season == season)
    ]
    return chosen[: window.size]


def averages(
    rows: Sequence[TeamMatch],
    period: Period = Period.MATCH,
    *,
    against: bool = False,
    statistics: Iterable[Statistic] = PREDICTED,
) -> dict[Statistic, Average]:
    """The average of each statistic over the rows; a statistic that is known in none of them is left out."""
    sides = [(row.against if against else row.own).get(period, {}) for row in rows]
    found: dict[Statistic, Average] = {}
    for statistic in statistics:
        mean = average(side.get(statistic) for side in sides)
        if mean is not None:
            found[statistic] = mean
    return found


def half_line(mean: float) -> float:
    """The half line (0.5, 1.5, ...) nearest to an average, at least 0.5.

    An average that lies between two, 2.0 for one, gets the lower line: counts lean to the right, so their median is
    below the mean plus a third, and the lower line is the nearer one to an even chance.
    """
    return max(0.5, ceil(round(mean, PLACES)) - 0.5)
