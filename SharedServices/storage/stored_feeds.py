"""Which feeds of which bookmakers have prices stored, told without reading the books themselves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pymongo.database import Database

from PROPPR.SharedServices.odds.bookmakers import FAST_SUFFIX

Document = dict[str, Any]
StoredFeed = tuple[int, str, str]


def stored_feeds(
    database: Database[Document], fixture_ids: Iterable[int], bookmaker: str | None = None
) -> set[StoredFeed]:
    """The (fixture, bookmaker, feed) of these fixtures that show at least one price, of one bookmaker or of all.

    Raises PyMongoError.
    """
    found: set[StoredFeed] = set()
    for document in database["odds_books"].aggregate(_pipeline(list(fixture_ids), bookmaker), comment="stored feeds"):
        bookmaker = document["bookmaker"]
        if document["base"]:
            found.add((int(document["fixture_id"]), bookmaker, bookmaker))
        if document["fast"]:
            found.add((int(document["fixture_id"]), bookmaker, bookmaker + FAST_SUFFIX))
    return found


def _pipeline(fixture_ids: list[int], bookmaker: str | None) -> list[Document]:
    shown: Document = {"$or": [{"has_team": True}, {"has_player": True}]}
    if bookmaker is not None:
        shown["bookmaker"] = bookmaker
    only_base = {"$and": [{"$eq": [{"$type": "$$m.v.feeds"}, "missing"]}, _filled("$$m.v.odds", "$$m.v.players")]}
    return [
        {"$match": {"fixture_id": {"$in": fixture_ids}, **shown}},
        {
            "$project": {
                "_id": 0,
                "fixture_id": 1,
                "bookmaker": 1,
                "base": _any_market({"$or": [only_base, _filled("$$m.v.feeds.base.odds")]}),
                "fast": _any_market(_filled("$$m.v.feeds.fast.odds")),
            }
        },
    ]


def _any_market(condition: Document) -> Document:
    markets = {"$objectToArray": {"$ifNull": ["$markets", {}]}}
    return {"$anyElementTrue": [{"$map": {"input": markets, "as": "m", "in": condition}}]}


def _filled(*arrays: str) -> Document:
    return {"$or": [{"$gt": [{"$size": {"$ifNull": [array, []]}}, 0]} for array in arrays]}
