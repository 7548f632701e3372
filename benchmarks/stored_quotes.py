"""Reads single markets of single feeds from `odds_books` as they stand there, without the services' own reading."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any

from ledger import Place, Quote, Rows
from pymongo.database import Database

from PROPPR.SharedServices.odds.bookmakers import book_of
from PROPPR.SharedServices.odds.times import parse_iso_ms
from PROPPR.SharedServices.odds.types import SIDES
from PROPPR.SharedServices.storage.books.codec import market_key

Document = dict[str, Any]
MOST_AT_ONCE = 200


def stored_quotes(database: Database[Document], places: Collection[Place]) -> dict[Place, Quote]:
    """What is stored at these places; one without a document is missing."""
    by_bookmaker: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        by_bookmaker[book_of(place.feed)].append(place)
    found: dict[Place, Quote] = {}
    for bookmaker, wanted in by_bookmaker.items():
        for start in range(0, len(wanted), MOST_AT_ONCE):
            found.update(_read(database, bookmaker, wanted[start : start + MOST_AT_ONCE]))
    return found


def priced_feeds(database: Database[Document], feeds: Collection[tuple[int, str]]) -> set[tuple[int, str]]:
    """Those of the (fixture, feed) that are stored with at least one price."""
    by_book: dict[tuple[int, str], list[str]] = defaultdict(list)
    for fixture_id, feed in feeds:
        by_book[fixture_id, book_of(feed)].append(feed)
    condition = {
        "fixture_id": {"$in": [key[0] for key in by_book]},
        "bookmaker": {"$in": list({key[1] for key in by_book})},
    }
    found: set[tuple[int, str]] = set()
    for document in database["odds_books"].find(condition, {"fixture_id": 1, "bookmaker": 1, "markets": 1}):
        for feed in by_book.get((document["fixture_id"], document["bookmaker"]), ()):
            if any(_quote(market, feed).rows for market in document["markets"].values()):
                found.add((document["fixture_id"], feed))
    return found


def _read(database: Database[Document], bookmaker: str, places: list[Place]) -> Iterator[tuple[Place, Quote]]:
    wanted: dict[int, list[Place]] = defaultdict(list)
    for place in places:
        wanted[place.fixture_id].append(place)
    condition = {"fixture_id": {"$in": list(wanted)}, "bookmaker": bookmaker}
    projection = {"fixture_id": 1} | {f"markets.{market_key(place.market)}": 1 for place in places}
    for document in database["odds_books"].find(condition, projection):
        markets = {market["name"]: market for market in document.get("markets", {}).values()}
        for place in wanted[document["fixture_id"]]:
            if place.market in markets:
                yield place, _quote(markets[place.market], place.feed)


def _quote(market: Document, feed: str) -> Quote:
    """What one feed says of a stored market: the market itself where it has one feed, else what is kept of each."""
    is_fast = feed != book_of(feed)
    if "feeds" in market:
        own = market["feeds"].get("fast" if is_fast else "base")
        if own is None:
            return Quote(None, {})
        return Quote(parse_iso_ms(own["updatedAt"]), dict(_row(row, row) for row in own["odds"]))
    if is_fast:
        return Quote(None, {})
    rows: Rows = dict(_row(row, {}) for row in market["odds"])
    rows.update(_row(row, player) for player in market["players"] for row in player["odds"])
    return Quote(parse_iso_ms(market["updatedAt"]), rows)


def _row(row: Document, player: Document) -> tuple[tuple[Any, ...], tuple[float | None, ...]]:
    who = (player.get("player_name"), player.get("team_side"), player.get("stat"))
    return (*who, row.get("label"), row.get("hdp")), tuple(row.get(side) for side in SIDES)
