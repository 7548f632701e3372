"""Time for everything else: the only module that asks the operating system what time it is."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


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
        elapsed = self.now() - datetime(1970, 1, 1, tzinfo=UTC)
        return elapsed // timedelta(milliseconds=1)

    def monotonic(self) -> float:
        """Return the monotonic seconds it was set to."""
        with self._lock:
            return self._monotonic

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait until the event is set or others have advanced this clock by so many seconds; whether it is set."""
        until = self.monotonic() + seconds
        while not event.is_set() and self.monotonic() < until:
            event.wait(0.001)
        return event.is_set()

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
