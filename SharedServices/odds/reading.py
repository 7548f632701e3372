"""A bookmaker's markets to market updates: all at once where they are regular, one by one where something is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from PROPPR.SharedServices.odds.bookmakers import book_of
from PROPPR.SharedServices.odds.fields import read_list, read_object, read_quote_time, read_text
from PROPPR.SharedServices.odds.markets import market_family
from PROPPR.SharedServices.odds.normalise import merge_lines, normalise_rows
from PROPPR.SharedServices.odds.rejects import Reject, WireError, redacted_excerpt
from PROPPR.SharedServices.odds.rows import MAX_MARKETS, MAX_ROWS, ExchangeMarket, Market, read_row
from PROPPR.SharedServices.odds.types import Line, MarketUpdate, Source


class Origin(msgspec.Struct, frozen=True, gc=False):
    """Where markets come from: what every update of one message or one REST book shares."""

    fixture_id: int
    feed: str
    sequence: int | None
    received_at: int | None
    source: Source


class MarketsRead(msgspec.Struct, frozen=True, gc=False):
    """The markets that could be read, what was refused, and how many were skipped as unreliable."""

    updates: tuple[MarketUpdate, ...]
    rejects: tuple[Reject, ...] = ()
    skipped: int = 0


def read_typed_markets(markets: Sequence[Market | ExchangeMarket], origin: Origin) -> MarketsRead:
    """Turn decoded markets into updates. Raises WireError if anything is wrong: read them one by one then."""
    if len(markets) > MAX_MARKETS:
        raise WireError("too_many", "markets")
    bookmaker = book_of(origin.feed)
    updates = []
    names = set()
    for market in markets:
        name = read_text(market.name, "name")
        family = market_family(name)
        if family.skip:
            continue
        rows = market.odds or []
        if len(rows) > MAX_ROWS:
            raise WireError("too_many", "odds")
        updated_at = read_quote_time(market.updated_at, "updatedAt", origin.received_at)
        lines = normalise_rows(rows, name)
        names.add(name)
        updates.append(_update(origin, bookmaker, name, updated_at, lines, family.is_player))
    skipped = len(markets) - len(updates)
    if len(names) != len(updates):
        updates = _merge_duplicates(updates)
    return MarketsRead(tuple(updates), (), skipped)


def read_loose_markets(value: object, origin: Origin, path: str) -> MarketsRead:
    """Read markets of plain JSON values one by one: what is wrong is refused with its path, the rest is kept.

    A market with one wrong row is refused whole, since its rows are a complete list; so are all parts of a market of
    which one part is refused. Raises WireError only if `value` is no list of markets at all.
    """
    bookmaker = book_of(origin.feed)
    updates: list[MarketUpdate] = []
    rejects: list[Reject] = []
    refused: set[str] = set()
    skipped = 0
    for index, item in enumerate(read_list(value, path, MAX_MARKETS)):
        try:
            update = _read_market(item, origin, bookmaker)
        except WireError as error:
            located = error.under(f"{path}[{index}]")
            name = item.get("name") if isinstance(item, dict) else None
            name = name if isinstance(name, str) else ""
            rejects.append(Reject(located.reason, located.field, True, origin.fixture_id, redacted_excerpt(name)))
            refused.add(name)
            continue
        if update is None:
            skipped += 1
        else:
            updates.append(update)
    kept = [update for update in updates if update.market not in refused]
    return MarketsRead(tuple(_merge_duplicates(kept)), tuple(rejects), skipped)


def _read_market(item: object, origin: Origin, bookmaker: str) -> MarketUpdate | None:
    market = read_object(item, "")
    name = read_text(market.get("name"), "name")
    family = market_family(name)
    if family.skip:
        return None
    updated_at = read_quote_time(market.get("updatedAt"), "updatedAt", origin.received_at)
    if "odds" not in market:
        raise WireError("missing", "odds")
    lines = _read_rows(read_list(market["odds"], "odds", MAX_ROWS), name)
    return _update(origin, bookmaker, name, updated_at, lines, family.is_player)


def _read_rows(items: list[Any], name: str) -> tuple[Line, ...]:
    rows = []
    for index, item in enumerate(items):
        try:
            rows.append(read_row(item))
        except WireError as error:
            raise error.under(f"odds[{index}]") from None
    try:
        return normalise_rows(rows, name)
    except WireError as error:
        raise error.under("odds") from None


def _update(
    origin: Origin, bookmaker: str, name: str, updated_at: int, lines: tuple[Line, ...], is_player: bool
) -> MarketUpdate:
    return MarketUpdate(
        origin.fixture_id,
        bookmaker,
        origin.feed,
        name,
        is_player,
        updated_at,
        origin.sequence,
        lines,
        origin.source,
    )


def _merge_duplicates(updates: list[MarketUpdate]) -> list[MarketUpdate]:
    """Join the parts of a market that a message holds more than once: all rows, the newest time, older rows first."""
    by_name: dict[str, list[MarketUpdate]] = {}
    for update in updates:
        by_name.setdefault(update.market, []).append(update)
    merged = []
    for parts in by_name.values():
        parts.sort(key=lambda part: part.updated_at)
        if len(parts) > 1:
            lines = merge_lines([part.lines for part in parts])
            merged.append(msgspec.structs.replace(parts[-1], lines=lines))
        else:
            merged.append(parts[0])
    return merged
