"""Bookmakers' lines of one market side by side, and which of them may hold an arbitrage at all. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from operator import attrgetter

import msgspec

from PROPPR.SharedServices.odds.book import Priced
from PROPPR.SharedServices.odds.combinations import lay_slot, least_cost, plans_of
from PROPPR.SharedServices.odds.commission import lay_price
from PROPPR.SharedServices.odds.coverage import Cover, has_two_notations
from PROPPR.SharedServices.odds.three_way_handicap import notation_of, under_home_handicap
from PROPPR.SharedServices.odds.types import Line

LineKey = tuple[str | None, float | None, str | None, str | None]
"""Label, handicap or total, player and stat: what makes two bookmakers' lines the same bet."""
Book = tuple[str, Sequence[Priced]]
"""A bookmaker and its lines of the market."""
Entry = tuple[Line, int, bool]
"""A line under the home team's handicap, its time, and whether the bookmaker writes draw and away under their own."""


class Shelf(msgspec.Struct, gc=False):
    """One bookmaker's fresh lines of the market. `feed` is whose prices they are."""

    bookmaker: str
    feed: str
    commission: float
    entries: list[Entry]


def shelf_of(market: str, book: Book, oldest: int | None, *, feed: str, commission: float) -> Shelf:
    """Return the lines that were confirmed at `oldest` (ms) or later, None for all."""
    bookmaker, priced = book
    fresh = [one for one in priced if oldest is None or one.updated_at >= oldest]
    if has_two_notations(market):
        entries = list(_one_notation(fresh))
    else:
        entries = [(one.line, one.updated_at, False) for one in fresh]
    return Shelf(bookmaker, feed, commission, entries)


def promising(shelves: Sequence[Shelf], cover: Cover) -> set[LineKey]:
    """The lines whose best prices after commission, of whichever bookmakers, leave something over.

    Nearly every line ends here, so nothing is built for it.
    """
    count = len(cover.sides)
    best: dict[LineKey, list[float]] = {}
    laid: set[LineKey] = set()
    for shelf in shelves:
        _raise(best, laid, shelf, cover)
    found = {
        key for key, odds in best.items() if 0.0 not in odds[:count] and sum([1 / one for one in odds[:count]]) < 1
    }
    if count > 2:
        plans = plans_of(count, with_lays=True)
        found |= {key for key in laid - found if least_cost(best[key], plans) < 1}
    return found


def by_line(shelves: Sequence[Shelf], wanted: Collection[LineKey]) -> dict[LineKey, list[tuple[Shelf, Entry]]]:
    """Gather what all bookmakers have of the wanted lines."""
    gathered: dict[LineKey, list[tuple[Shelf, Entry]]] = {key: [] for key in wanted}
    for shelf in shelves:
        for entry in shelf.entries:
            line = entry[0]
            rows = gathered.get((line.label, line.hdp, line.player_name, line.stat))
            if rows is not None:
                rows.append((shelf, entry))
    return gathered


def _raise(best: dict[LineKey, list[float]], laid: set[LineKey], shelf: Shelf, cover: Cover) -> None:
    """Raise the best effective odds of each slot by a bookmaker's. Flat on purpose: this is the hot path."""
    prices_of = attrgetter(*cover.sides)
    blank = [0.0] * (2 * len(cover.sides))
    kept = 1 - shelf.commission
    for line, _, _ in shelf.entries:
        key = (line.label, line.hdp, line.player_name, line.stat)
        known = best.get(key)
        if known is None:
            known = best[key] = blank.copy()
        prices = prices_of(line)
        if kept != 1:
            prices = tuple(None if price is None else 1 + (price - 1) * kept for price in prices)
        for slot, price in enumerate(prices):
            if price is not None and price > known[slot]:
                known[slot] = price
        if line.lay:
            laid.add(key)
            for side, price in line.lay:
                if side in cover.sides:
                    slot = lay_slot(cover.sides.index(side), len(cover.sides))
                    known[slot] = max(known[slot], lay_price(price, shelf.commission))


def _one_notation(priced: Sequence[Priced]) -> Iterator[Entry]:
    """The lines under the home team's handicap. They are put together from several, so the oldest time counts."""
    lines = [one.line for one in priced]
    if not lines:
        return
    oldest = min(one.updated_at for one in priced)
    is_own = notation_of(lines) == "own"
    for line in under_home_handicap(lines):
        yield line, oldest, is_own
