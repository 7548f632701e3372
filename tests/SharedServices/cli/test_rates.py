"""Rates and latencies from scrapes: exact on examples, bounded by the buckets always."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from PROPPR.SharedServices.cli.rates import Scrape, quantile, rate, read_scrape

BOUNDS = (0.001, 0.005, 0.025, 0.1, 0.5)


def scrape(observations: list[float], at: float = 0.0, count: int = 0) -> Scrape:
    registry = CollectorRegistry()
    histogram = Histogram("latency_seconds", "x", ["kind"], buckets=BOUNDS, registry=registry)
    counter = Counter("messages", "x", ["kind"], registry=registry)
    for number, value in enumerate(observations):
        histogram.labels(str(number % 2)).observe(value)
    for number in range(count):
        counter.labels(str(number % 3)).inc()
    return read_scrape(generate_latest(registry).decode(), at)


def test_rates_add_up_the_labels() -> None:
    assert rate(scrape([], 0.0, count=3), scrape([], 2.0, count=13), "messages_total") == 5.0


def test_a_restarted_process_counts_from_zero() -> None:
    assert rate(scrape([], 0.0, count=100), scrape([], 2.0, count=8), "messages_total") == 4.0


def test_what_is_not_known_is_none() -> None:
    assert rate(scrape([]), scrape([], 1.0), "other_total") is None
    assert rate(scrape([], 1.0, 1), scrape([], 1.0, 2), "messages_total") is None
    assert quantile(scrape([]), scrape([], 1.0), "latency_seconds", 0.5) is None
    assert quantile(scrape([]), scrape([], 1.0), "other", 0.5) is None


def test_only_observations_between_the_scrapes_count() -> None:
    earlier = scrape([0.4] * 100)
    later = scrape([0.4] * 100 + [0.002] * 10, 1.0)
    p99 = quantile(earlier, later, "latency_seconds", 0.99)
    assert p99 is not None and 0.001 < p99 <= 0.005


def test_beyond_the_last_bound_the_last_bound_is_the_answer() -> None:
    assert quantile(scrape([]), scrape([3.0], 1.0), "latency_seconds", 0.5) == 0.5


@given(st.lists(st.floats(0.0001, 0.49), min_size=1, max_size=60), st.floats(0.01, 1.0))
def test_a_quantile_lies_in_the_bucket_of_the_true_one(values: list[float], share: float) -> None:
    true = sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
    found = quantile(scrape([]), scrape(values, 1.0), "latency_seconds", share)
    upper = min(bound for bound in BOUNDS if true <= bound)
    lower = max((bound for bound in BOUNDS if bound < true), default=0.0)
    assert found is not None
    assert found == pytest.approx(min(max(found, lower), upper))
