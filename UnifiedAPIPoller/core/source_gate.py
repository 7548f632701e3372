"""Whether it makes sense to ask the provider now: one answer for all threads of the poller."""

from __future__ import annotations

import threading
from typing import Final

from PROPPR.SharedServices.providers.odds_api.errors import KeyRefused
from PROPPR.SharedServices.service.backoff import Backoff
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.errors import RateLimited

# A refused key is for the operator to change; asking often would only look like an attack.
KEY_REFUSED_SECONDS: Final = 300.0
LONGEST_PARK: Final = 3600.0


class SourceGate:
    """Closes after a failure that concerns every request, for a while that grows with the failures. Thread-safe."""

    def __init__(self, clock: Clock, backoff: Backoff | None = None) -> None:
        self._clock = clock
        self._backoff = backoff or Backoff(4.0, 90.0, floor=2.0)
        self._lock = threading.Lock()
        self._until = 0.0
        self._since: float | None = None
        self.trouble: str | None = None
        self.is_limited = False

    def closed_for(self) -> float:
        """Seconds until the next attempt makes sense; 0 = now."""
        with self._lock:
            return max(0.0, self._until - self._clock.monotonic())

    def failing_for(self) -> float:
        """Seconds since the first of the failures in a row; 0 while there is none."""
        with self._lock:
            return 0.0 if self._since is None else self._clock.monotonic() - self._since

    def failed(self, error: Exception) -> None:
        """A request failed for a reason that the next would meet, too."""
        with self._lock:
            now = self._clock.monotonic()
            if self._since is None:
                self._since = now
            self._until = max(self._until, now + self._wait(error))
            self.trouble = f"{type(error).__name__}: {error}"[:300]
            self.is_limited = isinstance(error, RateLimited)

    def worked(self) -> None:
        """A request was answered."""
        with self._lock:
            self._until, self._since, self.trouble, self.is_limited = 0.0, None, None, False
            self._backoff.reset()

    def _wait(self, error: Exception) -> float:
        if isinstance(error, RateLimited):
            return min(LONGEST_PARK, error.retry_after or self._backoff.next())
        if isinstance(error, KeyRefused):
            return KEY_REFUSED_SECONDS
        return self._backoff.next()
