"""Prices above the sharp bookmaker's, as stored; those that have expired are left out before MongoDB deletes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, get_args

from pymongo.database import Database

from PROPPR.Console.readings.bounds import LOOKED_AT, bounded, each_word, newest_that
from PROPPR.Console.readings.words import number_in, selection

Document = dict[str, Any]
Order = Literal["newest", "best"]
ORDERS: Final[tuple[Order, ...]] = get_args(Order)
MOST: Final = 100


@dataclass(frozen=True, slots=True)
class ValueFilter:
    """What is listed: of at least this expected value (index of 100), of a bookmaker, a league, with these words."""

    least: float = 0.0
    bookmaker: str = ""
    league: str = ""
    text: str = ""
    order: Order = "newest"


@dataclass(frozen=True, slots=True)
class ValueBet:
    """A price above the sharp one. `expected` and `fair_expected` are on the index of 100; fair: without the margin."""

    fixture_id: int
    fixture: str
    league: str
    bookmaker: str
    selection: str
    price: float | None
    sharp: str
    sharp_price: float | None
    fair_price: float | None
    expected: float
    fair_expected: float | None
    method: str
    created_at: datetime
    last_updated: datetime
    expires_at: datetime


def read_values(database: Database[Document], now: datetime, wanted: ValueFilter) -> tuple[ValueBet, ...]:
    """The value bets that the filter asks for, of the 20,000 that changed last. Raises pymongo's errors."""
    conditions: Document = {"expires_at": {"$gt": now}}
    if wanted.least > 0:
        conditions["expected_value"] = {"$gte": wanted.least}
    if wanted.bookmaker:
        conditions["bookmaker"] = wanted.bookmaker
    if wanted.league:
        conditions["league"] = wanted.league
    words = each_word(wanted.text, ("event_name", "market_name", "player_name"))
    if words:
        conditions["$and"] = words
    pipeline = newest_that(conditions, "last_updated", MOST, LOOKED_AT)
    if wanted.order == "best":
        pipeline.insert(-1, {"$sort": {"expected_value": -1, "_id": 1}})
    with bounded():
        return values_of(database["all_value_bets"].aggregate(pipeline))


def values_of(documents: Iterable[Mapping[str, Any]]) -> tuple[ValueBet, ...]:
    """Stored value bets as values."""
    return tuple(_value(document) for document in documents)


def _value(document: Mapping[str, Any]) -> ValueBet:
    label = str(document.get("label") or "")
    side = document["bet_side"]
    key = side.removeprefix(f"{label}: ") if label else side
    prices = [_price(document.get(name), key) for name in ("bookmaker_odds", "sharp_odds")]
    return ValueBet(
        fixture_id=int(document["event_id"]),
        fixture=document["event_name"],
        league=document["league"],
        bookmaker=document["bookmaker"],
        selection=selection(document["market_name"], side, document.get("market_hdp"), document.get("player_name")),
        price=prices[0],
        sharp=document["sharp_source"],
        sharp_price=prices[1],
        fair_price=number_in(document, "fair_odds"),
        expected=float(document["expected_value"]),
        fair_expected=number_in(document, "fair_expected_value"),
        method=str(document.get("margin_method") or ""),
        created_at=document["created_at"],
        last_updated=document["last_updated"],
        expires_at=document["expires_at"],
    )


def _price(odds: object, side: str) -> float | None:
    """The price of a side; of a label's single price whatever side it stands under."""
    if not isinstance(odds, Mapping):
        return None
    alone = next(iter(odds), side) if len(odds) == 1 else side
    return number_in(odds, side if side in odds else alone)
