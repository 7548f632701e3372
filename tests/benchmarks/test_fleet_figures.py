"""Slopes, stretches of time and ages: the arithmetic by which an hour of the fleet is judged."""

from __future__ import annotations

import random

import pytest
from fleet_figures import Age, Stretch, grows, merged, seconds, share_outside, slope, without
from hypothesis import given
from hypothesis import strategies as st

stretches = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), max_size=12).map(
    lambda pairs: [(float(min(pair)), float(max(pair))) for pair in pairs]
)


def marks(found: list[Stretch]) -> set[int]:
    """The whole seconds that stretches cover."""
    return {second for begin, end in found for second in range(int(begin), int(end))}


@given(st.floats(-1e3, 1e3), st.integers(2, 1500))
def test_a_line_has_its_slope(rise: float, count: int) -> None:
    samples = [(5.0 * n, 7 + rise * 5.0 * n / 3600) for n in range(count)]
    assert slope(samples) == pytest.approx(rise, abs=1e-6)


def test_a_few_peaks_and_one_step_of_noise_do_not_make_a_slope() -> None:
    rng = random.Random(1)
    samples = [(5.0 * n, 100 + rng.uniform(-1, 1) + (60 if n % 9 == 0 else 0)) for n in range(540)]
    assert abs(slope(samples)) < 0.2


def test_fewer_than_two_moments_have_no_slope() -> None:
    assert slope([]) == slope([(1.0, 5.0)]) == slope([(1.0, 5.0), (1.0, 9.0)]) == 0.0


@given(stretches, stretches)
def test_stretches_are_sets_of_moments(some: list[Stretch], removed: list[Stretch]) -> None:
    assert marks(merged(some)) == marks(some)
    assert marks(without(some, removed)) == marks(some) - marks(removed)
    assert seconds(merged(some)) == len(marks(some))


@given(stretches, stretches)
def test_a_share_leaves_the_excused_time_out_of_both(bad: list[Stretch], excused: list[Stretch]) -> None:
    counted = set(range(200)) - marks(excused)
    share = share_outside(bad, (0.0, 200.0), excused)
    assert share == pytest.approx(len(counted - marks(bad)) / len(counted) if counted else 1.0)


@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 300)), max_size=40), st.integers(1000, 1300))
def test_an_age_is_told_at_every_moment(told: list[tuple[int, int]], end: int) -> None:
    """In tenths of a second: (moment, how old the newest was then)."""
    told.sort()
    age = Age(0.0)
    for at, old in told:
        age.seen(at / 10, (at - old) / 10)
    stale = marks([(begin * 10, finish * 10) for begin, finish in age.stale(end / 10)])
    for moment in range(end):
        newest = max((at - old for at, old in told if at <= moment), default=0)
        assert (moment in stale) == (moment - max(0, newest) >= 10)


def test_what_comes_from_the_future_is_of_now_and_what_comes_late_is_left_out() -> None:
    age = Age(0.0)
    age.seen(0.5, 100.0)
    assert age.newest == 0.5
    age.seen(5.0, 4.9)
    assert age.stale(3.0) == [(1.5, 3.0)]
    assert age.oldest == 4.5


def test_a_queue_grows_when_it_gains_much_and_steadily() -> None:
    assert grows([(5.0 * n, n / 10) for n in range(600)])
    assert not grows([(5.0 * n, 300.0 if n % 7 == 0 else 0.0) for n in range(600)])
    assert not grows([(5.0 * n, n / 500) for n in range(600)])
    assert not grows([])
