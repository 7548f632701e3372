"""The statistics service: from FotMob's pages to statistics, predicted lines and projections in MongoDB."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final

from pymongo.database import Database

from PROPPR.SharedServices.ingest.alerting import Alerts, LoggedAlerts
from PROPPR.SharedServices.ingest.by_hand import ByHand
from PROPPR.SharedServices.ingest.fotmob_source import fotmob_source
from PROPPR.SharedServices.odds.types import Fixture
from PROPPR.SharedServices.service.clock import Clock, SystemClock
from PROPPR.SharedServices.service.components import Component, Worker
from PROPPR.SharedServices.service.health import HealthState
from PROPPR.SharedServices.service.leases import Lease
from PROPPR.SharedServices.service.metrics import Metrics
from PROPPR.SharedServices.service.settings import Settings, load_settings
from PROPPR.SharedServices.storage.fixture_mappings import FixtureMappings
from PROPPR.SharedServices.storage.stats_runs import RunState
from PROPPR.SharedServices.tracking.budget_metrics import BudgetCollector
from PROPPR.SharedServices.tracking.fotmob_budget import fotmob_budget
from PROPPR.StatsUpdateFM.core.assembly import StatsParts
from PROPPR.StatsUpdateFM.core.pipeline.daily_run import RunStopped
from PROPPR.StatsUpdateFM.core.pipeline.league_models import FittedModels
from PROPPR.StatsUpdateFM.core.pipeline.models import Models
from PROPPR.StatsUpdateFM.core.pipeline.report import LeagueReport, OnProgress, RunReport, ignore_progress
from PROPPR.StatsUpdateFM.core.pipeline.source import MonitoredSource
from PROPPR.StatsUpdateFM.core.request_budget import RequestBudget
from PROPPR.StatsUpdateFM.core.schedule.look_ups import LookUp, Reason
from PROPPR.StatsUpdateFM.core.schedule.scheduler import DAILY, Scheduler, last_due
from PROPPR.StatsUpdateFM.core.stats_metrics import StatsMetrics

SERVICE: Final = "stats-pipeline"
SHARE: Final = "stats_pipeline"
LEASE: Final = "stats_pipeline"
BY_HAND: Final = "manual"
UNFINISHED: Final = timedelta(hours=12)
"""How old a run may be to be taken up by the next one that is made by hand."""

Document = dict[str, Any]


class StatsPipeline:
    """Keeps the statistics and predictions of all followed leagues current, within the day's budget of requests.

    As a daemon: run `components()`. By hand: `run_daily_update()` and its sisters work at once, if no other process
    holds the lease; `close()` afterwards. Settings that are not handed in are those of the environment; without a
    `database` theirs is opened and prepared, and left by `close()`.
    """

    def __init__(
        self,
        *,
        database: Database[Document] | None = None,
        settings: Settings | None = None,
        source: MonitoredSource | None = None,
        clock: Clock | None = None,
        metrics: Metrics | None = None,
        alerts: Alerts | None = None,
        models: Models | None = None,
        instance: str = "stats",
        stop: threading.Event | None = None,
    ) -> None:
        chosen = settings or load_settings()
        self._clock = clock or SystemClock()
        self._by_hand = ByHand(SERVICE, chosen, self._clock, database, stop=stop)
        self._stop, database = self._by_hand.stopped, self._by_hand.database
        self._settings = chosen
        self._instance = instance
        metrics = metrics or Metrics()
        tracker = fotmob_budget(chosen, database, service=SHARE, clock=SystemClock())
        self.budget = RequestBudget(tracker, SHARE, SystemClock())
        self._source: MonitoredSource = source or fotmob_source(
            chosen, database, self._clock, self._stop, budget=tracker, metrics=metrics
        )
        # A lease is about real time, whatever clock the matches follow.
        self.lease = Lease(database, LEASE, instance)
        self.lease.name = "lease"
        self._leads = False
        self.metrics = StatsMetrics(metrics, self._clock)
        self._mappings = FixtureMappings(database, self._clock)
        self.parts = StatsParts(
            self._source, database, chosen, self.budget, self.metrics, alerts or LoggedAlerts(),
            self._clock, models or FittedModels(), self._proceed,
        )  # fmt: skip
        metrics.watch_queue("look_ups", lambda: self.parts.jobs.waiting)
        metrics.watch_lease("stats", lambda: self.lease.held)
        metrics.collect_from(BudgetCollector("fotmob", lambda: self.budget.usage))
        scheduler = Scheduler(
            self.parts.runs, self.parts.jobs, self._daily, self._token, self._clock, chosen.stats_daily_at, instance,
            on_turn=self.parts.status.alert,
        )  # fmt: skip
        self.scheduler = scheduler
        self.worker = Worker("schedule", scheduler.run, on_failure=self.metrics.count_failure)

    def components(self) -> Sequence[Component]:
        """The parts of the service for a daemon, in the order of their start."""
        return [self.lease, self.worker]

    def register(self, health: HealthState) -> None:
        """Add what `/health` and `/ready` say of the statistics."""
        status = self.parts.status
        for name in ("source", "layout", "leagues", "daily_run"):
            health.add_check(name, getattr(status, name))
        health.add_check("budget", self.budget.check)
        health.set_last_update(lambda: self.metrics.last_write)
        health.set_queue_size(lambda: self.parts.jobs.waiting)

    def run_daily_update(self, progress: OnProgress = ignore_progress) -> RunReport:
        """Bring all followed leagues up to date now: the daily run, if it was not made yet or cut off, else one more.

        Raises LeaseLost while another process works, RunStopped after `stop()`, and what MongoDB raises; what the
        source refuses, and leagues that failed, are in the report.
        """
        self._hold()
        runs, now = self.parts.runs, self._clock.now()
        due = last_due(now, self._settings.stats_daily_at)
        state = runs.begin(DAILY, due, self._instance)
        if state.finished_at is not None:
            state = runs.unfinished(BY_HAND, UNFINISHED) or runs.begin(BY_HAND, now, self._instance)
        return self._make(state, progress, _nothing)

    def run_pre_match(self, fixture: Fixture | int) -> LeagueReport:
        """Look a mapped fixture's match up (availability, line-ups) and renew its predictions and projections.

        Raises LookupError where the fixture is not mapped or its league is not followed, else like `run_daily_update`.
        """
        self._hold()
        fixture_id = fixture if isinstance(fixture, int) else fixture.id
        link = self._mappings.match_of(fixture_id)
        if link is None:
            raise LookupError(f"fixture {fixture_id} is not mapped to a match")
        return self._one(link.match_id, Reason.PRE_MATCH)

    def run_post_match(self, match_id: int) -> LeagueReport:
        """Look a match up and renew the statistics of its teams and players.

        Raises LookupError where the match is in no followed league, else like `run_daily_update`.
        """
        self._hold()
        return self._one(match_id, Reason.POST_MATCH)

    def run(self) -> None:
        """Work on schedule until `stop()`."""
        self._by_hand.run(self.components())

    def stop(self) -> None:
        """End `run`, or a run by hand, soon, from any thread."""
        self._by_hand.stop()

    def close(self) -> None:
        """Let go of what working by hand, and the constructor, took."""
        self._by_hand.close()

    def _one(self, match_id: int, reason: Reason) -> LeagueReport:
        listing = self.parts.listings.with_match(match_id)
        match = next((each for each in listing.matches if each.match_id == match_id), None) if listing else None
        if listing is None or match is None:
            raise LookupError(f"match {match_id} is in no league that is followed")
        wanted = LookUp(match_id, listing.league_id, listing.season, match.kickoff, reason)
        return self.parts.jobs.one(listing, [wanted])

    def _daily(self, state: RunState) -> RunReport:
        return self._make(state, ignore_progress, self.parts.jobs.serve)

    def _make(self, state: RunState, progress: OnProgress, interlude: Callable[[], object]) -> RunReport:
        report = self.parts.daily.run(state, progress, interlude)
        self.parts.status.run(report)
        self.metrics.run(report)
        self.parts.status.alert()
        return report

    def _token(self) -> int | None:
        token = self.lease.token
        if token is None:
            self.parts.status.standby = f"the lease is held by {self.lease.held_by}"
        elif not self._leads:  # what others did meanwhile, or this process before its restart
            self.parts.status.stored_run(self.parts.runs.last_ended())
            self.parts.status.standby = None
        self._leads = token is not None
        return token

    def _proceed(self) -> int:
        """The fencing token, if the work may go on."""
        if self._stop.is_set():
            raise RunStopped("the process ends")
        return self.lease.guard()

    def _hold(self) -> None:
        """Have the lease, and keep it until `close()`."""
        self._by_hand.hold(self.lease, "another process keeps the statistics")


def _nothing() -> object:
    """Do nothing between the leagues of a run by hand."""
    return None
