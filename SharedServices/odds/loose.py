"""The slow, tolerant way to read one line of a frame: value by value, refusing only what is wrong.

It also reads every message that is not about odds. The JSON reader takes what is not strictly JSON (NaN, lone
surrogates, broken UTF-8, numbers of any length) on purpose: the value is then refused where it stands, and the rest of
the message survives.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from PROPPR.SharedServices.odds.bookmakers import book_of
from PROPPR.SharedServices.odds.fields import (
    read_id,
    read_list,
    read_message_time,
    read_object,
    read_optional_text,
    read_text,
    read_url,
    text_fault,
)
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
from PROPPR.SharedServices.odds.reading import Origin, read_loose_markets
from PROPPR.SharedServices.odds.rejects import Reject, WireError, redacted_excerpt
from PROPPR.SharedServices.odds.scores import read_clock, read_scores, scores_of_status
from PROPPR.SharedServices.odds.times import parse_iso_ms
from PROPPR.SharedServices.odds.types import FeedCleared

MAX_FILTER_ENTRIES: Final = 1_000
_MAX_DIGITS: Final = 40

T = TypeVar("T")


def _read_int(digits: str) -> float:
    return int(digits) if len(digits) <= _MAX_DIGITS else math.inf


_DECODER = json.JSONDecoder(strict=False, parse_int=_read_int, parse_constant=lambda _: math.nan)


class _Message:
    """One line as plain values, with what has been refused of it so far."""

    def __init__(self, values: Mapping[str, Any], kind: str, received_at: int) -> None:
        self.values = values
        self.kind = kind
        self.received_at = received_at
        self.rejects: list[Reject] = []
        self.skipped = 0
        self.fixture_id: int | None = None

    def refuse(self, error: WireError, lossy: bool, excerpt: str = "") -> None:
        self.rejects.append(Reject(error.reason, error.field, lossy, self.fixture_id, excerpt))

    def optional(self, field: str, read: Callable[[object, str], T]) -> T | None:
        """Read a field that the message can do without: what is wrong is refused and counts as missing."""
        try:
            return read(self.values[field], field) if self.values.get(field) is not None else None
        except WireError as error:
            self.refuse(error, lossy=False)
            return None

    def sequence(self) -> int | None:
        return self.optional("seq", read_id)

    def timestamp(self) -> int | None:
        return self.optional("timestamp", lambda value, field: read_message_time(value, field, self.received_at))

    def fixture(self) -> int:
        self.fixture_id = read_id(self.values.get("id"), "id")
        return self.fixture_id


def parse_json(data: bytes) -> object:
    """Return the plain values of what is nearly JSON. Raises WireError for what is too deep, or nothing like JSON."""
    try:
        values: object = _DECODER.decode(data.decode("utf-8", "surrogateescape").strip())
        return values
    except RecursionError:
        raise WireError("too_deep", "") from None
    except ValueError:
        raise WireError("invalid_json", "") from None


def read_loose_message(line: bytes, received_at: int) -> DecodedFrame:
    """Read one line of a frame. A blank line is nothing; a line that is no JSON object is one lossy reject."""
    if not line.strip():
        return DecodedFrame((), ())
    try:
        values = parse_json(line)
    except WireError as error:
        return _refused_line(error.reason, line)
    if not isinstance(values, dict):
        return _refused_line("not_an_object", line)
    kind = values.get("type")
    if not isinstance(kind, str) or text_fault(kind) is not None:
        return _refused_line("missing" if kind is None else "wrong_type", line, "type")
    message = _Message(values, kind, received_at)
    read, lossy = _READERS.get(kind, (_read_unknown, False))
    messages: tuple[WireMessage, ...] = ()
    try:
        read_object(values, "")
        messages = (read(message),)
    except WireError as error:
        message.refuse(error, lossy, redacted_excerpt(line))
    return DecodedFrame(messages, tuple(message.rejects), message.skipped)


def _refused_line(reason: str, line: bytes, field: str = "") -> DecodedFrame:
    return DecodedFrame((), (Reject(reason, field, True, None, redacted_excerpt(line)),))


def _read_odds(message: _Message) -> OddsMessage:
    values = message.values
    fixture_id = message.fixture()
    feed = read_text(values.get("bookie"), "bookie")
    if "markets" not in values:
        raise WireError("missing", "markets")
    sequence = message.sequence()
    origin = Origin(fixture_id, feed, sequence, message.received_at, "websocket")
    read = read_loose_markets(values["markets"], origin, "markets")
    message.rejects.extend(read.rejects)
    message.skipped += read.skipped
    kind: Any = message.kind
    return OddsMessage(
        kind, sequence, message.timestamp(), fixture_id, feed, message.optional("url", read_url), read.updates
    )


def _read_cleared(message: _Message) -> Cleared:
    fixture_id = message.fixture()
    bookie = message.values.get("bookie")
    deleted = message.kind == "deleted"
    feed = None if deleted and bookie is None else read_text(bookie, "bookie")
    timestamp = read_message_time(message.values.get("timestamp"), "timestamp", message.received_at)
    sequence = message.sequence()
    update = FeedCleared(
        fixture_id,
        None if feed is None else book_of(feed),
        feed,
        message.received_at if timestamp is None else timestamp,
        sequence,
        "deleted" if deleted else "no_markets",
    )
    return Cleared(update, sequence)


def _read_score(message: _Message) -> ScoreMessage:
    return ScoreMessage(
        message.fixture(),
        message.optional("scores", read_scores),
        message.optional("clock", read_clock),
        message.optional("statusDetail", read_optional_text),
        message.timestamp(),
        message.sequence(),
    )


def _read_status(message: _Message) -> StatusMessage:
    fixture_id = message.fixture()
    status = read_text(message.values.get("status"), "status")
    return StatusMessage(
        fixture_id,
        status,
        message.optional("scores", lambda value, field: scores_of_status(value, status, field)),
        message.optional("clock", read_clock),
        message.optional("statusDetail", read_optional_text),
        message.timestamp(),
        message.sequence(),
    )


def _read_names(value: object, field: str) -> tuple[str, ...]:
    items = [value] if isinstance(value, str) and value else value
    names = read_list(None if items == "" else items, field, MAX_FILTER_ENTRIES)
    return tuple(read_text(str(name) if isinstance(name, int) else name, field) for name in names)


def _read_warning(value: object, field: str) -> str | None:
    if not isinstance(value, str):
        raise WireError("wrong_type", field)
    return redacted_excerpt(value, 500) or None


def _read_connected_at(value: object, field: str) -> int:
    try:
        return parse_iso_ms(value if isinstance(value, str) else "")
    except ValueError:
        raise WireError("bad_time", field) from None


def _read_welcome(message: _Message) -> Welcome:
    def names(field: str) -> tuple[str, ...]:
        return message.optional(field, _read_names) or ()

    return Welcome(
        bookmakers=names("bookmakers"),
        sport_filter=names("sport_filter"),
        leagues_filter=names("leagues_filter"),
        event_id_filter=names("event_id_filter"),
        market_filter=names("market_filter"),
        status_filter=names("status_filter"),
        channels=names("channels"),
        warning=message.optional("warning", _read_warning),
        connected_at=message.optional("connected_at", _read_connected_at),
        sequence=message.sequence(),
    )


def _read_resync(message: _Message) -> ResyncRequired:
    reason = message.values.get("reason")
    return ResyncRequired(redacted_excerpt(reason, 200) if isinstance(reason, str) else "", message.sequence())


def _read_unknown(message: _Message) -> Unknown:
    if "markets" in message.values:  # a type of message with prices that this code would miss
        message.refuse(WireError("unknown_type", "type"), lossy=True, excerpt=redacted_excerpt(message.kind))
    return Unknown(message.kind, message.sequence())


_READERS: Final[dict[str, tuple[Callable[[_Message], WireMessage], bool]]] = {
    "welcome": (_read_welcome, False),
    "updated": (_read_odds, True),
    "created": (_read_odds, True),
    "deleted": (_read_cleared, True),
    "no_markets": (_read_cleared, True),
    "score": (_read_score, False),
    "status": (_read_status, False),
    "resync_required": (_read_resync, False),
}
"""The reader of each type, and whether current prices may be lost where it can't be read."""
