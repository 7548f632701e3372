"""The client's numbers for Prometheus."""

from __future__ import annotations

from collections.abc import Callable

from PROPPR.SharedServices.providers.fotmob.circuit import SourceState
from PROPPR.SharedServices.service.metrics import Metrics

SECONDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0)
_KNOWN = frozenset({"200", "304", "401", "403", "404", "429", "ReadTimeout", "ConnectTimeout", "ConnectionError"})


class SourceMetrics:
    """Counts requests by path and outcome, and shows whether the source is degraded."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._requests = metrics.counter("proppr_fotmob_requests_total", "Requests sent to FotMob", ["path", "outcome"])
        self._seconds = metrics.histogram(
            "proppr_fotmob_request_seconds", "Until FotMob's answer began", ["path"], buckets=SECONDS
        )

    def count_request(self, path: str, outcome: str, seconds: float) -> None:
        """Count a request that was sent."""
        if outcome not in _KNOWN:
            outcome = f"{outcome[0]}xx" if outcome.isdigit() else "failed"
        self._requests.labels(path, outcome).inc()
        self._seconds.labels(path).observe(seconds)

    def watch(self, state: Callable[[], SourceState]) -> None:
        """Show 1 while something of the source is left alone, else 0."""
        self._metrics.observe_gauge(
            "proppr_fotmob_degraded", "Whether FotMob refuses or fails", lambda: 0.0 if state().healthy else 1.0
        )
