"""The load of the benchmarks: books of about 100 KB a fixture, and messages of 13 quotes with skewed traffic."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

FIRST_ID = 71_000_000
START = 1_779_855_680_000


@dataclass(frozen=True, slots=True)
class Shape:
    """How large the books are. The default makes fixtures of 15 x 20 x 5 lines, about 107 KB as one document."""

    fixtures: int = 300
    bookmakers: int = 15
    markets: int = 20
    lines: int = 5


class Feed:
    """A seeded source of frames in the provider's format.

    A message quotes two markets in full, 13 prices: the match result, unchanged but for its `updatedAt`, and a market
    of five lines, some of which moved. Fixtures are drawn with Pareto weights (exponent 0.9): a few are in play, most
    sleep.
    """

    def __init__(self, shape: Shape, seed: int = 1, skewed: bool = True) -> None:
        self._random = random.Random(seed)
        self._shape = shape
        weights = [1 / (rank + 1) ** 0.9 if skewed else 1.0 for rank in range(shape.fixtures)]
        self._weights = list(accumulate(weights))
        self._sequence = 1000
        self._now = START
        self._books: dict[tuple[int, int, int], list[dict[str, object]]] = {}

    def bookmaker(self, index: int) -> str:
        return f"Book {index}"

    def market(self, index: int) -> str:
        return "ML" if index == 0 else f"Totals {index}"

    def whole_books(self) -> Iterator[str]:
        """One message per book with all its markets: what the store holds before the load begins."""
        for fixture in range(self._shape.fixtures):
            for book in range(self._shape.bookmakers):
                markets = [self._market(fixture, book, index) for index in range(self._shape.markets)]
                yield self._message(fixture, book, markets)

    def messages(self, count: int) -> Iterator[str]:
        """`count` messages of 13 quotes."""
        shape = self._shape
        for _ in range(count):
            (fixture,) = self._random.choices(range(shape.fixtures), cum_weights=self._weights)
            book = self._random.randrange(shape.bookmakers)
            moved = self._random.randrange(1, shape.markets)
            yield self._message(fixture, book, [self._market(fixture, book, index) for index in (0, moved)])

    def _message(self, fixture: int, book: int, markets: list[dict[str, object]]) -> str:
        self._sequence += self._random.randint(1, 300)
        self._now += 1
        message = {
            "type": "updated",
            "seq": self._sequence,
            "timestamp": self._now // 1000,
            "id": str(FIRST_ID + fixture),
            "bookie": self.bookmaker(book),
            "markets": markets,
        }
        return json.dumps(message, separators=(",", ":"))

    def _market(self, fixture: int, book: int, index: int) -> dict[str, object]:
        minutes = self._now // 60_000
        clock = f"{minutes // 60 % 24:02}:{minutes % 60:02}:{self._now // 1000 % 60:02}.{self._now % 1000:03}"
        return {
            "name": self.market(index),
            "updatedAt": f"2026-05-27T{clock}Z",
            "odds": self._rows(fixture, book, index),
        }

    def _rows(self, fixture: int, book: int, index: int) -> list[dict[str, object]]:
        if index == 0:
            return [{"home": "2.45", "draw": "3.40", "away": "2.95"}]
        rows = self._books.get((fixture, book, index))
        if rows is None:
            rows = [{"hdp": n + 0.5, "over": self._price(), "under": self._price()} for n in range(self._shape.lines)]
            self._books[fixture, book, index] = rows
        for row in self._random.sample(rows, 2):
            row[self._random.choice(("over", "under"))] = self._price()
        return rows

    def _price(self) -> str:
        return f"{1.5 + self._random.randrange(150) / 100:.2f}"
