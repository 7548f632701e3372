"""Looks after one connection at a time: when to leave it, what its end means, how long to wait then."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import Final, Protocol

from PROPPR.SharedServices.ingest.alerting import Alerts
from PROPPR.SharedServices.providers.odds_api.websocket import HandshakeError, StreamLost
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.WebsocketUpdater.core.calendar import FixtureCalendar
from PROPPR.WebsocketUpdater.core.policies import CLEAN_CLOSE, Ending, ReconnectPolicy, StallJudge
from PROPPR.WebsocketUpdater.core.remedies import StreamRemedies
from PROPPR.WebsocketUpdater.core.stream_metrics import StreamMetrics
from PROPPR.WebsocketUpdater.core.stream_status import StreamStatus

CALENDAR_EVERY: Final = 1.0
TICK_EVERY: Final = 0.05
EVICTIONS_TO_ALERT: Final = 3
REFUSED_KEY: Final = "stream.refused"
EVICTED_KEY: Final = "stream.evicted"
STALLED_KEY: Final = "stream.stalled"

log = logging.getLogger(__name__)


class Holder(Protocol):
    """The lease on the provider's one connection per key."""

    @property
    def held(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class End:
    """Why a connection ended (a metric's label), and what that means for the next one."""

    reason: str
    ending: Ending = "asked"
    retry_after: float | None = None


class ConnectionWatch:
    """All methods but `may_go_on` are for the stream's thread."""

    def __init__(
        self,
        remedies: StreamRemedies,
        *,
        lease: Holder,
        policy: ReconnectPolicy,
        judge: StallJudge,
        calendar: FixtureCalendar,
        status: StreamStatus,
        metrics: StreamMetrics,
        alerts: Alerts,
        clock: Clock,
        stop: threading.Event,
        rotation: float | None,
    ) -> None:
        self._remedies = remedies
        self._lease = lease
        self._policy = policy
        self._judge = judge
        self._calendar = calendar
        self._status = status
        self._metrics = metrics
        self._alerts = alerts
        self._clock = clock
        self._stop = stop
        self._rotation = rotation
        self._opened_at: float | None = None
        self._data_before: float | None = None
        self._next_look = 0.0
        self._next_tick = 0.0
        # A former process may have raised any of them: each is resolved once, and then when it was raised here.
        self._raised = {REFUSED_KEY, EVICTED_KEY, STALLED_KEY}

    def follow(self, stop: threading.Event) -> None:
        """Obey this event from now on."""
        self._stop = stop

    def may_go_on(self) -> bool:
        """Whether this process is to have a connection."""
        return not self._stop.is_set() and self._lease.held

    def wait(self, seconds: float) -> None:
        """Wait, but not longer than the process may go on."""
        deadline = self._clock.monotonic() + seconds
        while self.may_go_on() and (left := deadline - self._clock.monotonic()) > 0:
            self._stop.wait(min(left, 0.1))

    def rest(self, seconds: float) -> None:
        """Wait, but not longer than the process runs."""
        self._stop.wait(seconds)

    def opened(self) -> None:
        """The connection stands."""
        now = self._clock.monotonic()
        self._opened_at, self._data_before = now, self._metrics.last_data
        self._judge.connected(now)
        self._status.connected()
        self._resolve(REFUSED_KEY, "connected")

    def reason_to_leave(self) -> str | None:
        """Why to close the connection now; None to go on reading."""
        if self._stop.is_set():
            return "stopped"
        if not self._lease.held:
            return "lease_lost"
        now = self._clock.monotonic()
        if now < self._next_tick:
            return None
        self._next_tick = now + TICK_EVERY
        if self._remedies.tick():
            return "anchored"
        if self._remedies.recovery.is_due(now):
            return "recovery"
        if self._is_silent(now):
            return "stalled"
        opened_at = now if self._opened_at is None else self._opened_at
        return "rotation" if self._rotation is not None and now - opened_at >= self._rotation else None

    def refused(self, error: HandshakeError, resumed: bool) -> End:
        """The handshake failed."""
        if error.kind == "unavailable":
            log.warning("no connection to the stream", extra={"reason": str(error)})
            return End("unavailable", "lost")
        if error.kind == "invalid" and resumed:
            # Perhaps only the position is refused: without it the next attempt shows.
            log.warning("the stream refused the position to resume from", extra={"reason": str(error)})
            self._remedies.forget_all()
            return End("position_refused", "lost")
        log.error("the stream refused the connection", extra={"reason": str(error), "kind": error.kind})
        if error.kind != "rate_limited":
            self._raise(REFUSED_KEY, "The provider refuses the live stream", str(error))
        return End(f"handshake_{error.kind}", error.kind)

    def lost(self, error: StreamLost) -> End:
        """The connection broke, or was closed."""
        if error.kind in ("oversized", "protocol"):
            # What was in that frame is gone, and the rest can't be found any more.
            self._metrics.reject(error.kind)
            self._remedies.lost(error.kind)
            log.warning("the stream sent an impossible frame", extra={"reason": str(error)})
            return End(error.kind, "lost")
        if error.kind == "closed" and error.code == CLEAN_CLOSE:
            log.warning("the stream was closed though nobody asked: another client with this key?")
            return End("evicted", "evicted")
        log.warning("the stream was lost", extra={"reason": str(error), "kind": error.kind})
        return End("closed" if error.kind == "closed" else error.kind, "lost")

    def ended(self, end: End) -> float:
        """Note the end; returns the seconds to wait."""
        now = self._clock.monotonic()
        if self._opened_at is not None:
            had_data = self._metrics.last_data != self._data_before
            self._policy.connection_ended(now - self._opened_at, had_data)
        self._opened_at = None
        if end.reason == "stalled":
            self._judge.reconnected()
            self._raise(STALLED_KEY, "No live odds arrive", "though priced fixtures are live or start soon")
        delay = self._policy.next_delay(end.ending, end.retry_after)
        if end.ending == "evicted" and self._policy.evictions >= EVICTIONS_TO_ALERT:
            detail = f"{self._policy.evictions} times in a row: another client uses the same key"
            self._raise(EVICTED_KEY, "The live stream is taken away again and again", detail)
        elif self._policy.evictions == 0:
            self._resolve(EVICTED_KEY, "the stream lasts")
        self._metrics.reconnect(end.reason)
        self._status.ended(end.reason, delay)
        return delay

    def _is_silent(self, now: float) -> bool:
        if self._metrics.last_data is not None and self._metrics.last_data != self._data_before:
            self._judge.data(self._metrics.last_data)
            self._resolve(STALLED_KEY, "odds arrive")
        if now >= self._next_look:
            self._next_look = now + CALENDAR_EVERY
            self._judge.expect(self._calendar.expects_data(self._clock.now_ms()), now)
        return self._judge.is_stalled(now)

    def _raise(self, key: str, title: str, detail: str) -> None:
        self._raised.add(key)
        self._alerts.raise_alert(key, title, detail)

    def _resolve(self, key: str, detail: str) -> None:
        if key in self._raised:
            self._raised.discard(key)
            self._alerts.resolve(key, detail)
