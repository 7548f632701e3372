"""A budget as one service sees it, asked for seldom enough to be looked at often."""

from __future__ import annotations

import threading
from typing import Protocol

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.tracking.usage import ServiceUsage, Usage


class Tracker(Protocol):
    """Who counts the requests (GlobalRequestTracker)."""

    def usage(self) -> Usage:
        """The budget now. Raises TransientError while MongoDB is away."""


class UsageReader:
    """Reads the tracker's usage every `every` seconds at most. Thread-safe."""

    def __init__(self, tracker: Tracker, service: str, clock: Clock, every: float) -> None:
        self._tracker = tracker
        self.service = service
        self._clock = clock
        self._every = every
        self._lock = threading.Lock()
        self._read_at: float | None = None
        self._usage: Usage | None = None

    @property
    def usage(self) -> Usage | None:
        """The budget as last read, None before."""
        return self._usage

    def own(self) -> ServiceUsage:
        """What is the service's; all that is free, and nothing guaranteed, if it has no share. Raises TransientError
        while MongoDB is away."""
        with self._lock:
            now = self._clock.monotonic()
            if self._usage is None or self._read_at is None or now - self._read_at >= self._every:
                self._usage = self._tracker.usage()
                self._read_at = now
            usage = self._usage
        return usage.share_of(self.service) or ServiceUsage(self.service, used=0, guaranteed=0, free=usage.free)
