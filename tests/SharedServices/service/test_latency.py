"""Latencies of the last minute out of a histogram that only grows."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.service.latency import RecentLatency, quantile
from PROPPR.SharedServices.service.metrics import Metrics

BUCKETS = (0.001, 0.01, 0.1, 1.0)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def test_only_what_came_lately_counts(clock: ManualClock) -> None:
    histogram = Metrics().histogram("proppr_a_seconds", "a", buckets=BUCKETS)
    histogram.observe(0.9)  # before anybody read
    recent = RecentLatency(histogram, clock, window=60)
    assert recent.read() is None
    for _ in range(100):
        histogram.observe(0.005)
    clock.advance(10)
    found = recent.read()
    assert found is not None and found.count == 100 and found.seconds == 10
    assert 0.001 < found.p50 < found.p99 <= 0.01
    for _ in range(5):
        clock.advance(10)
        assert recent.read() is not None
    clock.advance(10)
    assert recent.read() is None, "a minute of silence"


def test_slow_ones_show_in_the_tail(clock: ManualClock) -> None:
    histogram = Metrics().histogram("proppr_a_seconds", "a", buckets=BUCKETS)
    recent = RecentLatency(histogram, clock)
    for number in range(100):
        histogram.observe(5.0 if number < 2 else 0.0005)
    found = recent.read()
    assert found is not None and found.p50 < 0.001 and found.p99 == 1.0, "at least the last bound"


@given(st.lists(st.floats(0, 0.999), min_size=1, max_size=200), st.sampled_from([0.5, 0.9, 0.99]))
def test_a_quantile_lies_in_the_bucket_of_the_true_one(values: list[float], share: float) -> None:
    counts = {bound: float(sum(value <= bound for value in values)) for bound in (*BUCKETS, math.inf)}
    found = quantile(counts, share)
    true = sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
    bounds = (0.0, *BUCKETS)
    upper = next(bound for bound in BUCKETS if true <= bound)
    assert found is not None
    assert bounds[BUCKETS.index(upper)] - 1e-9 <= found <= upper + 1e-9


def test_nothing_was_observed() -> None:
    assert quantile({}, 0.5) is None
    assert quantile({1.0: 0.0, math.inf: 0.0}, 0.5) is None
