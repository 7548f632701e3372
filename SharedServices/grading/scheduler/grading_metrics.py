"""The numbers of the grading service, for `/metrics`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from PROPPR.SharedServices.grading.result import Reason
from PROPPR.SharedServices.grading.scheduler.ledger_totals import CollectionTotals
from PROPPR.SharedServices.grading.scheduler.report import RoundReport
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.metrics import Metrics
from PROPPR.SharedServices.storage.pending_bets import Overview

_BUCKETS = (0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0)


class GradingMetrics:
    """Counters, gauges and ages. Label values come from the code, never from a bet."""

    def __init__(self, metrics: Metrics, clock: Clock) -> None:
        self._metrics = metrics
        self._clock = clock
        self.last_settled: datetime | None = None
        self._settled = metrics.counter("proppr_grading_settled_total", "Bets settled", ["result"])
        self._corrected = metrics.counter("proppr_grading_corrected_total", "Settled bets whose data was corrected")
        self._look_ups = metrics.counter("proppr_grading_look_ups_total", "Matches looked up for bets", ["outcome"])
        self._rounds = metrics.counter("proppr_grading_rounds_total", "Rounds made", ["outcome"])
        self._seconds = metrics.histogram("proppr_grading_round_seconds", "Length of a round", buckets=_BUCKETS)
        self._waiting = metrics.gauge("proppr_grading_pending", "Bets that wait, by reason", ["reason"])
        self._late = metrics.gauge("proppr_grading_pending_late", "Bets that have waited for more than a day")
        self._bets = metrics.gauge("proppr_ledger_bets", "Bets by status", ["collection", "status"])
        self._staked = metrics.gauge(
            "proppr_ledger_staked", "Staked on settled bets, in the bots' money", ["collection"]
        )
        self._profit = metrics.gauge(
            "proppr_ledger_profit", "Profit of settled bets, in the bots' money", ["collection"]
        )

    def round(self, report: RoundReport, overview: Overview) -> None:
        """Count a round."""
        for result, number in report.settled.items():
            self._settled.labels(result).inc(number)
        self._corrected.inc(report.corrected)
        self._look_ups.labels("revision").inc(report.revisions)
        self._look_ups.labels("unchanged").inc(report.looked_up - report.revisions)
        self._rounds.labels("refused" if report.refused else "good").inc()
        self._seconds.observe(report.seconds)
        for reason in Reason:
            self._waiting.labels(str(reason)).set(overview.by_reason.get(str(reason), 0))
        self._late.set(overview.late)
        if report.settled or report.corrected:
            self.last_settled = self._clock.now()

    def ledger(self, totals: Mapping[str, CollectionTotals]) -> None:
        """Show what all bets came to."""
        for collection, total in totals.items():
            self._staked.labels(collection).set(total.staked)
            self._profit.labels(collection).set(total.profit)
            for status, number in total.bets.items():
                self._bets.labels(collection, status).set(number)

    def count_failure(self, worker: str) -> None:
        """Count an exception that ended a worker."""
        self._metrics.count_worker_failure(worker)
