"""The clocks: aware UTC, milliseconds that fit, monotonic time that never goes back."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.service.clock import Clock, FastClock, ManualClock, SystemClock


def test_the_system_clock_is_aware_and_agrees_with_itself() -> None:
    clock: Clock = SystemClock()
    assert clock.now().utcoffset() == timedelta(0)
    assert abs(clock.now().timestamp() * 1000 - clock.now_ms()) < 1000
    assert clock.monotonic() <= clock.monotonic()


def test_the_manual_clock_moves_only_when_told() -> None:
    clock = ManualClock(datetime(2026, 5, 27, 4, 11, 0, 532_000, tzinfo=UTC))
    assert clock.now_ms() == 1779855060532
    before = clock.monotonic()
    clock.advance(1.5)
    assert clock.now_ms() == 1779855062032
    assert clock.monotonic() == before + 1.5
    clock.jump(-3600)
    assert clock.now_ms() == 1779851462032
    assert clock.monotonic() == before + 1.5
    with pytest.raises(ValueError, match="backwards"):
        clock.advance(-1)


def test_a_fast_clock_shows_its_start_at_its_anchor_and_runs_by_its_factor() -> None:
    real = ManualClock(datetime(2026, 5, 27, 4, 11, tzinfo=UTC))
    start = 1_760_000_000_000
    fast: Clock = FastClock(real, 60.0, start)
    assert fast.now_ms() == start
    before = fast.monotonic()
    real.advance(1.5)
    assert fast.now_ms() == start + 90_000
    assert fast.now() == datetime(2025, 10, 9, 8, 54, 50, tzinfo=UTC)
    assert fast.monotonic() == pytest.approx(before + 90.0)


def test_fast_clocks_of_two_processes_agree() -> None:
    real = ManualClock(datetime(2026, 5, 27, 4, 11, tzinfo=UTC))
    anchor = real.now_ms()
    first = FastClock(real, 60.0, 1_760_000_000_000, anchor)
    real.advance(7.25)
    second = FastClock(real, 60.0, 1_760_000_000_000, anchor)
    assert first.now_ms() == second.now_ms() == 1_760_000_000_000 + 7_250 * 60
    assert FastClock(real, 1.0).now_ms() == real.now_ms()
    assert FastClock(SystemClock(), 10_000.0).wait(threading.Event(), 60.0) is False, "in 6 milliseconds"
    for factor in (0.0, -1.0, float("nan")):
        with pytest.raises(ValueError, match="factor"):
            FastClock(real, factor)


@given(st.lists(st.floats(0, 5000), max_size=20), st.floats(0.1, 1000))
def test_a_fast_clock_never_goes_back(steps: list[float], factor: float) -> None:
    real = ManualClock()
    fast = FastClock(real, factor)
    shown = [(fast.now_ms(), fast.monotonic())]
    for step in steps:
        real.advance(step)
        shown.append((fast.now_ms(), fast.monotonic()))
    assert shown == sorted(shown)
    assert shown[-1][0] - shown[0][0] == pytest.approx(sum(steps) * factor * 1000, rel=1e-6, abs=2 + factor * 20)
