"""Many books change at once, when the control API says so: the next /odds/updated answers with all of them, full."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass

from PROPPR.SharedServices.simulator.generator import Generator
from PROPPR.SharedServices.simulator.hub import Hub
from PROPPR.SharedServices.simulator.messages import Book, Fixture


@dataclass(frozen=True)
class Touched:
    """How many books and markets got other prices; `at` (simulated ms) and `sequence` are those of the last message."""

    fixtures: int
    markets: int
    at: int
    sequence: int


class Toucher:
    """Changes prices out of turn. Its chance is its own, so that the day goes on as it would have."""

    def __init__(self, hub: Hub, seed: int) -> None:
        self._hub = hub
        self._random = random.Random(f"touch-{seed}")

    async def touch(self, bookmaker: str, fixtures: int) -> Touched:
        """New prices in every market of `fixtures` books of a bookmaker (or feed), nearest kick-off first.

        They are worked out while the feed goes on, and then said in one go: no request and no other message comes
        between. Raises ValueError for a bookmaker that
        quotes nothing, and where the feed is not generated.
        """
        generator = self._hub.source
        if not isinstance(generator, Generator) or bookmaker not in generator.truth.feeds:
            raise ValueError(f"no generated feed: {bookmaker}")
        prepared: list[tuple[Book, list[tuple[str, bytes]]]] = []
        for fixture in list(generator.fixtures):
            if len(prepared) >= fixtures:
                break
            book = self._priced(generator, fixture, bookmaker)
            if book is not None:
                prepared.append((book, generator.requoted(book, self._random)))
            await asyncio.sleep(0)
        messages = [generator.quote(book, rows) for book, rows in prepared if book.state == "priced"]
        self._hub.say(messages)
        markets = sum(len(message.markets) for message in messages)
        return Touched(len(messages), markets, messages[-1].timestamp if messages else 0, generator.truth.sequence)

    @staticmethod
    def _priced(generator: Generator, fixture: Fixture, feed: str) -> Book | None:
        book = None if fixture.deleted else generator.truth.book(fixture, feed)
        return book if book is not None and book.state == "priced" else None
