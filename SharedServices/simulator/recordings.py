"""Recorded frames as a feed: what the provider once sent is sent again, at its own pace or any other.

A recording is text, plain, .gz or .zst: one JSON message a line (a frame of several messages is several lines), or one
JSON array of messages. Marks `{"type":"recorder.time","at":ms}` give the pace; without them the messages' own
timestamps do. What is no message is skipped and counted.
"""

from __future__ import annotations

import gzip
import importlib
import io
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from PROPPR.SharedServices.simulator.catalogue import FAST_FEED_OF, find_sport, slug
from PROPPR.SharedServices.simulator.messages import Book, Fixture, Market, Message, MessageKind, compact
from PROPPR.SharedServices.simulator.truth import FIRST_SEQUENCE, Truth

MARK = "recorder.time"
LEAGUE = "Recorded - League"
_KINDS: tuple[MessageKind, ...] = ("created", "updated", "deleted", "no_markets", "score", "status")
_FAST_FEEDS = frozenset(FAST_FEED_OF.values())

Recorded = dict[str, Any]


def _open(path: Path) -> IO[bytes]:
    if path.suffix == ".gz":
        return io.BufferedReader(gzip.open(path, "rb"))
    if path.suffix == ".zst":
        try:
            zstandard = importlib.import_module("zstandard")
        except ImportError:
            raise OSError(f"{path.name}: reading .zst needs the package zstandard; or compress it with gzip") from None
        opened: IO[bytes] = zstandard.open(path, "rb")
        return opened
    return path.open("rb")


def read_messages(path: Path) -> Iterator[Recorded | None]:
    """The recording's messages and time marks in order; None for what is none."""
    with _open(path) as file:
        if _is_array(path):
            yield from (item if isinstance(item, dict) else None for item in json.load(file))
            return
        for line in file:
            if not line.strip():
                continue
            try:
                parsed = json.loads(line)
            except (ValueError, RecursionError):
                parsed = None
            yield parsed if isinstance(parsed, dict) else None


def _is_array(path: Path) -> bool:
    """Whether the file is one JSON array of messages rather than one message a line."""
    with _open(path) as file:
        first = file.readline().strip()
    return first == b"[" or first.startswith(b"[{")


def milliseconds(text: object) -> int | None:
    """A time of the feed in ms: ISO text with any number of fractional digits, or unix seconds."""
    if isinstance(text, bool):
        return None
    if isinstance(text, int):
        return text * 1000
    if not isinstance(text, str):
        return None
    try:
        return int(datetime.fromisoformat(text).timestamp() * 1000)
    except ValueError:
        return None


class Recording:
    """A feed source: the recorded odds, score and status messages, with the recorded sequence where it rises."""

    def __init__(self, path: Path, speed: float, now: Callable[[], int], change_log_size: int) -> None:
        self._speed = speed
        self._now = now
        self._sport = ("Football", "football")
        self.count = 0
        self.skipped = 0
        self._begin: int | None = None
        self._time: int | None = None
        self._marked = False
        fixtures: dict[int, Fixture] = {}
        feeds: dict[str, None] = {}
        for item in read_messages(path):
            self._survey(item, fixtures, feeds)
        self._feeds = tuple(feeds)
        self._truth = Truth(self._load, change_log_size, self._feeds)
        self._truth.fixtures = fixtures
        self._truth.sequence = self._first_sequence(path)
        self._items = read_messages(path)
        self._next = self._advance()

    @property
    def truth(self) -> Truth:
        """What the messages so far add up to."""
        return self._truth

    @property
    def bookmakers(self) -> tuple[str, ...]:
        """The recorded bookmakers, without second feeds."""
        return tuple(feed for feed in self._feeds if feed not in _FAST_FEEDS)

    def due(self) -> float | None:
        """When the next message is due, by the recorded times and the speed; None where the rate alone decides."""
        if self._speed <= 0 or self._time is None:
            return None
        if self._begin is None:
            self._begin = self._time
        return (self._time - self._begin) / 1000 / self._speed

    def next(self) -> Message | None:
        """The next recorded message; None at the end."""
        while self._next is not None:
            item = self._next
            message = self._apply(item)
            self._next = self._advance()
            if message is not None:
                self.count += 1
                return message
            self.skipped += 1
        return None

    # ---- reading

    def _advance(self) -> Recorded | None:
        for item in self._items:
            if item is None:
                self.skipped += 1
            elif item.get("type") == MARK and isinstance(item.get("at"), int):
                self._time, self._marked = item["at"], True
            elif item.get("type") in _KINDS:
                if not self._marked:
                    self._time = milliseconds(item.get("timestamp")) or self._time
                return item
        return None

    def _survey(self, item: Recorded | None, fixtures: dict[int, Fixture], feeds: dict[str, None]) -> None:
        """Learn which fixtures and feeds there are."""
        if item is None:
            return
        if item.get("type") == "welcome" and item.get("sport_filter"):
            name = str(item["sport_filter"][0])
            self._sport = (name, find_sport(name) or slug(name))
        event_id = _event_id(item)
        if item.get("type") not in _KINDS or event_id is None:
            return
        if isinstance(item.get("bookie"), str):
            feeds[item["bookie"]] = None
        if event_id not in fixtures:
            fixtures[event_id] = Fixture(
                event_id, f"Home {event_id}", f"Away {event_id}", event_id % 100_000, event_id % 100_000 + 1, LEAGUE,
                slug(LEAGUE), *self._sport, milliseconds(item.get("date")) or self._now() + 86_400_000,
            )  # fmt: skip

    @staticmethod
    def _first_sequence(path: Path) -> int:
        for item in read_messages(path):
            if item is not None and isinstance(item.get("seq"), int):
                return int(item["seq"]) - 1
        return FIRST_SEQUENCE

    def _load(self, fixture: Fixture, feed: str) -> Book | None:
        return Book(fixture, feed, self._truth.sequence, 0, None) if feed in self._feeds else None

    # ---- applying

    def _apply(self, item: Recorded) -> Message | None:
        event_id = _event_id(item)
        fixture = self._truth.fixtures.get(event_id) if event_id is not None else None
        if fixture is None:
            return None
        kind: MessageKind = item["type"]
        recorded = item.get("seq")
        sequence = max(self._truth.sequence + 1, recorded if isinstance(recorded, int) else 0)
        stamp = milliseconds(item.get("timestamp")) or self._now()
        feed = item.get("bookie")
        book = self._truth.book(fixture, feed) if isinstance(feed, str) else None
        if kind in ("score", "status"):
            return self._match(item, Message(kind, sequence, stamp, fixture))
        if kind in ("deleted", "no_markets"):
            for gone in [book] if book is not None else self._books(fixture):
                self._truth.clear(gone, kind, stamp, sequence)
            return Message(kind, sequence, stamp, fixture, book)
        if book is None:
            return None
        return self._quotes(item, Message(kind, sequence, stamp, fixture, book))

    def _books(self, fixture: Fixture) -> list[Book]:
        found = (self._truth.book(fixture, feed) for feed in self._feeds)
        return [book for book in found if book is not None]

    def _match(self, item: Recorded, message: Message) -> Message:
        fixture, scores = message.fixture, item.get("scores")
        self._truth.sequence = message.sequence
        if isinstance(item.get("status"), str):
            fixture.status = item["status"]
        if isinstance(scores, dict) and isinstance(scores.get("home"), int) and isinstance(scores.get("away"), int):
            fixture.home_goals, fixture.away_goals = scores["home"], scores["away"]
        return message

    def _quotes(self, item: Recorded, message: Message) -> Message | None:
        book = message.book
        markets: list[Market] = []
        for entry in item.get("markets") or ():
            updated_at = milliseconds(entry.get("updatedAt")) if isinstance(entry, dict) else None
            if book is None or updated_at is None or not isinstance(entry.get("odds"), list):
                self.skipped += 1
                continue
            name = str(entry.get("name"))
            market = book.markets.get(name.upper())
            if market is None:
                market = book.markets[name.upper()] = Market(name, b"[]", 0, 0)
            if updated_at >= market.updated_at:
                self._truth.quote(book, market, compact(entry["odds"]), updated_at, message.sequence, self._now())
            markets.append(market)
        if book is None or not markets:
            return None
        book.state = "priced"
        book.changed_at = self._now()  # also where every market was old news
        if isinstance(item.get("url"), str) and book.url != item["url"]:
            book.url = item["url"]
            book.refresh_head()
        message.markets = tuple(markets)
        return message


def _event_id(item: Recorded) -> int | None:
    text = str(item.get("id", ""))
    return int(text) if text.isdecimal() else None
