"""The list of fixtures: live ones first, then by kick-off, each with how many bookmakers price it and how newly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, get_args

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database

from PROPPR.Console.readings.bounds import bounded, each_word
from PROPPR.Console.readings.words import league_text
from PROPPR.SharedServices.odds.statuses import OVER
from PROPPR.SharedServices.storage.fixtures import LONGEST_MATCH

Document = dict[str, Any]
Shown = Literal["current", "live", "next", "over"]
State = Literal["live", "due", "next", "over"]
SHOWN: Final[tuple[Shown, ...]] = get_args(Shown)
PAGE_SIZE: Final = 100
MOST_PAGES: Final = 100
MOST_LEAGUES: Final = 600
BACK: Final = timedelta(days=3)
"""How long ago what is listed as over may have kicked off."""
_HEAD: Final = dict.fromkeys(("id", "home", "away", "country", "league", "kickoff", "status", "scores"), 1) | {"_id": 0}

# A book stays stored when all its markets are withdrawn: it counts while one of them has a price.
_PRICED: Final[Document] = {
    "$anyElementTrue": {
        "$map": {
            "input": {"$objectToArray": "$markets"},
            "as": "market",
            "in": {"$or": [{"$ne": ["$$market.v.odds", []]}, {"$ne": ["$$market.v.players", []]}]},
        }
    }
}


@dataclass(frozen=True, slots=True)
class FixtureFilter:
    """What is listed. `text`: words of teams and league, or the id; `league`: "Country - League"; `page` from 1."""

    text: str = ""
    league: str = ""
    shown: Shown = "current"
    page: int = 1


@dataclass(frozen=True, slots=True)
class FixtureRow:
    """A fixture. `due`: its kick-off has passed and nobody has said that it began."""

    id: int
    home: str
    away: str
    league: str
    kickoff: datetime
    state: State
    status: str
    score: str
    bookmakers: int
    newest: datetime | None


@dataclass(frozen=True, slots=True)
class FixtureList:
    """A page of the list. `total` counts all that the filter finds, of those at most what the pages can show."""

    rows: tuple[FixtureRow, ...]
    total: int
    live: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // PAGE_SIZE))


def read_fixtures(database: Database[Document], now: datetime, wanted: FixtureFilter) -> FixtureList:
    """A page of the fixtures. Raises pymongo's errors."""
    with bounded():
        parts = _parts(wanted, now)
        fixtures = database["fixtures"]
        most = PAGE_SIZE * MOST_PAGES
        counts = [fixtures.count_documents(condition, limit=most) for condition, _ in parts]
        total = min(most, sum(counts))
        page = min(max(1, wanted.page), max(1, -(-total // PAGE_SIZE)))
        skip = (page - 1) * PAGE_SIZE
        documents: list[Document] = []
        for (condition, order), count in zip(parts, counts, strict=True):
            left = PAGE_SIZE - len(documents)
            if left and skip < count:
                found = fixtures.find(condition, _HEAD).sort("kickoff", order).skip(skip)
                documents += found.limit(left)
            skip = max(0, skip - count)
        books = _books(database, [document["id"] for document in documents])
        live = counts[0] if wanted.shown in ("current", "live") else 0
        return FixtureList(tuple(_row(each, books, now) for each in documents), total, live, page)


def read_leagues(database: Database[Document], now: datetime) -> list[str]:
    """The leagues of the fixtures that are live or come, as "Country - League", in order. Raises pymongo's errors."""
    pipeline: list[Document] = [
        {"$match": {"kickoff": {"$gte": now - LONGEST_MATCH}}},
        {"$group": {"_id": {"country": "$country", "league": "$league"}}},
        {"$limit": MOST_LEAGUES},
    ]
    with bounded():
        found = database["fixtures"].aggregate(pipeline)
        return sorted({league_text(row["_id"].get("country"), row["_id"].get("league")) for row in found} - {""})


def fixture_ids(database: Database[Document], now: datetime, league: str, limit: int = 5000) -> list[int]:
    """The fixtures of a league that kicked off since yesterday or will. Raises pymongo's errors."""
    condition = {"kickoff": {"$gte": now - timedelta(days=1)}, **in_league(league)}
    return [document["id"] for document in database["fixtures"].find(condition, {"_id": 0, "id": 1}).limit(limit)]


def fixture_names(database: Database[Document], ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """`Home - Away` and the league of these fixtures; those that nobody knows are missing. Raises pymongo's errors."""
    shown = {"_id": 0, "id": 1, "home": 1, "away": 1, "country": 1, "league": 1}
    found = database["fixtures"].find({"id": {"$in": sorted(set(ids))}}, shown)
    return {
        int(one["id"]): (f"{one['home']} - {one['away']}", league_text(one.get("country"), one.get("league")))
        for one in found
    }


def in_league(league: str) -> Document:
    """The condition of a fixture to be in a league, as "Country - League"."""
    names = [{"$concat": ["$country", " - ", "$league"]}, "$league", "$country"]  # either may be empty
    return {"$expr": {"$in": [league, names]}} if league else {}


def state_of(status: str, kickoff: datetime, now: datetime) -> State:
    """Where a fixture stands. A `live` that was never corrected is over."""
    if status in OVER or kickoff < now - LONGEST_MATCH:
        return "over"
    if status == "live":
        return "live"
    return "due" if kickoff <= now else "next"


def score_of(document: Mapping[str, Any]) -> str:
    """`2-1`; empty where none is known."""
    scores = document.get("scores")
    goals = [scores.get(side) for side in ("home", "away")] if isinstance(scores, Mapping) else []
    return f"{goals[0]}-{goals[1]}" if goals and all(isinstance(each, int | float) for each in goals) else ""


def _parts(wanted: FixtureFilter, now: datetime) -> list[tuple[Document, int]]:
    """The conditions of what is listed, one behind the other, each with its order by kick-off."""
    recent = {"$gte": now - LONGEST_MATCH}
    live: Document = {"status": "live", "kickoff": recent}
    coming: Document = {"kickoff": recent, "status": {"$nin": ["live", *sorted(OVER)]}}
    begin: Document = {"$gte": now - BACK, "$lte": now}
    over: Document = {
        "kickoff": begin,
        "$or": [{"status": {"$in": sorted(OVER)}}, {"kickoff": {"$lt": now - LONGEST_MATCH}}],
    }
    chosen = {
        "current": [(live, ASCENDING), (coming, ASCENDING)],
        "live": [(live, ASCENDING)],
        "next": [(coming, ASCENDING)],
        "over": [(over, DESCENDING)],
    }[wanted.shown]
    named = _named(wanted.text)
    league = in_league(wanted.league)
    return [({**condition, **league, **({"$and": named} if named else {})}, order) for condition, order in chosen]


def _named(text: str) -> list[Document]:
    words = each_word(text, ("home", "away", "league", "country"))
    number = text.strip()
    if number.isascii() and number.isdigit() and len(number) < 19:
        return [{"$or": [{"id": int(number)}, {"$and": words}]}]
    return words


def _books(database: Database[Document], ids: Sequence[int]) -> dict[int, tuple[int, datetime]]:
    """How many bookmakers price each fixture, and when the newest of their quotes was stored."""
    if not ids:
        return {}
    pipeline: list[Document] = [
        {"$match": {"fixture_id": {"$in": list(ids)}}},
        {"$project": {"_id": 0, "fixture_id": 1, "bookmaker": 1, "last_updated": 1, "priced": _PRICED}},
        {"$match": {"priced": True}},
        {
            "$group": {
                "_id": {"fixture": "$fixture_id", "bookmaker": "$bookmaker"},
                "newest": {"$max": "$last_updated"},
            }
        },
        {"$group": {"_id": "$_id.fixture", "bookmakers": {"$sum": 1}, "newest": {"$max": "$newest"}}},
    ]
    rows = database["odds_books"].aggregate(pipeline)
    return {int(row["_id"]): (row["bookmakers"], row["newest"]) for row in rows}


def _row(document: Document, books: Mapping[int, tuple[int, datetime]], now: datetime) -> FixtureRow:
    bookmakers, newest = books.get(int(document["id"]), (0, None))
    return FixtureRow(
        id=int(document["id"]),
        home=document["home"],
        away=document["away"],
        league=league_text(document.get("country"), document.get("league")),
        kickoff=document["kickoff"],
        state=state_of(document["status"], document["kickoff"], now),
        status=document["status"],
        score=score_of(document),
        bookmakers=bookmakers,
        newest=newest,
    )
