"""The grading service: from bets, matches and results of races in MongoDB to settled bets."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Sequence
from typing import Any, Final

from pymongo.database import Database

from PROPPR.SharedServices.grading.scheduler.assembly import GradingParts
from PROPPR.SharedServices.grading.scheduler.grading_metrics import GradingMetrics
from PROPPR.SharedServices.grading.scheduler.grading_status import GradingStatus
from PROPPR.SharedServices.grading.scheduler.pace import Pace
from PROPPR.SharedServices.grading.scheduler.report import RoundReport
from PROPPR.SharedServices.grading.scheduler.settling import OnVerdict, Wanted
from PROPPR.SharedServices.ingest.alerting import Alerts, LoggedAlerts
from PROPPR.SharedServices.ingest.by_hand import ByHand
from PROPPR.SharedServices.ingest.fotmob_source import fotmob_source
from PROPPR.SharedServices.providers.fotmob.source import MonitoredFetcher
from PROPPR.SharedServices.service.clock import Clock, SystemClock
from PROPPR.SharedServices.service.components import Component, Worker
from PROPPR.SharedServices.service.errors import TransientError
from PROPPR.SharedServices.service.health import HealthState
from PROPPR.SharedServices.service.leases import Lease, LeaseLost
from PROPPR.SharedServices.service.metrics import Metrics
from PROPPR.SharedServices.service.settings import Settings, load_settings
from PROPPR.SharedServices.tracking.fotmob_budget import fotmob_budget

log = logging.getLogger(__name__)

SERVICE: Final = "grading-scheduler"
SHARE: Final = "grading_scheduler"
LEASE: Final = "grading_scheduler"
STANDBY: Final = 1.0

Document = dict[str, Any]


class GradingStopped(TransientError):
    """The process ends, so a round was broken off; what it has written stays, the rest is done by the next one."""


class UnifiedGradingScheduler:
    """Settles the bets of all bots, each once, and grades again what was corrected.

    As a daemon: run `components()`. By hand: `run_once()` makes one round at once, if no other process holds the lease;
    `dry_run()` only says what it would do; `close()` afterwards. Settings that are not handed in are those of the
    environment; without a `database` theirs is opened and prepared, and left by `close()`.
    """

    def __init__(
        self,
        *,
        database: Database[Document] | None = None,
        settings: Settings | None = None,
        source: MonitoredFetcher | None = None,
        clock: Clock | None = None,
        metrics: Metrics | None = None,
        alerts: Alerts | None = None,
        instance: str = "grader",
        stop: threading.Event | None = None,
    ) -> None:
        chosen = settings or load_settings()
        self._clock = clock or SystemClock()
        self._by_hand = ByHand(SERVICE, chosen, self._clock, database, stop=stop)
        self._stop, database = self._by_hand.stopped, self._by_hand.database
        metrics = metrics or Metrics()
        tracker = fotmob_budget(chosen, database, service=SHARE, clock=SystemClock())
        self._source: MonitoredFetcher = source or fotmob_source(
            chosen, database, self._clock, self._stop, budget=tracker, metrics=metrics
        )
        # A lease is about real time, whatever clock the matches follow.
        self.lease = Lease(database, LEASE, instance)
        self.lease.name = "lease"
        self._ending = threading.Event()
        alerts = alerts or LoggedAlerts()
        self.metrics = GradingMetrics(metrics, self._clock)
        metrics.watch_lease("grading", lambda: self.lease.held)
        self.status = GradingStatus(self._clock, alerts, self._source.state)
        self.parts = GradingParts(database, chosen, self._clock)
        self._revisions = self.parts.revisions(alerts, self._proceed)
        self._rounds = self.parts.rounds(self._source, self._revisions, self._proceed)
        self.pace = Pace.of(chosen.grading_interval)
        self.worker = Worker("grading", self._turn_until, on_failure=self.metrics.count_failure)

    def components(self) -> Sequence[Component]:
        """The parts of the service for a daemon, in the order of their start."""
        return [self.lease, self.worker]

    def register(self, health: HealthState) -> None:
        """Add what `/health` and `/ready` say of grading."""
        for name in ("rounds", "pending", "doubt", "layout", "source"):
            health.add_check(name, getattr(self.status, name))
        health.add_ready("first_round", self.status.begun)
        health.set_last_update(lambda: self.metrics.last_settled)
        health.set_queue_size(lambda: self.status.overview.waiting)

    def run_once(self, only: Iterable[int] | None = None, on_verdict: OnVerdict | None = None) -> RoundReport:
        """Make one round now; with `only`, for the pending bets on these fixtures or matches.

        Raises LeaseLost while another process grades, GradingStopped after `stop()`, and what MongoDB raises; what the
        source refuses is in the report.
        """
        self._hold()
        return self._round(None if only is None else frozenset(only), on_verdict)

    def dry_run(self, only: Iterable[int] | None = None, on_verdict: OnVerdict | None = None) -> RoundReport:
        """What a round would do with what is stored: nothing is asked for, nothing written, no lease needed."""
        report = RoundReport(self._clock.now())
        self.parts.judge.forget()
        chosen = None if only is None else frozenset(only)
        self.parts.settling(None).everything(report, Wanted(), chosen, on_verdict)
        report.finished_at = self._clock.now()
        return report

    def regrade(self, match_ids: Iterable[int | str]) -> RoundReport:
        """Grade the settled bets on these matches or races again, where those have changed since; like `run_once`."""
        self._hold()
        report = RoundReport(self._clock.now())
        self.parts.judge.forget()
        self._revisions.regrade(match_ids, report)
        report.finished_at = self._clock.now()
        return report

    def run(self) -> None:
        """Grade round by round until `stop()`."""
        self._by_hand.run(self.components())

    def stop(self) -> None:
        """End `run`, or a round by hand, soon, from any thread."""
        self._by_hand.stop()

    def close(self) -> None:
        """Let go of what working by hand, and the constructor, took."""
        self._by_hand.close()

    def _turn_until(self, stop: threading.Event) -> None:
        """Make rounds until `stop`. Raises what MongoDB raises: whoever supervises it starts it again."""
        self._ending = stop
        while not stop.is_set():
            if self.lease.token is None:
                self.status.standby = f"the lease is held by {self.lease.held_by or 'nobody yet'}"
                self._revisions.forget()
                self._clock.wait(stop, STANDBY)
                continue
            self.status.standby = None
            try:
                self._round(None, None)
            except (LeaseLost, GradingStopped) as error:
                log.info("a round was broken off", extra={"reason": str(error)[:200]})
                self._clock.wait(stop, STANDBY)
                continue
            self._clock.wait(stop, self.pace.interval)

    def _round(self, only: frozenset[int] | None, on_verdict: OnVerdict | None) -> RoundReport:
        report = self._rounds.make(only, on_verdict)
        self.pace = self.pace.after(refused=report.refused is not None)
        overview = self.parts.pending.overview(self._clock.now())
        self.metrics.round(report, overview)
        self.metrics.ledger(self.parts.totals.read())
        self.status.round(report, overview, self.pace.interval)
        return report

    def _proceed(self) -> int:
        """The fencing token, if the work may go on."""
        if self._stop.is_set() or self._ending.is_set():
            raise GradingStopped("the process ends")
        return self.lease.guard()

    def _hold(self) -> None:
        """Have the lease, and keep it until `close()`."""
        self._by_hand.hold(self.lease, "another process grades")
