"""Bookmakers' lines of one market side by side, and which of them may hold an arbitrage at all. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import attrgetter

import msgspec

from PROPPR.SharedServices.odds.book import Priced
from PROPPR.SharedServices.odds.coverage import Cover, has_two_notations
from PROPPR.SharedServices.odds.three_way_handicap import notation_of, under_home_handicap
from PROPPR.SharedServices.odds.types import Line

LineKey = tuple[str | None, float | None, str | None, str | None]
"""Label, handicap or total, player and stat: what makes two bookmakers' lines the same bet."""
Book = tuple[str, Sequence[Priced]]
"""A bookmaker and its lines of the market."""


class Shelf(msgspec.Struct, gc=False):
    """One bookmaker's fresh lines of the market: (line under the home team's handicap, its time, `own` notation)."""

    bookmaker: str
    feed: str
    commission: float
    entries: list[tuple[Line, int, bool]]


def shelf_of(market: str, book: Book, oldest: int | None, *, feed: str, commission: float) -> Shelf:
    """Return the lines that were confirmed at `oldest` (ms) or later, None for all. `feed` is whose prices they are."""
    bookmaker, priced = book
    fresh = [one for one in priced if oldest is None or one.updated_at >= oldest]
    if has_two_notations(market):
        entries = list(_one_notation(fresh))
    else:
        entries = [(one.line, one.updated_at, False) for one in fresh]
    return Shelf(bookmaker, feed, commission, entries)


def line_key(line: Line) -> LineKey:
    """Which bet the line is."""
    return (line.label, line.hdp, line.player_name, line.stat)


def promising(shelves: Sequence[Shelf], cover: Cover) -> set[LineKey]:
    """The lines whose best prices, of whichever bookmaker and before commission, leave something over.

    Nearly every line ends here, so nothing is built for it.
    """
    prices_of = attrgetter(*cover.sides)
    best: dict[LineKey, list[float]] = {}
    laid: set[LineKey] = set()
    for shelf in shelves:
        for line, _, _ in shelf.entries:
            key = (line.label, line.hdp, line.player_name, line.stat)
            if line.lay:
                laid.add(key)
            known = best.get(key)
            if known is None:
                best[key] = [price or 0.0 for price in prices_of(line)]
                continue
            for index, price in enumerate(prices_of(line)):
                if price is not None and price > known[index]:
                    known[index] = price
    return laid | {key for key, prices in best.items() if 0.0 not in prices and sum([1 / one for one in prices]) < 1}


def _one_notation(priced: Sequence[Priced]) -> Iterator[tuple[Line, int, bool]]:
    """The lines under the home team's handicap. They are put together from several, so the oldest time counts."""
    lines = [one.line for one in priced]
    if not lines:
        return
    oldest = min(one.updated_at for one in priced)
    is_own = notation_of(lines) == "own"
    for line in under_home_handicap(lines):
        yield line, oldest, is_own
