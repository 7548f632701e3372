"""The simulator's last word on every (fixture, feed, market): what a correct reader of the feed must end up with."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Literal

from PROPPR.SharedServices.simulator.changes import ChangeKind, ChangeLog, MarketChange
from PROPPR.SharedServices.simulator.messages import NO_ROWS, Book, Fixture, Market, iso, quoted

# Where the global count stands when a simulator starts.
FIRST_SEQUENCE = 55_000_000

BookLoader = Callable[[Fixture, str], Book | None]


class Truth:
    """Fixtures and books. A book nobody has spoken of yet is made by the loader when it is first asked for."""

    def __init__(self, loader: BookLoader, change_log_size: int, feeds: tuple[str, ...]) -> None:
        self.feeds = feeds
        self.fixtures: dict[int, Fixture] = {}
        self.sequence = 0
        self._loader = loader
        self._books: dict[tuple[int, str], Book] = {}
        self._by_feed: dict[str, dict[int, Book]] = {}
        self.changes = ChangeLog(change_log_size)

    def add(self, fixture: Fixture) -> None:
        self.fixtures[fixture.id] = fixture

    def book(self, fixture: Fixture, feed: str) -> Book | None:
        """The book of a feed for a fixture; None where that feed does not price it at all."""
        book = self._books.get((fixture.id, feed))
        if book is None:
            book = self._loader(fixture, feed)
            if book is not None:
                self._books[fixture.id, feed] = book
                self._by_feed.setdefault(feed, {})[fixture.id] = book
        return book

    def touched(self, feed: str) -> Iterable[Book]:
        """The books of a feed that exist by now."""
        return self._by_feed.get(feed, {}).values()

    def all_books(self) -> Iterable[Book]:
        return self._books.values()

    def quote(self, book: Book, market: Market, rows: bytes, updated_at: int, sequence: int, at: int) -> None:
        """Replace a market's rows at the simulated ms `at`; the change log keeps both sides where they differ."""
        if rows != market.rows:
            self._log(book, market, rows, updated_at, sequence, at, "quote")
            market.rows = rows
        market.updated_at = updated_at
        market.sequence = sequence
        self._spoke(book, sequence, at)

    def clear(self, book: Book, kind: Literal["no_markets", "deleted"], at: int, sequence: int) -> None:
        """Empty a book (`no_markets`, `deleted`)."""
        for market in book.markets.values():
            if market.rows != NO_ROWS:
                self._log(book, market, NO_ROWS, at, sequence, at, kind)
        book.markets = {}
        book.state = kind
        self._spoke(book, sequence, at)

    def _log(
        self, book: Book, market: Market, rows: bytes, updated_at: int, sequence: int, at: int, kind: ChangeKind
    ) -> None:
        change = MarketChange(
            sequence, at, kind, book.fixture.id, book.feed, market.name, updated_at, market.rows, rows
        )
        self.changes.append(change)

    def _spoke(self, book: Book, sequence: int, at: int) -> None:
        book.sequence = sequence
        book.changed_at = at
        self.sequence = sequence

    def digest(self, after: int) -> dict[str, str]:
        """Two stable digests over every book spoken of after a sequence: `full`, and `prices` without times."""
        full = hashlib.sha256()
        prices = hashlib.sha256()
        for key in sorted(self._books):
            book = self._books[key]
            if book.sequence <= after:
                continue
            head = f"{key[0]}|{key[1]}|{book.state}|{book.sequence}\n".encode()
            full.update(head)
            prices.update(head)
            for name in sorted(book.markets):
                market = book.markets[name]
                prices.update(b"%b|%b\n" % (market.name.encode(), market.rows))
                full.update(b"%b|%b|%b\n" % (market.name.encode(), iso(market.updated_at), market.rows))
        return {"full": full.hexdigest(), "prices": prices.hexdigest()}


def describe_book(book: Book) -> bytes:
    """A book as /_sim/truth tells it: `{sequence, state, markets: {name: {updatedAt, sequence, odds}}}`."""
    markets = b",".join(
        b'%b:{"updatedAt":"%b","sequence":%d,"odds":%b}'
        % (quoted(market.name), iso(market.updated_at), market.sequence, market.rows)
        for market in book.markets.values()
    )
    return b'{"sequence":%d,"state":"%b","markets":{%b}}' % (book.sequence, book.state.encode(), markets)
