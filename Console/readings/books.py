"""What all bookmakers quote for a fixture: by market and line, with the best price of each side. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from PROPPR.Console.readings.words import handicap_text, line_text, number_in
from PROPPR.SharedServices.odds import times
from PROPPR.SharedServices.odds.coverage import covers_of
from PROPPR.SharedServices.odds.markets import market_family
from PROPPR.SharedServices.odds.types import SIDES

Document = Mapping[str, Any]
FIRST: Final = ("ML", "Spread", "Totals", "Both Teams To Score", "Draw No Bet")
"""The markets that stand first."""
_COMPLETE: Final = (("home", "draw", "away"), ("home", "away"), ("over", "under"), ("yes", "no"))


@dataclass(frozen=True, slots=True)
class LineKey:
    """Which line of a market: its man, label and number, as far as it has them."""

    player: str = ""
    label: str = ""
    hdp: float | None = None


@dataclass(frozen=True, slots=True)
class BookRow:
    """A bookmaker's quote of a line, its prices in the order of the market's sides. `margin` where it is complete."""

    bookmaker: str
    prices: tuple[float | None, ...]
    margin: float | None
    most: float | None
    lays: tuple[float | None, ...]
    confirmed: datetime | None
    changed: datetime | None


@dataclass(frozen=True, slots=True)
class LineView:
    """A line at all bookmakers. `best_margin`: what is left to the bookmakers if each side is backed at its best."""

    key: LineKey
    name: str
    rows: tuple[BookRow, ...]
    best: tuple[float | None, ...]
    best_margin: float | None

    def is_best(self, row: BookRow, place: int) -> bool:
        """Whether a bookmaker has the best price of a side, where several price it."""
        price = row.prices[place]
        return (
            price is not None
            and price == self.best[place]
            and sum(one.prices[place] is not None for one in self.rows) > 1
        )


@dataclass(frozen=True, slots=True)
class MarketView:
    """A market at all bookmakers."""

    name: str
    is_player: bool
    sides: tuple[str, ...]
    lines: tuple[LineView, ...]


@dataclass(frozen=True, slots=True)
class MarketEntry:
    """A market in the list of a fixture's markets."""

    name: str
    is_player: bool
    lines: int
    bookmakers: int
    newest: datetime | None


@dataclass(frozen=True, slots=True)
class _Row:
    bookmaker: str
    key: LineKey
    values: Document
    confirmed: datetime | None


def list_markets(team: Document | None, player: Document | None) -> tuple[MarketEntry, ...]:
    """The markets of a fixture, those on teams first, the usual ones before the others."""
    entries = []
    for is_player, books in ((False, _books(team, "bookmakers")), (True, _books(player, "markets_normalized"))):
        found: dict[str, list[tuple[str, Document]]] = {}
        for bookmaker, markets in books.items():
            for market in markets:
                found.setdefault(market["name"], []).append((bookmaker, market))
        entries += [_entry(name, is_player, quoted) for name, quoted in found.items()]
    return tuple(sorted(entries, key=lambda one: (one.is_player, _rank(one.name), -one.bookmakers, one.name)))


def market_view(document: Document | None, name: str, *, is_player: bool, sport: str = "football") -> MarketView | None:
    """A market out of the document of `team_odds` or `player_odds`; None where nobody quotes it."""
    rows = list(_rows(_books(document, "markets_normalized" if is_player else "bookmakers"), name))
    if not rows:
        return None
    sides = tuple(side for side in SIDES if any(number_in(row.values, side) is not None for row in rows))
    by_line: dict[LineKey, list[_Row]] = {}
    for row in rows:
        by_line.setdefault(row.key, []).append(row)
    three = any(number_in(row.values, "draw") is not None for row in rows)
    is_handicap = market_family(name).kind == "handicap"
    lines = [_line(key, by_line[key], sides, three, is_handicap, covers_of(name, sport)) for key in _ordered(by_line)]
    return MarketView(name, is_player, sides, tuple(lines))


def margin_of(market_has_draw: bool, prices: Mapping[str, float]) -> float | None:
    """What a bookmaker keeps of all stakes on a line, if its sides are all there are; None where they may not be."""
    for sides in _COMPLETE:
        if sides == ("home", "away") and market_has_draw:
            continue
        if all(side in prices for side in sides):
            return sum(1 / prices[side] for side in sides) - 1
    return None


def moment_of(text: object) -> datetime | None:
    """The time that a stored quote carries as text; None where it can't be read."""
    try:
        return times.moment_of(times.cached_iso_ms(str(text)))
    except ValueError:
        return None


def _books(document: Document | None, field: str) -> Mapping[str, Sequence[Document]]:
    return {} if document is None else document.get(field) or {}


def _rows(books: Mapping[str, Sequence[Document]], name: str) -> Iterator[_Row]:
    for bookmaker, markets in books.items():
        for market in markets:
            if market["name"] != name:
                continue
            for values in market.get("odds", ()):
                yield _row(bookmaker, "", values, market)
            for player in market.get("players", ()):
                for values in player["odds"]:
                    yield _row(bookmaker, str(player["player_name"]), values, market)


def _row(bookmaker: str, player: str, values: Document, market: Document) -> _Row:
    key = LineKey(player, str(values.get("label") or ""), number_in(values, "hdp"))
    return _Row(bookmaker, key, values, moment_of(values.get("updatedAt") or market.get("updatedAt")))


def _entry(name: str, is_player: bool, quoted: Sequence[tuple[str, Document]]) -> MarketEntry:
    keys = {row.key for bookmaker, market in quoted for row in _rows({bookmaker: [market]}, name)}
    times = [moment for _, market in quoted if (moment := moment_of(market.get("updatedAt"))) is not None]
    return MarketEntry(
        name, is_player, len(keys), len({bookmaker for bookmaker, _ in quoted}), max(times, default=None)
    )


def _rank(name: str) -> int:
    return FIRST.index(name) if name in FIRST else len(FIRST)


def _ordered(keys: Mapping[LineKey, Sequence[_Row]]) -> list[LineKey]:
    return sorted(keys, key=lambda key: (key.player, key.hdp is not None, key.hdp or 0.0, key.label))


def _line(
    key: LineKey, rows: Sequence[_Row], sides: Sequence[str], three: bool, is_handicap: bool, covers: Sequence[Any]
) -> LineView:
    shown = tuple(_book_row(row, sides, three) for row in sorted(rows, key=lambda one: one.bookmaker.casefold()))
    best = tuple(max((row.prices[place] or 0.0 for row in shown), default=0.0) or None for place in range(len(sides)))
    prices = {side: price for side, price in zip(sides, best, strict=True) if price is not None}
    comparable = any(
        all(side in prices for side in cover.sides) and (not cover.needs_line or key.hdp is not None)
        and cover.draw in (None, three)
        for cover in covers
    )  # fmt: skip
    number = handicap_text(key.hdp) if is_handicap else line_text(key.hdp)
    name = " ".join(part for part in (key.player, key.label, number) if part)
    return LineView(key, name, shown, best, margin_of(three, prices) if comparable else None)


def _book_row(row: _Row, sides: Sequence[str], three: bool) -> BookRow:
    prices = {side: price for side in sides if (price := number_in(row.values, side)) is not None}
    lays = row.values.get("lay")
    return BookRow(
        bookmaker=row.bookmaker,
        prices=tuple(prices.get(side) for side in sides),
        margin=margin_of(three, prices),
        most=number_in(row.values, "max"),
        lays=tuple(number_in(lays, side) if isinstance(lays, Mapping) else None for side in sides),
        confirmed=row.confirmed,
        changed=moment_of(row.values.get("changedAt")),
    )
