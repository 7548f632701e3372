"""The connection of one WebSocket client of the feed: its handshake, its frames, its bounded queue."""

from __future__ import annotations

import asyncio
import logging
import random

from websockets.http11 import Request as WebSocketRequest
from websockets.protocol import State
from websockets.server import ServerProtocol

from PROPPR.SharedServices.simulator.frames import frame_head

CLOSE_TIMEOUT = 5.0

_log = logging.getLogger(__name__)


class FeedConnection(asyncio.Protocol):
    """A connected client. What is pushed is sent at the next `flush()`; one that reads too slowly is dropped.

    `mute` keeps it from answering pings.
    """

    def __init__(self, key: str, transport: asyncio.Transport, queue_bytes: int, joined_share: float) -> None:
        self.key = key
        self.sent = 0
        self.sent_bytes = 0
        self.too_slow = False
        self.mute = False
        self._transport = transport
        self._protocol = ServerProtocol(max_size=64 * 1024)
        self._queue_bytes = queue_bytes
        self._joined_share = joined_share
        self._random = random.Random(f"stream-{key}")
        self._pending: list[bytes] = []
        self._closed = False

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
        if not self.mute:
            self._write_protocol()

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._closed = True
        self._pending.clear()

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
        return self._transport.get_write_buffer_size()

    def _write_protocol(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._transport.write(data)
            else:
                self._transport.close()

    def push(self, payload: bytes) -> None:
        """Queue a message as it is; now and then it shares a frame with the one before it."""
        self.sent += 1
        if self._pending and self._joined_share and self._random.random() < self._joined_share:
            self._pending[-1] += b"\n" + payload
        else:
            self._pending.append(payload)

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
