"""How the book of a bookmaker is written to `odds_books` and read back. Pure.

A stored market has the shape readers expect (`name`, `updatedAt`, `odds`, `players`), so that the views only filter and
rename. Where a market has two feeds, each feed's own quote is kept beside it under `feeds`.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal

import msgspec

from PROPPR.SharedServices.odds.book import (
    FeedQuote,
    FeedSlot,
    Market,
    consolidated,
    pack,
    restore,
    updated_at,
)
from PROPPR.SharedServices.odds.changes import line_key
from PROPPR.SharedServices.odds.times import cached_iso_ms
from PROPPR.SharedServices.odds.times import format_iso_ms as _format_iso_ms
from PROPPR.SharedServices.odds.types import Line

Document = dict[str, Any]

# Most rows of a write share a few times.
iso = lru_cache(maxsize=8192)(_format_iso_ms)

Who = tuple[str | None, Literal["home", "away"] | None, str | None]
"""A line's player, team side and stat."""
Pairs = dict[str, float] | None
_NOBODY: Who = (None, None, None)


class _Row(msgspec.Struct, gc=False, rename={"changed_at": "changedAt"}):
    """A stored row. Whose it is stands in it only where it is a feed's own."""

    label: str | None = None
    hdp: float | None = None
    home: float | None = None
    draw: float | None = None
    away: float | None = None
    over: float | None = None
    under: float | None = None
    yes: float | None = None
    no: float | None = None
    odds: float | None = None
    max: float | None = None
    player_name: str | None = None
    team_side: Literal["home", "away"] | None = None
    stat: str | None = None
    lay: Pairs = None
    depth: Pairs = None
    depth_lay: Pairs = None
    changed_at: str = ""


class _Player(msgspec.Struct, gc=False):
    """The rows of a player, or of one statistic of his."""

    player_name: str
    odds: list[_Row]
    team_side: Literal["home", "away"] | None = None
    stat: str | None = None


class _Quote(msgspec.Struct, gc=False, rename="camel"):
    """A feed's own quote."""

    updated_at: str
    odds: list[_Row]
    sequence: int | None = None
    withdrawn: bool = False


class _Market(_Quote, gc=False, kw_only=True):
    """A stored market."""

    players: list[_Player]
    feeds: dict[FeedSlot, _Quote] | None = None


# msgspec learns a type where it is first used, and crashes the process where two threads do so at once (0.22.0).
msgspec.json.Decoder(_Market)


def market_key(name: str) -> str:
    """The field name a market is stored under: dots and dollars, which MongoDB would interpret, are escaped."""
    return name.replace("%", "%25").replace(".", "%2E").replace("$", "%24")


def book_id(fixture_id: int, bookmaker: str, segment: str) -> str:
    """The `_id` of a stored segment."""
    return f"{fixture_id}|{bookmaker}|{segment}"


def encode_market(name: str, market: Market) -> Document:
    """The stored form of a market. A withdrawn market keeps its version and shows no rows."""
    newest = updated_at(market)
    odds: list[Document] = []
    players: dict[Who, Document] = {}
    for priced in consolidated(market):
        line = priced.line
        row = line_document(line)
        if priced.updated_at != newest:
            row["updatedAt"] = iso(priced.updated_at)
        row["changedAt"] = iso(priced.changed_at)
        if line.player_name is None:
            odds.append(row)
            continue
        who = (line.player_name, line.team_side, line.stat)
        player = players.get(who)
        if player is None:
            player = players[who] = _player(line)
        player["odds"].append(row)
    document: Document = {"name": name, "updatedAt": iso(newest), "odds": odds}
    document["players"] = list(players.values())
    if market.fast is None and market.base is not None:
        document["sequence"] = market.base.sequence
        if market.base.withdrawn:
            document["withdrawn"] = True
    else:
        document["feeds"] = {slot: _encode_quote(quote) for slot, quote in _feeds(market) if quote is not None}
    return document


def decode_market(document: Mapping[str, Any]) -> Market:
    """Rebuild a market from its stored form."""
    stored = msgspec.convert(document, _Market)
    rows = [*stored.odds]
    lines = [_line(row, _NOBODY) for row in rows]
    for player in stored.players:
        who = (player.player_name, player.team_side, player.stat)
        lines += [_line(row, who) for row in player.odds]
        rows += player.odds
    times = [cached_iso_ms(row.changed_at) for row in rows]
    if stored.feeds is None:
        quote = FeedQuote(cached_iso_ms(stored.updated_at), stored.sequence, pack(tuple(lines)), stored.withdrawn)
        return Market(quote, None, array("q", times).tobytes())
    quotes = {slot: _decode_quote(quote) for slot, quote in stored.feeds.items()}
    return restore(quotes.get("base"), quotes.get("fast"), dict(zip(map(line_key, lines), times, strict=True)))


def line_document(line: Line) -> Document:  # noqa: C901 - written out: a sixth of the time of a loop, on the hot path
    """The price fields of a line, without those that are empty."""
    document: Document = {}
    if line.label is not None:
        document["label"] = line.label
    if line.hdp is not None:
        document["hdp"] = line.hdp
    if line.home is not None:
        document["home"] = line.home
    if line.draw is not None:
        document["draw"] = line.draw
    if line.away is not None:
        document["away"] = line.away
    if line.over is not None:
        document["over"] = line.over
    if line.under is not None:
        document["under"] = line.under
    if line.yes is not None:
        document["yes"] = line.yes
    if line.no is not None:
        document["no"] = line.no
    if line.odds is not None:
        document["odds"] = line.odds
    if line.max is not None:
        document["max"] = line.max
    if line.lay is not None:
        document["lay"] = dict(line.lay)
    if line.depth is not None:
        document["depth"] = dict(line.depth)
    if line.depth_lay is not None:
        document["depth_lay"] = dict(line.depth_lay)
    return document


def _player(line: Line) -> Document:
    player: Document = {"player_name": line.player_name}
    if line.team_side is not None:
        player["team_side"] = line.team_side
    if line.stat is not None:
        player["stat"] = line.stat
    player["odds"] = []
    return player


def _feeds(market: Market) -> tuple[tuple[str, FeedQuote | None], ...]:
    return (("base", market.base), ("fast", market.fast))


def _encode_quote(quote: FeedQuote) -> Document:
    rows = []
    for line in quote.lines():
        row = line_document(line)
        if line.player_name is not None:
            row |= {key: value for key, value in _player(line).items() if key != "odds"}
        rows.append(row)
    stored: Document = {"updatedAt": iso(quote.updated_at), "sequence": quote.sequence, "odds": rows}
    if quote.withdrawn:
        stored["withdrawn"] = True
    return stored


def _decode_quote(stored: _Quote) -> FeedQuote:
    lines = tuple([_line(row, (row.player_name, row.team_side, row.stat)) for row in stored.odds])
    return FeedQuote(cached_iso_ms(stored.updated_at), stored.sequence, pack(lines), stored.withdrawn)


def _line(row: _Row, who: Who) -> Line:
    return Line(
        row.label, row.hdp, row.home, row.draw, row.away, row.over, row.under, row.yes, row.no, row.odds, row.max,
        who[0], who[1], who[2], _pairs(row.lay), _pairs(row.depth), _pairs(row.depth_lay),
    )  # fmt: skip


def _pairs(stored: Pairs) -> tuple[tuple[str, float], ...] | None:
    return None if stored is None else tuple(stored.items())
