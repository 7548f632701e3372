"""A budget of requests, for `/metrics`."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from PROPPR.SharedServices.tracking.usage import Usage


class BudgetCollector(Collector):
    """What the fleet has used of a budget, as `read` knew it last; nothing before it was read once.

    `read` is asked at every scrape and must answer from memory.
    """

    def __init__(self, budget: str, read: Callable[[], Usage | None]) -> None:
        self._budget = budget
        self._read = read

    def describe(self) -> Iterable[Metric]:
        """The families without values."""
        return self._families()

    def collect(self) -> Iterable[Metric]:
        """The families as last read."""
        usage = self._read()
        families = self._families()
        if usage is None:
            return families
        limit, free, parked, used, guaranteed = families
        limit.add_metric([self._budget], usage.limit)
        free.add_metric([self._budget], usage.free)
        parked.add_metric([self._budget], (usage.parked_until or 0) / 1000)
        for service in usage.services:
            used.add_metric([self._budget, service.service], service.used)
            guaranteed.add_metric([self._budget, service.service], service.guaranteed)
        return families

    @staticmethod
    def _families() -> list[GaugeMetricFamily]:
        whole, each = ["budget"], ["budget", "share"]
        return [
            GaugeMetricFamily("proppr_budget_limit_requests", "Requests allowed in the window now", labels=whole),
            GaugeMetricFamily("proppr_budget_free_requests", "Requests that could be made at once", labels=whole),
            GaugeMetricFamily(
                "proppr_budget_parked_until_timestamp_seconds",
                "Until when nothing is asked because the provider refused (429); 0 when it did not",
                labels=whole,
            ),
            GaugeMetricFamily("proppr_budget_used_requests", "Requests made in the window, by share", labels=each),
            GaugeMetricFamily("proppr_budget_guaranteed_requests", "Requests that are a share's own", labels=each),
        ]
