"""Removing a bookmaker's margin: what the prices of a complete market say the outcomes' probabilities are.

With q = 1 / price and the book's sum B = sum(q), the methods find probabilities p that add up to 1:

| method | p | domain |
| --- | --- | --- |
| multiplicative | q / B | every market |
| power | q ** k | every market; where an outcome's p vanishes as a float, multiplicative is used |
| odds_ratio | q / (c + q - c * q) | every market; likewise |
| shin | Shin's share z of insiders | B > 1; else, or where it does not converge, multiplicative |

Power and odds_ratio take more of the margin from long shots than from favourites, as bookmakers do. A book under
100 % (B < 1) is fine: k < 1 and c < 1 then scale the other way. Which method was really used is part of the answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Literal, get_args

import msgspec
import shin

MarginMethod = Literal["power", "multiplicative", "shin", "odds_ratio"]
METHODS: tuple[MarginMethod, ...] = get_args(MarginMethod)
MAX_OUTCOMES = 1000
MAX_PRICE = 1e9
_PRECISION = 1e-12
_MAX_STEPS = 200


class MarginError(ValueError):
    """The prices can't be those of a complete market: fewer than two, too many, or one that is no price."""


class FairOdds(msgspec.Struct, frozen=True, gc=False):
    """A market without its margin. `probabilities` add up to 1 within 1e-9; `prices` are their inverses.

    `margin` is B - 1 (negative for a book under 100 %). `method` is the one really used, and `parameter` its solution:
    the exponent k, the odds ratio c, the insiders' share z, or B for multiplicative.
    """

    probabilities: tuple[float, ...]
    prices: tuple[float, ...]
    method: MarginMethod
    margin: float
    parameter: float


@lru_cache(maxsize=8192)
def _remove_margin(prices: tuple[float, ...], method: MarginMethod) -> FairOdds:
    _check(prices)
    implied = [1 / price for price in prices]
    book = math.fsum(implied)
    solved = _SOLVERS[method](implied, book)
    used: MarginMethod = method
    if solved is None:
        used, solved = "multiplicative", _multiplicative(implied, book)
    found, parameter = solved
    total = math.fsum(found)
    probabilities = tuple(each / total for each in found)
    return FairOdds(probabilities, tuple(1 / each for each in probabilities), used, book - 1, parameter)


def remove_margin(prices: Sequence[float], method: MarginMethod = "power") -> FairOdds:
    """Return the fair odds of a complete market's prices, in their order.

    Every probability lies strictly between 0 and 1, and a higher price never gets a higher one. Raises MarginError
    unless there are 2 to 1000 prices above 1 (and up to 1e9) and the method exists.
    """
    if method not in _SOLVERS:
        raise MarginError(f"no such margin method: {method!r}; there are {', '.join(METHODS)}")
    return _remove_margin(tuple(prices), method)


def _check(prices: tuple[float, ...]) -> None:
    if not 2 <= len(prices) <= MAX_OUTCOMES:
        raise MarginError(f"a complete market has 2 to {MAX_OUTCOMES} prices, not {len(prices)}")
    for price in prices:
        if isinstance(price, bool) or not isinstance(price, int | float) or not 1 < price <= MAX_PRICE:
            raise MarginError(f"not a price: {price!r}")


Solved = tuple[list[float], float] | None


def _multiplicative(implied: list[float], book: float) -> tuple[list[float], float]:
    return [each / book for each in implied], book


def _power(implied: list[float], book: float) -> Solved:
    logs = [math.log(each) for each in implied]

    def excess(exponent: float) -> tuple[float, float]:
        total = slope = 0.0
        for each in logs:
            term = math.exp(exponent * each)
            total += term
            slope += term * each
        return total - 1, slope

    exponent = _root(excess, 1.0 if book >= 1 else 0.0)
    return _usable([math.exp(exponent * each) for each in logs], exponent)


def _odds_ratio(implied: list[float], book: float) -> Solved:
    against = [(1 - each) / each for each in implied]  # the odds against: the price minus 1

    def excess(ratio: float) -> tuple[float, float]:
        total = slope = 0.0
        for each in against:
            term = 1 / (1 + ratio * each)
            total += term
            slope -= term * term * each
        return total - 1, slope

    ratio = 1 / math.sqrt(against[0] * against[1]) if len(against) == 2 else _root(excess, 1.0 if book >= 1 else 0.0)
    return _usable([1 / (1 + ratio * each) for each in against], ratio)


def _shin(implied: list[float], book: float) -> Solved:
    if book <= 1:
        return None
    try:
        solved = shin.calculate_implied_probabilities([1 / each for each in implied], full_output=True)
    except (ArithmeticError, ValueError):
        return None
    if not 0 <= solved.z < 1 or abs(math.fsum(solved.implied_probabilities) - 1) > 1e-6:
        return None
    return _usable(solved.implied_probabilities, solved.z)


def _usable(probabilities: list[float], parameter: float) -> Solved:
    if all(0 < each < 1 for each in probabilities) and math.isfinite(parameter):
        return probabilities, parameter
    return None


def _root(excess: Callable[[float], tuple[float, float]], start: float) -> float:
    """Return the root of a convex decreasing function of which `start` lies at or left of the root.

    Newton's steps from the left of such a function never pass the root, so they need no bracket from above; rounding
    could let one pass by an ulp, where the loop ends. Each call returns (value, slope).
    """
    at = start
    for _ in range(_MAX_STEPS):
        value, slope = excess(at)
        if value <= _PRECISION or slope >= 0:
            break
        step = -value / slope
        if at + step == at:
            break
        at += step
    return at


_SOLVERS: dict[MarginMethod, Callable[[list[float], float], Solved]] = {
    "multiplicative": _multiplicative,
    "power": _power,
    "odds_ratio": _odds_ratio,
    "shin": _shin,
}
