"""Bodies of answers: read within limits of size and time, unpacked within the size, decoded as JSON."""

from __future__ import annotations

import zlib
from typing import Final, Protocol

import msgspec

from PROPPR.SharedServices.service.clock import Clock

CHUNK: Final = 1 << 16
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


def read_body(raw: RawBody, max_bytes: int, deadline: float, clock: Clock) -> bytes:
    """Read to the end. Raises BodyError beyond `max_bytes`, or when `deadline` (monotonic) passes on the way.

    Each read returns with whatever has arrived, so that a body which trickles in can't outlast the deadline.
    """
    parts: list[bytes] = []
    size = 0
    while part := raw.read1(CHUNK, decode_content=False):
        size += len(part)
        if size > max_bytes:
            raise BodyError(f"the answer is larger than {max_bytes} bytes", temporary=False)
        if clock.monotonic() >= deadline:
            raise BodyError("the answer took too long to arrive", temporary=True)
        parts.append(part)
    return b"".join(parts)


def unpack(body: bytes, max_bytes: int) -> bytes:
    """Return the body without gzip, which is recognised by its first bytes: the header is not always sent."""
    if not body.startswith(_GZIP):
        return body
    inflater = zlib.decompressobj(_GZIP_WINDOW)
    try:
        plain = inflater.decompress(body, max_bytes + 1)
    except zlib.error:
        raise BodyError("the answer's compression is broken", temporary=True) from None
    if len(plain) > max_bytes:
        raise BodyError(f"the answer is larger than {max_bytes} bytes", temporary=False)
    if not inflater.eof:
        raise BodyError("the answer is cut off", temporary=True)
    return plain


def read_json(body: bytes) -> object:
    """Return the decoded body. Raises NoJson, or BodyError where it is nested beyond reason."""
    try:
        decoded: object = msgspec.json.decode(body)
        return decoded
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise NoJson("the answer is no JSON", temporary=False) from None
    except RecursionError:
        raise BodyError("the answer is nested too deeply", temporary=False) from None
