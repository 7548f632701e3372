"""The requests of one backfill: taken from the fleet's budget, counted in the job before they are sent, and bounded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pymongo.database import Database

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.errors import ProPprError
from PROPPR.SharedServices.tracking.request_tracker import GlobalRequestTracker, Grant


class RequestsSpent(ProPprError):
    """The job has used all the requests that it was given."""


class CountedTracker(GlobalRequestTracker):
    """A tracker for one thread that grants at most `most` requests (None: no bound of its own), `spent` before.

    `record(total)` is called between the grant and the request: a process that is killed in between has counted one
    request too many, never one too few. Raises RequestsSpent beyond `most`, and what `record` raises.
    """

    def __init__(
        self,
        max_requests: int,
        *,
        database: Database[dict[str, Any]],
        clock: Clock,
        service: str,
        record: Callable[[int], None],
        spent: int = 0,
        most: int | None = None,
    ) -> None:
        super().__init__(max_requests, database=database, clock=clock, service=service)
        self.spent = spent
        self.most = most
        self._record = record
        self._counted: Grant | None = None

    def acquire(self, service: str | None = None, cost: int = 1) -> Grant:
        """Ask for `cost` requests, see GlobalRequestTracker."""
        if self.most is not None and self.spent + cost > self.most:
            raise RequestsSpent(f"all {self.most} requests that were allowed are used")
        self._counted = None
        grant = super().acquire(service, cost)
        if grant:
            try:
                self._record(self.spent + cost)
            except Exception:
                self.release(grant)
                raise
            self.spent += cost
            self._counted = grant
        return grant

    def release(self, grant: Grant) -> None:
        """Give back a grant of which nothing was sent."""
        super().release(grant)
        if grant is self._counted:
            self._counted = None
            self.spent -= grant.cost
            self._record(self.spent)
