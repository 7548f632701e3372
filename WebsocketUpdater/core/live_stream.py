"""Puts the parts of the live stream together: who knows whom, and in which order they start and stop."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from pymongo.database import Database

from PROPPR.SharedServices.ingest.absences import Absences
from PROPPR.SharedServices.ingest.aftercare import Aftercare
from PROPPR.SharedServices.ingest.alerting import Alerts
from PROPPR.SharedServices.ingest.book_reader import BookReader, MultiSource
from PROPPR.SharedServices.ingest.pipeline import BookPipeline
from PROPPR.SharedServices.providers.odds_api.recorder import FrameRecorder
from PROPPR.SharedServices.providers.odds_api.subscription import Subscription
from PROPPR.SharedServices.providers.odds_api.websocket import Transport, TransportLimits, WebSocketTransport
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.components import Check, Component, Worker
from PROPPR.SharedServices.service.leases import Lease
from PROPPR.SharedServices.service.metrics import Metrics
from PROPPR.SharedServices.service.redact import Redactor
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.fixtures import FixtureStore
from PROPPR.SharedServices.storage.stored_feeds import stored_feeds
from PROPPR.SharedServices.storage.stream_coverage import StreamCoverage
from PROPPR.SharedServices.storage.stream_state import StreamState, key_hash, priced_fixtures
from PROPPR.WebsocketUpdater.core.calendar import FixtureCalendar
from PROPPR.WebsocketUpdater.core.connection_watch import ConnectionWatch
from PROPPR.WebsocketUpdater.core.coverage import CoverageTeller
from PROPPR.WebsocketUpdater.core.fixture_keeper import EventSource, FixtureKeeper
from PROPPR.WebsocketUpdater.core.frame_handler import FrameHandler
from PROPPR.WebsocketUpdater.core.live_feed import Address, LiveFeed
from PROPPR.WebsocketUpdater.core.policies import ReconnectPolicy, ReconnectTimes, StallJudge, StallTimes
from PROPPR.WebsocketUpdater.core.positions import PositionKeeper, StreamPosition
from PROPPR.WebsocketUpdater.core.remedies import StreamRemedies
from PROPPR.WebsocketUpdater.core.snapshots import Account, SnapshotReader
from PROPPR.WebsocketUpdater.core.stream_metrics import StreamMetrics
from PROPPR.WebsocketUpdater.core.stream_status import StreamStatus
from PROPPR.WebsocketUpdater.core.stream_worker import StreamWorker


class Source(MultiSource, Account, EventSource, Protocol):
    """The provider's REST API (OddsApiClient)."""


class LiveStream:
    """Everything that the live stream needs beside the pipeline. `components` are in the order of their start."""

    def __init__(
        self,
        api_key: str,
        subscriptions: Sequence[Subscription],
        pipeline: BookPipeline,
        source: Source,
        *,
        calendar: FixtureCalendar,
        numbers: StreamMetrics,
        settings: Settings,
        database: Database[dict[str, Any]],
        clock: Clock,
        metrics: Metrics,
        alerts: Alerts,
        redactor: Redactor,
        instance: str,
    ) -> None:
        self._settings = settings
        self._pipeline = pipeline
        self._clock = clock
        self._redactor = redactor
        self._stop = threading.Event()
        self._calendar = calendar
        self._numbers = numbers
        self.judge = StallJudge(StallTimes(threshold=settings.proppr_stall_seconds))
        self.status = StreamStatus(clock, self.judge, numbers)
        self.positions = [StreamPosition(subscription, clock) for subscription in subscriptions]
        self.lease = Lease(database, f"odds_api_ws:{key_hash(api_key)}", instance, clock=clock, on_lost=self._interrupt)
        self.lease.name = "lease"
        self.aftercare = Aftercare(pipeline.store, lambda: self.lease.token)
        self.keeper = PositionKeeper(StreamState(database, clock, api_key), self.positions, lambda: self.lease.token)
        self.coverage = CoverageTeller(
            StreamCoverage(database), key_hash(api_key), subscriptions, clock,
            bookmakers=self._complete_bookmakers, token=lambda: self.lease.token,
        )  # fmt: skip
        self.fixtures = FixtureKeeper(
            source,
            FixtureStore(database, clock),
            calendar,
            clock,
            sports=settings.ws_sports,
            leagues=settings.ws_leagues,
            find_priced=lambda ids: priced_fixtures(database, ids),
        )
        absences = Absences(lambda ids: stored_feeds(database, ids))
        self.snapshots = SnapshotReader(
            source,
            calendar,
            BookReader(source, pipeline.writer, pipeline.tickets, clock, absences),
            clock,
            bookmakers=settings.bookmakers,
            ready=self.fixtures.first_list.is_set,
            on_reread=lambda: self.remedies.rereads_done(),
            on_refused=self._refused_bookmakers,
        )
        self._alerts = alerts
        self.remedies = StreamRemedies(
            self.positions, self.snapshots, self.keeper, numbers, alerts, clock, bookmakers=settings.bookmakers
        )
        self.handler = FrameHandler(
            self.positions[0],
            writer=pipeline.writer,
            tickets=pipeline.tickets,
            events=self.fixtures,
            calendar=calendar,
            remedies=self.remedies,
            metrics=numbers,
            clock=clock,
        )
        self.watch = self._make_watch(alerts)
        self.feed = self._make_feed(api_key)
        self.recorder = self._make_recorder(settings.proppr_record_dir, api_key, metrics)
        self._on_failure = metrics.count_worker_failure
        metrics.watch_queue("rereads", lambda: self.snapshots.pending)
        metrics.watch_queue("unknown_fixtures", lambda: self.fixtures.unknown)
        metrics.watch_lease("odds_api_ws", lambda: self.lease.held)
        metrics.observe_gauge(
            "proppr_stream_odds_expected",
            "1 while the calendar of fixtures says that odds should arrive",
            lambda: float(self.judge.expecting),
        )

    def components(self, consume: Callable[[threading.Event], None]) -> list[Component]:
        """The parts in the order of their start; they stop in reverse, so that the last position is saved last.

        `consume` is run by the stream's thread.
        """
        parts: list[Component] = [
            self.lease,
            self._worker("positions", self.keeper.run),
            self._pipeline.follower,
            self._pipeline.writer,
            self._worker("aftercare", self.aftercare.run),
            self._worker("coverage", self.coverage.run),
            self._worker("snapshots", self.snapshots.run),
            self._worker("fixtures", self.fixtures.run, self.fixtures.check),
        ]
        if self.recorder is not None:
            parts.append(self._worker("recorder", self.recorder.run))
        parts.append(StreamWorker(consume, self._interrupt, self.status.connection, self._clock, self._on_failure))
        return parts

    def follow(self, stop: threading.Event) -> None:
        """End the feed when `stop` is set, and not before."""
        self._stop = stop
        self.watch.follow(stop)

    @property
    def stopped(self) -> bool:
        """Whether the feed is to end."""
        return self._stop.is_set()

    def synced(self) -> Check:
        """Ready once the books are complete for the first time, or another instance keeps them."""
        if self.remedies.first_sync or not self.lease.held:
            return Check(True, "books complete" if self.lease.held else "standby")
        progress = self.remedies.progress
        return Check(False, f"{progress.read} of {progress.total} fixtures read" if progress else "not connected yet")

    def last_update(self) -> datetime | None:
        """When a message was last stored."""
        return self._numbers.last_commit

    def _complete_bookmakers(self) -> frozenset[str] | None:
        complete = self.status.is_connected and not any(position.held for position in self.positions)
        return self.keeper.bookmakers if complete else None

    def _interrupt(self) -> None:
        self.feed.interrupt()

    def _refused_bookmakers(self, refused: frozenset[str]) -> None:
        names = ", ".join(sorted(refused)) or "all of them"
        self._alerts.raise_alert("stream.bookmakers", "The provider refuses bookmakers", f"not in the account: {names}")

    def _worker(
        self, name: str, target: Callable[[threading.Event], None], own_check: Callable[[], Check] | None = None
    ) -> Worker:
        return Worker(name, target, clock=self._clock, on_failure=self._on_failure, own_check=own_check)

    def _make_watch(self, alerts: Alerts) -> ConnectionWatch:
        settings = self._settings
        refused = settings.proppr_refused_delay
        times = ReconnectTimes(
            base=settings.ws_reconnect_delay,
            eviction=settings.proppr_eviction_delay,
            denied=refused,
            denied_cap=12 * refused,
            rate_limited=min(60.0, refused),
        )
        return ConnectionWatch(
            self.remedies,
            lease=self.lease,
            policy=ReconnectPolicy(times, random.Random()),
            judge=self.judge,
            calendar=self._calendar,
            status=self.status,
            metrics=self._numbers,
            alerts=alerts,
            clock=self._clock,
            stop=self._stop,
            rotation=settings.proppr_rotation_seconds if len(self.positions) > 1 else None,
        )

    def _make_feed(self, api_key: str) -> LiveFeed:
        return LiveFeed(
            Address(self._settings.odds_api_ws_url, api_key),
            self.handler,
            self.remedies,
            self.watch,
            positions=self.positions,
            load_positions=self.keeper.load,
            new_transport=self._new_transport,
            on_standby=lambda: self.status.standby(f"{self.lease.held_by or 'nobody yet'} has the stream"),
            on_connecting=self.status.connecting,
            stopped=lambda: self.stopped,
        )

    def _new_transport(self) -> Transport:
        limits = TransportLimits(ping_interval=self._settings.ws_ping_interval)
        return WebSocketTransport(self._clock, self._redactor, limits)

    def _make_recorder(self, directory: Path | None, api_key: str, metrics: Metrics) -> FrameRecorder | None:
        if directory is None:
            return None
        recorder = FrameRecorder(directory, self._settings.proppr_record_max_bytes, self._clock, (api_key,))
        metrics.watch_queue("recorder", lambda: recorder.depth)
        metrics.observe_counter("proppr_recorder_frames_total", "Frames recorded", lambda: recorder.recorded)
        metrics.observe_counter("proppr_recorder_dropped_total", "Frames not recorded", lambda: recorder.dropped)
        return recorder
