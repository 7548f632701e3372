"""A match that can't be read is left alone for a while that grows."""

from __future__ import annotations

from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.StatsUpdateFM.core.schedule.set_aside import FIRST, LONGEST, MOST, SetAside


def test_each_failure_doubles_the_wait_and_success_ends_it() -> None:
    clock = ManualClock()
    aside = SetAside(clock)
    waited = []
    for _ in range(8):
        aside.put(7)
        wait = 0.0
        while 7 in aside:
            clock.advance(FIRST)
            wait += FIRST
        waited.append(wait)
    assert waited == [min(FIRST * 2**n, LONGEST) for n in range(8)]
    aside.put(7)
    aside.worked(7)
    assert 7 not in aside
    aside.put(7)
    clock.advance(FIRST)
    assert 7 not in aside


def test_it_is_bounded() -> None:
    aside = SetAside(ManualClock())
    for number in range(MOST + 10):
        aside.put(number)
    assert len(aside) == MOST
    assert 0 not in aside
    assert MOST + 9 in aside
