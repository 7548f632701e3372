"""What a bookmaker's feed can say about a fixture: quotes, pauses, comebacks. Each move is one message."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PROPPR.SharedServices.simulator.books import Style, styles
from PROPPR.SharedServices.simulator.config import SimulatorConfig
from PROPPR.SharedServices.simulator.disturb import disturbed
from PROPPR.SharedServices.simulator.messages import Book, Fixture, Market, Message, MessageKind
from PROPPR.SharedServices.simulator.rows import MarketSpec, Pricing, View
from PROPPR.SharedServices.simulator.scoreline import first_means
from PROPPR.SharedServices.simulator.truth import FIRST_SEQUENCE, Truth

SEQUENCE_GAP = 9
BENCHMARK_ROWS = 12


@dataclass(slots=True)
class BookModel:
    """What the generator keeps beside a book."""

    view: View
    style: Style
    specs: tuple[MarketSpec, ...]


class Moves:
    """Makes one message at a time and applies it to the truth, so that the truth is never ahead of the messages.

    `stamp` tells the time of a message in ms. All chance comes from the one generator handed in.
    """

    def __init__(self, config: SimulatorConfig, rng: random.Random, start: int, stamp: Callable[[], int]) -> None:
        self._config = config
        self._rng = rng
        self._start = start
        self._stamp = stamp
        self._steady = config.profile == "benchmark"
        self._true_views: dict[int, View] = {}
        self.styles = styles(config.bookmakers, config.profile)
        self.truth = Truth(self._load, config.change_log_size, tuple(self.styles))
        self.truth.sequence = FIRST_SEQUENCE

    def move(self, book: Book) -> Message:
        """New prices for one or a few neighbouring markets."""
        model = model_of(book)
        self._walk(book.fixture, model)
        pricing = _pricing(book.fixture, model)
        sequence, stamp = self.advance()
        specs = model.specs
        random_number = self._rng.random
        first = int(random_number() * len(specs))
        wanted = BENCHMARK_ROWS if self._steady else 4 + int(random_number() * 10)
        markets: list[Market] = []
        rows = 0
        for offset in range(len(specs)):
            spec = specs[(first + offset) % len(specs)]
            new = spec.render(pricing)
            market = _market(book, spec.name)
            self.truth.quote(book, market, new, max(stamp, market.updated_at + 1), sequence, stamp)
            markets.append(market)
            rows += new.count(b"},{") + 1
            if rows >= wanted:
                break
        return self._message(sequence, stamp, book, tuple(markets))

    def requoted(self, book: Book, rng: random.Random) -> list[tuple[str, bytes]]:
        """Rows of every market as they would be if the book's view moved a little; nothing is said yet."""
        model = model_of(book)
        view = model.view
        view.home = min(75, max(8, view.home + rng.choice((-1, 1))))
        view.away = min(75, max(8, view.away + rng.choice((-1, 1))))
        view.corners = min(130, max(75, view.corners + rng.choice((-1, 1))))
        view.cards = min(60, max(25, view.cards + rng.choice((-1, 1))))
        view.shade = 1.0 - rng.random() * 0.015
        pricing = _pricing(book.fixture, model)
        return [(spec.name, spec.render(pricing)) for spec in model.specs]

    def quote(self, book: Book, rows: list[tuple[str, bytes]]) -> Message:
        """New rows for markets of a priced book."""
        sequence, stamp = self.advance()
        markets = [(_market(book, name), new) for name, new in rows]
        for market, new in markets:
            self.truth.quote(book, market, new, max(stamp, market.updated_at + 1), sequence, stamp)
        return Message("updated", sequence, stamp, book.fixture, book, tuple(market for market, _ in markets))

    def bump(self, book: Book) -> Message:
        """A newer `updatedAt` on every market, the same prices."""
        sequence, stamp = self.advance()
        for market in book.markets.values():
            self.truth.quote(book, market, market.rows, max(stamp, market.updated_at), sequence, stamp)
        return self._message(sequence, stamp, book, tuple(book.markets.values()))

    def suspend_market(self, book: Book) -> Message:
        """All rows of one market vanish."""
        return self._replace_rows(book, lambda rows: b"[]")

    def suspend_rows(self, book: Book) -> Message:
        """Some rows vanish, or a side of theirs turns to "N/A"."""
        return self._replace_rows(book, lambda rows: disturbed(rows, self._rng))

    def clear(self, kind: Literal["no_markets", "deleted"], book: Book) -> Message:
        """`no_markets` or `deleted` for one book."""
        sequence, stamp = self.advance()
        self.truth.clear(book, kind, stamp, sequence)
        return Message(kind, sequence, stamp, book.fixture, book)

    def clear_fixture(self, fixture: Fixture) -> Message:
        """The whole event goes, at every book: a `deleted` without a bookmaker."""
        sequence, stamp = self.advance()
        fixture.deleted = True
        for book in self.books(fixture):
            self.truth.clear(book, "deleted", stamp, sequence)
        return Message("deleted", sequence, stamp, fixture)

    def comeback(self, book: Book) -> Message:
        """A paused or deleted book prices again: everything, newly stamped."""
        kind: MessageKind = "created" if book.state == "deleted" else "updated"
        model = model_of(book)
        self._walk(book.fixture, model)
        pricing = _pricing(book.fixture, model)
        sequence, stamp = self.advance()
        book.fixture.deleted = False
        book.state = "priced"
        for spec in model.specs:
            self.truth.quote(book, _market(book, spec.name), spec.render(pricing), stamp, sequence, stamp)
        return Message(kind, sequence, stamp, book.fixture, book, tuple(book.markets.values()), True)

    def event(self, kind: MessageKind, fixture: Fixture) -> Message:
        """A score or status message."""
        sequence, stamp = self.advance()
        return Message(kind, sequence, stamp, fixture)

    def books(self, fixture: Fixture) -> list[Book]:
        """The fixture's books at every feed that prices it."""
        found = (self.truth.book(fixture, feed) for feed in self.styles)
        return [book for book in found if book is not None]

    def advance(self) -> tuple[int, int]:
        """The next sequence number, with gaps as in the provider's global count, and the time of the message."""
        self.truth.sequence += 1 + int(self._rng.random() * SEQUENCE_GAP)
        return self.truth.sequence, self._stamp()

    # ---- the model

    def _load(self, fixture: Fixture, feed: str) -> Book | None:
        """The state of a book before anybody has spoken of it: the seed alone decides it."""
        style = self.styles.get(feed)
        specs = style.specs(fixture.tier) if style is not None else ()
        if style is None or not specs:
            return None
        rng = random.Random(f"{self._config.seed}-{fixture.id}-{feed}")
        true = self._first_view(fixture)
        noise = 1 if style.follow > 0.7 else 3
        view = View(
            max(6, true.home + rng.randint(-noise, noise)),
            max(6, true.away + rng.randint(-noise, noise)),
            true.corners + rng.randint(-noise, noise),
            true.cards + rng.randint(-noise, noise),
            1.0 - rng.random() * 0.015,
        )
        updated_at = self._start - rng.randint(60_000, 7_200_000)
        book = Book(fixture, feed, FIRST_SEQUENCE, updated_at, style.url(fixture.id))
        book.model = BookModel(view, style, specs)
        pricing = _pricing(fixture, book.model)
        for spec in specs:
            market = Market(spec.name, spec.render(pricing), updated_at, FIRST_SEQUENCE)
            book.markets[market.key] = market
        return book

    def _first_view(self, fixture: Fixture) -> View:
        rng = random.Random(f"{self._config.seed}-{fixture.id}")
        home, away = first_means(rng)
        return View(home, away, rng.randint(85, 115), rng.randint(32, 52))

    def _walk(self, fixture: Fixture, model: BookModel) -> None:
        """The truth takes a step; the feed's view follows a part of the way."""
        true = self._true_views.get(fixture.id)
        if true is None:
            true = self._true_views[fixture.id] = self._first_view(fixture)
        rng = self._rng.random
        size = 5 if rng() < 0.02 else 1
        true.home = min(75, max(8, true.home + int(rng() * (2 * size + 1)) - size))
        true.away = min(75, max(8, true.away + int(rng() * (2 * size + 1)) - size))
        true.corners = min(130, max(75, true.corners + int(rng() * 5) - 2))
        true.cards = min(60, max(25, true.cards + int(rng() * 3) - 1))
        view, follow = model.view, model.style.follow
        view.home += round((true.home - view.home) * follow)
        view.away += round((true.away - view.away) * follow)
        view.corners += round((true.corners - view.corners) * follow)
        view.cards += round((true.cards - view.cards) * follow)
        view.shade = min(1.0, max(0.97, view.shade + (rng() - 0.5) * 0.006))

    def _replace_rows(self, book: Book, change: Callable[[bytes], bytes]) -> Message:
        specs = model_of(book).specs
        market = _market(book, specs[int(self._rng.random() * len(specs))].name)
        sequence, stamp = self.advance()
        self.truth.quote(book, market, change(market.rows), max(stamp, market.updated_at + 1), sequence, stamp)
        return self._message(sequence, stamp, book, (market,))

    def _message(self, sequence: int, stamp: int, book: Book, markets: tuple[Market, ...]) -> Message:
        full = not self._steady and self._rng.random() < self._config.full_share
        return Message("updated", sequence, stamp, book.fixture, book, markets, full)


def model_of(book: Book) -> BookModel:
    """The generator's model of one of its books."""
    if not isinstance(book.model, BookModel):
        raise TypeError(f"book of {book.feed} for fixture {book.fixture.id} was not made by the generator")
    return book.model


def _pricing(fixture: Fixture, model: BookModel) -> Pricing:
    style = model.style
    return Pricing(fixture, model.view, style.number, style.keep * model.view.shade, style.width, style.exchange)


def _market(book: Book, name: str) -> Market:
    market = book.markets.get(name.upper())
    if market is None:
        market = Market(name, b"[]", 0, 0)
        book.markets[market.key] = market
    return market
