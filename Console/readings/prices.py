"""How a price moved: the stored history of one side of one line at each bookmaker, and what stood at the kick-off."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from pymongo import DESCENDING
from pymongo.database import Database

from PROPPR.Console.readings.books import LineKey
from PROPPR.Console.readings.bounds import bounded

Document = dict[str, Any]
Point = tuple[datetime, float | None]
MOST_BOOKMAKERS: Final = 60
MOST_CHANGES: Final = 2_000
"""Changes of a bookmaker that are read, the newest."""
MOST_POINTS: Final = 400
"""Points of a bookmaker that are drawn."""
MOST_LOOKED_AT: Final = 500


@dataclass(frozen=True, slots=True)
class Choice:
    """Which price: a market as the views name it (`Player Props - Assists`), the line, the side."""

    market: str
    side: str
    line: LineKey = field(default_factory=LineKey)


@dataclass(frozen=True, slots=True)
class Course:
    """The prices of a bookmaker, oldest first; None is a withdrawal. `cut`: there are older changes."""

    bookmaker: str
    points: tuple[Point, ...]
    at_kickoff: float | None
    cut: bool

    @property
    def prices(self) -> list[float]:
        """All prices that there were, in order."""
        return [price for _, price in self.points if price is not None]

    @property
    def last(self) -> float | None:
        """The price that stands; None while it is withdrawn."""
        return self.points[-1][1] if self.points else None


def read_courses(database: Database[Document], fixture_id: int, kickoff: datetime, choice: Choice) -> list[Course]:
    """The course of a price at each bookmaker that ever quoted it, by name. Raises pymongo's errors."""
    line = line_condition(choice)
    shown = {"_id": 0, "timestamp": 1, "lines": {"$elemMatch": line}}
    courses = []
    with bounded():
        for bookmaker in _bookmakers(database, fixture_id):
            condition = {"fixture_id": fixture_id, "bookmaker": bookmaker, "lines": {"$elemMatch": line}}
            found = database["odds_history"].find(condition, shown).sort("timestamp", DESCENDING).limit(MOST_CHANGES)
            newest_first = [(one["timestamp"], one["lines"][0].get("price")) for one in found]
            if newest_first:
                courses.append(course_of(bookmaker, newest_first[::-1], kickoff, cut=len(newest_first) == MOST_CHANGES))
    return courses


def course_of(bookmaker: str, points: Sequence[Point], kickoff: datetime, *, cut: bool = False) -> Course:
    """A course of all its points, in order of time; equal prices behind each other are one."""
    kept: list[Point] = []
    for point in points:
        if not kept or kept[-1][1] != point[1]:
            kept.append(point)
    before = [price for at, price in kept if at <= kickoff]
    return Course(bookmaker, tuple(kept), before[-1] if before else None, cut)


def thinned(points: Sequence[Point], most: int = MOST_POINTS) -> list[Point]:
    """At most `most` of the points, in order: of each stretch the first, the lowest, the highest and the last.

    Withdrawals count as the last of their stretch where they end it. First and last of all stay, and both extremes.
    """
    if len(points) <= most:
        return list(points)
    stretches = max(1, most // 4)
    kept: list[int] = []
    for number in range(stretches):
        begin, end = (len(points) * place // stretches for place in (number, number + 1))
        priced = [(price, place) for place in range(begin, end) if (price := points[place][1]) is not None]
        chosen = {begin, end - 1} | ({min(priced)[1], max(priced)[1]} if priced else set())
        kept += sorted(chosen)
    return [points[place] for place in kept]


def read_closing(
    database: Database[Document], fixture_id: int, kickoff: datetime, market: str
) -> dict[tuple[str, LineKey, str], float]:
    """The last prices before the kick-off by (bookmaker, line, side); withdrawn ones are missing.

    Of a bookmaker's last 500 changes of the market: a price that stood for longer is missing, too. Raises pymongo's
    errors.
    """
    named = {"$or": list(_names(market))}
    prices: dict[tuple[str, LineKey, str], float | None] = {}
    with bounded():
        for bookmaker in _bookmakers(database, fixture_id):
            condition = {
                "fixture_id": fixture_id, "bookmaker": bookmaker, "timestamp": {"$lte": kickoff},
                "lines": {"$elemMatch": named},
            }  # fmt: skip
            found = database["odds_history"].find(condition, {"_id": 0, "lines": 1}).sort("timestamp", DESCENDING)
            for document in found.limit(MOST_LOOKED_AT):
                for line in document["lines"]:
                    if _is_of(line, market):
                        prices.setdefault((bookmaker, _key(line), line["side"]), line.get("price"))
    return {place: price for place, price in prices.items() if price is not None}


def line_condition(choice: Choice) -> Document:
    """The condition of an entry of `lines` to be of a side of a line."""
    line = choice.line
    return {
        "$or": list(_names(choice.market)),
        "side": choice.side,
        "hdp": {"$exists": False} if line.hdp is None else line.hdp,
        "label": line.label or {"$exists": False},
        "player_name": line.player or {"$exists": False},
    }


def _names(market: str) -> Iterable[Document]:
    """How the history may name a market: the views write a player market and its statistic as one name."""
    yield {"market": market, "stat": {"$exists": False}}
    parts = market.split(" - ")
    for place in range(1, len(parts)):
        yield {"market": " - ".join(parts[:place]), "stat": " - ".join(parts[place:])}


def _is_of(line: Document, market: str) -> bool:
    stat = line.get("stat")
    return market == (f"{line['market']} - {stat}" if stat else line["market"])


def _key(line: Document) -> LineKey:
    hdp = line.get("hdp")
    return LineKey(line.get("player_name") or "", line.get("label") or "", None if hdp is None else float(hdp))


def _bookmakers(database: Database[Document], fixture_id: int) -> list[str]:
    """Who ever quoted the fixture: from the index alone."""
    return sorted(database["odds_history"].distinct("bookmaker", {"fixture_id": fixture_id}))[:MOST_BOOKMAKERS]
