"""One WebSocket client of the feed: its frames, its bounded queue, its replay, and the faults that strike it."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Callable

from websockets.http11 import Request as WebSocketRequest
from websockets.protocol import State
from websockets.server import ServerProtocol

from PROPPR.SharedServices.simulator import corrupt
from PROPPR.SharedServices.simulator.faults import FaultPlan, Rule
from PROPPR.SharedServices.simulator.filters import Filters
from PROPPR.SharedServices.simulator.frames import frame_head

REMEMBERED = 256
CLOSE_TIMEOUT = 5.0
REORDER_RELEASE = 0.2
SLOW_INTERVAL = 0.05
DEFAULT_SLOW_SECONDS = 5.0

_log = logging.getLogger(__name__)


class FeedStream(asyncio.Protocol):
    """A connected client. What is offered is sent at the next `flush()`; one that reads too slowly is dropped."""

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
        self.key = key
        self.filters = filters
        self.replaying = False
        self.dirty: dict[tuple[int, str], None] = {}
        self.sent = 0
        self.sent_bytes = 0
        self.too_slow = False
        self._transport = transport
        self._protocol = ServerProtocol(max_size=64 * 1024)
        self._faults = faults
        self._queue_bytes, self._oversized_bytes = limits
        self._joined_share = joined_share
        self._on_closed = on_closed
        self._random = random.Random(f"stream-{key}")
        self._pending: list[bytes] = []
        self._recent: deque[bytes] = deque(maxlen=REMEMBERED)
        self._reordered: list[bytes] = []
        self._backlog: deque[bytes] | None = None
        self._backlog_bytes = 0
        self._fault = ""
        self._mute = False
        self._endless = False
        self._lost = False
        self._closed = False

    # ---- the connection

    def accept(self, raw: bytes) -> bool:
        """Answer the handshake; False where it is no valid one (the answer then says so and the connection closes)."""
        self._protocol.receive_data(raw)
        events = self._protocol.events_received()
        request = events[0] if events else None
        if not isinstance(request, WebSocketRequest):
            self._transport.abort()
            return False
        response = self._protocol.accept(request)
        self._protocol.send_response(response)
        self._write_protocol()
        return response.status_code == 101

    def data_received(self, data: bytes) -> None:
        self._protocol.receive_data(data)
        self._protocol.events_received()
        if not self._mute:
            self._write_protocol()

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._closed = True
        self._pending.clear()
        self._backlog = None
        self._on_closed(self)

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Close properly; cut the connection if the client does not answer."""
        if self._closed:
            return
        self.flush()
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(code, reason)
            self._write_protocol()
        self._closed = True
        asyncio.get_running_loop().call_later(CLOSE_TIMEOUT, self._transport.abort)

    def abort(self) -> None:
        """Cut the connection without a word."""
        self._closed = True
        self._pending.clear()
        self._transport.abort()

    @property
    def open(self) -> bool:
        """Whether messages still make sense."""
        return not self._closed

    @property
    def buffered(self) -> int:
        """Bytes that the client has not taken yet."""
        return self._transport.get_write_buffer_size() + self._backlog_bytes

    @property
    def withheld(self) -> str | None:
        """The fault (slow, stall, silent) for which messages are being held back from the client."""
        return None if self._backlog is None or self._closed else self._fault

    def _write_protocol(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._transport.write(data)
            else:
                self._transport.close()

    # ---- messages

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
        """Queue a message as it is; now and then it shares a frame with the one before it."""
        self.sent += 1
        if self._pending and self._joined_share and self._random.random() < self._joined_share:
            self._pending[-1] += b"\n" + payload
        else:
            self._pending.append(payload)
        if self._reordered and self._random.random() < 0.5:
            self._release()

    def flush(self) -> None:
        """Write what is pending; drop the client whose queue is full."""
        if not self._pending or self._closed:
            return
        parts: list[bytes] = []
        for payload in self._pending:
            parts.append(frame_head(len(payload)))
            parts.append(payload)
        self._pending.clear()
        self._write(b"".join(parts))

    def _write(self, data: bytes) -> None:
        self.sent_bytes += len(data)
        self._transport.write(data)
        if self._transport.get_write_buffer_size() > self._queue_bytes:
            self._drop_slow_client()

    def _drop_slow_client(self) -> None:
        self.too_slow = True
        _log.warning("client reads too slowly: connection cut", extra={"buffered": self.buffered})
        self.abort()

    # ---- faults

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
        self._mute = name == "silent"
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
        self._mute = False
        self._write_protocol()
        for payload in held:
            self.push(payload)
        self.flush()

    def end_faults(self) -> None:
        """The plan is over: what is being held back arrives."""
        self._release_and_flush()
        self._resume_delivery()
