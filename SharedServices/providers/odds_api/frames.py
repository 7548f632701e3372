"""WebSocket frames out of bytes (RFC 6455, server to client), with every size checked before it is believed.

Pure: bytes in, messages out, so that hostile input is tested without a socket. What the parser may ever hold is the
message cap plus one read.
"""

from __future__ import annotations

from typing import Final, NamedTuple

TEXT: Final = 0x1
BINARY: Final = 0x2
CLOSE: Final = 0x8
PING: Final = 0x9
PONG: Final = 0xA
_CONTINUATION: Final = 0x0
_DATA: Final = frozenset({_CONTINUATION, TEXT, BINARY})
_CONTROL: Final = frozenset({CLOSE, PING, PONG})

CLOSE_PROTOCOL_ERROR: Final = 1002
CLOSE_TOO_BIG: Final = 1009
MAX_FRAGMENTS: Final = 4096
_COMPACT_FROM: Final = 1 << 16


class FrameError(Exception):
    """The peer broke the protocol or a limit; the connection can't be read any further."""

    def __init__(self, message: str, close_code: int = CLOSE_PROTOCOL_ERROR) -> None:
        super().__init__(message)
        self.close_code = close_code

    @property
    def too_big(self) -> bool:
        """Whether a size limit was broken, not the protocol."""
        return self.close_code == CLOSE_TOO_BIG


class Message(NamedTuple):
    """A whole message: `opcode` is TEXT, BINARY, CLOSE, PING or PONG."""

    opcode: int
    payload: bytes


class _Header(NamedTuple):
    final: bool
    opcode: int
    start: int
    length: int


class FrameParser:
    """Collects bytes with `feed` and gives the complete messages with `next_message`.

    A frame whose header claims more than `max_message` bytes, or fragments that add up to more, raise FrameError at the
    header, before anything is allocated for the payload.
    """

    def __init__(self, max_message: int) -> None:
        self._max_message = max_message
        self._buffer = bytearray()
        self._offset = 0
        self._fragments: list[bytes] = []
        self._fragments_size = 0
        self._fragments_opcode = 0

    @property
    def buffered(self) -> int:
        """Bytes held that belong to no message given yet."""
        return len(self._buffer) - self._offset + self._fragments_size

    def feed(self, data: bytes) -> None:
        """Append what was read from the socket."""
        if self._offset == len(self._buffer):
            self._buffer.clear()
            self._offset = 0
        elif self._offset > _COMPACT_FROM:
            del self._buffer[: self._offset]
            self._offset = 0
        self._buffer += data

    def next_message(self) -> Message | None:
        """The next complete message; None when more bytes are needed. Raises FrameError."""
        while True:
            header = self._header()
            if header is None:
                return None
            end = header.start + header.length
            if end > len(self._buffer):
                return None
            payload = bytes(memoryview(self._buffer)[header.start : end])
            self._offset = end
            if header.opcode in _CONTROL:
                return Message(header.opcode, payload)
            message = self._assemble(header, payload)
            if message is not None:
                return message

    def _header(self) -> _Header | None:
        buffer, at = self._buffer, self._offset
        available = len(buffer) - at
        if available < 2:
            return None
        first, second = buffer[at], buffer[at + 1]
        final, opcode, length = bool(first & 0x80), first & 0x0F, second & 0x7F
        self._check_header(first, second, length)
        extra = {126: 2, 127: 8}.get(length, 0)
        if available < 2 + extra:
            return None
        if extra:
            length = int.from_bytes(buffer[at + 2 : at + 2 + extra], "big")
        if self._fragments_size + length > self._max_message and opcode in _DATA:
            raise FrameError("a message exceeds the size limit", CLOSE_TOO_BIG)
        return _Header(final, opcode, at + 2 + extra, length)

    @staticmethod
    def _check_header(first: int, second: int, length: int) -> None:
        opcode = first & 0x0F
        if first & 0x70:
            raise FrameError("reserved bits are set though no extension was agreed")
        if second & 0x80:
            raise FrameError("a server's frame is masked")
        if opcode in _CONTROL:
            if length > 125 or not first & 0x80:
                raise FrameError("a control frame is long or fragmented")
        elif opcode not in _DATA:
            raise FrameError("an unknown opcode")

    def _assemble(self, header: _Header, payload: bytes) -> Message | None:
        if (header.opcode == _CONTINUATION) != bool(self._fragments):
            raise FrameError("a fragment is out of place")
        if header.final and not self._fragments:
            return Message(header.opcode, payload)
        if not self._fragments:
            self._fragments_opcode = header.opcode
        self._fragments.append(payload)
        self._fragments_size += len(payload)
        if header.final:
            message = Message(self._fragments_opcode, b"".join(self._fragments))
            self._fragments, self._fragments_size = [], 0
            return message
        if len(self._fragments) > MAX_FRAGMENTS:
            raise FrameError("a message has too many fragments", CLOSE_TOO_BIG)
        return None


def close_code(payload: bytes) -> int:
    """The status code of a close frame; 1005 where it has none (RFC 6455, 7.1.5)."""
    return int.from_bytes(payload[:2], "big") if len(payload) >= 2 else 1005
