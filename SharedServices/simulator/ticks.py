"""Price ticks as a feed: a table of single price changes becomes messages with each market's full list of rows.

The table is CSV (also gzip) with the columns fetched, book_update (unix seconds), event, book, market (h2h, spreads,
totals, to_qualify), outcome (H, D, A, O, U), point and price (American). Beside it, the same name with `events` for
`ticks` may hold event, commence, home, away. `updatedAt` is book_update, the message's time is fetched. Kick-offs are
moved by the table's age, so that the fixtures lie ahead; nothing else is.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from PROPPR.SharedServices.simulator.catalogue import slug
from PROPPR.SharedServices.simulator.messages import Book, Fixture, Market, Message, compact
from PROPPR.SharedServices.simulator.truth import FIRST_SEQUENCE, Truth

BOOK_NAMES = {
    "betmgm": "BetMGM",
    "betonlineag": "BetOnline.ag",
    "betrivers": "BetRivers",
    "betus": "BetUS",
    "bovada": "Bovada",
    "draftkings": "DraftKings",
    "fanatics": "Fanatics",
    "fanduel": "FanDuel",
    "lowvig": "LowVig",
    "mybookieag": "MyBookie",
    "williamhill_us": "Caesars",
}
MARKET_NAMES = {"h2h": "ML", "spreads": "Spread", "totals": "Totals", "to_qualify": "To Qualify"}
SIDES = {"H": "home", "D": "draw", "A": "away", "O": "over", "U": "under"}
LEAGUE = "International - World Cup"

Rows = dict[float | None, dict[str, str]]


def decimal_price(american: int) -> str:
    """An American price as the provider's decimal string: at least two decimals, at most six."""
    value = 1 + (american / 100 if american > 0 else 100 / -american)
    whole, _, fraction = f"{value:.6f}".partition(".")
    return f"{whole}.{fraction.rstrip('0').ljust(2, '0')}"


def event_number(event: str) -> int:
    """An event's id as a number; ids of the table are hexadecimal, and above 2^31."""
    return int(event, 16)


def _read(path: Path) -> Iterator[dict[str, str]]:
    with path.open("rb") as raw:
        plain = gzip.GzipFile(fileobj=raw) if path.suffix == ".gz" else raw
        yield from csv.DictReader(io.TextIOWrapper(io.BufferedReader(plain), "utf-8", newline=""))


class TickTable:
    """A feed source: one message for every row of the table."""

    def __init__(self, path: Path, speed: float, start: int, now: Callable[[], int], change_log_size: int) -> None:
        self._path = path
        self._speed = speed
        self._now = now
        self.count = 0
        self._begin: int | None = None
        self._rows: dict[tuple[int, str, str], Rows] = {}
        fixtures, books = _survey(path, start)
        self._books = books
        self._truth = Truth(self._load, change_log_size, books)
        self._truth.sequence = FIRST_SEQUENCE
        self._truth.fixtures = fixtures
        self._ticks = _read(path)
        self._next = next(self._ticks, None)

    @property
    def truth(self) -> Truth:
        """What the messages so far add up to."""
        return self._truth

    @property
    def bookmakers(self) -> tuple[str, ...]:
        """The table's books under the provider's names."""
        return self._books

    def due(self) -> float | None:
        """The next tick's distance from the first, by the speed; None where the rate alone decides."""
        if self._speed <= 0 or self._next is None:
            return None
        fetched = int(self._next["fetched"])
        if self._begin is None:
            self._begin = fetched
        return (fetched - self._begin) / self._speed

    def next(self) -> Message | None:
        """Turn the next row into a message; None at the end of the table."""
        row = self._next
        if row is None:
            return None
        self._next = next(self._ticks, None)
        fixture = self._truth.fixtures[event_number(row["event"])]
        book = self._truth.book(fixture, BOOK_NAMES.get(row["book"], row["book"]))
        if book is None:
            raise ValueError(f"tick of an unknown book: {row['book']}")
        name = MARKET_NAMES.get(row["market"], row["market"])
        market = book.markets.get(name.upper())
        if market is None:
            market = book.markets[name.upper()] = Market(name, b"[]", 0, 0)
        sequence = self._truth.sequence + 1
        updated_at = int(row["book_update"]) * 1000
        self._truth.quote(
            book, market, self._apply(fixture.id, book.feed, name, row), updated_at, sequence, self._now()
        )
        self.count += 1
        return Message("updated", sequence, int(row["fetched"]) * 1000, fixture, book, (market,))

    def _apply(self, fixture_id: int, feed: str, name: str, row: dict[str, str]) -> bytes:
        """Put the tick's price in its line and write all lines; a spread's line is the home handicap."""
        line = float(row["point"]) if row["point"] else None
        if name == "Spread" and line is not None and row["outcome"] == "A":
            line = -line
        rows = self._rows.setdefault((fixture_id, feed, name), {})
        rows.setdefault(line, {})[SIDES[row["outcome"]]] = decimal_price(int(row["price"]))
        return compact([sides if line is None else {"hdp": _number(line), **sides} for line, sides in rows.items()])

    def _load(self, fixture: Fixture, feed: str) -> Book | None:
        if feed not in self._books:
            return None
        return Book(fixture, feed, FIRST_SEQUENCE, 0, f"https://www.{slug(feed)}.example/event/{fixture.id}")


def _survey(path: Path, start: int) -> tuple[dict[int, Fixture], tuple[str, ...]]:
    """The table's fixtures and books, by one reading of it and of the events beside it."""
    events = path.with_name(path.name.replace("ticks", "events"))
    known = {row["event"]: row for row in _read(events)} if events != path and events.exists() else {}
    shift: int | None = None
    fixtures: dict[int, Fixture] = {}
    books: set[str] = set()
    for row in _read(path):
        if shift is None:
            shift = start - int(row["fetched"]) * 1000
        books.add(BOOK_NAMES.get(row["book"], row["book"]))
        event_id = event_number(row["event"])
        if event_id not in fixtures:
            fixtures[event_id] = _fixture(event_id, known.get(row["event"]), shift, start)
    return fixtures, tuple(sorted(books))


def _fixture(event_id: int, event: dict[str, str] | None, shift: int, start: int) -> Fixture:
    kickoff = start + 86_400_000
    if event is not None:
        kickoff = int(datetime.fromisoformat(event["commence"]).timestamp() * 1000) + shift
    return Fixture(
        id=event_id,
        home=event["home"] if event is not None else f"Home {event_id}",
        away=event["away"] if event is not None else f"Away {event_id}",
        home_id=event_id % 100_000,
        away_id=event_id % 100_000 + 1,
        league=LEAGUE,
        league_slug=slug(LEAGUE),
        sport="Football",
        sport_slug="football",
        kickoff=kickoff,
    )


def _number(value: float) -> int | float:
    return int(value) if value == int(value) else value
