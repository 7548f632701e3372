"""What readers see of the books: `team_odds` and `player_odds`, computed by MongoDB when they are read.

Both are views over `fixtures`, so `find` by `id` or `kickoff` uses its indexes, and they show the stored books at the
moment of reading: no copy, nothing to be late. A fixture is visible while at least one of its markets has a price.
Bookmaker names are keys exactly as spelled, dots and dollars included.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PROPPR.SharedServices.storage.schema import View

Expression = dict[str, Any]
Stage = dict[str, Any]

SHOWN_UPDATES = 200
HEAD = ("id", "home", "away", "league", "country", "date", "kickoff")
KEPT_OF_DROPS = (
    "timestamp", "bookmaker", "market", "side", "hdp", "label", "player_name", "old_odds", "new_odds", "drop_pct",
)  # fmt: skip


def _rows(rows: str) -> Expression:
    """Rows with their own `updatedAt`, or else their market's: the store repeats it only where it differs."""
    filled = {"$mergeObjects": [{"updatedAt": "$$market.v.updatedAt"}, "$$row"]}
    return {"$map": {"input": rows, "as": "row", "in": filled}}


def _stored_markets(field: str, entry: Expression) -> Expression:
    """`entry` for every stored market whose `field` (`odds` or `players`) is not empty."""
    shown = {"$ne": [f"$$market.v.{field}", []]}
    priced = {"$filter": {"input": {"$objectToArray": "$markets"}, "as": "market", "cond": shown}}
    return {"$map": {"input": priced, "as": "market", "in": entry}}


def _joined(lists: str | Expression) -> Expression:
    return {"$reduce": {"input": lists, "initialValue": [], "in": {"$concatArrays": ["$$value", "$$this"]}}}


def _named(market: str, stat: str | Expression) -> Expression:
    """A market's name, extended by the statistic where one market holds several."""
    return {"$concat": [market, {"$cond": [{"$eq": [stat, ""]}, "", {"$concat": [" - ", stat]}]}]}


def _team_markets() -> Expression:
    entry = {"name": "$$market.v.name", "updatedAt": "$$market.v.updatedAt", "odds": _rows("$$market.v.odds")}
    return _stored_markets("odds", entry)


def _position() -> Expression:
    """A player's position, where the statistics have recognised him; `$$names` and `$$positions` are two lists."""
    found = {"$cond": [{"$gte": ["$$at", 0]}, {"$arrayElemAt": ["$$positions", "$$at"]}, "$$REMOVE"]}
    return {"$let": {"vars": {"at": {"$indexOfArray": ["$$names", "$$player.player_name"]}}, "in": found}}


def _who() -> Stage:
    """Look up who the fixture's players are."""
    return _lookup("fixture_players", "who", [{"$project": {"_id": 0, "names": 1, "positions": 1}}])


def _player_markets() -> Expression:
    stat = {"$ifNull": ["$$player.stat", ""]}
    player = {
        "player_name": "$$player.player_name",
        "team_side": "$$player.team_side",
        "position": _position(),
        "odds": _rows("$$player.odds"),
    }
    with_stat = {"$filter": {"input": "$$market.v.players", "as": "player", "cond": {"$eq": [stat, "$$stat"]}}}
    entry = {
        "name": _named("$$market.v.name", "$$stat"),
        "updatedAt": "$$market.v.updatedAt",
        "players": {"$map": {"input": with_stat, "as": "player", "in": player}},
    }
    stats = {"$setUnion": [{"$map": {"input": "$$market.v.players", "as": "player", "in": stat}}, []]}
    return _joined(_stored_markets("players", {"$map": {"input": stats, "as": "stat", "in": entry}}))


def _books(has: str, markets: Expression, let: Expression) -> Stage:
    """Look up the fixture's documents that have ever shown such a market, as one entry per bookmaker."""
    pipeline: list[Stage] = [
        {"$match": {has: True}},
        {
            "$project": {
                "_id": 0,
                "bookmaker": 1,
                "source": 1,
                "last_updated": 1,
                "last_api_sync": 1,
                "markets": markets,
            }
        },
        {
            "$group": {
                "_id": "$bookmaker",
                "markets": {"$push": "$markets"},
                "newest": {"$max": {"at": "$last_updated", "source": "$source"}},
                "last_api_sync": {"$max": "$last_api_sync"},
            }
        },
        {"$sort": {"_id": 1}},
    ]
    return _lookup("odds_books", "books", pipeline, let)


def _updates(is_player: bool) -> Stage:
    projection: Stage = {"_id": 0, **dict.fromkeys(KEPT_OF_DROPS, 1)}
    if is_player:
        projection["market"] = _named("$market", {"$ifNull": ["$stat", ""]})
    pipeline: list[Stage] = [
        {"$match": {"is_player": is_player}},
        {"$sort": {"timestamp": -1}},
        {"$limit": SHOWN_UPDATES},
        {"$project": projection},
    ]
    return _lookup("price_drops", "updates", pipeline)


def _lookup(collection: str, name: str, pipeline: list[Stage], let: Expression | None = None) -> Stage:
    equal = {"from": collection, "localField": "id", "foreignField": "fixture_id"}
    return {"$lookup": {**equal, "let": let or {}, "pipeline": pipeline, "as": name}}


def _assembled(field: str) -> list[Stage]:
    """The reader's document from the looked-up books; none where nothing is priced."""
    newest = {"$max": "$books.newest"}
    entry = {"k": "$$book._id", "v": _joined("$$book.markets")}
    entries = {"$map": {"input": "$books", "as": "book", "in": entry}}
    priced = {"$filter": {"input": entries, "as": "entry", "cond": {"$ne": ["$$entry.v", []]}}}
    shape = {
        "_id": 0,
        **dict.fromkeys(HEAD, 1),
        field: {"$arrayToObject": priced},
        "updates": 1,
        "last_updated": {"$let": {"vars": {"newest": newest}, "in": "$$newest.at"}},
        "source": {"$let": {"vars": {"newest": newest}, "in": "$$newest.source"}},
        "last_api_sync": {"$ifNull": [{"$max": "$books.last_api_sync"}, "$$REMOVE"]},
    }
    return [{"$project": shape}, {"$match": {field: {"$ne": {}}}}]


def _pipeline(has: str, markets: Expression, field: str, is_player: bool) -> tuple[Mapping[str, Any], ...]:
    known = {name: {"$ifNull": [{"$first": f"$who.{name}"}, []]} for name in ("names", "positions")}
    who, let = ([_who()], known) if is_player else ([], {})
    return (*who, _books(has, markets, let), _updates(is_player), *_assembled(field))


VIEWS: tuple[View, ...] = (
    View(
        "team_odds",
        "fixtures",
        "Every fixture with priced team markets: bookmakers {name: [{name, updatedAt, odds}]}, newest price falls.",
        _pipeline("has_team", _team_markets(), "bookmakers", is_player=False),
    ),
    View(
        "player_odds",
        "fixtures",
        "Every fixture with priced player markets: markets_normalized {bookmaker: [{name, updatedAt, players}]}.",
        _pipeline("has_player", _player_markets(), "markets_normalized", is_player=True),
    ),
)
