"""The bets that bookmakers offer on one line: what each pays on, after commission, up to which stake. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from PROPPR.SharedServices.odds.combinations import Candidate, lay_slot
from PROPPR.SharedServices.odds.commission import back_price, lay_price
from PROPPR.SharedServices.odds.coverage import Cover
from PROPPR.SharedServices.odds.shelves import Entry, Shelf
from PROPPR.SharedServices.odds.types import Line, Side


class Row(msgspec.Struct, frozen=True, gc=False):
    """One bookmaker's line, under the home team's handicap.

    `home_hdp` and `other_hdp` are the handicaps as the bookmaker writes them for the home side and for the others.
    """

    bookmaker: str
    feed: str
    commission: float
    line: Line
    updated_at: int
    home_hdp: float | None
    other_hdp: float | None


def row_of(shelf: Shelf, entry: Entry) -> Row:
    """Name the bookmaker of a line, and its own handicaps."""
    line, at, is_own = entry
    other = None if line.hdp is None else 0.0 - line.hdp if is_own else line.hdp
    return Row(shelf.bookmaker, shelf.feed, shelf.commission, line, at, line.hdp, other)


def comparable(rows: Sequence[Row], cover: Cover) -> Iterator[list[Row]]:
    """Yield the rows that mean the same bet: those that fit the cover, apart by team where players share a name.

    A bookmaker that does not say which team a player is of is taken to mean either.
    """
    fitting = [row for row in rows if cover.accepts(row.line) and _fits(row.line, cover)]
    teams = {row.line.team_side for row in fitting} - {None}
    if len(teams) < 2:
        yield fitting
        return
    for team in ("home", "away"):
        yield [row for row in fitting if row.line.team_side in (team, None)]


def slots_of(rows: Sequence[Row], sides: Sequence[Side]) -> list[list[Candidate]]:
    """Return the bets of each slot of `plans_of`: backed and, at exchanges, laid."""
    slots: list[list[Candidate]] = [[] for _ in range(2 * len(sides))]
    for row in rows:
        laid = dict(row.line.lay or ())
        for index, side in enumerate(sides):
            price = getattr(row.line, side)
            if price is not None:
                slots[index].append(_backed(row, side, price))
            if side in laid:
                slots[lay_slot(index, len(sides))].append(_laid(row, side, laid[side]))
    return slots


def contradicts_itself(rows: Sequence[Row], sides: Sequence[Side], bookmaker: str) -> bool:
    """Tell whether a bookmaker's own prices of the line leave a margin, which no bookmaker means to offer."""
    for row in rows:
        prices = [getattr(row.line, side) for side in sides]
        if row.bookmaker == bookmaker and None not in prices and sum(1 / price for price in prices) < 1 - 1e-9:
            return True
    return False


def _fits(line: Line, cover: Cover) -> bool:
    return cover.draw is None or (line.draw is not None) is cover.draw


def _backed(row: Row, side: Side, price: float) -> Candidate:
    waiting = _amount(row.line.depth, side)
    limit = row.line.max if waiting is None else waiting
    effective = back_price(price, row.commission)
    return Candidate(effective, row.updated_at, row.bookmaker, row.feed, side, False, price, row.commission, limit)


def _laid(row: Row, side: Side, price: float) -> Candidate:
    limit = _amount(row.line.depth_lay, side)
    effective = lay_price(price, row.commission)
    return Candidate(effective, row.updated_at, row.bookmaker, row.feed, side, True, price, row.commission, limit)


def _amount(pairs: tuple[tuple[str, float], ...] | None, side: str) -> float | None:
    return None if pairs is None else next((amount for name, amount in pairs if name == side), None)
