"""How likely each count is: a distribution of a number of a match, and what follows for betting lines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, exp, floor, inf, isfinite, lgamma, log, log1p, sqrt

_POISSON = 1e-6
"""A dispersion this near to one is a Poisson distribution's."""
_TAIL = 1e-17
_FAR_BELOW = 12.0
_FAR_ABOVE = 60.0
"""Standard deviations around the mean beyond which no count is looked at."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """A count with a mean and a dispersion, which is variance / mean.

    Dispersion above one is a negative binomial, one a Poisson distribution. Below one it is a binomial of
    n = mean / (1 - dispersion) trials; as n is rounded up, the variance is at least what was asked for.
    Raises ValueError for a mean that is negative or infinite, and for a dispersion that is not positive.
    """

    mean: float
    dispersion: float = 1.0

    def __post_init__(self) -> None:
        if not (isfinite(self.mean) and self.mean >= 0):
            raise ValueError(f"a mean must be finite and not negative, not {self.mean}")
        if not (isfinite(self.dispersion) and self.dispersion > 0):
            raise ValueError(f"a dispersion must be finite and positive, not {self.dispersion}")

    @property
    def variance(self) -> float:
        """The variance of the distribution as it is used (a binomial's with a whole number of trials)."""
        if self.mean == 0:
            return 0.0
        if self.dispersion < 1 - _POISSON:
            return self.mean * (1 - self.mean / _trials(self.mean, self.dispersion))
        return self.mean * self.dispersion

    @property
    def median(self) -> int:
        """The smallest count that is reached or stayed below with probability one half."""
        return self.quantile(0.5)

    def probability(self, count: int) -> float:
        """The probability of exactly `count`."""
        return _probability(self.mean, self.dispersion, count)

    def quantile(self, share: float) -> int:
        """The smallest count whose probability of being reached or stayed below is at least `share` (0 to 1)."""
        if not 0 <= share <= 1:
            raise ValueError(f"a share lies between 0 and 1, not at {share}")
        table = _at_most(self.mean, self.dispersion)
        return next((count for count, known in enumerate(table) if known >= share), len(table) - 1)

    def over(self, line: float) -> float:
        """The probability that a bet on more than `line` wins.

        At a whole line the stake comes back with the probability `push(line)`. A quarter line is two bets of half the
        stake, on the lines a quarter below and above: the numbers are shares of the stake. Always
        over + push + under = 1.
        """
        return sum(1 - self._at_most(floor(part)) for part in _parts(line)) / len(_parts(line))

    def under(self, line: float) -> float:
        """The probability that a bet on fewer than `line` wins; whole and quarter lines as for `over`."""
        return sum(self._at_most(ceil(part) - 1) for part in _parts(line)) / len(_parts(line))

    def push(self, line: float) -> float:
        """The probability (at a quarter line: the expected share of the stake) that comes back."""
        parts = _parts(line)
        return sum(self.probability(round(part)) for part in parts if part == floor(part)) / len(parts)

    def fair_over(self, line: float) -> float:
        """The decimal price at which a bet on over neither gains nor loses on average; infinite if it can't win."""
        return _fair_price(self.over(line), self.under(line))

    def fair_under(self, line: float) -> float:
        """The decimal price at which a bet on under neither gains nor loses on average; infinite if it can't win."""
        return _fair_price(self.under(line), self.over(line))

    def _at_most(self, count: int) -> float:
        if count < 0:
            return 0.0
        table = _at_most(self.mean, self.dispersion)
        return table[count] if count < len(table) else 1.0


def total(home: Distribution, away: Distribution, correlation: float = 0.0) -> Distribution:
    """The sum of both sides' numbers, by its mean and variance; `correlation` is that of the two counts."""
    mean = home.mean + away.mean
    if mean == 0:
        return Distribution(0.0)
    variance = home.variance + away.variance + 2 * correlation * sqrt(home.variance * away.variance)
    return Distribution(mean, max(variance / mean, 0.05))


def _fair_price(win: float, lose: float) -> float:
    return 1 + lose / win if win > 0 else inf


def _parts(line: float) -> tuple[float, ...]:
    quarters = line * 4
    if not isfinite(line) or quarters != floor(quarters):
        raise ValueError(f"a line is a multiple of a quarter, not {line}")
    return (line - 0.25, line + 0.25) if quarters % 2 else (line,)


def _trials(mean: float, dispersion: float) -> int:
    return max(floor(mean) + 1, ceil(mean / (1 - dispersion) - 1e-9))


def _probability(mean: float, dispersion: float, count: int) -> float:
    if count < 0:
        return 0.0
    if mean == 0:
        return float(count == 0)
    if dispersion < 1 - _POISSON:
        return _binomial(_trials(mean, dispersion), mean, count)
    if dispersion <= 1 + _POISSON:
        return exp(count * log(mean) - mean - lgamma(count + 1))
    size = mean / (dispersion - 1)
    ways = lgamma(size + count) - lgamma(size) - lgamma(count + 1)
    return exp(ways - size * log(dispersion) + count * (log(dispersion - 1) - log(dispersion)))


def _binomial(trials: int, mean: float, count: int) -> float:
    chance = mean / trials
    if count > trials:
        return 0.0
    ways = lgamma(trials + 1) - lgamma(count + 1) - lgamma(trials - count + 1)
    return exp(ways + count * log(chance) + (trials - count) * log1p(-chance))


def _growth(mean: float, dispersion: float) -> tuple[float, float]:
    """(a, b) of the recursion p(k + 1) = p(k) * (a + b / (k + 1)) that all three distributions obey (Panjer 1981)."""
    if dispersion < 1 - _POISSON:
        trials = _trials(mean, dispersion)
        odds = mean / (trials - mean)
        return -odds, (trials + 1) * odds
    if dispersion <= 1 + _POISSON:
        return 0.0, mean
    share = 1 - 1 / dispersion
    return share, (mean / (dispersion - 1) - 1) * share


@lru_cache(maxsize=4096)
def _at_most(mean: float, dispersion: float) -> tuple[float, ...]:
    """P(at most 0), P(at most 1), ... up to where nothing is left; the last is one."""
    if mean == 0:
        return (1.0,)
    start = max(0, floor(mean - _FAR_BELOW * sqrt(mean * max(dispersion, 1.0))))
    chance = reached = _probability(mean, dispersion, start)
    table = [0.0] * start + [reached]
    share, growth = _growth(mean, dispersion)
    for count in range(start + 1, ceil(mean + _FAR_ABOVE * max(dispersion, 1.0) * (1 + sqrt(mean)))):
        chance *= max(share + growth / count, 0.0)
        if count > mean and chance < _TAIL:
            break
        reached += chance
        table.append(min(1.0, reached))
    return (*table, 1.0)
