"""The simulator's own view of the feed: books, markets and messages, and how they are written on the wire.

Written independently of the odds package on purpose: what the services read back is compared with what stands here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal

MessageKind = Literal["created", "updated", "deleted", "no_markets", "score", "status"]
BookState = Literal["priced", "no_markets", "deleted"]

NO_ROWS = b"[]"

_FRACTIONS = tuple((f".{millis:03d}".rstrip("0") if millis else "").encode() + b"Z" for millis in range(1000))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=8192)
def _second(seconds: int) -> bytes:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S").encode()


def iso(milliseconds: int) -> bytes:
    """A time as the provider writes it: UTC, 0 to 3 fractional digits, trailing zeros dropped."""
    seconds, millis = divmod(milliseconds, 1000)
    return _second(seconds) + _FRACTIONS[millis]


def iso_seconds(milliseconds: int) -> str:
    """A time in whole seconds, as `date` fields hold it."""
    return _second(milliseconds // 1000).decode() + "Z"


def quoted(text: str) -> bytes:
    """Text as a JSON string, not escaped to ASCII."""
    return json.dumps(text, ensure_ascii=False).encode()


class Market:
    """One market of one feed: its rows as a JSON array, and when it was last spoken of."""

    __slots__ = ("head", "key", "name", "rows", "sequence", "updated_at")

    def __init__(self, name: str, rows: bytes, updated_at: int, sequence: int) -> None:
        self.name = name
        self.key = name.upper()
        self.head = _market_head(name)
        self.rows = rows
        self.updated_at = updated_at
        self.sequence = sequence

    def encode(self) -> bytes:
        """The market as it stands in REST answers and in messages."""
        return b'%b%b","odds":%b}' % (self.head, iso(self.updated_at), self.rows)


@lru_cache(maxsize=1024)
def _market_head(name: str) -> bytes:
    return b'{"name":%b,"updatedAt":"' % quoted(name)


class Book:
    """Everything one feed of one bookmaker last said about one fixture."""

    __slots__ = ("changed_at", "feed", "fixture", "head", "markets", "model", "sequence", "state", "url")

    def __init__(self, fixture: Fixture, feed: str, sequence: int, changed_at: int, url: str | None) -> None:
        self.fixture = fixture
        self.feed = feed
        self.state: BookState = "priced"
        self.sequence = sequence
        self.changed_at = changed_at
        self.markets: dict[str, Market] = {}
        self.url = url
        self.head = b""
        self.model: object = None
        self.refresh_head()

    def refresh_head(self) -> None:
        """Rebuild the constant middle of this book's messages (after a change of the kick-off)."""
        url = b"" if self.url is None else b'"url":%b,' % quoted(self.url)
        date = self.fixture.book_date(self.feed).encode()
        self.head = b'"id":"%d","bookie":%b,"date":"%b",%b"markets":[' % (
            self.fixture.id,
            quoted(self.feed),
            date,
            url,
        )


@dataclass(eq=False)
class Fixture:
    """A fixture as REST /events knows it. `kickoff` in milliseconds."""

    id: int
    home: str
    away: str
    home_id: int
    away_id: int
    league: str
    league_slug: str
    sport: str
    sport_slug: str
    kickoff: int
    status: str = "pending"
    home_goals: int = 0
    away_goals: int = 0
    tier: int = 1
    deleted: bool = False
    players: tuple[tuple[str, int], ...] = ()

    def book_date(self, feed: str) -> str:
        """The kick-off as one book announces it: it may differ from REST by minutes, so it is no key."""
        shift = 600_000 if feed in ("FanDuel", "DraftKings") else 0
        return iso_seconds(self.kickoff + shift)

    def scores(self) -> dict[str, object]:
        """The `scores` object: always there, 0-0 where there is none; periods once the match has begun."""
        scores: dict[str, object] = {"home": self.home_goals, "away": self.away_goals}
        if self.status in ("live", "settled"):
            total = {"home": self.home_goals, "away": self.away_goals}
            scores["periods"] = {"ft" if self.status == "settled" else "p1": total}
        return scores


class Message:
    """One message of the feed. `markets` are those it changes; with `full`, it is sent with all of the book's."""

    __slots__ = ("book", "fixture", "full", "kind", "markets", "sequence", "timestamp")

    def __init__(
        self,
        kind: MessageKind,
        sequence: int,
        timestamp: int,
        fixture: Fixture,
        book: Book | None = None,
        markets: tuple[Market, ...] = (),
        full: bool = False,
    ) -> None:
        self.kind: MessageKind = kind
        self.sequence = sequence
        self.timestamp = timestamp
        self.fixture = fixture
        self.book = book
        self.markets = markets
        self.full = full


def encode_odds(message: Message, wanted: frozenset[str] | None) -> bytes | None:
    """Write a created or updated message with the wanted markets (None = all); None where none of them is in it."""
    book = message.book
    if book is None:
        return None
    markets: Iterable[Market] = book.markets.values() if message.full else message.markets
    parts = [market.encode() for market in markets if wanted is None or market.key in wanted]
    if not parts:
        return None
    return b'{"type":"%b","seq":%d,"timestamp":%d,%b%b]}' % (
        b"created" if message.kind == "created" else b"updated",
        message.sequence,
        message.timestamp // 1000,
        book.head,
        b",".join(parts),
    )


def encode_cleared(message: Message) -> bytes:
    """Write a deleted or no_markets message; without a bookmaker it speaks of the whole fixture."""
    body: dict[str, object] = {"type": message.kind, "id": str(message.fixture.id)}
    if message.book is not None:
        body["bookie"] = message.book.feed
    body["seq"] = message.sequence
    body["timestamp"] = message.timestamp // 1000
    return compact(body)


def encode_event(message: Message) -> bytes:
    """Write a score or status message."""
    fixture = message.fixture
    body: dict[str, object] = {"type": message.kind, "id": str(fixture.id), "seq": message.sequence}
    body["timestamp"] = message.timestamp // 1000
    if message.kind == "status":
        body["status"] = fixture.status
    body["scores"] = fixture.scores()
    if fixture.status == "live":
        minute = max(0, min(90, (message.timestamp - fixture.kickoff) // 60_000))
        body["clock"] = {"minute": minute, "running": True}
        body["statusDetail"] = "1st half" if minute < 45 else "2nd half"
    return compact(body)


def compact(value: object) -> bytes:
    """JSON without blanks."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
