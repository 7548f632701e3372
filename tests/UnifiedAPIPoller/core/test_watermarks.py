"""No update falls between two cycles, whatever their length, and a hole is never overlooked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from PROPPR.UnifiedAPIPoller.core.watermarks import (
    OVERLAP,
    SAFETY,
    SECOND,
    ProviderClock,
    longest_cycle,
    shorter_limit,
    window_of,
)

NOW = 1_795_000_000_123
limits = st.sampled_from([60_000, 90_000])
gaps = st.lists(st.integers(100, 400_000), min_size=1, max_size=40)


@given(limits, gaps, st.integers(1_000, 80_000))
def test_consecutive_windows_leave_no_update_out_unless_they_say_so(limit: int, gaps: list[int], lookback: int) -> None:
    now, watermark = NOW, NOW - 30_000
    for gap in gaps:
        now += gap
        window = window_of(watermark, now, lookback, limit)
        assert window.since % SECOND == 0
        assert window.since <= now
        assert (window.hole_from is None) == (window.since <= watermark)
        assert window.hole_from in (None, watermark)
        watermark = now


@given(limits, st.integers(0, 10**7), st.integers(1_000, 10**7))
def test_the_look_back_of_the_provider_is_never_exceeded(limit: int, age: int, lookback: int) -> None:
    assert window_of(NOW - age, NOW, lookback, limit).since >= NOW - limit + SAFETY
    assert window_of(None, NOW, lookback, limit).since >= NOW - limit + SAFETY


@given(limits, st.integers(0, 200_000), st.integers(1_000, 85_000))
def test_it_looks_back_at_least_as_far_as_asked_and_before_the_watermark(limit: int, age: int, lookback: int) -> None:
    window = window_of(NOW - age, NOW, lookback, limit)
    earliest = NOW - limit + SAFETY + SECOND
    assert window.since <= max(earliest, min(NOW - lookback, NOW - age - OVERLAP))


def test_a_minute_with_a_look_back_of_fifty_seconds_leaves_no_hole() -> None:
    window = window_of(NOW - 60_000, NOW, 50_000, 90_000)
    assert window.hole_from is None
    assert window.since <= NOW - 60_000 - OVERLAP


def test_the_first_request_is_all_hole() -> None:
    assert window_of(None, NOW, 50_000, 90_000).hole_from == 0


@given(limits)
def test_cycles_of_the_longest_length_overlap(limit: int) -> None:
    length = round(longest_cycle(limit) * SECOND)
    assert window_of(NOW - length, NOW, 1_000, limit).hole_from is None


def test_the_known_look_backs_are_tried_in_turn() -> None:
    assert shorter_limit(120_000) == 90_000
    assert shorter_limit(90_000) == 60_000
    assert shorter_limit(60_000) == 60_000


@given(
    st.integers(-7_200_000, 7_200_000), st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 5_000)), max_size=20)
)
def test_the_provider_s_time_is_never_taken_too_late(offset: int, answers: list[tuple[int, int]]) -> None:
    clock, at = ProviderClock(), NOW
    for until_written, until_received in answers:
        date = (at + until_written + offset) // SECOND * SECOND
        clock = clock.noted(at, at + until_written + until_received, date)
        assert clock.at_least <= offset <= clock.at_most
        at += 60_000
    if clock.at_least > 0 or clock.at_most < 0:
        assert clock.offset <= offset


def test_a_clock_that_was_set_is_believed_anew() -> None:
    date = NOW // SECOND * SECOND
    clock = ProviderClock().noted(NOW, NOW + 50, date)
    assert clock.offset == 0
    for expected in (0, 0, 3_599_000):
        clock = clock.noted(NOW, NOW + 50, date + 3_600_000)
        assert clock.offset in range(expected, expected + 1_001)


def test_an_answer_from_a_cache_moves_a_watermark_no_further_than_it_is_old() -> None:
    date = NOW // SECOND * SECOND
    clock = ProviderClock().noted(NOW, NOW + 50, date)
    cached = clock.noted(NOW, NOW + 50, date - 120_000)
    assert cached.offset == 0
    assert cached.asked(NOW, date - 120_000) == date - 119_000
    assert cached.asked(NOW, date) == NOW
    assert cached.noted(NOW, NOW + 50, date) == clock


def test_answers_without_a_date_change_nothing() -> None:
    assert ProviderClock().noted(NOW, NOW + 50, None) == ProviderClock()
    assert ProviderClock().offset == 0
