"""WebSocket frames as bytes: what is sent a thousand times a second does not go through the library."""

from __future__ import annotations

from websockets.frames import Opcode


def frame_head(length: int, opcode: int = Opcode.TEXT) -> bytes:
    """The head of an unmasked, unfragmented frame."""
    first = 0x80 | opcode
    if length < 126:
        return bytes((first, length))
    if length < 65_536:
        return bytes((first, 126)) + length.to_bytes(2, "big")
    return bytes((first, 127)) + length.to_bytes(8, "big")
