"""The part "pure" of `make bench`: what comparing books costs, against only looking at each price once."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from random import Random

from PROPPR.SharedServices.odds.arbitrage import ArbitrageRule, find_arbitrages
from PROPPR.SharedServices.odds.book import Priced
from PROPPR.SharedServices.odds.types import Line
from PROPPR.SharedServices.odds.value import find_value

Rows = list[tuple[str, str, str]]
LINES, BOOKS = 20, 15
NOW_MS = int(datetime(2026, 5, 27, tzinfo=UTC).timestamp() * 1000)


def pure(rows: Rows) -> None:
    """Value bets of one book against the sharp one, and arbitrages over the books of a market."""
    books = _books(Random(1))
    count = BOOKS * LINES
    floor = _best(lambda: [_look(lines) for lines in books]) / count
    for minimum, found in ((100.0, "few found"), (1.0, "all found")):
        took = _best(partial(_value, books, minimum)) / count
        rows.append((f"value bets, {found}", f"{1 / took:,.0f} lines/s", f"{took / floor:.0f} x a look at a price"))
    market = [(f"Book {one}", [Priced(line, NOW_MS, NOW_MS) for line in books[one]]) for one in range(BOOKS)]
    took = _best(lambda: find_arbitrages("Totals", "football", market, ArbitrageRule(), NOW_MS))
    ratio = took / (floor * count)
    rows.append((f"arbitrages of {BOOKS} books of {LINES} lines", f"{took * 1000:.2f} ms", f"{ratio:.0f} x"))


def _value(books: list[list[Line]], minimum: float) -> None:
    for book in books:
        find_value("Totals", books[0], [("M88", book)], minimum, bookmaker="Bet365")


def _books(random: Random) -> list[list[Line]]:
    books = []
    for _ in range(BOOKS):
        lines = []
        for step in range(LINES):
            chance, margin = 0.2 + 0.03 * step, random.uniform(1.04, 1.08)
            lines.append(Line(hdp=step + 0.5, over=1 / (chance * margin), under=1 / ((1 - chance) * margin)))
        books.append(lines)
    return books


def _look(lines: list[Line]) -> float:
    return min(1 / line.over + 1 / line.under for line in lines if line.over and line.under)


def _best(work: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(20):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return best
