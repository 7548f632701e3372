"""Counts and their probabilities: they add up, keep their mean, and answer for every kind of line."""

from __future__ import annotations

from math import exp, inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.StatsUpdateFM.core.predictions.distribution import Distribution, total

means = st.floats(0.01, 60)
dispersions = st.one_of(st.just(1.0), st.floats(0.001, 0.999), st.floats(1.001, 4))
distributions = st.builds(Distribution, means, dispersions)
lines = st.integers(0, 160).map(lambda quarters: quarters / 4)


@given(distributions)
def test_the_probabilities_sum_to_one_and_keep_mean_and_variance(distribution: Distribution) -> None:
    chances = [distribution.probability(count) for count in range(1500)]
    mean = sum(count * chance for count, chance in enumerate(chances))
    assert all(0 <= chance <= 1 for chance in chances)
    assert sum(chances) == pytest.approx(1, abs=1e-9)
    assert mean == pytest.approx(distribution.mean, rel=1e-8)
    squares = sum((count - mean) ** 2 * chance for count, chance in enumerate(chances))
    assert squares == pytest.approx(distribution.variance, rel=1e-6)


@given(distributions, lines)
def test_over_push_and_under_share_the_stake(distribution: Distribution, line: float) -> None:
    parts = distribution.over(line), distribution.push(line), distribution.under(line)
    assert all(-1e-12 <= part <= 1 + 1e-12 for part in parts)
    assert sum(parts) == pytest.approx(1, abs=1e-9)


@given(distributions, st.integers(0, 40))
def test_over_a_half_line_is_the_sum_of_the_counts_above(distribution: Distribution, count: int) -> None:
    at_most = sum(distribution.probability(each) for each in range(count + 1))
    assert distribution.over(count + 0.5) == pytest.approx(1 - at_most, abs=1e-9)
    assert distribution.push(count + 0.5) == 0
    assert distribution.push(count) == pytest.approx(distribution.probability(count), abs=1e-12)


@given(distributions, lines, lines)
def test_a_higher_line_is_never_likelier_to_be_passed(distribution: Distribution, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert distribution.over(low) >= distribution.over(high) - 1e-12
    assert distribution.under(low) <= distribution.under(high) + 1e-12


@given(distributions, st.integers(0, 30))
def test_a_quarter_line_is_two_bets_of_half_the_stake(distribution: Distribution, count: int) -> None:
    quarter = distribution.over(count + 0.25)
    assert quarter == pytest.approx((distribution.over(count) + distribution.over(count + 0.5)) / 2)
    assert distribution.push(count + 0.25) == pytest.approx(distribution.probability(count) / 2, abs=1e-12)


@given(st.builds(Distribution, st.floats(0.5, 20), dispersions), st.integers(1, 60).map(lambda quarters: quarters / 4))
def test_a_bet_at_the_fair_price_neither_gains_nor_loses(distribution: Distribution, line: float) -> None:
    win, lose = distribution.over(line), distribution.under(line)
    if win > 1e-9:
        assert win * (distribution.fair_over(line) - 1) == pytest.approx(lose)
    if lose > 1e-9:
        assert lose * (distribution.fair_under(line) - 1) == pytest.approx(win)


@given(distributions)
def test_the_median_splits_the_counts_in_half(distribution: Distribution) -> None:
    median = distribution.median
    assert distribution.under(median) < 0.5 + 1e-9
    assert distribution.over(median) <= 0.5 + 1e-9


@given(st.floats(0.5, 30), st.floats(0.5, 30))
def test_dispersions_near_one_meet_the_poisson_distribution(one: float, line: float) -> None:
    half = int(line) + 0.5
    poisson = Distribution(one).over(half)
    assert Distribution(one, 1.0005).over(half) == pytest.approx(poisson, abs=2e-3)
    assert Distribution(one, 0.9995).over(half) == pytest.approx(poisson, abs=2e-3)


def test_known_values() -> None:
    assert Distribution(2.0).probability(0) == pytest.approx(exp(-2))
    # A negative binomial of size 3 and success 1/2: mean 3, variance 6; P(0) = 1/8, P(1) = 3/16.
    assert Distribution(3.0, 2.0).probability(0) == pytest.approx(1 / 8)
    assert Distribution(3.0, 2.0).probability(1) == pytest.approx(3 / 16)
    # A binomial of 4 trials at 1/2.
    assert Distribution(2.0, 0.5).probability(2) == pytest.approx(6 / 16)
    assert Distribution(2.0, 0.5).over(3.5) == pytest.approx(1 / 16)
    assert Distribution(2.0, 0.5).probability(5) == 0


def test_nothing_expected_is_certain_to_be_nothing() -> None:
    nothing = Distribution(0.0, 1.3)
    assert (nothing.probability(0), nothing.over(0.5), nothing.under(0.5), nothing.push(0)) == (1, 0, 1, 1)
    assert nothing.fair_over(0.5) == inf
    assert nothing.median == 0


def test_very_large_counts_do_not_break() -> None:
    assert Distribution(5000.0, 1.5).over(4999.5) == pytest.approx(0.5, abs=0.01)
    assert Distribution(5000.0, 0.8).over(0.5) == 1


@pytest.mark.parametrize(("mean", "dispersion"), [(-1, 1), (nan, 1), (inf, 1), (1, 0), (1, -2), (1, nan)])
def test_senseless_parameters_are_refused(mean: float, dispersion: float) -> None:
    with pytest.raises(ValueError, match="must be finite"):
        Distribution(mean, dispersion)


@pytest.mark.parametrize("line", [2.1, nan, inf])
def test_a_line_is_a_multiple_of_a_quarter(line: float) -> None:
    with pytest.raises(ValueError, match="multiple of a quarter"):
        Distribution(2.0).over(line)


def test_a_share_outside_zero_and_one_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        Distribution(2.0).quantile(1.5)


@given(distributions, distributions, st.floats(-0.4, 0.4))
def test_a_total_has_the_sum_of_the_means_and_the_variance_of_the_sum(
    home: Distribution, away: Distribution, correlation: float
) -> None:
    both = total(home, away, correlation)
    variance = home.variance + away.variance + 2 * correlation * (home.variance * away.variance) ** 0.5
    assert both.mean == pytest.approx(home.mean + away.mean)
    # A binomial's whole number of trials may widen it a little.
    assert both.variance >= variance - 1e-9
    if variance >= both.mean:
        assert both.variance == pytest.approx(variance)


def test_a_total_of_nothing_is_nothing() -> None:
    assert total(Distribution(0.0), Distribution(0.0)).mean == 0
