"""The arbitrages of the World Cup 2026: three figures of an independent calculation, and a brute-force check of each
state.

A state is what a bettor sees after each look at an event before its kick-off: every book's last price of home, draw and
away (decimal below 200), once all three outcomes are priced. A window is a run of arbitrage states of one event.
"""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from PROPPR.SharedServices.odds.arbitrage import ArbitrageRule, find_arbitrages
from PROPPR.SharedServices.odds.book import Priced
from PROPPR.SharedServices.odds.types import Line, Side

SIDES: dict[str, Side] = {"H": "home", "D": "draw", "A": "away"}
HIGHEST = 200.0
MAX_AGE = 600_000

Quotes = dict[str, dict[Side, tuple[float, int]]]
"""Per book: price and the time that the book updated it, in ms, of each side."""


def folder(real_data: Path) -> Path:
    return real_data / "football_data" / "world_cup_2026_ticks"


def table(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as rows:
        yield from csv.DictReader(rows)


def states(path: Path) -> Iterator[tuple[str, int, Quotes]]:
    """(event, time of the look in ms, the quotes then) for every look at an event before its kick-off."""
    kickoffs = {
        row["event"]: datetime.fromisoformat(row["commence"]).timestamp()
        for row in table(path / "worldcup2026_events.csv.gz")
    }
    books: dict[str, Quotes] = {}
    look: tuple[str, str] | None = None
    for row in table(path / "worldcup2026_ticks.csv.gz"):
        if row["market"] != "h2h" or int(row["fetched"]) >= kickoffs[row["event"]]:
            continue
        if look is not None and look != (row["event"], row["fetched"]):
            yield look[0], int(look[1]) * 1000, books[look[0]]
        look = (row["event"], row["fetched"])
        american = int(row["price"])
        price = 1 + (american / 100 if american > 0 else 100 / -american)
        if price < HIGHEST:
            book = books.setdefault(row["event"], {}).setdefault(row["book"], {})
            book[SIDES[row["outcome"]]] = (price, int(row["book_update"]) * 1000)
    if look is not None:
        yield look[0], int(look[1]) * 1000, books[look[0]]


def as_books(quotes: Quotes) -> list[tuple[str, list[Priced]]]:
    """Each book's result market as one line, confirmed when the book last updated any of it."""
    return [
        (name, [Priced(Line(**{side: price for side, (price, _) in sides.items()}), updated_at(sides), 0)])
        for name, sides in quotes.items()
    ]


def updated_at(sides: dict[Side, tuple[float, int]]) -> int:
    return max(at for _, at in sides.values())


def best(quotes: Quotes, now: int, max_age: int | None) -> float | None:
    """Independent of the product: the sum of the inverse best prices; None where an outcome is not priced."""
    fresh = [sides for sides in quotes.values() if max_age is None or now - updated_at(sides) <= max_age]
    total = 0.0
    for side in SIDES.values():
        prices = [sides[side][0] for sides in fresh if side in sides]
        if not prices:
            return None
        total += 1 / max(prices)
    return total


@dataclass
class Tally:
    """What a pass over all states found."""

    states: int = 0
    arbitrages: int = 0
    windows: int = 0
    events: set[str] = field(default_factory=set)
    errors: int = 0
    running: Counter[str] = field(default_factory=Counter)

    def add(self, event: str, margin: float | None) -> None:
        if margin is not None:
            self.arbitrages += 1
            self.events.add(event)
            self.windows += not self.running[event]
            self.errors += margin > 0.06
        self.running[event] = margin is not None


def look_at_all(path: Path, max_age: int | None) -> Tally:
    """Judge every state by the product, and each time by brute force, too."""
    rule = ArbitrageRule(max_age=max_age)
    tally = Tally()
    for event, now, quotes in states(path):
        found = find_arbitrages("ML", "football", as_books(quotes), rule, now)
        total = best(quotes, now, max_age)
        priced = best(quotes, now, None) is not None
        tally.states += priced
        assert bool(found) == (total is not None and total < 1), (event, now)
        if found and total is not None:
            assert found[0].margin == pytest.approx(1 / total - 1, abs=1e-6)
            assert found[0].probable_error == (1 / total - 1 > 0.06)
            assert len({leg.bookmaker for leg in found[0].legs}) > 1
        if priced:
            tally.add(event, found[0].margin if found else None)
    return tally


@pytest.fixture(scope="module")
def without_age(real_data: Path) -> Tally:
    return look_at_all(folder(real_data), None)


def test_the_share_the_windows_and_the_events_are_those_of_an_independent_calculation(without_age: Tally) -> None:
    assert without_age.states == 14_762
    assert 100 * without_age.arbitrages / without_age.states == pytest.approx(3.48, rel=0.02)
    assert without_age.windows == 113
    assert len(without_age.events) == 45


def test_with_the_age_rule_every_state_agrees_with_brute_force(without_age: Tally, real_data: Path) -> None:
    fresh = look_at_all(folder(real_data), MAX_AGE)
    assert (fresh.arbitrages, fresh.windows, len(fresh.events), fresh.errors) == (52, 42, 22, 1)
    assert without_age.errors == 26
    assert fresh.events <= without_age.events


def test_how_many_were_stale_or_price_errors(real_data: Path) -> None:
    """What becomes of each arbitrage with the age rule: (its margin looks like an error, it stays, it still does)."""
    fates: Counter[tuple[bool, bool, bool]] = Counter()
    one_feed = {"lowvig": "betonlineag"}
    for _, now, quotes in states(folder(real_data)):
        books = as_books(quotes)
        for found in find_arbitrages("ML", "football", books, ArbitrageRule(max_age=None), now):
            fresh = find_arbitrages("ML", "football", books, ArbitrageRule(max_age=MAX_AGE), now)
            fates[found.probable_error, bool(fresh), any(one.probable_error for one in fresh)] += 1
            assert find_arbitrages("ML", "football", books, ArbitrageRule(max_age=None, one_feed=one_feed), now)
    assert fates == {
        (False, False, False): 439,
        (True, False, False): 23,
        (False, True, False): 49,
        (True, True, False): 2,
        (True, True, True): 1,
    }
