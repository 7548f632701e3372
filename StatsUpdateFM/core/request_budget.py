"""What of the day's requests to the source is left for the statistics."""

from __future__ import annotations

import threading
from typing import Final

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.components import Check
from PROPPR.SharedServices.tracking.request_tracker import GlobalRequestTracker
from PROPPR.SharedServices.tracking.usage import Usage
from PROPPR.StatsUpdateFM.core.schedule.planner import Plan

READ_EVERY: Final = 5.0


class RequestBudget:
    """Reads the tracker's usage every few seconds at most. Raises TransientError without MongoDB. Thread-safe."""

    def __init__(self, tracker: GlobalRequestTracker, service: str, clock: Clock) -> None:
        self._tracker = tracker
        self._service = service
        self._clock = clock
        self._lock = threading.Lock()
        self._read_at: float | None = None
        self._usage: Usage | None = None
        self.plan: Plan | None = None

    def free(self) -> int:
        """How many requests could be made now."""
        with self._lock:
            now = self._clock.monotonic()
            if self._usage is None or self._read_at is None or now - self._read_at >= READ_EVERY:
                self._usage = self._tracker.usage()
                self._read_at = now
            usage = self._usage
        own = next((each for each in usage.services if each.service == self._service), None)
        return usage.free if own is None else own.free

    @property
    def usage(self) -> Usage | None:
        """The budget as last read."""
        return self._usage

    def planned(self, plan: Plan) -> None:
        """Remember what the last run could not afford."""
        self.plan = plan

    def check(self) -> Check:
        """Whether the requests of a day suffice, as last read."""
        usage, plan = self._usage, self.plan
        if usage is None:
            return Check(True, "nothing was asked for yet")
        detail = f"{usage.used} of {usage.limit} requests used in 24 h, {usage.free} free"
        if plan is not None:
            waiting = ", ".join(f"{count} {reason.name.lower()}" for reason, count in sorted(plan.postponed.items()))
            detail += f"; reserved {plan.reserved}" + (f"; waiting: {waiting}" if waiting else "")
        return Check(plan is None or not plan.is_short, detail, None, "degraded")
