"""The live odds service: from the provider's WebSocket to the books in MongoDB."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from typing import Any, Final

from pymongo.database import Database

from PROPPR.SharedServices.ingest.alerting import Alerts, LoggedAlerts
from PROPPR.SharedServices.ingest.by_hand import ByHand
from PROPPR.SharedServices.ingest.own_resources import rest_source
from PROPPR.SharedServices.ingest.pipeline import BookPipeline
from PROPPR.SharedServices.providers.odds_api.subscription import Subscription, plan_subscriptions
from PROPPR.SharedServices.service.clock import Clock, SystemClock
from PROPPR.SharedServices.service.components import Component
from PROPPR.SharedServices.service.health import HealthState
from PROPPR.SharedServices.service.metrics import Metrics
from PROPPR.SharedServices.service.redact import Redactor
from PROPPR.SharedServices.service.settings import Settings, load_settings
from PROPPR.SharedServices.storage.books.worker import Listener
from PROPPR.WebsocketUpdater.core.calendar import FixtureCalendar
from PROPPR.WebsocketUpdater.core.frame_handler import FrameHandler
from PROPPR.WebsocketUpdater.core.live_stream import LiveStream, Source
from PROPPR.WebsocketUpdater.core.positions import StreamPosition
from PROPPR.WebsocketUpdater.core.replay import ReplayEvents, ReplayRemedies
from PROPPR.WebsocketUpdater.core.stream_metrics import StreamMetrics

SERVICE: Final = "websocket-updater"
SHARE: Final = "websocket_updater"

Document = dict[str, Any]


class UnifiedWebSocketService:
    """Keeps the books of every bookmaker current from one stream of frames.

    As a daemon: run `components()`. By hand: `connect()` follows the live stream until `stop()`; `connect(feed)` takes
    the frames of any iterable (a `Recording`, a list, a generator) through the same code and returns when all of them
    are stored. Settings that are not handed in are those of the environment; without a `database` theirs is opened
    and prepared at once, and left by `close()`. Raises ConfigError for settings that the provider would refuse.
    """

    def __init__(
        self,
        api_key: str,
        *,
        database: Database[Document] | None = None,
        settings: Settings | None = None,
        source: Source | None = None,
        clock: Clock | None = None,
        metrics: Metrics | None = None,
        alerts: Alerts | None = None,
        redactor: Redactor | None = None,
        instance: str = "updater",
        listeners: Sequence[Listener] = (),
    ) -> None:
        chosen = settings or load_settings()
        subscriptions = plan_subscriptions(
            chosen.ws_markets, chosen.ws_sports, chosen.ws_leagues, chosen.ws_event_ids, chosen.ws_status
        )
        self._clock = clock or SystemClock()
        self._by_hand = ByHand(SERVICE, chosen, self._clock, database, part_clock=self._clock)
        self._stop, stored = self._by_hand.stopped, self._by_hand.database
        self._lock = threading.Lock()
        self._feeding = threading.Lock()
        metrics = metrics or Metrics()
        redactor = redactor or Redactor((api_key, *chosen.secrets()))
        self._numbers = StreamMetrics(metrics, self._clock)
        self._calendar = FixtureCalendar(chosen.ws_status or "")
        self.pipeline = BookPipeline(
            stored, chosen, self._clock, metrics, redactor, self._numbers,
            service=SERVICE, source="websocket", listeners=listeners,
        )  # fmt: skip

        def make_live() -> LiveStream:
            reads = source or rest_source(
                api_key, chosen, stored, self._clock, self._stop, share=SHARE, source="websocket"
            )
            return LiveStream(
                api_key, subscriptions, self.pipeline, reads, calendar=self._calendar, numbers=self._numbers,
                settings=chosen, database=stored, clock=self._clock,
                metrics=metrics, alerts=alerts or LoggedAlerts(), redactor=redactor, instance=instance,
            )  # fmt: skip

        self._make_live = make_live
        self._live_stream: LiveStream | None = None
        self.replay_remedies = ReplayRemedies()
        self._replay = self._replay_handler(subscriptions[0])

    @property
    def live(self) -> LiveStream:
        """The parts of the live stream."""
        with self._lock:
            if self._live_stream is None:
                self._live_stream = self._make_live()
            return self._live_stream

    @property
    def metrics(self) -> StreamMetrics:
        """The stream's numbers."""
        return self._numbers

    @property
    def pending(self) -> int:
        """Updates received and not stored yet."""
        return self.pipeline.writer.pending

    def components(self) -> Sequence[Component]:
        """The parts of the live service for a daemon, in the order of their start."""
        return self.live.components(self._follow)

    def register(self, health: HealthState) -> None:
        """Add what `/health` and `/ready` say of the stream."""
        live = self.live
        health.add_check("connection", live.status.connection)
        health.add_check("data_age", live.status.data_age)
        health.add_ready("first_sync", live.synced)
        health.set_last_update(live.last_update)
        health.set_queue_size(lambda: self.pending)
        health.set_latency(self._numbers.latency.read)

    def connect(self, feed: Iterable[bytes | str] | None = None) -> None:
        """Take in every frame of `feed`, then wait until all of it is stored; without a feed follow the live stream.

        A live feed ends with `stop()`. Frames of a feed of one's own never ask the provider for anything.
        """
        if feed is None:
            self._by_hand.run(self.components()[:-1], self._follow)  # the stream's thread is this one
            return
        with self._feeding:
            if not self.pipeline.writer.started:
                self._by_hand.start(self.pipeline.follower, self.pipeline.writer)
            for frame in feed:
                if self._stop.is_set():
                    return
                self._replay.handle(frame.encode() if isinstance(frame, str) else frame)
            self._drain()

    def stop(self) -> None:
        """End `connect` soon, from any thread."""
        self._by_hand.stop()

    def close(self) -> None:
        """Store what waits and stop the writer that `connect(feed)` started."""
        self._by_hand.close()

    def _follow(self, stop: threading.Event) -> None:
        """The stream's thread: every frame is recorded, then handled."""
        live = self.live
        live.follow(stop)
        recorder, handler, clock = live.recorder, live.handler, self._clock
        for frame in live.feed:
            if recorder is not None:
                recorder.record(frame, clock.now_ms())
            handler.handle(frame)

    def _drain(self) -> None:
        while self.pipeline.tickets.outstanding and not self._stop.is_set():
            self._stop.wait(0.01)

    def _replay_handler(self, subscription: Subscription) -> FrameHandler:
        return FrameHandler(
            StreamPosition(subscription, self._clock),
            writer=self.pipeline.writer,
            tickets=self.pipeline.tickets,
            events=ReplayEvents(),
            calendar=self._calendar,
            remedies=self.replay_remedies,
            metrics=self._numbers,
            clock=self._clock,
        )
