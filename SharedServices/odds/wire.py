"""The provider's WebSocket frames to typed messages. Nothing that arrives can make `decode_frame` raise.

A frame holds JSON objects separated by newlines. Each line is decoded in one typed step; where that fails, it is read
again value by value, so that only what is wrong is refused, with a reason and a field path.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from PROPPR.SharedServices.odds.fields import read_id, read_message_time, read_text, read_url
from PROPPR.SharedServices.odds.loose import read_loose_message
from PROPPR.SharedServices.odds.messages import (
    Cleared,
    DecodedFrame,
    OddsMessage,
    ResyncRequired,
    ScoreMessage,
    StatusMessage,
    Unknown,
    Welcome,
    WireMessage,
)
from PROPPR.SharedServices.odds.reading import Origin, read_typed_markets
from PROPPR.SharedServices.odds.rejects import Reject, WireError, redacted_excerpt
from PROPPR.SharedServices.odds.rows import ExchangeMarket, Market

__all__ = [
    "Cleared",
    "DecodedFrame",
    "OddsMessage",
    "Reject",
    "ResyncRequired",
    "ScoreMessage",
    "StatusMessage",
    "Unknown",
    "Welcome",
    "WireError",
    "WireMessage",
    "decode_frame",
]

MAX_FRAME_BYTES: Final = 16 * 1024 * 1024
MAX_LINES: Final = 20_000
MAX_REJECTS: Final = 1_000
LARGE_LINE_BYTES: Final = 1_000_000
MAX_OBJECTS: Final = 100_000
"""JSON objects that a large line may hold: a thousand times as many small values would fill the memory."""


class _Odds(msgspec.Struct, gc=False):
    type: str
    id: str | int
    bookie: str
    markets: list[Market]
    seq: int | None = None
    timestamp: int | None = None
    url: str | None = None


class _ExchangeOdds(msgspec.Struct, gc=False):
    type: str
    id: str | int
    bookie: str
    markets: list[ExchangeMarket]
    seq: int | None = None
    timestamp: int | None = None
    url: str | None = None


_ODDS = msgspec.json.Decoder(_Odds)
_EXCHANGE_ODDS = msgspec.json.Decoder(_ExchangeOdds)
_KINDS: Final[dict[str, Literal["created", "updated"]]] = {"updated": "updated", "created": "created"}


class _Collected:
    """What one frame has brought so far."""

    def __init__(self) -> None:
        self.messages: list[WireMessage] = []
        self.rejects: list[Reject] = []
        self.skipped = 0


def decode_frame(data: bytes | str, received_at: int) -> DecodedFrame:
    """Decode one WebSocket frame received at `received_at` (ms). Never raises.

    Every line and market that can be read is in `messages`, in order; everything else is in `rejects`, with
    `lossy=True` where prices may be missing because of it. Blank lines count for nothing.
    """
    collected = _Collected()
    frame = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    if len(frame) > MAX_FRAME_BYTES:
        return DecodedFrame((), (Reject("oversized", "", True, None, redacted_excerpt(frame[:400])),))
    lines = (frame,) if b"\n" not in frame else frame.split(b"\n", MAX_LINES)
    for number, line in enumerate(lines):
        if number == MAX_LINES or len(collected.rejects) > MAX_REJECTS:
            collected.rejects.append(Reject("too_many", "", True))
            break
        _decode_line(line, received_at, collected)
    return DecodedFrame(tuple(collected.messages), tuple(collected.rejects), collected.skipped)


def _decode_line(line: bytes, received_at: int, collected: _Collected) -> None:
    if len(line) > LARGE_LINE_BYTES and line.count(b"{") > MAX_OBJECTS:
        collected.rejects.append(Reject("too_many", "", True, None, redacted_excerpt(line)))
        return
    try:
        if not _decode_typed(line, received_at, collected):
            read = read_loose_message(line, received_at)
            collected.messages.extend(read.messages)
            collected.rejects.extend(read.rejects)
            collected.skipped += read.skipped_markets
    except Exception as error:  # the last fence: a fault of ours costs one counted line, not the reader
        collected.rejects.append(Reject("internal", type(error).__name__, True, None, redacted_excerpt(line)))


def _decode_typed(line: bytes, received_at: int, collected: _Collected) -> bool:
    """Take a regular odds message; False if the line is anything else."""
    if b'"$' in line or b"\\u0024" in line:
        return False
    decoder = _EXCHANGE_ODDS if b'"lay' in line or b'"depth' in line else _ODDS
    try:
        wire = decoder.decode(line)
        kind = _KINDS.get(wire.type)
        if kind is None:
            return False
        fixture_id = read_id(wire.id, "id")
        feed = read_text(wire.bookie, "bookie")
        sequence = None if wire.seq is None else read_id(wire.seq, "seq")
        timestamp = read_message_time(wire.timestamp, "timestamp", received_at)
        url = None if wire.url is None else read_url(wire.url, "url")
        origin = Origin(fixture_id, feed, sequence, received_at, "websocket")
        read = read_typed_markets(wire.markets, origin)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, WireError):
        return False
    collected.skipped += read.skipped
    collected.messages.append(OddsMessage(kind, sequence, timestamp, fixture_id, feed, url, read.updates))
    return True
