"""The request tracker for services whose clock runs faster than MongoDB's, which stays the tracker's own."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo.database import Database

from PROPPR.SharedServices.service.clock import Clock, FastClock, SystemClock
from PROPPR.SharedServices.tracking.request_tracker import GlobalRequestTracker
from PROPPR.SharedServices.tracking.usage import Grant

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class ScaledTracker(GlobalRequestTracker):
    """A budget of `max_requests` per simulated hour. The provider's times are simulated, the tracker's are real.

    `caller` is the clock of the service: the seconds it is told to wait are seconds of that clock.
    """

    def __init__(
        self, max_requests: int, time: FastClock, *, caller: Clock, database: Database[dict[str, Any]], service: str
    ) -> None:
        super().__init__(max_requests, 1 / time.factor, database=database, clock=SystemClock(), service=service)
        self.refused: Counter[str] = Counter()
        self._time = time
        self._factor = time.factor if isinstance(caller, FastClock) else 1.0

    def acquire(self, service: str | None = None, cost: int = 1) -> Grant:
        """Ask for requests; see GlobalRequestTracker."""
        grant = super().acquire(service, cost)
        if grant:
            return grant
        self.refused[grant.reason] += 1
        return replace(grant, retry_after=grant.retry_after * self._factor)

    def observe(
        self, limit: int | None, remaining: int | None, reset: datetime | None, grant: Grant | None = None
    ) -> None:
        """Take over the provider's headers, whose reset is a simulated time."""
        super().observe(limit, remaining, self._real(reset), grant)

    def park(self, until: datetime | None = None) -> None:
        """Refuse everything until a simulated time."""
        super().park(self._real(until))

    def _real(self, at: datetime | None) -> datetime | None:
        if at is None:
            return None
        simulated = (at - EPOCH) / timedelta(milliseconds=1)
        return EPOCH + timedelta(milliseconds=self._time.anchor + (simulated - self._time.start) / self._time.factor)
