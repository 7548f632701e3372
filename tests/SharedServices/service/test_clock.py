"""The clocks: aware UTC, milliseconds that fit, monotonic time that never goes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from PROPPR.SharedServices.service.clock import Clock, ManualClock, SystemClock


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
