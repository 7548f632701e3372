"""Answers of the HTTP side: a body, or a JSON array kept as its elements so that large ones are never built twice."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus

from PROPPR.SharedServices.simulator.messages import compact

COMPRESS_FROM = 1024
IN_A_THREAD_FROM = 1024 * 1024
WRITE_SIZE = 256 * 1024


@dataclass
class Response:
    """An answer. With `elements` the body is the JSON array of them. `abort` breaks the connection instead.

    What spoils it on the wire: only the part `cut` (0 to 1) of the body is sent; `claim` is added to Content-Length;
    after either the connection closes. `encoding` says that the body is encoded already.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    abort: bool = False
    elements: list[bytes] | None = None
    cut: float | None = None
    claim: int = 0
    encoding: str | None = None

    def pieces(self) -> list[bytes]:
        """The body in pieces."""
        if self.elements is None:
            return [self.body]
        pieces = [b"["]
        for element in self.elements:
            pieces += (element, b",")
        pieces[-1] = b"]" if self.elements else b"[]"
        return pieces

    @property
    def size(self) -> int:
        """Bytes of the body before compression."""
        if self.elements is None:
            return len(self.body)
        return sum(map(len, self.elements)) + max(2, len(self.elements) + 1)

    @property
    def is_spoilt(self) -> bool:
        """Whether the connection can't be used any more after it."""
        return self.cut is not None or self.claim != 0


def json_response(value: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """An answer with a JSON body."""
    return Response(status, compact(value), dict(headers or {}))


def list_response(elements: Iterable[object]) -> Response:
    """An answer with a JSON array."""
    return Response(elements=[compact(element) for element in elements])


def error_response(status: int, text: str, headers: dict[str, str] | None = None) -> Response:
    """The provider's error body: `{"error": text}`."""
    return json_response({"error": text}, status, headers)


def _compressed(pieces: list[bytes]) -> list[bytes]:
    compressor = zlib.compressobj(1, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    found = [compressor.compress(piece) for piece in pieces]
    found.append(compressor.flush())
    return [piece for piece in found if piece]


async def on_the_wire(response: Response, date: str, accepts_gzip: bool, close: bool) -> list[bytes]:
    """The whole answer as it is sent, in pieces; a large body is compressed in a thread, so that the feed goes on."""
    pieces = response.pieces()
    headers = {"Date": date, "Content-Type": response.content_type, **response.headers}
    if response.encoding is not None:
        headers["Content-Encoding"] = response.encoding
    elif accepts_gzip and response.size >= COMPRESS_FROM:
        if response.size >= IN_A_THREAD_FROM:
            pieces = await asyncio.to_thread(_compressed, pieces)
        else:
            pieces = _compressed(pieces)
        headers["Content-Encoding"] = "gzip"
    length = sum(map(len, pieces))
    if response.cut is not None:
        pieces = [b"".join(pieces)[: max(1, int(length * response.cut))]]
    headers["Content-Length"] = str(max(0, length + response.claim))
    headers["Connection"] = "close" if close else "keep-alive"
    return list(_grouped([_head(response.status, headers), *pieces]))


def _grouped(pieces: list[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of a useful size."""
    group: list[bytes] = []
    size = 0
    for piece in pieces:
        group.append(piece)
        size += len(piece)
        if size >= WRITE_SIZE:
            yield b"".join(group)
            group, size = [], 0
    yield b"".join(group)


def plain(response: Response, date: str) -> bytes:
    """A small answer after which the connection closes, not compressed."""
    headers = {"Date": date, "Content-Type": response.content_type, **response.headers}
    headers |= {"Content-Length": str(response.size), "Connection": "close"}
    return _head(response.status, headers) + b"".join(response.pieces())


def _head(status: int, headers: dict[str, str]) -> bytes:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Unknown"
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
