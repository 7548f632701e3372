"""The pause between requests, whoever makes them."""

from __future__ import annotations

import itertools
import threading
from random import Random

import pytest
from fotmob_rig import WaitingClock
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.providers.fotmob.pace import Pace
from PROPPR.SharedServices.service.clock import ManualClock, SystemClock
from PROPPR.SharedServices.service.errors import TransientError


@given(
    pause=st.floats(0.01, 5.0),
    gaps=st.lists(st.floats(0.0, 20.0), min_size=2, max_size=20),
    seed=st.integers(0, 10**6),
)
def test_two_turns_are_a_pause_apart_and_no_longer_than_half_as_much_again(
    pause: float, gaps: list[float], seed: int
) -> None:
    clock = WaitingClock()
    pace = Pace(pause, clock, threading.Event(), Random(seed))
    at: list[float] = []
    for gap in gaps:
        clock.advance(gap)
        asked = clock.monotonic()
        pace.turn()
        at.append(clock.monotonic())
        assert at[-1] - asked <= 1.5 * pause + 1e-6
    assert all(later - earlier >= pause - 1e-6 for earlier, later in itertools.pairwise(at))


def test_the_first_turn_is_at_once() -> None:
    clock = WaitingClock()
    Pace(60.0, clock, threading.Event()).turn()
    assert clock.waits == []


def test_threads_take_turns() -> None:
    clock = SystemClock()
    pace = Pace(0.02, clock, threading.Event(), Random(1))
    at: list[float] = []

    def take() -> None:
        pace.turn()
        at.append(clock.monotonic())

    threads = [threading.Thread(target=take) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert len(at) == 5
    assert max(at) - min(at) >= 4 * 0.02 - 0.005


def test_a_stop_ends_the_wait() -> None:
    stop = threading.Event()
    pace = Pace(60.0, ManualClock(), stop)
    pace.turn()
    stop.set()
    with pytest.raises(TransientError, match="stopped"):
        pace.turn()
