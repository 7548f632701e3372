"""The poller's numbers, for `/metrics` and for people."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from PROPPR.SharedServices.odds.rejects import Reject
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.latency import RecentLatency
from PROPPR.SharedServices.service.metrics import Metrics
from PROPPR.UnifiedAPIPoller.core.cycle import CycleReport
from PROPPR.UnifiedAPIPoller.core.plan import Pair

_CYCLE_BUCKETS: Final = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0)
_COMMIT_BUCKETS: Final = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_MAX_REASONS: Final = 200
_LATENCY_WINDOW: Final = 300.0


class PollerMetrics:
    """Counters and ages of the poller. Label values come from the settings and the code, never from an answer."""

    def __init__(self, metrics: Metrics, clock: Clock) -> None:
        self._metrics = metrics
        self._clock = clock
        self._reasons: set[str] = set()
        self.last_commit: datetime | None = None
        self.last_cycle: CycleReport | None = None
        self.recent_seconds: deque[float] = deque(maxlen=60)
        self._cycles = metrics.counter("proppr_poll_cycles_total", "Cycles made", ["outcome"])
        self._seconds = metrics.histogram(
            "proppr_poll_cycle_seconds", "From a cycle's first request to its stored watermarks", buckets=_CYCLE_BUCKETS
        )
        self._commit = metrics.histogram(
            "proppr_poll_commit_seconds", "From a read book to its majority-committed copy", buckets=_COMMIT_BUCKETS
        )
        self._books = metrics.counter("proppr_poll_books_total", "Books read by cycles")
        self._holes = metrics.counter("proppr_poll_holes_total", "Watermarks that the look-back did not reach")
        self._postponed = metrics.counter("proppr_poll_postponed_total", "Pairs that the budget made wait")
        self._requests = metrics.counter(
            "proppr_rest_requests_total", "Requests sent to the provider", ["endpoint", "outcome"]
        )
        self._rejects = metrics.counter("proppr_rest_rejects_total", "Refused parts of REST answers", ["reason"])

    def committed(self, received: Sequence[float]) -> None:
        """Note books, handed over at these monotonic times, that are stored now."""
        now = self._clock.monotonic()
        for at in received:
            self._commit.observe(now - at)
        self.last_commit = self._clock.now()

    @property
    def latency(self) -> RecentLatency:
        """From a book read to its stored copy, of the last few cycles; each reader has its own."""
        return RecentLatency(self._commit, self._clock, _LATENCY_WINDOW)

    def reject(self, reason: str) -> None:
        """Count a refused part."""
        if reason not in self._reasons and len(self._reasons) >= _MAX_REASONS:
            reason = "other"
        self._reasons.add(reason)
        self._rejects.labels(reason).inc()

    def rejected(self, reject: Reject) -> None:
        """Count a refused part of an answer."""
        self.reject(reject.reason)

    def request(self, endpoint: str, outcome: str, seconds: float) -> None:
        """Count a request that was sent."""
        self._requests.labels(endpoint, outcome).inc()

    def count_failure(self, worker: str) -> None:
        """Count an exception that ended a worker."""
        self._metrics.count_worker_failure(worker)

    def cycle(self, report: CycleReport) -> None:
        """Count a cycle."""
        self.last_cycle = report
        self.recent_seconds.append(report.seconds)
        outcome = "complete" if report.complete else "failed" if len(report.failed) >= report.asked else "partial"
        self._cycles.labels(outcome).inc()
        self._seconds.observe(report.seconds)
        self._books.inc(report.books)
        self._holes.inc(len(report.holes))
        self._postponed.inc(len(report.postponed))

    def watch_lags(self, pairs: Sequence[Pair], lag: Callable[[Pair], float]) -> None:
        """Show how far behind each pair is; -1 where it was never read."""
        gauge = self._metrics.gauge(
            "proppr_poll_lag_seconds", "Behind the provider, per bookmaker and sport", ["bookmaker", "sport"]
        )
        for pair in pairs:
            gauge.labels(pair.bookmaker, pair.sport).set_function(lambda pair=pair: lag(pair))  # type: ignore[misc]
