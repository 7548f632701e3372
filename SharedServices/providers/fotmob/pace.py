"""The polite rate: between the starts of any two requests of a process lies a pause."""

from __future__ import annotations

import random
import threading

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.errors import TransientError

JITTER = 0.5


class Pace:
    """Hands out turns, one per `pause` seconds and up to half as much again, to any number of threads in order."""

    def __init__(self, pause: float, clock: Clock, stop: threading.Event, rng: random.Random | None = None) -> None:
        self._pause = pause
        self._clock = clock
        self._stop = stop
        self._rng = rng or random.Random()
        self._lock = threading.Lock()
        self._next = clock.monotonic()

    def turn(self) -> None:
        """Wait for the turn. Raises TransientError when stopped meanwhile; the turn is lost then."""
        with self._lock:
            now = self._clock.monotonic()
            at = max(now, self._next)
            self._next = at + self._pause * (1 + self._rng.random() * JITTER)
        if self._clock.wait(self._stop, at - now):
            raise TransientError("stopped while waiting for the next request's turn")
