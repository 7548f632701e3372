"""Bodies of answers: received within limits of size and time, unpacked piece by piece, decoded as JSON.

A large body is kept as it came, compressed, and unpacked anew for each reading: never is more than a piece of it plain.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final, Protocol

import msgspec

from PROPPR.SharedServices.service.clock import Clock

CHUNK: Final = 1 << 16
PIECE: Final = 1 << 19
"""The most that is unpacked at once."""
MAX_VALUES: Final = 1_000_000
"""Values of a body that is decoded at once: each may take fifty times its bytes in memory."""
_GZIP: Final = b"\x1f\x8b"
_GZIP_WINDOW: Final = 31


class BodyError(Exception):
    """The body can't be used; the text says why and quotes nothing of it. `temporary` where another try may help."""

    def __init__(self, message: str, *, temporary: bool) -> None:
        self.temporary = temporary
        super().__init__(message)


class NoJson(BodyError):
    """The body is no JSON."""


class RawBody(Protocol):
    """The undecoded body of an urllib3 response."""

    def read1(self, amt: int | None = None, decode_content: bool | None = None) -> bytes: ...


class Body:
    """What was received, as it came."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._chunks: list[bytes] = []
        self._unpacked = Unpacker(max_bytes)

    @property
    def size(self) -> int:
        """Bytes held, which are the compressed ones."""
        return sum(map(len, self._chunks))

    def add(self, chunk: bytes) -> Iterator[bytes]:
        """Take a chunk over and give the plain bytes in it. Raises BodyError."""
        self._chunks.append(chunk)
        return self._unpacked.feed(chunk)

    def complete(self) -> Iterator[bytes]:
        """Give what is left when everything has arrived. Raises BodyError where something is missing."""
        return self._unpacked.finish()

    def pieces(self) -> Iterator[bytes]:
        """The plain bytes of a complete body, once more from the start."""
        unpacker = Unpacker(self._max_bytes)
        for chunk in self._chunks:
            yield from unpacker.feed(chunk)
        yield from unpacker.finish()


class Unpacker:
    """Takes gzip off, which is recognised by its first bytes: the header is not always sent."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._size = 0
        self._start: bytes | None = b""
        self._inflater = zlib.decompressobj(_GZIP_WINDOW)
        self._packed = False

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Give the plain bytes of a chunk, at most PIECE at once. Raises BodyError beyond the limit."""
        if self._start is not None:
            chunk = self._start + chunk
            if len(chunk) < len(_GZIP):
                self._start = chunk
                return
            self._start, self._packed = None, chunk.startswith(_GZIP)
        if not self._packed:
            yield self._counted(chunk)
            return
        while chunk:
            if self._inflater.eof:  # a gzip file may have several members
                self._inflater = zlib.decompressobj(_GZIP_WINDOW)
            try:
                piece = self._inflater.decompress(chunk, PIECE)
            except zlib.error:
                raise BodyError("the answer's compression is broken", temporary=True) from None
            chunk = self._inflater.unused_data if self._inflater.eof else self._inflater.unconsumed_tail
            yield self._counted(piece)

    def finish(self) -> Iterator[bytes]:
        """Give what could not be told apart before. Raises BodyError where the compression has no end."""
        if self._start:
            yield self._counted(self._start)
        if self._packed and not self._inflater.eof:
            raise BodyError("the answer is cut off", temporary=True)

    def _counted(self, piece: bytes) -> bytes:
        self._size += len(piece)
        if self._size > self._max_bytes:
            raise too_large(self._max_bytes)
        return piece


def too_large(max_bytes: int) -> BodyError:
    """The error for a body beyond the limit."""
    return BodyError(f"the answer is larger than {max_bytes} bytes", temporary=False)


def chunks_of(raw: RawBody, max_bytes: int, deadline: float, clock: Clock) -> Iterator[bytes]:
    """Read to the end. Raises BodyError beyond `max_bytes`, or when `deadline` (monotonic) passes on the way.

    Each read returns with whatever has arrived, so that a body which trickles in can't outlast the deadline.
    """
    size = 0
    while chunk := raw.read1(CHUNK, decode_content=False):
        size += len(chunk)
        if size > max_bytes:
            raise too_large(max_bytes)
        if clock.monotonic() >= deadline:
            raise BodyError("the answer took too long to arrive", temporary=True)
        yield chunk


def receive(raw: RawBody, max_bytes: int, deadline: float, clock: Clock) -> bytes:
    """Return the whole body, unpacked. Raises BodyError beyond the limits of size and time, or where it is cut off."""
    body, plain = Body(max_bytes), bytearray()
    for chunk in chunks_of(raw, max_bytes, deadline, clock):
        for piece in body.add(chunk):
            plain += piece
    for piece in body.complete():
        plain += piece
    return bytes(plain)


def read_json(body: bytes | bytearray) -> object:
    """Return the decoded body. Raises NoJson, or BodyError where it is nested or divided beyond reason."""
    if body.count(b",") > MAX_VALUES:
        raise BodyError("the answer holds too many values", temporary=False)
    try:
        decoded: object = msgspec.json.decode(body)
        return decoded
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise NoJson("the answer is no JSON", temporary=False) from None
    except RecursionError:
        raise BodyError("the answer is nested too deeply", temporary=False) from None
