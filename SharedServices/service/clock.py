"""Time for everything else: the only module that asks the operating system what time it is."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """What a part may know of time. Wall time for records, monotonic time for ages and deadlines."""

    def now(self) -> datetime:
        """Return the time in UTC, aware."""

    def now_ms(self) -> int:
        """Return the time in whole milliseconds since the Unix epoch."""

    def monotonic(self) -> float:
        """Return seconds that never jump or go back; only differences mean something."""

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait until the event is set, for at most so many seconds of this clock; whether it is set."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the time in UTC, aware."""
        return datetime.now(UTC)  # noqa: TID251 - this is the clock

    def now_ms(self) -> int:
        """Return the time in whole milliseconds since the Unix epoch."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        """Return the machine's monotonic seconds."""
        return time.monotonic()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait until the event is set, for at most so many seconds; whether it is set."""
        return event.wait(max(0.0, seconds))


class ManualClock:
    """A clock that moves only when told to; safe to share between threads."""

    def __init__(self, start: datetime | None = None, monotonic: float = 1000.0) -> None:
        self._now = start or datetime(2026, 1, 1, tzinfo=UTC)
        self._monotonic = monotonic
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Return the time it was set to."""
        with self._lock:
            return self._now

    def now_ms(self) -> int:
        """Return the time it was set to, in milliseconds since the Unix epoch."""
        return (self.now() - _EPOCH) // timedelta(milliseconds=1)

    def monotonic(self) -> float:
        """Return the monotonic seconds it was set to."""
        with self._lock:
            return self._monotonic

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Return almost at once, whatever time was asked for: who sets the clock decides how time passes."""
        return event.wait(0.001 if seconds > 0 else 0)

    def advance(self, seconds: float) -> None:
        """Let `seconds` (not negative) pass on both the wall and the monotonic clock."""
        if seconds < 0:
            raise ValueError("time does not run backwards: use jump() for a wall clock that is set back")
        with self._lock:
            self._now += timedelta(seconds=seconds)
            self._monotonic += seconds

    def jump(self, seconds: float) -> None:
        """Set the wall clock by `seconds`, also backwards, and leave the monotonic clock alone."""
        with self._lock:
            self._now += timedelta(seconds=seconds)


class FastClock:
    """A clock that runs `factor` times faster than another one: simulated time for tests of whole days.

    It shows `start` (ms since the epoch) at the moment when the real clock shows `anchor` (ms), by default now. Two
    processes with the same `start`, `anchor` and `factor` agree as far as their real clocks do. The monotonic seconds
    run just as fast, so ages and deadlines are simulated too. What waits on the machine itself (a socket's time-out)
    does not know of it, and would have to divide its seconds by `factor`.
    """

    def __init__(self, real: Clock, factor: float, start: int | None = None, anchor: int | None = None) -> None:
        if not factor > 0:
            raise ValueError("the factor of a clock must be above zero")
        self._real = real
        self.factor = factor
        self.anchor = real.now_ms() if anchor is None else anchor
        self.start = self.anchor if start is None else start

    def now(self) -> datetime:
        """Return the simulated time in UTC, aware."""
        return _EPOCH + timedelta(microseconds=self._microseconds())

    def now_ms(self) -> int:
        """Return the simulated time in whole milliseconds since the Unix epoch."""
        return self._microseconds() // 1000

    def monotonic(self) -> float:
        """Return simulated seconds that never jump or go back; only differences mean something."""
        return self._real.monotonic() * self.factor

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait until the event is set, for at most so many simulated seconds; whether it is set."""
        return self._real.wait(event, seconds / self.factor)

    def _microseconds(self) -> int:
        # Of the real clock's microseconds: its milliseconds would make steps of `factor` milliseconds.
        elapsed = (self._real.now() - _EPOCH) // timedelta(microseconds=1) - self.anchor * 1000
        return self.start * 1000 + int(elapsed * self.factor)
