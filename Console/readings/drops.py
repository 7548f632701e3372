"""The newest falls of prices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pymongo.database import Database

from PROPPR.Console.readings.bounds import LOOKED_AT, bounded, newest_that
from PROPPR.Console.readings.fixtures import fixture_ids, fixture_names
from PROPPR.Console.readings.words import selection

Document = dict[str, Any]
MOST: Final = 100


@dataclass(frozen=True, slots=True)
class DropFilter:
    """What is listed: falls of at least so many percent, of a bookmaker, of a league ("Country - League")."""

    least: float = 0.0
    bookmaker: str = ""
    league: str = ""

    @property
    def is_any(self) -> bool:
        """Whether everything is listed."""
        return self == DropFilter()


@dataclass(frozen=True, slots=True)
class Drop:
    """A price that fell. `at` is the bookmaker's time, `recorded_at` ours."""

    at: datetime
    recorded_at: datetime
    fixture_id: int
    fixture: str
    league: str
    bookmaker: str
    selection: str
    old: float
    new: float
    percent: float


def read_drops(database: Database[Document], now: datetime, wanted: DropFilter) -> tuple[Drop, ...]:
    """The newest drops that the filter asks for, of the newest 20,000 of all. Raises pymongo's errors."""
    conditions: Document = {}
    with bounded():
        if wanted.least > 0:
            conditions["drop_pct"] = {"$gte": wanted.least}
        if wanted.bookmaker:
            conditions["bookmaker"] = wanted.bookmaker
        if wanted.league:
            conditions["fixture_id"] = {"$in": fixture_ids(database, now, wanted.league)}
        pipeline = newest_that(conditions, "recorded_at", MOST, LOOKED_AT)
        documents = list(database["price_drops"].aggregate(pipeline))
        return drops_of(documents, fixture_names(database, [document["fixture_id"] for document in documents]))


def drops_of(documents: Iterable[Mapping[str, Any]], names: Mapping[int, tuple[str, str]]) -> tuple[Drop, ...]:
    """Stored drops with the names of their fixtures."""
    found = []
    for document in documents:
        fixture_id = int(document["fixture_id"])
        name, league = names.get(fixture_id, (f"fixture {fixture_id}", ""))
        who = document.get("player_name") or document.get("label")
        stat = document.get("stat")
        market = f"{document['market']} - {stat}" if stat else document["market"]
        found.append(
            Drop(
                at=document["timestamp"],
                recorded_at=document["recorded_at"],
                fixture_id=fixture_id,
                fixture=name,
                league=league,
                bookmaker=document["bookmaker"],
                selection=selection(market, document["side"], document.get("hdp"), who),
                old=float(document["old_odds"]),
                new=float(document["new_odds"]),
                percent=float(document["drop_pct"]),
            )
        )
    return tuple(found)
