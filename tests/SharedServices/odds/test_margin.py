"""Margin removal: worked examples, the published numbers of each method, and what holds for every market."""

from __future__ import annotations

import math
import timeit
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from PROPPR.SharedServices.odds.margin import METHODS, MarginError, MarginMethod, _remove_margin, remove_margin

methods = st.sampled_from(METHODS)
prices = st.one_of(st.floats(1.000001, 3), st.floats(1.01, 30), st.floats(1.01, 1000), st.floats(1.000001, 1e6))
markets = st.lists(prices, min_size=2, max_size=30)


def test_the_worked_example() -> None:
    sharp = (1.93, 1.90)
    assert round(100 * 2.10 / sharp[0], 1) == 108.8
    assert round(100 * 2.10 / remove_margin(sharp).prices[0], 1) == 104.1
    assert round(100 * 2.10 / remove_margin(sharp, "multiplicative").prices[0], 1) == 104.2


@pytest.mark.parametrize("method", METHODS)
def test_three_outcomes(method: MarginMethod) -> None:
    found = remove_margin((2.6, 3.4, 2.8), method)
    assert found.method == method
    assert bisected(method, (2.6, 3.4, 2.8)) == pytest.approx(found.probabilities, abs=1e-9)


def bisected(method: MarginMethod, quoted: tuple[float, ...]) -> list[float]:
    """The textbook definitions, solved by plain bisection over the parameter."""
    implied = [1 / price for price in quoted]
    book = sum(implied)

    def probabilities(parameter: float) -> list[float]:
        if method == "power":
            return [q**parameter for q in implied]
        if method == "odds_ratio":
            return [q / (parameter + q - parameter * q) for q in implied]
        if method == "shin":
            z = parameter
            return [(math.sqrt(z * z + 4 * (1 - z) * q * q / book) - z) / (2 * (1 - z)) for q in implied]
        return [q / book for q in implied]

    low, high = (0.0, 0.9) if method == "shin" else (0.01, 50.0)
    for _ in range(200):
        middle = (low + high) / 2
        if sum(probabilities(middle)) > 1:
            low = middle
        else:
            high = middle
    return probabilities(low)


@given(market=st.lists(st.floats(1.2, 30), min_size=2, max_size=6), method=methods)
def test_every_method_solves_its_equation(market: list[float], method: MarginMethod) -> None:
    found = remove_margin(market, method)
    assume(found.method == method and 1.001 < sum(1 / price for price in market) < 2.5)
    assert bisected(method, tuple(market)) == pytest.approx(found.probabilities, abs=1e-7)


@given(market=markets, method=methods)
def test_probabilities_are_probabilities(market: list[float], method: MarginMethod) -> None:
    found = remove_margin(market, method)
    assert all(0 < each < 1 for each in found.probabilities)
    assert abs(math.fsum(found.probabilities) - 1) <= 1e-9
    assert found.margin == pytest.approx(math.fsum(1 / price for price in market) - 1)
    assert [1 / price for price in found.prices] == pytest.approx(found.probabilities)


@given(market=markets, method=methods)
def test_a_higher_price_is_never_more_likely(market: list[float], method: MarginMethod) -> None:
    found = remove_margin(market, method)
    ranked = sorted(zip(market, found.probabilities, strict=True))
    for (lower, likely), (higher, unlikely) in pairwise(ranked):
        assert likely >= unlikely or higher / lower - 1 < 1e-9
        if lower == higher:
            assert likely == unlikely


@given(
    market=st.lists(st.floats(1.05, 60), min_size=2, max_size=8),
    method=methods,
    which=st.integers(0, 7),
    factor=st.floats(1.001, 1.5),
)
def test_raising_one_price_makes_it_less_likely_and_the_others_more(
    market: list[float], method: MarginMethod, which: int, factor: float
) -> None:
    which %= len(market)
    raised = [price * factor if index == which else price for index, price in enumerate(market)]
    before, after = remove_margin(market, method), remove_margin(raised, method)
    assume(before.method == after.method)
    assert after.probabilities[which] < before.probabilities[which] + 1e-9


@given(market=markets)
def test_power_takes_more_from_long_shots_than_multiplicative(market: list[float]) -> None:
    found = remove_margin(market)
    assume(found.method == "power" and found.margin > 0)
    plain = remove_margin(market, "multiplicative").probabilities
    favourite = min(range(len(market)), key=market.__getitem__)
    assert found.probabilities[favourite] >= plain[favourite] - 1e-9


@given(price=st.floats(1.01, 1000), count=st.integers(2, 200), method=methods)
def test_equal_prices_are_equally_likely(price: float, count: int, method: MarginMethod) -> None:
    assert remove_margin([price] * count, method).probabilities == pytest.approx([1 / count] * count)


def test_order_of_outcomes_is_that_of_the_prices() -> None:
    there = remove_margin((1.5, 4.2, 7.0)).probabilities
    back = remove_margin((7.0, 4.2, 1.5)).probabilities
    assert list(reversed(back)) == pytest.approx(there)


@pytest.mark.parametrize("method", METHODS)
def test_a_heavy_favourite(method: MarginMethod) -> None:
    found = remove_margin((1.01, 26, 101), method)
    assert found.method == method
    assert found.probabilities[0] > 0.95
    assert found.probabilities[2] > 0


@pytest.mark.parametrize(
    ("method", "used"), [("power", "power"), ("odds_ratio", "odds_ratio"), ("shin", "multiplicative")]
)
def test_a_book_under_100_percent(method: MarginMethod, used: MarginMethod) -> None:
    found = remove_margin((2.1, 2.2), method)
    assert found.method == used
    assert found.margin < 0
    assert sum(found.probabilities) == pytest.approx(1)


def test_the_fallback_is_named() -> None:
    """Two certainties leave a long shot no probability that a float could hold: it gets its multiplicative one."""
    found = remove_margin((1.0001, 1.0001, 500))
    assert found.method == "multiplicative"
    assert found.parameter == pytest.approx(1 + found.margin)


@pytest.mark.parametrize("method", METHODS)
def test_a_huge_field(method: MarginMethod) -> None:
    found = remove_margin([2 + index * 7.5 for index in range(300)], method)
    assert math.fsum(found.probabilities) == pytest.approx(1)
    assert min(found.probabilities) > 0


@pytest.mark.parametrize(
    "market",
    [(), (2.0,), (2.0, 1.0), (2.0, 0.5), (2.0, -3), (2.0, math.nan), (2.0, math.inf), (2.0, "3"), (2.0, None),
     (True, 2.0), (2.0, 1e10), [2.0] * 1001],
)  # fmt: skip
@pytest.mark.parametrize("method", METHODS)
def test_what_is_no_complete_market_is_refused(market: tuple[float, ...], method: MarginMethod) -> None:
    with pytest.raises(MarginError):
        remove_margin(market, method)


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(MarginError, match="no such margin method"):
        remove_margin((2.0, 1.9), "magic")  # type: ignore[arg-type]


def test_three_outcomes_take_less_than_40_microseconds() -> None:
    for market in ((2.5, 3.2, 2.9), (1.01, 26.0, 101.0), (1.2, 7.0, 13.0)):
        for method in METHODS:
            best = min(timeit.repeat(lambda: _remove_margin.__wrapped__(market, method), number=200, repeat=7)) / 200  # noqa: B023
            assert best < 40e-6
