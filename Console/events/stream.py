"""The endpoint `/events`: server-sent events that hold no thread.

An answer that never ends would hold one of the server's threads for as long as a browser is open. So the page answers
with the head and a first line only, and hands the connection over: from then on the broker writes to it, and the
server's own loop sends what the socket takes, finds out that the browser has gone, and closes.

Nobody is waited for. A browser that leaves more than MOST_WAITING bytes in our buffers is dropped; one whose machine
has vanished is dropped by TCP after DEAD_AFTER seconds without an acknowledgement.
"""

from __future__ import annotations

import logging
import socket
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, Response, request
from waitress.channel import ClientDisconnected, HTTPChannel
from waitress.task import WSGITask

from PROPPR.Console.access.guard import current_session
from PROPPR.Console.events.broker import Broker

log = logging.getLogger(__name__)

HANDOVER: Final = "proppr.handover"
RECONNECT_MS: Final = 2000
MOST_WAITING: Final = 65_536
_SEND_BUFFER: Final = 65_536  # the kernel's; without a bound it would take megabytes for a browser that reads nothing
_DEAD_AFTER: Final = 40.0


@dataclass(frozen=True, slots=True)
class _Handover:
    """Where a connection goes, and whose it is."""

    broker: Broker
    owner: str


def routes(broker: Broker) -> Blueprint:
    """Return the endpoint."""
    blueprint = Blueprint("events", __name__)

    @blueprint.get("/events")
    def events() -> Response:
        if broker.is_full:
            return Response("Too many pages are open.\n", 503, {"Retry-After": "10"}, mimetype="text/plain")
        session = current_session()
        owner = session.key if session else ""
        if request.method == "GET":
            request.environ[HANDOVER] = _Handover(broker, owner)
        # X-Accel-Buffering: a proxy must not hold events back.
        headers = {"X-Accel-Buffering": "no"}
        return Response(iter((f"retry: {RECONNECT_MS}\n\n".encode(),)), 200, headers, content_type="text/event-stream")

    return blueprint


class StreamChannel(HTTPChannel):  # type: ignore[misc]
    """A connection that may become a stream."""

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - the server's business
        self.stream: _Stream | None = None
        super().__init__(*arguments, **options)

    @property
    def task_class(self) -> type[WSGITask]:
        """What answers a request."""
        return _StreamTask

    def received(self, data: bytes) -> bool:
        """Take what the browser sends; a stream takes no further requests."""
        return False if self.stream is not None else bool(super().received(data))

    def handle_write(self) -> None:
        """Send what waits. To a stream other threads write, which the server does not expect between requests."""
        if self.stream is None:
            super().handle_write()
            return
        with self.outbuf_lock:
            super().handle_write()

    def handle_close(self) -> None:
        """Close, and let the broker forget the stream."""
        super().handle_close()
        stream, self.stream = self.stream, None
        if stream is not None:
            stream.left()


class _StreamTask(WSGITask):  # type: ignore[misc]
    """Answers a request; where the application hands the connection over, the answer goes on as a stream."""

    def finish(self) -> None:
        handover: _Handover | None = (self.environ or {}).get(HANDOVER)
        if handover is None or not self.status.startswith("200"):
            super().finish()
            return
        if not self.wrote_header:
            self.write(b"")
        stream = _Stream(self.channel, self.chunked_response, handover.broker)
        self.close_on_finish = False
        if not handover.broker.join(stream, handover.owner):
            stream.close()


class _Stream:
    """A browser's connection as a Listener."""

    def __init__(self, channel: StreamChannel, chunked: bool, broker: Broker) -> None:
        self._channel = channel
        self._broker = broker
        self._chunked = chunked
        channel.stream = self
        options = [(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)]
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            options.append((socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(_DEAD_AFTER * 1000)))
        for option in options:
            try:
                channel.socket.setsockopt(*option)
            except OSError:
                log.debug("no such option of the socket", extra={"option": option[1]})

    def send(self, data: bytes) -> bool:
        """Hand over to the server's loop what the socket doesn't take at once; False ends the stream."""
        channel = self._channel
        if not channel.connected or channel.will_close:
            return False
        if channel.total_outbufs_len > MOST_WAITING:
            self._abort()
            return False
        try:
            channel.write_soon(self._framed(data))
        except ClientDisconnected:
            return False
        return True

    def close(self) -> None:
        """End the answer in order, as far as the browser takes it."""
        try:
            if self._chunked and self._channel.total_outbufs_len <= MOST_WAITING:
                self._channel.write_soon(b"0\r\n\r\n")
        except ClientDisconnected:
            return
        self._channel.close_when_flushed = True
        self._channel.server.pull_trigger()

    def left(self) -> None:
        """The connection has ended."""
        self._broker.leave(self)

    def _abort(self) -> None:
        self._channel.will_close = True
        self._channel.server.pull_trigger()

    def _framed(self, data: bytes) -> bytes:
        return f"{len(data):X}\r\n".encode() + data + b"\r\n" if self._chunked else data
