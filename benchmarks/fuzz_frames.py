"""Throw mutated WebSocket frames at `decode_frame` and check that nothing raises and that all it returns is valid.

Run: `python benchmarks/fuzz_frames.py --frames 1000000 --seed 1`. Valid frames of every kind are bent by bit flips,
truncation, splices, repeated pieces, hostile values and keys at random places, and random bytes. A run with the same
seed sends the same frames; a failure prints the frame that caused it.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec

from PROPPR.SharedServices.odds import wire
from PROPPR.SharedServices.odds.rejects import REASONS
from PROPPR.SharedServices.odds.times import DAY_MS, YEAR_2000_MS
from PROPPR.SharedServices.odds.types import SIDES, FeedCleared, Line, MarketUpdate

EMAIL = re.compile(r"[\w.]+@[\w.]+")
RECEIVED_AT = 1_779_855_700_000
_STAMP = "2026-05-27T04:21:16.001Z"

MESSAGES: list[dict[str, Any]] = [
    {
        "type": "welcome",
        "message": "Connected",
        "user_id": "someone@mail.example",
        "bookmakers": ["Bet365", "M88"],
        "sport_filter": ["Football"],
        "market_filter": ["ML", "TOTALS"],
        "connected_at": "2026-05-27T04:21:20.896058179Z",
    },
    {
        "bookie": "Bet365",
        "date": "2026-05-29T00:40:00Z",
        "id": "70505028",
        "markets": [
            {
                "name": "ML",
                "updatedAt": _STAMP,
                "odds": [{"home": "1.571", "draw": "4.20", "away": "5.500", "max": 500}],
            },
            {
                "name": "Totals",
                "updatedAt": "2026-05-27T04:20:48.64Z",
                "odds": [{"hdp": 2.5, "over": "1.95", "under": "N/A"}, {"hdp": 2.75, "over": 2.1, "under": "1.80"}],
            },
            {"name": "Double Chance", "updatedAt": _STAMP, "odds": [{"label": "Home or Draw", "under": "1.166"}]},
            {
                "name": "Player Shots",
                "updatedAt": _STAMP,
                "odds": [{"label": "A. Name (1)", "hdp": 0.5, "over": "1.07"}],
            },
            {"name": "Player Props", "updatedAt": _STAMP, "odds": [{"label": "Both Teams (Points)", "over": "4.9"}]},
        ],
        "seq": 55711830,
        "timestamp": 1779855680,
        "type": "updated",
        "url": "https://bookmaker.example/event/1",
    },
    {
        "type": "created",
        "seq": 55711831,
        "timestamp": 1779855680,
        "id": "7291391184",
        "bookie": "Betfair Exchange",
        "markets": [
            {
                "name": "Draw No Bet",
                "updatedAt": _STAMP,
                "odds": [{"hdp": 0, "home": "1.25", "away": "4.80", "layHome": "1.27", "depthLayAway": "2292.74"}],
            },
            {"name": "Correct Score", "updatedAt": _STAMP, "odds": [{"label": "0-0", "odds": "12.000"}]},
            {"name": "Card Handicap", "updatedAt": _STAMP, "odds": [{"label": "1 (1)", "hdp": 1, "home": "1.952"}]},
        ],
    },
    {
        "type": "updated",
        "timestamp": "2026-05-18T14:52:52.983Z",
        "id": "63017989",
        "bookie": "BC.Game",
        "markets": [{"name": "ML", "updatedAt": "2026-01-15T10:30:00Z", "odds": [{"home": "1.85", "away": "2.10"}]}],
    },
    {"type": "deleted", "id": "70505028", "bookie": "M88", "seq": 55711832, "timestamp": 1779855681},
    {"type": "no_markets", "id": "70505028", "bookie": "Bet365 (no latency)", "seq": 55711833},
    {
        "type": "score",
        "id": "70505028",
        "timestamp": 1779855682,
        "scores": {"home": 1, "away": 0, "periods": {"p1": {"home": 1, "away": 0}, "fulltime": {"home": 1, "away": 0}}},
        "clock": {"minute": 12, "running": True},
    },
    {
        "type": "status",
        "id": "70505028",
        "status": "settled",
        "scores": {"home": 2, "away": 2},
        "statusDetail": "Ended",
    },
    {"type": "resync_required", "reason": "lastSeq too old"},
    {"type": "weather", "seq": 55711840},
]
FRAMES = [json.dumps(message, separators=(",", ":")).encode() for message in MESSAGES]

VALUES: list[object] = [
    None, True, False, 0, -1, 1, 2, 1.0, 1.004, 0.5, -0.0, 1e300, 10**30, 10**400, math.nan, math.inf, -math.inf,
    2**31, 2**63, -(2**63), "", " ", "0", "-", "N/A", "1.90", "1,90", "1e400", "nan", "99999999999999999999",
    "x" * 201, "x" * 5000, "a\x00b", "a\nb", "\ud800", "\u202e", "\u2028", "$where", "a.b", "é", "2026-05-27T04:11:00Z",
    "2026-13-27T04:11:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", 1779855680, 10**18, [], {}, [[]],
    {"$gt": 1}, {"a": {"b": []}}, [None], [1, "x", {}], "updated", "deleted", "welcome", "ML", "Player Shots",
    "A (1) (2) (3)", "(", ")(",
]  # fmt: skip
KEYS = [
    "$set",
    "$where",
    "",
    "a.b",
    "\x00",
    "type",
    "id",
    "markets",
    "odds",
    "label",
    "hdp",
    "over",
    "updatedAt",
    "seq",
]

Mutation = Callable[[random.Random, bytes], bytes]


def _flip(rng: random.Random, frame: bytes) -> bytes:
    changed = bytearray(frame)
    for _ in range(rng.randint(1, 6)):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _truncate(rng: random.Random, frame: bytes) -> bytes:
    cut = rng.randrange(len(frame))
    return frame[:cut] if rng.random() < 0.5 else frame[cut:]


def _splice(rng: random.Random, frame: bytes) -> bytes:
    other = rng.choice(FRAMES)
    return frame[: rng.randrange(len(frame))] + other[rng.randrange(len(other)) :]


def _repeat(rng: random.Random, frame: bytes) -> bytes:
    start = rng.randrange(len(frame))
    piece = frame[start : start + rng.randint(1, 40)]
    return frame[:start] + piece * rng.randint(2, 30) + frame[start:]


def _noise(rng: random.Random, frame: bytes) -> bytes:
    return rng.randbytes(rng.randint(0, 60)) + (frame if rng.random() < 0.5 else b"")


def _nest(rng: random.Random, frame: bytes) -> bytes:
    depth = rng.choice((5, 200, 990, 3000))
    opening, closing = rng.choice(((b"[", b"]"), (b'{"a":', b"}")))
    inside = opening * depth + b"1" + closing * (depth if rng.random() < 0.7 else 0)
    return frame.replace(rng.choice((b'"ML"', b'"1.571"', b"2.5", b'"70505028"', b"0")), inside, 1)


def _join(rng: random.Random, frame: bytes) -> bytes:
    lines = [frame, *(rng.choice(FRAMES) for _ in range(rng.randint(1, 4)))]
    lines.insert(rng.randrange(len(lines)), rng.choice((b"", b"{", b"null", b"[]", b"\xff\xfe", b"\r")))
    return b"\n".join(lines)


def _places(value: object) -> list[tuple[Any, Any]]:
    """Return every (container, key) of a message."""
    found: list[tuple[Any, Any]] = []
    pending = [value]
    while pending:
        container = pending.pop()
        members = container.items() if isinstance(container, dict) else enumerate(container)  # type: ignore[arg-type]
        for key, member in members:
            found.append((container, key))
            if isinstance(member, dict | list):
                pending.append(member)
    return found


def _bend(rng: random.Random, _frame: bytes) -> bytes:
    """Put hostile values and keys at random places of a message."""
    message = copy.deepcopy(rng.choice(MESSAGES))
    for _ in range(rng.randint(1, 3)):
        container, key = rng.choice(_places(message))
        action = rng.random()
        if action < 0.7:
            container[key] = copy.deepcopy(rng.choice(VALUES))
        elif action < 0.85:
            container.pop(key)
        elif isinstance(container, dict):
            container[rng.choice(KEYS)] = copy.deepcopy(rng.choice(VALUES))
        else:
            container.extend(copy.deepcopy(container) * rng.choice((1, 1, 2)))
        if not message:
            break
    return json.dumps(message, ensure_ascii=rng.random() < 0.9).encode("utf-8", "surrogatepass")


MUTATIONS: tuple[Mutation, ...] = (_flip, _truncate, _splice, _repeat, _noise, _nest, _join, _bend, _bend, _bend, _bend)


def mutated_frame(rng: random.Random) -> bytes:
    """Return one bent frame; never an endless one."""
    frame = rng.choice(FRAMES)
    for _ in range(rng.choice((1, 1, 1, 2))):
        frame = rng.choice(MUTATIONS)(rng, frame or b"{}")
    return frame[:100_000]


def _check_text(text: str | None, limit: int = 200) -> None:
    if text is None:
        return
    assert 0 < len(text) <= limit and not text.isspace()
    assert not any(ord(char) < 32 or 0xD800 <= ord(char) < 0xE000 or 0x7F <= ord(char) < 0xA0 for char in text)


def _check_line(line: Line) -> None:
    prices = [getattr(line, side) for side in SIDES if getattr(line, side) is not None]
    prices += [price for _, price in line.lay or ()]
    assert any(getattr(line, side) is not None for side in SIDES)
    assert all(type(price) is float and 1.0 < price <= 1e6 and round(price, 6) == price for price in prices)
    amounts = [amount for pairs in (line.depth, line.depth_lay) for _, amount in pairs or ()]
    amounts += [] if line.max is None else [line.max]
    assert all(type(amount) is float and 0 < amount < 1e15 for amount in amounts)
    assert line.hdp is None or (type(line.hdp) is float and abs(line.hdp) <= 1e6)
    assert line.team_side in (None, "home", "away")
    for text in (line.label, line.player_name, line.stat):
        _check_text(text)


def _check_update(update: MarketUpdate) -> None:
    _check_text(update.market)
    _check_text(update.bookmaker)
    _check_text(update.feed)
    assert YEAR_2000_MS <= update.updated_at <= RECEIVED_AT + DAY_MS
    for line in update.lines:
        _check_line(line)
    keys = {(line.label, line.hdp, line.player_name, line.team_side, line.stat) for line in update.lines}
    assert len(keys) == len(update.lines)


def check(decoded: wire.DecodedFrame) -> None:
    """Assert that everything decoded is within the limits that the readers may rely on."""
    for message in decoded.messages:
        assert message.sequence is None or 0 < message.sequence < 1 << 63
        if isinstance(message, wire.OddsMessage):
            assert 0 < message.fixture_id < 1 << 63
            assert len({update.market for update in message.updates}) == len(message.updates)
            for update in message.updates:
                assert update.fixture_id == message.fixture_id and update.sequence == message.sequence
                _check_update(update)
        elif isinstance(message, wire.Cleared):
            cleared: FeedCleared = message.update
            assert 0 < cleared.fixture_id < 1 << 63 and cleared.cleared_at >= YEAR_2000_MS
            assert (cleared.bookmaker is None) == (cleared.feed is None)
            assert cleared.feed is not None or cleared.reason == "deleted"
    for reject in decoded.rejects:
        assert reject.reason in REASONS and reject.reason != "internal", reject
        assert len(reject.excerpt) <= 80 and reject.excerpt.isprintable()
        assert not EMAIL.search(reject.excerpt)
    msgspec.json.encode(decoded)  # every string is valid Unicode


def fuzz(frames: int, seed: int) -> Counter[str]:
    """Decode and check `frames` bent frames; return what came of them. Raises what went wrong, with the frame."""
    rng = random.Random(seed)
    counts: Counter[str] = Counter()
    for number in range(frames):
        frame = mutated_frame(rng)
        try:
            decoded = wire.decode_frame(frame, RECEIVED_AT)
            check(decoded)
        except BaseException:
            print(f"frame {number} of seed {seed}: {frame!r}", file=sys.stderr)
            raise
        counts["messages"] += len(decoded.messages)
        counts.update(f"reject {reject.reason}" for reject in decoded.rejects)
    return counts


def main() -> None:
    """Fuzz and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    started = time.perf_counter()
    counts = fuzz(options.frames, options.seed)
    elapsed = time.perf_counter() - started
    for name, count in sorted(counts.items()):
        print(f"{name:30} {count:10,}")
    print(f"{options.frames:,} frames in {elapsed:.1f} s, none raised, all valid")


if __name__ == "__main__":
    main()
