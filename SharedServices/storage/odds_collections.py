"""The collections of live odds."""

from __future__ import annotations

from PROPPR.SharedServices.odds.types import SIDES
from PROPPR.SharedServices.storage.schema import (
    DATE,
    DAY,
    FLAG,
    INT64,
    NUMBER,
    OBJECT,
    TEXT,
    WHOLE,
    Collection,
    index,
    list_of,
    one_of,
    or_null,
    record,
)

SOURCE = one_of("websocket", "api_poller")
SIDE = one_of(*SIDES)

FIXTURES = Collection(
    "fixtures",
    "Every fixture that a bookmaker lists, with its kick-off as last announced.",
    key="id (of odds-api.io)",
    rules=record(
        {
            "id": INT64,
            "home": TEXT,
            "away": TEXT,
            "sport": TEXT,
            "league": TEXT,
            "country": TEXT,
            "date": TEXT,
            "kickoff": DATE,
            "status": TEXT,
            "last_seen": DATE,
        },
        {"home_id": or_null(INT64), "away_id": or_null(INT64), "scores": or_null(OBJECT), "source": SOURCE},
    ),
    indexes=(index("id", unique=True), index("kickoff", expires_after="history"), index("status", "kickoff")),
)

# One codec writes the markets inside, thousands of times a second, so the server checks the frame only.
ODDS_BOOKS = Collection(
    "odds_books",
    "The books as stored: one document per (fixture, bookmaker, segment); read them through team_odds and player_odds.",
    key="_id: fixture_id|bookmaker|segment",
    rules=record(
        {
            "_id": TEXT,
            "fixture_id": WHOLE,
            "bookmaker": TEXT,
            "segment": TEXT,
            "has_team": FLAG,
            "has_player": FLAG,
            "revision": WHOLE,
            "source": SOURCE,
            "last_updated": DATE,
            "markets": OBJECT,
            "expires_at": DATE,
        },
        {"last_api_sync": DATE, "cleared": OBJECT, "inventory": OBJECT, "journal": list_of(OBJECT)},
    ),
    # (fixture_id, segment) never moves, so it costs a write nothing; it serves readers (by its prefix) and followers.
    indexes=(index("fixture_id", "segment"), index("expires_at", expires_after=0)),
)

ODDS_HISTORY = Collection(
    "odds_history",
    "Every accepted price change: one document per change of a (fixture, bookmaker), with all lines that moved.",
    key="_id: the book's _id|revision|position",
    rules=record(
        {
            "fixture_id": WHOLE,
            "bookmaker": TEXT,
            "timestamp": DATE,
            "source": SOURCE,
            "recorded_at": DATE,
            "lines": list_of(
                record(
                    {"market": TEXT, "side": SIDE, "price": or_null(NUMBER)},
                    {"hdp": NUMBER, "label": TEXT, "player_name": TEXT, "stat": TEXT, "previous": NUMBER},
                )
            ),
        }
    ),
    # Retention counts from when we recorded it: a book's own time may be far off.
    indexes=(
        index("fixture_id", "bookmaker", "timestamp"),
        index("recorded_at", expires_after="history"),
    ),
)

PRICE_DROPS = Collection(
    "price_drops",
    "Every fall of a price by at least the threshold; the newest 200 of a fixture are its `updates`.",
    key="_id: the history's _id|position",
    rules=record(
        {
            "fixture_id": WHOLE,
            "is_player": FLAG,
            "timestamp": DATE,
            "recorded_at": DATE,
            "bookmaker": TEXT,
            "market": TEXT,
            "side": SIDE,
            "old_odds": NUMBER,
            "new_odds": NUMBER,
            "drop_pct": NUMBER,
        },
        {"hdp": NUMBER, "label": TEXT, "player_name": TEXT, "stat": TEXT},
    ),
    indexes=(
        index("fixture_id", "is_player", "-timestamp"),
        index("recorded_at", expires_after="history"),
    ),
)

ALL_VALUE_BETS = Collection(
    "all_value_bets",
    "Prices above the sharp bookmaker's for the same line, until they expire.",
    key="event_id, market_name, market_hdp, bet_side, bookmaker, player_name",
    rules=record(
        {
            "event_id": WHOLE,
            "event_name": TEXT,
            "league": TEXT,
            "market_name": TEXT,
            "bet_side": TEXT,
            "bookmaker": TEXT,
            "bookmaker_odds": OBJECT,
            "sharp_source": TEXT,
            "sharp_odds": OBJECT,
            "expected_value": NUMBER,
            "created_at": DATE,
            "last_updated": DATE,
            "expires_at": DATE,
            "source": SOURCE,
        },
        {
            "market_hdp": or_null(NUMBER),
            "player_name": or_null(TEXT),
            "fair_odds": or_null(NUMBER),
            "fair_expected_value": or_null(NUMBER),
            "margin_method": or_null(TEXT),
            "label": or_null(TEXT),
            "book_market": TEXT,
            "mark": INT64,
        },
    ),
    indexes=(
        index("event_id", "market_name", "market_hdp", "bet_side", "bookmaker", "player_name", unique=True),
        index("-last_updated"),
        index("expires_at", expires_after=0),
    ),
)

ARBITRAGE_BETS = Collection(
    "arbitrage_bets",
    "Bets at different bookmakers that together win whatever the outcome, until the first leg's quote is too old.",
    key="event_id, market_name, market_hdp, label, player_name",
    rules=record(
        {
            "event_id": WHOLE,
            "event_name": TEXT,
            "league": TEXT,
            "market_name": TEXT,
            "legs": list_of(
                record(
                    {
                        "bookmaker": TEXT,
                        "side": SIDE,
                        "lay": FLAG,
                        "odds": NUMBER,
                        "commission": NUMBER,
                        "effective_odds": NUMBER,
                        "stake": NUMBER,
                        "potential_return": NUMBER,
                        "updated_at": DATE,
                    },
                    {"hdp": or_null(NUMBER), "liability": or_null(NUMBER)},
                )
            ),
            "margin": NUMBER,
            "implied_probability": NUMBER,
            "total_stake": NUMBER,
            "guaranteed_return": NUMBER,
            "probable_error": FLAG,
            "in_play": FLAG,
            "created_at": DATE,
            "last_updated": DATE,
            "expires_at": DATE,
            "source": SOURCE,
            "segment": TEXT,
            "book_market": TEXT,
            "mark": INT64,
            "legs_mark": INT64,
        },
        {
            "market_hdp": or_null(NUMBER),
            "label": or_null(TEXT),
            "player_name": or_null(TEXT),
            "max_stake": or_null(NUMBER),
        },
    ),
    indexes=(
        index("event_id", "market_name", "market_hdp", "label", "player_name", unique=True),
        index("in_play", "event_id"),
        index("-last_updated"),
        index("expires_at", expires_after=0),
    ),
)

BOOK_FOLLOWERS = Collection(
    "book_followers",
    "What each process that derives from the books may still owe, and by which rules was computed.",
    key="_id: process, or `rules`",
    indexes=(index("alive_at", expires_after=30 * DAY),),
)

ODDS_COLLECTIONS = (FIXTURES, ODDS_BOOKS, ODDS_HISTORY, PRICE_DROPS, ALL_VALUE_BETS, ARBITRAGE_BETS, BOOK_FOLLOWERS)
