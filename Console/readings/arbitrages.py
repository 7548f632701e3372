"""Bets at different bookmakers that together win whatever happens, as long as they hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pymongo.database import Database

from PROPPR.Console.readings.bounds import bounded, newest_that
from PROPPR.Console.readings.words import handicap_text, number_in, selection

Document = dict[str, Any]
MOST: Final = 100
LOOKED_AT: Final = 2_000


@dataclass(frozen=True, slots=True)
class ArbitrageFilter:
    """What is listed: of at least this margin (0.01 is 1 %), in a league, without probable price errors."""

    least: float = 0.0
    league: str = ""
    errors: bool = True


@dataclass(frozen=True, slots=True)
class Leg:
    """What to bet at one bookmaker. `stake` is the backer's where the bet is laid, `risk` what it may cost."""

    bookmaker: str
    what: str
    price: float
    commission: float
    stake: float
    risk: float
    returned: float
    confirmed: datetime | None


@dataclass(frozen=True, slots=True)
class Arbitrage:
    """An arbitrage. `margin` 0.01 is 1 %, of `total_stake`; `since`: when these legs at these prices came together."""

    fixture_id: int
    fixture: str
    league: str
    selection: str
    legs: tuple[Leg, ...]
    margin: float
    total_stake: float
    guaranteed: float
    most: float | None
    probable_error: bool
    in_play: bool
    since: datetime
    expires_at: datetime


def read_arbitrages(database: Database[Document], now: datetime, wanted: ArbitrageFilter) -> tuple[Arbitrage, ...]:
    """The arbitrages that hold, the largest first, probable price errors last. Raises pymongo's errors."""
    conditions: Document = {"expires_at": {"$gt": now}}
    if wanted.least > 0:
        conditions["margin"] = {"$gte": wanted.least}
    if wanted.league:
        conditions["league"] = wanted.league
    if not wanted.errors:
        conditions["probable_error"] = False
    pipeline = newest_that(conditions, "last_updated", MOST, LOOKED_AT)
    pipeline.insert(-1, {"$sort": {"probable_error": 1, "margin": -1, "_id": 1}})
    with bounded():
        return arbitrages_of(database["arbitrage_bets"].aggregate(pipeline))


def arbitrages_of(documents: Iterable[Mapping[str, Any]]) -> tuple[Arbitrage, ...]:
    """Stored arbitrages as values."""
    return tuple(_arbitrage(document) for document in documents)


def _arbitrage(document: Mapping[str, Any]) -> Arbitrage:
    who = document.get("player_name") or document.get("label")
    return Arbitrage(
        fixture_id=int(document["event_id"]),
        fixture=document["event_name"],
        league=document["league"],
        selection=selection(document["market_name"], "", document.get("market_hdp"), who),
        legs=tuple(_leg(leg) for leg in document["legs"]),
        margin=float(document["margin"]),
        total_stake=float(document["total_stake"]),
        guaranteed=float(document["guaranteed_return"]),
        most=number_in(document, "max_stake"),
        probable_error=document["probable_error"],
        in_play=document["in_play"],
        since=document["created_at"],
        expires_at=document["expires_at"],
    )


def _leg(leg: Mapping[str, Any]) -> Leg:
    side, hdp = leg["side"], number_in(leg, "hdp")
    number = handicap_text(hdp) if side in ("home", "draw", "away") else f"{hdp:g}" if hdp is not None else ""
    stake = float(leg["stake"])
    return Leg(
        bookmaker=leg["bookmaker"],
        what=" ".join(part for part in ("lay" if leg["lay"] else "", side, number) if part),
        price=float(leg["odds"]),
        commission=float(leg["commission"]),
        stake=stake,
        risk=number_in(leg, "liability") or stake,
        returned=float(leg["potential_return"]),
        confirmed=leg.get("updated_at"),
    )
