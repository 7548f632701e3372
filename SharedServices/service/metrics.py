"""The numbers of one process for Prometheus: one registry, every name starting with `proppr_`."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.registry import Collector

from PROPPR.SharedServices.service.metrics_read import ReadCounter

PREFIX = "proppr_"
_NAME = re.compile(r"proppr_[a-z][a-z0-9_]*")

# From half a millisecond to ten seconds, in steps that halve an error of judgement.
LATENCY_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

# When a counter began, as a series of its own, doubles what is stored; a restart shows in process_start_time_seconds.
disable_created_metrics()  # type: ignore[no-untyped-call]

Metric = TypeVar("Metric", bound=MetricWrapperBase)


class Metrics:
    """Makes and keeps a process's metrics; asking again for a name returns the metric that exists. Thread-safe.

    Keep the result of `.labels(...)` on hot paths (3.6 us a look-up). Label values must come from bounded sets: never
    a fixture, a player or an error's text.
    """

    def __init__(self, service: str = "", version: str = "") -> None:
        self.registry = CollectorRegistry()
        self._known: dict[str, MetricWrapperBase] = {}
        self._lock = threading.Lock()
        ProcessCollector(registry=self.registry)
        if service:
            Info("proppr_service", "Name and version of the process", registry=self.registry).info(
                {"service": service, "version": version}
            )
        self.worker_failures = self.counter(
            "proppr_worker_failures_total", "Exceptions that ended a worker", ["worker"]
        )
        self.queue_depth = self.gauge("proppr_queue_depth", "Items waiting in a bounded queue", ["queue"])
        self.queue_dropped = self.counter("proppr_queue_dropped_total", "Items refused by a full queue", ["queue"])

    def counter(self, name: str, documentation: str, labels: Sequence[str] = ()) -> Counter:
        """Return the counter `name` (ends in `_total`)."""
        return self._get(Counter, name, lambda: Counter(name, documentation, labels, registry=self.registry))

    def gauge(self, name: str, documentation: str, labels: Sequence[str] = ()) -> Gauge:
        """Return the gauge `name`."""
        return self._get(Gauge, name, lambda: Gauge(name, documentation, labels, registry=self.registry))

    def histogram(
        self,
        name: str,
        documentation: str,
        labels: Sequence[str] = (),
        buckets: Sequence[float] = LATENCY_BUCKETS,
    ) -> Histogram:
        """Return the histogram `name`; the buckets of the first call hold."""
        return self._get(
            Histogram, name, lambda: Histogram(name, documentation, labels, buckets=buckets, registry=self.registry)
        )

    def observe_gauge(self, name: str, documentation: str, read: Callable[[], float]) -> None:
        """Let the gauge `name` be read from `read` at every scrape: for depths that are known elsewhere already."""
        self.gauge(name, documentation).set_function(read)

    def observe_counter(self, name: str, documentation: str, read: Callable[[], float]) -> None:
        """Let the counter `name` (ends in `_total`) be read from `read` at every scrape: for counts kept elsewhere.

        A name can be given once only.
        """
        self._check_name(name)
        self.collect_from(ReadCounter(name, documentation, read))

    def collect_from(self, collector: Collector) -> None:
        """Show what `collector` makes at every scrape; ValueError if one of its names exists."""
        with self._lock:
            self.registry.register(collector)

    def watch_lease(self, lease: str, held: Callable[[], bool]) -> None:
        """Show whether this process holds a lease, as `proppr_lease_held{lease=...}`: 0 is a standby."""
        self.gauge(
            "proppr_lease_held", "1 while this process holds the lease, 0 while it is a standby", ["lease"]
        ).labels(lease).set_function(lambda: float(held()))

    def watch_queue(self, queue: str, depth: Callable[[], float]) -> None:
        """Show the depth of a queue as `proppr_queue_depth{queue=...}`, read at every scrape."""
        self.queue_depth.labels(queue).set_function(depth)

    def count_worker_failure(self, worker: str) -> None:
        """Count a failure of a worker: the `on_failure` of a Worker."""
        self.worker_failures.labels(worker).inc()

    def exposition(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self.registry)

    def _get(self, kind: type[Metric], name: str, make: Callable[[], Metric]) -> Metric:
        self._check_name(name)
        with self._lock:
            found = self._known.get(name)
            if found is None:
                found = self._known[name] = make()
            if not isinstance(found, kind):
                raise ValueError(f"metric {name} exists as a {type(found).__name__}")
            return found

    @staticmethod
    def _check_name(name: str) -> None:
        if not _NAME.fullmatch(name):
            raise ValueError(f"metric {name!r} does not start with {PREFIX} or holds capitals")
