"""Value bets: a bookmaker's price against that of a sharp book for the same side of the same line.

`expected_value` is 100 * price / sharp price: 108.8 for 2.10 against 1.93. `fair_expected_value` is the same against
the sharp price without its margin (104.1 by power if the other side is 1.90), and exists only where the sharp book
prices a complete market: sides that exclude each other and leave nothing out. Asian and whole-number lines count as
complete although a stake may be returned: both prices are then conditional on its not being returned.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from PROPPR.SharedServices.odds.coverage import seems_complete_only
from PROPPR.SharedServices.odds.margin import FairOdds, MarginMethod, remove_margin
from PROPPR.SharedServices.odds.markets import MarketFamily, market_family
from PROPPR.SharedServices.odds.three_way_handicap import HIGHEST_BOOK, LOWEST_BOOK, notation_of, under_home_handicap
from PROPPR.SharedServices.odds.types import SIDES, Line, Side

DEFAULT_MINIMUM = 100.0
EXCLUSIVE_LABELS = frozenset(
    {"correct score", "correct score ht", "exact total goals", "half time result", "half time/full time", "ht/ft"}
)
"""Label markets of which one label wins. Others overlap (Double Chance) or nest (Over 2 goals, Over 3 goals)."""
HIGHEST_LABEL_BOOK = 2.0

_THREE: tuple[Side, ...] = ("home", "draw", "away")
_PAIRS: tuple[tuple[Side, ...], ...] = (("home", "away"), ("over", "under"), ("yes", "no"))
_PAIR_OF: dict[Side, tuple[Side, ...]] = {side: pair for pair in _PAIRS for side in pair}

Key = tuple[str | None, float | None, str | None, str | None]
SharpBook = tuple[str, Sequence[Line]]


class ValueBet(msgspec.Struct, frozen=True):
    """One side of a line at a price of at least the wanted expected value; field names of `all_value_bets`.

    `bet_side` is the side, for a labelled line the label (`2-1`, or `label: side` where a label has several sides).
    `market_name` holds the stat of a consolidated player market (`Player Props - Assists`). `market_hdp` is the line
    as this bookmaker writes it. `bookmaker_odds` and `sharp_odds` hold all priced sides of the line. Both expected
    values are rounded to one decimal, `fair_odds` to four; the three `fair_*` and `margin_method` (the one really
    used) are None where the sharp market is not complete.
    """

    market_name: str
    bet_side: str
    market_hdp: float | None
    player_name: str | None
    label: str | None
    bookmaker: str
    bookmaker_odds: dict[str, float]
    sharp_source: str
    sharp_odds: dict[str, float]
    expected_value: float
    fair_odds: float | None = None
    fair_expected_value: float | None = None
    margin_method: MarginMethod | None = None


def expected_value(price: float, sharp_price: float) -> float:
    """Return 100 * price / sharp price: above 100 the price is better than the sharp one."""
    return 100 * price / sharp_price


def find_value(
    market: str,
    lines: Iterable[Line],
    sharps: Sequence[SharpBook],
    minimum: float = DEFAULT_MINIMUM,
    method: MarginMethod = "power",
    *,
    bookmaker: str,
) -> list[ValueBet]:
    """Return the value bets among a bookmaker's current lines of one market.

    `sharps` are (name, lines of the same market) in order of preference: per side of a line, the first that prices it
    counts. Lines are the same if label, handicap, player and stat are. A bet needs an expected value of at least
    `minimum` (before rounding). Sharp books are no targets, and unreliable markets have no value bets.
    """
    family = market_family(market)
    if family.skip or any(bookmaker == name for name, _ in sharps):
        return []
    written = tuple(lines)
    three_way_handicap = family.kind == "handicap" and "draw" in family.sides
    own = under_home_handicap(written) if three_way_handicap else written
    books = [_Sharp(name, under_home_handicap(rows) if three_way_handicap else rows) for name, rows in sharps]
    found: list[ValueBet] = []
    fair: _Fair | None = None
    for line, side, price, book, sharp_line, sharp_price in _pairs(own, books, family.sides):
        value = expected_value(price, sharp_price)
        if value < minimum:
            continue
        fair = fair or _Fair(market, family, method, own, books)
        found.append(_bet(market, bookmaker, line, side, value, book, sharp_line, fair.odds(book, sharp_line, side)))
    if three_way_handicap and found and notation_of(written) == "own":
        return [_under_own_handicap(bet) for bet in found]
    return found


def _key(line: Line) -> Key:
    return (line.label, line.hdp, line.player_name, line.stat)


class _Sharp:
    """A sharp book's lines of the market, found by their key."""

    __slots__ = ("name", "rows")

    def __init__(self, name: str, lines: Sequence[Line]) -> None:
        self.name = name
        self.rows = {_key(line): line for line in lines}


def _pairs(
    lines: Sequence[Line], books: Sequence[_Sharp], sides: Sequence[Side]
) -> Iterator[tuple[Line, Side, float, _Sharp, Line, float]]:
    """Yield each priced side with the first sharp book that prices it too."""
    for line in lines:
        key = _key(line)
        candidates = [(book, row) for book in books if (row := book.rows.get(key)) is not None]
        if not candidates:
            continue
        for side in sides:
            price = getattr(line, side)
            if price is None:
                continue
            for book, row in candidates:
                sharp_price = getattr(row, side)
                if sharp_price is not None:
                    yield line, side, price, book, row, sharp_price
                    break


class _Fair:
    """Fair odds of the sharp books' lines of one market."""

    def __init__(
        self, market: str, family: MarketFamily, method: MarginMethod, own: Sequence[Line], books: Sequence[_Sharp]
    ) -> None:
        self._market = market
        self._family = family
        self._method = method
        self._exclusive = market.strip().casefold() in EXCLUSIVE_LABELS
        self._labels = {line.label for line in own if line.odds is not None}
        every = [own, *(book.rows.values() for book in books)]
        self._has_draw = any(line.draw is not None for lines in every for line in lines)

    def odds(self, book: _Sharp, line: Line, side: Side) -> tuple[float, MarginMethod] | None:
        """Return the side's fair odds and the method really used, or None where the market is not complete."""
        if side == "odds":
            return self._of_labels(book, line)
        sides = self._complete(line, side)
        prices = [getattr(line, each) for each in sides]
        if not prices or None in prices:
            return None
        return self._of(prices, sides.index(side), HIGHEST_BOOK)

    def _complete(self, line: Line, side: Side) -> tuple[Side, ...]:
        """Return the sides that exclude each other and leave nothing out, () where these are not known."""
        if self._family.kind == "race":  # neither team may get there
            return ()
        if seems_complete_only(self._market, line.hdp):
            return ()
        if side in _THREE and (self._has_draw or self._needs_draw):
            return _THREE
        return _PAIR_OF.get(side, ())

    @property
    def _needs_draw(self) -> bool:
        return self._family.kind == "handicap" and "draw" in self._family.sides

    def _of_labels(self, book: _Sharp, line: Line) -> tuple[float, MarginMethod] | None:
        if not self._exclusive:
            return None
        rows = [row for row in book.rows.values() if row.odds is not None]
        if {row.label for row in rows} != self._labels or len(rows) != len(self._labels):
            return None
        prices = [row.odds for row in rows if row.odds is not None]
        return self._of(prices, rows.index(line), HIGHEST_LABEL_BOOK)

    def _of(self, prices: Sequence[float], index: int, highest: float) -> tuple[float, MarginMethod] | None:
        if len(prices) < 2 or not LOWEST_BOOK <= sum(1 / price for price in prices) <= highest:
            return None
        fair: FairOdds = remove_margin(prices, self._method)
        return fair.prices[index], fair.method


def _bet(
    market: str,
    bookmaker: str,
    line: Line,
    side: Side,
    value: float,
    book: _Sharp,
    sharp_line: Line,
    fair: tuple[float, MarginMethod] | None,
) -> ValueBet:
    odds = _priced(line)
    name = f"{market} - {line.stat}" if line.stat else market
    selection: str = side
    if line.label is not None:
        selection = line.label if side == "odds" else f"{line.label}: {side}"
    bet = ValueBet(
        market_name=name,
        bet_side=selection,
        market_hdp=line.hdp,
        player_name=line.player_name,
        label=line.label,
        bookmaker=bookmaker,
        bookmaker_odds=odds,
        sharp_source=book.name,
        sharp_odds=_priced(sharp_line),
        expected_value=round(value, 1),
    )
    if fair is None:
        return bet
    fair_value = round(expected_value(odds[side], fair[0]), 1)
    return msgspec.structs.replace(
        bet, fair_odds=round(fair[0], 4), fair_expected_value=fair_value, margin_method=fair[1]
    )


def _priced(line: Line) -> dict[str, float]:
    return {side: price for side in SIDES if (price := getattr(line, side)) is not None}


def _under_own_handicap(bet: ValueBet) -> ValueBet:
    """Write the handicap as this bookmaker does, who puts draw and away under the away team's."""
    if bet.market_hdp is None or bet.bet_side == "home":
        return bet
    return msgspec.structs.replace(bet, market_hdp=0.0 - bet.market_hdp)
