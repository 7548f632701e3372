"""Puts the parts of the poller together: who knows whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Protocol

from pymongo.database import Database

from PROPPR.SharedServices.ingest.absences import Absences
from PROPPR.SharedServices.ingest.aftercare import Aftercare
from PROPPR.SharedServices.ingest.alerting import Alerts
from PROPPR.SharedServices.ingest.book_reader import BookReader, MultiSource
from PROPPR.SharedServices.ingest.pipeline import BookPipeline
from PROPPR.SharedServices.odds.types import FeedCleared, Fixture
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.components import Component, Worker
from PROPPR.SharedServices.service.leases import Lease
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.fixtures import FixtureStore
from PROPPR.SharedServices.storage.poller_state import PollerState
from PROPPR.SharedServices.storage.rereads import RereadQueue
from PROPPR.SharedServices.storage.stored_feeds import stored_feeds
from PROPPR.SharedServices.storage.stream_coverage import StreamCoverage
from PROPPR.UnifiedAPIPoller.core.asking_worker import AskingWorker
from PROPPR.UnifiedAPIPoller.core.budget_view import BudgetView
from PROPPR.UnifiedAPIPoller.core.cycle import Cycle, UpdatedSource
from PROPPR.UnifiedAPIPoller.core.doubts import Doubts
from PROPPR.UnifiedAPIPoller.core.plan import Pair
from PROPPR.UnifiedAPIPoller.core.poller_metrics import PollerMetrics
from PROPPR.UnifiedAPIPoller.core.poller_status import PollerStatus
from PROPPR.UnifiedAPIPoller.core.polling import Polling
from PROPPR.UnifiedAPIPoller.core.presence import ListSource, PresenceCheck
from PROPPR.UnifiedAPIPoller.core.refusals import Refusals
from PROPPR.UnifiedAPIPoller.core.registry import EventSource, FixtureRegistry, RegistryRule
from PROPPR.UnifiedAPIPoller.core.rereads import RereadReader
from PROPPR.UnifiedAPIPoller.core.source_gate import SourceGate
from PROPPR.UnifiedAPIPoller.core.watch import PairWatch

# A request for one fixture costs the same as for ten.
LONGEST_GATHER = 20.0

Documents = Database[dict[str, Any]]


class Source(UpdatedSource, MultiSource, ListSource, EventSource, Protocol):
    """The provider's REST API (OddsApiClient)."""


class PollerParts:
    """Everything that the poller needs beside the pipeline. `workers` are in the order of their start."""

    def __init__(
        self,
        source: Source,
        database: Documents,
        settings: Settings,
        pipeline: BookPipeline,
        budget: BudgetView,
        metrics: PollerMetrics,
        alerts: Alerts,
        lease: Lease,
        clock: Clock,
        pairs: Sequence[Pair],
        doubts: Doubts,
    ) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self.bookmakers = tuple(dict.fromkeys(pair.bookmaker for pair in pairs))
        self.queue = RereadQueue(database, clock)
        self.gate = SourceGate(clock)
        self.refusals = Refusals(clock, alerts)
        self.watch = PairWatch(PollerState(database, clock), clock, pairs, settings.proppr_max_lookback)
        absences = Absences(lambda ids: stored_feeds(database, ids), lambda *book: self.presence.is_unlisted(*book))
        self.reader = BookReader(source, pipeline.writer, pipeline.tickets, clock, absences)
        self.registry = self._make_registry(source)
        self.status = PollerStatus(
            self.watch, self.gate, self.refusals, metrics, alerts, interval=settings.poll_interval
        )
        self.polling = self._make_polling(source, budget, metrics, lease, doubts)
        aftercare = Aftercare(pipeline.store, lambda: lease.token)
        failed = metrics.count_failure
        self.workers: list[Component] = [
            Worker("aftercare", aftercare.run, on_failure=failed),
            AskingWorker("registry", self.polling.registry, on_failure=failed),
            AskingWorker("book reader", self.polling.rereads, on_failure=failed),
            AskingWorker("cycles", self.polling.cycles, on_failure=failed),
        ]

    def _make_registry(self, source: Source) -> FixtureRegistry:
        settings = self._settings
        rule = RegistryRule(
            settings.poll_sports,
            timedelta(seconds=settings.proppr_fixture_lead),
            timedelta(days=settings.proppr_fixture_days),
            settings.proppr_registry_interval,
        )
        return FixtureRegistry(
            source,
            FixtureStore(self._database, self._clock),
            self.queue,
            self._clock,
            rule,
            bookmakers=lambda: self.refusals.active(self.bookmakers),
            clear=self._clear,
        )

    def _make_polling(
        self, source: Source, budget: BudgetView, metrics: PollerMetrics, lease: Lease, doubts: Doubts
    ) -> Polling:
        settings, clock, registry = self._settings, self._clock, self.registry
        cycle = Cycle(
            source, self.watch, self.queue, self.gate, self.refusals, clock, doubts,
            submit=self.reader.submit, told=registry.told, known=registry.known,
            moving=lambda sport, until: self.polling.moving_in(sport, until),
        )  # fmt: skip
        self.presence = PresenceCheck(
            source, self.queue, clock, interval=settings.proppr_presence_interval,
            ahead=timedelta(days=settings.proppr_fixture_days), fixtures=registry.moving, stored=self._stored,
        )  # fmt: skip
        rereads = RereadReader(
            self.queue, self.reader, self.gate, self.refusals, clock, batch_size=settings.batch_size,
            gather_seconds=min(LONGEST_GATHER, settings.poll_interval / 3),
            to_spare=lambda: self.polling.spare(), told=registry.told,
        )  # fmt: skip
        return Polling(
            watch=self.watch, cycle=cycle, registry=registry, presence=self.presence, rereads=rereads, queue=self.queue,
            coverage=StreamCoverage(self._database), budget=budget, gate=self.gate, refusals=self.refusals,
            status=self.status, metrics=metrics, clock=clock, interval=settings.poll_interval,
            lookback=settings.lookback_seconds, token=lambda: lease.token, held_by=lambda: lease.held_by or "nobody",
        )  # fmt: skip

    def _stored(self, fixture_ids: Sequence[int], bookmaker: str) -> set[int]:
        return {feed[0] for feed in stored_feeds(self._database, fixture_ids, bookmaker)}

    def _clear(self, fixtures: Sequence[Fixture], at: int) -> None:
        """Withdraw all books of fixtures that are over; returns when that is stored."""
        outstanding: set[int] = set()
        for fixture in fixtures:
            self.reader.submit([FeedCleared(fixture.id, None, None, at, None, "deleted")], outstanding)
        self.polling.until_stored(outstanding)
