"""The transport of the provider's WebSocket: bytes of whole messages, or an error that says what to do.

websocket-client makes the connection; its reading is replaced by `frames.FrameParser`, which checks sizes before it
reads (websocket-client has no limit). Another library fits behind the same three methods.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from dataclasses import dataclass
from typing import Final, Literal, NoReturn, Protocol

import websocket

from PROPPR.SharedServices.providers.odds_api import frames
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.errors import TransientError
from PROPPR.SharedServices.service.redact import Redactor

MAX_MESSAGE_BYTES: Final = 10 * 1024 * 1024
_READ_SIZE: Final = 1 << 16
_MAX_TEXT: Final = 300
_CLOSE_WAIT: Final = 0.3

HandshakeKind = Literal["invalid", "denied", "rate_limited", "unavailable"]
LossKind = Literal["closed", "lost", "pong_timeout", "oversized", "protocol"]


class HandshakeError(TransientError):
    """The connection could not be made. `kind` says how to go on, `status` is the HTTP status where there was one.

    `invalid` (400, 404): the request is wrong and stays so; `denied` (401, 403): key or plan; `rate_limited` (429);
    `unavailable`: everything that passes by itself (5xx, refused, DNS, TLS, timeout). The text is redacted.
    """

    def __init__(self, kind: HandshakeKind, text: str, status: int | None = None) -> None:
        super().__init__(text)
        self.kind: HandshakeKind = kind
        self.status = status


class StreamLost(TransientError):
    """The connection ended. `kind` `closed` means that the server said so, with `code` (1000: perhaps an eviction)."""

    def __init__(self, kind: LossKind, text: str, code: int | None = None) -> None:
        super().__init__(text)
        self.kind: LossKind = kind
        self.code = code


class Transport(Protocol):
    """One connection, used by one thread."""

    def connect(self, url: str) -> None:
        """Open the connection. Raises HandshakeError."""

    def receive(self, timeout: float) -> bytes | None:
        """The next message, None if none came within `timeout` seconds. Raises StreamLost."""

    def close(self) -> None:
        """End the connection; never raises, and waits well under a second."""


@dataclass(frozen=True, slots=True)
class TransportLimits:
    """Durations in seconds, size in bytes."""

    ping_interval: float = 30.0
    pong_timeout: float = 10.0
    handshake_timeout: float = 10.0
    max_message: int = MAX_MESSAGE_BYTES


class WebSocketTransport:
    """The transport on websocket-client. A new object for every connection."""

    def __init__(self, clock: Clock, redactor: Redactor, limits: TransportLimits | None = None) -> None:
        self._clock = clock
        self._redactor = redactor
        self._limits = limits or TransportLimits()
        self._parser = frames.FrameParser(self._limits.max_message)
        self._socket: websocket.WebSocket | None = None
        self._timeout: float | None = None
        self._last_ping = 0.0
        self._unanswered_since: float | None = None
        self.bytes_received = 0

    def connect(self, url: str) -> None:
        """Open the connection within the handshake timeout, redirects refused. Raises HandshakeError."""
        # No lock of its own: one thread sends and receives. No origin: this is no browser.
        client = websocket.WebSocket(skip_utf8_validation=True, enable_multithread=False)
        # The library's timeout counts from read to read; a server that drips its answer needs an end for the whole.
        guard = threading.Timer(self._limits.handshake_timeout, _interrupt, (client,))
        guard.daemon = True
        guard.start()
        try:
            client.connect(url, timeout=self._limits.handshake_timeout, suppress_origin=True, redirect_limit=0)  # type: ignore[no-untyped-call]
        except (websocket.WebSocketException, OSError, ValueError, ArithmeticError) as error:
            # `from None`: the original's text and arguments can hold the address, and with it the key.
            raise self._handshake_error(error) from None
        finally:
            guard.cancel()
        self._socket = client
        self._last_ping = self._clock.monotonic()

    def receive(self, timeout: float) -> bytes | None:
        """The next message as bytes, None if none came within `timeout` seconds. Answers and sends pings meanwhile."""
        deadline = self._clock.monotonic() + timeout
        while True:
            try:
                message = self._parser.next_message()
            except frames.FrameError as error:
                self._fail(error)
            if message is None:
                remaining = deadline - self._clock.monotonic()
                if remaining <= 0 and timeout > 0:
                    return None
                if not self._read(max(remaining, 0.001)):
                    self._check_pong()
                    return None
                self._ping_if_due()
            elif message.opcode in (frames.TEXT, frames.BINARY):
                return message.payload
            else:
                self._control(message)
                # A flood of control frames must not keep the caller here.
                if self._clock.monotonic() >= deadline:
                    return None

    def close(self) -> None:
        """Say goodbye, wait a moment for the answer and close."""
        client, self._socket = self._socket, None
        if client is None:
            return
        self._send_close(client, 1000)
        with contextlib.suppress(OSError, ValueError):  # The peer may be gone already: nothing is left to say.
            if client.sock is not None:
                client.sock.shutdown(socket.SHUT_WR)
                client.sock.settimeout(_CLOSE_WAIT)
                client.sock.recv(_READ_SIZE)
        client.shutdown()  # type: ignore[no-untyped-call]

    def _read(self, timeout: float) -> bool:
        stream = self._socket.sock if self._socket is not None else None
        if stream is None:
            raise StreamLost("lost", "the connection is not open")
        timeout = min(timeout, self._limits.ping_interval)
        try:
            if timeout != self._timeout:
                stream.settimeout(timeout)
                self._timeout = timeout
            data = stream.recv(_READ_SIZE)
        except (TimeoutError, ssl.SSLWantReadError):
            self._ping_if_due()
            return False
        except (OSError, ValueError) as error:
            raise StreamLost("lost", f"reading failed: {type(error).__name__}") from None
        if not data:
            raise StreamLost("lost", "the connection ended without a close frame", 1006)
        self.bytes_received += len(data)
        # Any bytes prove the connection as well as a pong does.
        self._unanswered_since = None
        self._parser.feed(data)
        return True

    def _control(self, message: frames.Message) -> None:
        if message.opcode == frames.PING:
            self._send(frames.PONG, message.payload)
        elif message.opcode == frames.CLOSE:
            code = frames.close_code(message.payload)
            if self._socket is not None:
                self._send_close(self._socket, 1000)
            reason = self._clean(message.payload[2:].decode("utf-8", "replace"))
            raise StreamLost("closed", f"closed by the server with {code}{': ' if reason else ''}{reason}", code)

    def _ping_if_due(self) -> None:
        now = self._clock.monotonic()
        if now - self._last_ping >= self._limits.ping_interval:
            self._last_ping = now
            if self._unanswered_since is None:
                self._unanswered_since = now
            self._send(frames.PING, b"")

    def _check_pong(self) -> None:
        # Judged only when nothing was left to read, so that our own slowness is not taken for the peer's silence.
        since = self._unanswered_since
        if since is not None and self._clock.monotonic() - since > self._limits.pong_timeout:
            raise StreamLost("pong_timeout", f"no pong within {self._limits.pong_timeout:g} s")

    def _send(self, opcode: int, payload: bytes) -> None:
        if self._socket is None:
            raise StreamLost("lost", "the connection is not open")
        try:
            self._socket.send(payload, opcode)
        except (websocket.WebSocketException, OSError, ValueError) as error:
            raise StreamLost("lost", f"sending failed: {type(error).__name__}") from None

    def _fail(self, error: frames.FrameError) -> NoReturn:
        if self._socket is not None:
            self._send_close(self._socket, error.close_code)
        raise StreamLost("oversized" if error.too_big else "protocol", str(error), error.close_code) from None

    @staticmethod
    def _send_close(client: websocket.WebSocket, code: int) -> None:
        # A courtesy to the peer, which may be gone.
        with contextlib.suppress(websocket.WebSocketException, OSError, ValueError):
            client.send_close(code)

    def _handshake_error(self, error: BaseException) -> HandshakeError:
        if not isinstance(error, websocket.WebSocketBadStatusException):
            return HandshakeError("unavailable", f"no connection: {type(error).__name__}: {self._clean(str(error))}")
        status = error.status_code
        body = error.resp_body.decode("utf-8", "replace") if error.resp_body else ""
        return HandshakeError(handshake_kind(status), f"the handshake answered {status}: {self._clean(body)}", status)

    def _clean(self, text: str) -> str:
        printable = "".join(character if character.isprintable() else " " for character in text[: 4 * _MAX_TEXT])
        return self._redactor.text(printable)[:_MAX_TEXT]


def handshake_kind(status: int) -> HandshakeKind:
    """What an HTTP status of the handshake means for the next attempt (reference: WebSocket v3, handshake errors)."""
    if status in (401, 402, 403):
        return "denied"
    if status == 429:
        return "rate_limited"
    if 400 <= status < 500 and status not in (408, 425):
        return "invalid"
    return "unavailable"


def _interrupt(client: websocket.WebSocket) -> None:
    stream = client.sock
    if stream is not None:
        with contextlib.suppress(OSError):  # It may have ended by itself meanwhile.
            stream.shutdown(socket.SHUT_RDWR)
