"""Messages spoilt so that a reader can notice it: broken JSON, wrong types, hostile numbers, a missing sequence.

What a reader could not notice (another valid price) is never made: no reader could recover from that.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from typing import Any

from PROPPR.SharedServices.simulator.messages import compact

Payload = dict[str, Any]


def malformed(payload: bytes, rng: random.Random) -> tuple[bytes, ...]:
    """The message as broken JSON, or something that is no message at all in front of the message itself."""
    middle = rng.randrange(1, len(payload))
    broken: tuple[bytes, ...] = (
        payload[:middle] + b'"}{' + payload[middle:],
        payload.replace(b":", b"=", 1),
        payload + b"]}garbage",
        payload[:-1] + b',"more":NaN}',
        payload[:-1] + b',"more":1e400,}',
        payload[:1] + b"\x00\x01\x1f" + payload[1:],
        payload[:middle] + b"\n" + payload[middle:],
    )
    foreign: tuple[bytes, ...] = (b"[" * 3000, b"null", b"[]", b'"updated"', b"{}", b"\xff\xfe\xfd", b"\n\n", b"-1e400")
    if rng.random() < 0.6:
        return (rng.choice(broken),)
    return rng.choice(foreign), payload


def truncated(payload: bytes, rng: random.Random) -> bytes:
    """Only the beginning of the message."""
    return payload[: rng.randrange(1, max(2, len(payload) - 1))]


def missing_seq(payload: bytes) -> bytes:
    """The message as older versions of the provider sent it: without `seq`."""
    return re.sub(rb'"seq":\d+,', b"", payload, count=1)


def _id(message: Payload) -> None:
    message["id"] = ["70"]


def _id_text(message: Payload) -> None:
    message["id"] = "not-a-number"


def _sequence(message: Payload) -> None:
    message["seq"] = {"$gt": 0}


def _bookmaker(message: Payload) -> None:
    message["bookie"] = 365


def _markets(message: Payload) -> None:
    message["markets"] = {"$set": "ML"}


def _market_name(message: Payload) -> None:
    _market(message)["name"] = 7


def _updated_at(message: Payload) -> None:
    _market(message)["updatedAt"] = "yesterday"


def _rows(message: Payload) -> None:
    _market(message)["odds"] = {"home": "1.90"}


def _row(message: Payload) -> None:
    _market(message)["odds"] = ["1.90"]


def _price(message: Payload) -> None:
    rows = _market(message).get("odds")
    row = rows[0] if isinstance(rows, list) and rows else {}
    for side in ("home", "over", "under", "yes", "odds"):
        if side in row:
            row[side] = {"$numberDecimal": "1.90"}
            return
    _rows(message)


def _handicap(message: Payload) -> None:
    _market(message)["odds"] = [{"hdp": "2.5 goals", "over": "1.90"}]


def _market(message: Payload) -> Payload:
    markets = message.get("markets")
    if isinstance(markets, list) and markets and isinstance(markets[0], dict):
        first: Payload = markets[0]
        return first
    return {}


_ODDS_CHANGES: tuple[Callable[[Payload], None], ...] = (
    _id, _id_text, _sequence, _bookmaker, _markets, _market_name, _updated_at, _rows, _row, _price, _handicap,
)  # fmt: skip


def wrong_types(payload: bytes, rng: random.Random) -> bytes:
    """Valid JSON with one field of a type it can't have."""
    message: Payload = json.loads(payload)
    changes = _ODDS_CHANGES if "markets" in message else _ODDS_CHANGES[:3]
    rng.choice(changes)(message)
    return compact(message)


def oversized(size: int) -> bytes:
    """A message of `size` bytes that says nothing."""
    frame = b'{"type":"notice","text":"'
    return frame + b"x" * (size - len(frame) - 2) + b'"}'
