"""What tests of derived collections share: a fixture, quotes, and one process of several that write the same books."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from pymongo.database import Database
from support import eventually

from PROPPR.SharedServices.odds.drops import DropRule
from PROPPR.SharedServices.odds.types import BookUpdate, Fixture, Line, MarketUpdate, Source
from PROPPR.SharedServices.service.clock import Clock, SystemClock
from PROPPR.SharedServices.storage.books.store import BookStore
from PROPPR.SharedServices.storage.books.writer import BookWriter, WriterOptions
from PROPPR.SharedServices.storage.derived.follower import BooksFollower
from PROPPR.SharedServices.storage.derived.product import Product
from PROPPR.SharedServices.storage.fixtures import FixtureStore

Document = dict[str, Any]
CLOCK = SystemClock()
RETENTION = timedelta(days=30)


def register(database: Database[Document], *ids: int, clock: Clock = CLOCK, **changes: Any) -> None:
    """Put fixtures into the registry that kick off in an hour, unless told otherwise."""
    kickoff = changes.pop("kickoff", clock.now_ms() + 3_600_000)
    values = {"status": "pending", "home": "Home", "away": "Away", **changes}
    fixtures = [
        Fixture(number, values["home"], values["away"], "football", "Premier League", "England",
                "2026-01-01T00:00:00Z", kickoff, values["status"])
        for number in ids
    ]  # fmt: skip
    FixtureStore(database, clock).upsert_many(fixtures, "websocket")


def quote(bookmaker: str, home: float, away: float, at: int, **more: Any) -> MarketUpdate:
    """A quote of a two-way market; of a `player`'s over and under where one is named."""
    line = Line(home=home, away=away)
    if "player" in more:
        line = Line(over=home, under=away, hdp=0.5, player_name=more["player"], stat=more.get("stat"))
    market = more.get("market", "Draw No Bet")
    return MarketUpdate(more.get("fixture", 7), bookmaker, bookmaker, market, "player" in more, at, at, (line,))


class Process:
    """The writer of books and the follower of one service, with their threads."""

    def __init__(
        self,
        database: Database[Document],
        products: Callable[[Source], Sequence[Product]],
        source: Source = "websocket",
        clock: Clock = CLOCK,
    ) -> None:
        self.store = BookStore(database, clock, DropRule(Decimal("0.05")), RETENTION)
        self.follower = BooksFollower(
            database, clock, products(source), FixtureStore(database, clock).get, source, retention=RETENTION
        )
        self.done: list[int] = []
        self.tickets = 0
        self.writer = BookWriter(
            self.store,
            clock,
            on_done=lambda tickets, _: self.done.extend(tickets),
            set_aside=lambda *found: pytest.fail(str(found)),
            listeners=[self.follower],
            options=WriterOptions(workers=1),
        )

    def __enter__(self) -> Process:
        self.follower.start()
        self.writer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.writer.stop(CLOCK.monotonic() + 5)
        self.follower.stop(CLOCK.monotonic() + 5)

    def submit(self, *updates: BookUpdate) -> None:
        """Hand updates to the writer."""
        self.tickets += 1
        assert self.writer.submit(updates, ticket=self.tickets, received_at=CLOCK.monotonic())

    def store_now(self, *updates: BookUpdate) -> None:
        """Hand updates to the writer and wait until they are stored."""
        self.submit(*updates)
        eventually(lambda: len(self.done) == self.tickets)
