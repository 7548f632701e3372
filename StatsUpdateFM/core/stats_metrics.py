"""The numbers of the statistics service, for `/metrics`."""

from __future__ import annotations

from datetime import datetime

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.metrics import Metrics
from PROPPR.StatsUpdateFM.core.pipeline.report import LeagueReport, RunReport

_RUN_BUCKETS = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 1800.0, 3600.0, 7200.0, 14400.0)


class StatsMetrics:
    """Counters and ages. Label values come from the code, never from an answer."""

    def __init__(self, metrics: Metrics, clock: Clock) -> None:
        self._metrics = metrics
        self._clock = clock
        self.last_write: datetime | None = None
        self._leagues = metrics.counter("proppr_stats_leagues_total", "Leagues worked up", ["outcome"])
        self._look_ups = metrics.counter("proppr_stats_look_ups_total", "Matches looked up for statistics", ["outcome"])
        self._documents = metrics.counter("proppr_stats_documents_total", "Documents that changed", ["collection"])
        self._runs = metrics.counter("proppr_stats_runs_total", "Daily runs made", ["outcome"])
        self._seconds = metrics.histogram("proppr_stats_run_seconds", "Length of a daily run", buckets=_RUN_BUCKETS)

    def league(self, report: LeagueReport) -> None:
        """Count a league's part of a run, or of what was due around matches."""
        self._leagues.labels(report.outcome).inc()
        self._look_ups.labels("revision").inc(report.revisions)
        self._look_ups.labels("unchanged").inc(report.looked_up - report.revisions)
        self._look_ups.labels("postponed").inc(report.postponed)
        written = {
            "team_stats": report.teams, "player_stats": report.players, "predicted_lines": report.lines,
            "player_projections": report.projections, "fixture_players": report.positions,
        }  # fmt: skip
        for collection, number in written.items():
            self._documents.labels(collection).inc(number)
        if report.revisions or any(written.values()):
            self.last_write = self._clock.now()

    def run(self, report: RunReport) -> None:
        """Count a daily run."""
        self._runs.labels("complete" if report.ok else "with_problems").inc()
        self._seconds.observe((report.finished_at - report.started_at).total_seconds())

    def count_failure(self, worker: str) -> None:
        """Count an exception that ended a worker."""
        self._metrics.count_worker_failure(worker)
