"""What of the fleet's budget is the poller's to spend, read at most once a second."""

from __future__ import annotations

import threading
from typing import Final

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.components import Check
from PROPPR.SharedServices.tracking.request_tracker import GlobalRequestTracker
from PROPPR.SharedServices.tracking.usage import Usage
from PROPPR.UnifiedAPIPoller.core.plan import Purse

READ_EVERY: Final = 1.0


class BudgetView:
    """Reads the tracker's usage for one service. Raises TransientError while MongoDB is away. Thread-safe."""

    def __init__(self, tracker: GlobalRequestTracker, service: str, clock: Clock) -> None:
        self._tracker = tracker
        self._service = service
        self._clock = clock
        self._lock = threading.Lock()
        self._read_at: float | None = None
        self._usage: Usage | None = None

    def purse(self) -> Purse:
        """What could be spent now, and what is guaranteed per hour."""
        with self._lock:
            now = self._clock.monotonic()
            if self._usage is None or self._read_at is None or now - self._read_at >= READ_EVERY:
                self._usage = self._tracker.usage()
                self._read_at = now
            usage = self._usage
        for service in usage.services:
            if service.service == self._service:
                return Purse(service.free, service.guaranteed)
        return Purse(usage.free, 0)

    @property
    def usage(self) -> Usage | None:
        """The budget as last read."""
        return self._usage

    def check(self) -> Check:
        """Whether anything is left, as last read."""
        usage = self._usage
        if usage is None:
            return Check(True, "not asked for anything yet")
        own = next((one for one in usage.services if one.service == self._service), None)
        detail = f"{usage.used} of {usage.limit} used in the last hour, {usage.free} free"
        if own is not None:
            detail += f"; ours {own.used}, guaranteed {own.guaranteed}"
        if usage.lowered_by is not None:
            detail += f"; lowered by {usage.lowered_by}"
        return Check(usage.free > 0, detail, None, "degraded")
