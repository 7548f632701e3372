"""A small HTTP/1.1 server side on asyncio: bodies, keep-alive, and hand-over to the WebSocket on one port."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.utils import formatdate
from urllib.parse import parse_qsl, unquote, urlsplit

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.simulator.answers import Response, error_response, on_the_wire, plain

MAX_HEADER_BYTES = 64 * 1024
MAX_BODY_BYTES = 4 * 1024 * 1024

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Request:
    """One request. Header names are lower-case; of a repeated query parameter the last one counts."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    peer: str
    raw: bytes = b""

    @property
    def is_upgrade(self) -> bool:
        """Whether the client asks for a WebSocket."""
        return self.headers.get("upgrade", "").lower() == "websocket"


Handler = Callable[[Request], Awaitable[Response]]
Upgrade = Callable[[Request, "HttpConnection"], asyncio.Protocol | Response]


class BadRequestError(ValueError):
    """Bytes that are no HTTP request this server takes."""


def parse_head(head: bytes, peer: str) -> tuple[Request, int]:
    """Parse request line and headers; returns the request without its body, and the length of the body."""
    try:
        lines = head.decode("latin-1").split("\r\n")
        method, target, _ = lines[0].split(" ", 2)
        headers = {}
        for line in lines[1:]:
            if line:
                name, _, value = line.partition(":")
                headers[name.strip().lower()] = value.strip()
        length = int(headers.get("content-length", "0"))
    except ValueError as problem:
        raise BadRequestError("unreadable request") from problem
    if not 0 <= length <= MAX_BODY_BYTES:
        raise BadRequestError("body too large")
    parts = urlsplit(target)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    return Request(method, unquote(parts.path), query, headers, b"", peer), length


class HttpConnection(asyncio.Protocol):
    """One client connection: answers its requests in turn, or becomes a WebSocket."""

    def __init__(self, handler: Handler, upgrade: Upgrade, compress: bool, clock: Clock) -> None:
        self._handler = handler
        self._upgrade = upgrade
        self._compress = compress
        self._clock = clock
        self._buffer = b""
        self._writable = asyncio.Event()
        self._writable.set()
        self._task: asyncio.Task[None] | None = None
        self._protocol: asyncio.Protocol | None = None
        self.transport: asyncio.Transport | None = None
        self.peer = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self.transport = transport
        self.peer = str((transport.get_extra_info("peername") or ("",))[0])

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        if self._task is not None:
            self._task.cancel()

    def pause_writing(self) -> None:
        """The client reads too slowly for a large answer: the rest waits."""
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._advance()

    def _advance(self) -> None:
        """Take the next complete request out of the buffer, one at a time."""
        if self._task is not None or self.transport is None:
            return
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > MAX_HEADER_BYTES:
                self._refuse("header too large")
            return
        try:
            request, length = parse_head(self._buffer[:end], self.peer)
        except BadRequestError as problem:
            self._refuse(str(problem))
            return
        start = end + 4
        if len(self._buffer) < start + length:
            return
        raw = self._buffer[:start]
        body = self._buffer[start : start + length]
        self._buffer = self._buffer[start + length :]
        request = Request(request.method, request.path, request.query, request.headers, body, self.peer, raw)
        if request.is_upgrade:
            self._hand_over(request)
            return
        self._task = asyncio.get_running_loop().create_task(self._answer(request))

    def _hand_over(self, request: Request) -> None:
        answer = self._upgrade(request, self)
        if isinstance(answer, Response):
            self._close_with(answer)
        elif self.transport is not None:
            self.transport.set_protocol(answer)

    async def _answer(self, request: Request) -> None:
        try:
            response = await self._handler(request)
        except Exception:  # a defect of the stand-in must show as a 500 and in the log, not as a hung client
            _log.exception("request failed", extra={"path": request.path})
            response = error_response(500, "Internal server error")
        await self._send(response, request)
        self._task = None
        self._advance()

    async def _send(self, response: Response, request: Request) -> None:
        if response.abort:
            self._abort()
            return
        close = request.headers.get("connection", "").lower() == "close" or response.is_spoilt
        accepts_gzip = self._compress and "gzip" in request.headers.get("accept-encoding", "")
        for piece in await on_the_wire(response, self._date(), accepts_gzip, close):
            if self.transport is None:
                return
            self.transport.write(piece)
            await self._writable.wait()
        if close and self.transport is not None:
            self.transport.close()

    def _abort(self) -> None:
        if self.transport is not None:
            self.transport.abort()

    def _refuse(self, text: str) -> None:
        self._close_with(error_response(400, text))

    def _close_with(self, response: Response) -> None:
        if self.transport is not None:
            self.transport.write(plain(response, self._date()))
            self.transport.close()

    def _date(self) -> str:
        return formatdate(self._clock.now_ms() / 1000, usegmt=True)
