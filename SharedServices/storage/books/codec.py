"""How the book of a bookmaker is written to `odds_books` and read back. Pure.

A stored market has the shape readers expect (`name`, `updatedAt`, `odds`, `players`), so that the views only filter and
rename. Where a market has two feeds, each feed's own quote is kept beside it under `feeds`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from PROPPR.SharedServices.odds.book import (
    FeedQuote,
    Market,
    Priced,
    consolidated,
    line_key,
    pack,
    restore,
    updated_at,
)
from PROPPR.SharedServices.odds.times import format_iso_ms as _format_iso_ms
from PROPPR.SharedServices.odds.times import parse_iso_ms
from PROPPR.SharedServices.odds.types import SIDES, Line

Document = dict[str, Any]

# Most rows of a write share a few times.
iso = lru_cache(maxsize=8192)(_format_iso_ms)

_NUMBERS = ("hdp", *SIDES, "max")
_PAIRS = ("lay", "depth", "depth_lay")


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
    players: dict[tuple[str, str | None, str | None], Document] = {}
    for priced in consolidated(market):
        row = _row(priced, newest)
        line = priced.line
        if line.player_name is None:
            odds.append(row)
            continue
        player = players.setdefault((line.player_name, line.team_side, line.stat), _player(line))
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
    rows = [*_lines(document)]
    changed = {line_key(line): changed_at for line, changed_at in rows}
    feeds = document.get("feeds")
    if feeds is None:
        packed = pack(tuple(line for line, _ in rows))
        at, withdrawn = parse_iso_ms(document["updatedAt"]), bool(document.get("withdrawn"))
        return restore(FeedQuote(at, document.get("sequence"), packed, withdrawn), None, changed)
    quotes = {slot: _decode_quote(stored) for slot, stored in feeds.items()}
    return restore(quotes.get("base"), quotes.get("fast"), changed)


def line_document(line: Line) -> Document:
    """The price fields of a line, without those that are empty."""
    document: Document = {}
    if line.label is not None:
        document["label"] = line.label
    for field in _NUMBERS:
        value = getattr(line, field)
        if value is not None:
            document[field] = value
    for field in _PAIRS:
        pairs = getattr(line, field)
        if pairs is not None:
            document[field] = dict(pairs)
    return document


def _row(priced: Priced, newest: int) -> Document:
    row = line_document(priced.line)
    if priced.updated_at != newest:
        row["updatedAt"] = iso(priced.updated_at)
    row["changedAt"] = iso(priced.changed_at)
    return row


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


def _decode_quote(stored: Mapping[str, Any]) -> FeedQuote:
    lines = tuple(_line(row, row) for row in stored["odds"])
    return FeedQuote(
        parse_iso_ms(stored["updatedAt"]), stored.get("sequence"), pack(lines), bool(stored.get("withdrawn"))
    )


def _lines(document: Mapping[str, Any]) -> Iterable[tuple[Line, int]]:
    for row in document.get("odds", ()):
        yield _line(row, {}), parse_iso_ms(row["changedAt"])
    for player in document.get("players", ()):
        for row in player["odds"]:
            yield _line(row, player), parse_iso_ms(row["changedAt"])


def _line(row: Mapping[str, Any], player: Mapping[str, Any]) -> Line:
    values: Document = {field: row.get(field) for field in ("label", *_NUMBERS)}
    for field in _PAIRS:
        if field in row:
            values[field] = tuple(row[field].items())
    return Line(
        player_name=player.get("player_name"), team_side=player.get("team_side"), stat=player.get("stat"), **values
    )
