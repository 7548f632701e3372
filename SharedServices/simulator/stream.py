"""One WebSocket client of the feed: what it wants to hear, and the faults that strike what it hears."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from PROPPR.SharedServices.simulator import corrupt
from PROPPR.SharedServices.simulator.faults import FaultPlan, Rule
from PROPPR.SharedServices.simulator.feed_connection import FeedConnection
from PROPPR.SharedServices.simulator.filters import Filters
from PROPPR.SharedServices.simulator.frames import frame_head

REMEMBERED = 256
REORDER_RELEASE = 0.2
SLOW_INTERVAL = 0.05
DEFAULT_SLOW_SECONDS = 5.0


class FeedStream(FeedConnection):
    """A connected client. What is offered is sent at the next `flush()`, unless a fault has its way with it."""

    def __init__(
        self,
        key: str,
        filters: Filters,
        transport: asyncio.Transport,
        faults: FaultPlan,
        limits: tuple[int, int],
        joined_share: float,
        on_closed: Callable[[FeedStream], None],
    ) -> None:
        queue_bytes, self._oversized_bytes = limits
        super().__init__(key, transport, queue_bytes, joined_share)
        self.filters = filters
        self.replaying = False
        self.dirty: dict[tuple[int, str], None] = {}
        self._faults = faults
        self._on_closed = on_closed
        self._recent: deque[bytes] = deque(maxlen=REMEMBERED)
        self._reordered: list[bytes] = []
        self._backlog: deque[bytes] | None = None
        self._backlog_bytes = 0
        self._fault = ""
        self._endless = False
        self._lost = False

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._backlog = None
        self._on_closed(self)

    @property
    def buffered(self) -> int:
        """Bytes that the client has not taken yet."""
        return super().buffered + self._backlog_bytes

    @property
    def withheld(self) -> str | None:
        """The fault (slow, stall, silent) for which messages are being held back from the client."""
        return None if self._backlog is None or self._closed else self._fault

    def offer(self, payload: bytes) -> None:
        """Send a message at the next flush, unless a fault has its way with it."""
        if self._closed:
            return
        if self._backlog is not None:
            self._hold(payload)
        elif self._faults.active("stream"):
            rule = self._faults.draw("stream")
            if rule is None:
                self.push(payload)
            else:
                self._strike(rule, payload)
            self._recent.append(payload)
        else:
            self.push(payload)

    def push(self, payload: bytes) -> None:
        """Queue a message as it is, and after it now and then what a fault held back."""
        super().push(payload)
        if self._reordered and self._random.random() < 0.5:
            self._release()

    def _strike(self, rule: Rule, payload: bytes) -> None:
        name = rule.fault
        simple: dict[str, Callable[[], None]] = {
            "disconnect": self.abort,
            "eviction": self.close,
            "duplicate": lambda: self._push_all(payload, payload),
            "replay": lambda: self._push_all(payload, self._old(payload)),
            "reorder": lambda: self._hold_back(payload),
            "malformed": lambda: self._push_all(*corrupt.malformed(payload, self._faults.random)),
            "truncated": lambda: self.push(corrupt.truncated(payload, self._faults.random)),
            "wrong_types": lambda: self.push(corrupt.wrong_types(payload, self._faults.random)),
            "missing_seq": lambda: self.push(corrupt.missing_seq(payload)),
            "oversized": lambda: self._push_oversized(payload),
            "huge_claim": lambda: self._claim(payload),
        }
        if name in simple:
            simple[name]()
        else:
            self._stop_delivery(name, rule.seconds, payload)

    def _push_all(self, *payloads: bytes) -> None:
        for payload in payloads:
            self.push(payload)

    def _push_oversized(self, payload: bytes) -> None:
        """A frame beyond any sensible limit, and the message after it."""
        self._queue_bytes += self._oversized_bytes
        self._pending.append(corrupt.oversized(self._oversized_bytes))
        self.push(payload)

    def _old(self, payload: bytes) -> bytes:
        return self._faults.random.choice(self._recent) if self._recent else payload

    def _hold_back(self, payload: bytes) -> None:
        """Send it after one of the next messages, or a moment later if there are none."""
        self._reordered.append(payload)
        asyncio.get_running_loop().call_later(REORDER_RELEASE, self._release_and_flush)

    def _release(self) -> None:
        held, self._reordered = self._reordered, []
        self._pending.extend(held)
        self.sent += len(held)

    def _release_and_flush(self) -> None:
        if self._backlog is None:
            self._release()
            self.flush()

    def _claim(self, payload: bytes) -> None:
        """Announce a frame of 1 GiB; whatever follows looks like a part of it."""
        self.flush()
        self._write(frame_head(1 << 30) + payload)

    def _stop_delivery(self, name: str, seconds: float | None, payload: bytes) -> None:
        """stall and silent: nothing arrives any more (silent: no pong either); slow: twenty messages a second."""
        self.flush()
        self._backlog = deque()
        self._fault = name
        self.mute = name == "silent"
        self._endless = name != "slow" and seconds is None
        self._hold(payload)
        loop = asyncio.get_running_loop()
        if name == "slow":
            self._drip(loop.time() + (seconds or DEFAULT_SLOW_SECONDS))
        elif seconds is not None:
            loop.call_later(seconds, self._resume_delivery)

    def _hold(self, payload: bytes) -> None:
        """Keep it for later; a stall without an end keeps nothing beyond the bound, and the connection stays dead."""
        if self._backlog is None:
            return
        self._backlog.append(payload)
        self._backlog_bytes += len(payload)
        if self._backlog_bytes > self._queue_bytes:
            if not self._endless:
                self._drop_slow_client()
                return
            self._lost = True
            self._backlog.clear()
            self._backlog_bytes = 0

    def _drip(self, until: float) -> None:
        loop = asyncio.get_running_loop()
        if self._closed or self._backlog is None:
            return
        if loop.time() >= until:
            self._resume_delivery()
            return
        if self._backlog:
            payload = self._backlog.popleft()
            self._backlog_bytes -= len(payload)
            self.push(payload)
            self.flush()
        loop.call_later(SLOW_INTERVAL, self._drip, until)

    def _resume_delivery(self) -> None:
        """What was held back arrives late, in order."""
        if self._closed or self._backlog is None:
            return
        if self._lost:
            self.abort()  # what it missed can only be recovered over a new connection
            return
        held, self._backlog = self._backlog, None
        self._backlog_bytes = 0
        self.mute = False
        self._write_protocol()
        for payload in held:
            self.push(payload)
        self.flush()

    def end_faults(self) -> None:
        """The plan is over: what is being held back arrives."""
        self._release_and_flush()
        self._resume_delivery()
