"""Metrics whose values are kept elsewhere and read at every scrape: counters, and a process's own health."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Final, Protocol

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from PROPPR.SharedServices.service.components import Check

STATUSES: Final = ("healthy", "degraded", "unhealthy")


class ReadCounter(Collector):
    """One counter without labels; `read` must never fall while the process lives."""

    def __init__(self, name: str, documentation: str, read: Callable[[], float]) -> None:
        self._name = name
        self._documentation = documentation
        self._read = read

    def describe(self) -> Iterable[Metric]:
        """The family without a value: the registry learns the name without reading."""
        return [CounterMetricFamily(self._name, self._documentation)]

    def collect(self) -> Iterable[Metric]:
        """The counter now."""
        return [CounterMetricFamily(self._name, self._documentation, value=self._read())]


class Health(Protocol):
    """A process's knowledge of its own health (HealthState)."""

    def checks(self) -> dict[str, Check]: ...
    def status(self, checks: Mapping[str, Check] | None = None) -> str: ...
    def last_update(self) -> datetime | None: ...


class HealthCollector(Collector):
    """`/health` as metrics: the status, each check, and when data was stored last (absent before the first time)."""

    def __init__(self, health: Health) -> None:
        self._health = health

    def describe(self) -> Iterable[Metric]:
        """The three families without values."""
        return self._families()

    def collect(self) -> Iterable[Metric]:
        """The families now."""
        status, ok, updated = self._families()
        checks = self._health.checks()
        found = self._health.status(checks)
        for name in STATUSES:
            status.add_metric([name], float(name == found))
        for name, check in sorted(checks.items()):
            ok.add_metric([name], float(check.ok))
        last_update = self._health.last_update()
        if last_update is not None:
            updated.add_metric([], last_update.timestamp())
        return [status, ok, updated]

    @staticmethod
    def _families() -> tuple[GaugeMetricFamily, GaugeMetricFamily, GaugeMetricFamily]:
        return (
            GaugeMetricFamily("proppr_health_status", "1 for the status that /health tells, 0 for the others",
                              labels=["status"]),
            GaugeMetricFamily("proppr_health_check_ok", "1 while the check of /health is ok", labels=["check"]),
            GaugeMetricFamily("proppr_last_update_timestamp_seconds", "When data was stored last", labels=[]),
        )  # fmt: skip
