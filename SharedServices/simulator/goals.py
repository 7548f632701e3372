"""The price model's mathematics: what two expected numbers of goals say about every market of a match.

Probabilities are kept as *fair prices* (1 / probability), in the order in which a market's rows list their sides, so
that a bookmaker's prices are one multiplication away.
"""

from __future__ import annotations

import math
from functools import lru_cache

SIZE = 9
GRID = 20  # expected goals are rounded to 1/20, so that the states are few and their sums are found in the cache
SHORTEST, LONGEST = 1.012, 420.0

FairPrices = tuple[float, ...]


def fair(probability: float) -> float:
    """A fair price within the range that books quote."""
    if probability <= 1.0 / LONGEST:
        return LONGEST
    return max(SHORTEST, 1.0 / probability)


def two_way(win: float, lose: float) -> tuple[float, float]:
    """Fair prices of two sides of which a part of the stakes may be returned."""
    total = win + lose
    return (fair(win / total), fair(lose / total)) if total > 0 else (LONGEST, SHORTEST)


def asian(distribution: tuple[tuple[int, float], ...], line: float) -> tuple[float, float]:
    """Fair prices for "above `line`" and "below `line`" of a whole number; quarter lines are two half stakes."""
    win = lose = 0.0
    for part in (line - 0.25, line + 0.25) if line * 2 % 1 else (line, line):
        for value, probability in distribution:
            if value > part:
                win += probability
            elif value < part:
                lose += probability
    return two_way(win, lose)


def normal_over(mean: float, deviation: float, line: float) -> tuple[float, float]:
    """Fair prices for above and below a line of a count with a normal spread (corners, cards, shots, passes)."""
    above = 0.5 * math.erfc((line - mean) / (deviation * math.sqrt(2.0)))
    return fair(above), fair(1.0 - above)


def poisson_over(mean: float, line: float) -> tuple[float, float]:
    """Fair prices for above and below a half line of a rare count (a player's goals, shots, fouls)."""
    term = below = math.exp(-mean)
    for count in range(1, int(line) + 1):
        term *= mean / count
        below += term
    return fair(1.0 - below), fair(below)


class GoalModel:
    """Two independent Poisson numbers of goals and all that follows from them."""

    __slots__ = ("_memory", "away", "away_mean", "difference", "home", "home_mean", "result", "total")

    def __init__(self, home_mean: float, away_mean: float) -> None:
        self.home_mean = home_mean
        self.away_mean = away_mean
        self.home = _poisson(home_mean)
        self.away = _poisson(away_mean)
        total = [0.0] * (2 * SIZE - 1)
        difference = [0.0] * (2 * SIZE - 1)
        for h, p in enumerate(self.home):
            for a, q in enumerate(self.away):
                total[h + a] += p * q
                difference[h - a + SIZE - 1] += p * q
        self.total = tuple(enumerate(total))
        self.difference = tuple((index - SIZE + 1, p) for index, p in enumerate(difference))
        draw = difference[SIZE - 1]
        home = sum(difference[SIZE:])
        self.result = (home, draw, 1.0 - home - draw)
        self._memory: dict[tuple[str, tuple[float, ...]], FairPrices] = {}

    def totals(self, lines: tuple[float, ...]) -> FairPrices:
        """over, under for every line of the match's goals."""
        return self._ladder("total", self.total, lines)

    def spreads(self, lines: tuple[float, ...]) -> FairPrices:
        """home, away for every home handicap."""
        return self._ladder("spread", self.difference, lines)

    def team_totals(self, is_home: bool, lines: tuple[float, ...]) -> FairPrices:
        """over, under for every line of one team's goals."""
        marginal = self.home if is_home else self.away
        return self._ladder("home" if is_home else "away", tuple(enumerate(marginal)), lines)

    def both_score(self) -> tuple[float, float]:
        """yes, no."""
        yes = (1.0 - self.home[0]) * (1.0 - self.away[0])
        return fair(yes), fair(1.0 - yes)

    def handicaps(self, lines: tuple[float, ...]) -> FairPrices:
        """home, draw, away for every whole home handicap."""
        known = self._memory.get(("handicap", lines))
        if known is None:
            prices: list[float] = []
            for line in lines:
                home = sum(p for value, p in self.difference if value + line > 0)
                draw = sum(p for value, p in self.difference if value + line == 0)
                prices += (fair(home), fair(draw), fair(1.0 - home - draw))
            known = self._memory["handicap", lines] = tuple(prices)
        return known

    def _ladder(self, kind: str, distribution: tuple[tuple[int, float], ...], lines: tuple[float, ...]) -> FairPrices:
        known = self._memory.get((kind, lines))
        if known is None:
            sign = -1.0 if kind == "spread" else 1.0
            known = tuple(price for line in lines for price in asian(distribution, sign * line))
            self._memory[kind, lines] = known
        return known


def _poisson(mean: float) -> tuple[float, ...]:
    terms = [math.exp(-mean)]
    for count in range(1, SIZE):
        terms.append(terms[-1] * mean / count)
    rest = 1.0 - sum(terms)
    terms[-1] += max(0.0, rest)
    return tuple(terms)


@lru_cache(maxsize=16384)
def goal_model(home_steps: int, away_steps: int) -> GoalModel:
    """The model for expected goals given in steps of 1 / GRID."""
    return GoalModel(max(1, home_steps) / GRID, max(1, away_steps) / GRID)


@lru_cache(maxsize=4096)
def count_ladder(mean_steps: int, deviation_tenths: int, lines: tuple[float, ...]) -> FairPrices:
    """over, under for every line of a count with mean `mean_steps` / 10."""
    mean, deviation = mean_steps / 10, deviation_tenths / 10
    return tuple(price for line in lines for price in normal_over(mean, deviation, line))
