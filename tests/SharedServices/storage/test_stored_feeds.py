"""Which feeds show prices, told from books as they are really stored."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pymongo.database import Database

from PROPPR.SharedServices.odds.drops import DropRule
from PROPPR.SharedServices.odds.types import BookUpdate, FeedCleared, Line, MarketUpdate
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.storage.books.plan import plan
from PROPPR.SharedServices.storage.books.store import BookStore
from PROPPR.SharedServices.storage.stored_feeds import stored_feeds

FAST = "Bet365 (no latency)"
AT = 1_780_000_000_000


def quote(feed: str, at: int, player: bool = False, book: str = "Bet365") -> MarketUpdate:
    line = Line(player_name="A Player", over=2.0) if player else Line(home=2.0, away=1.8)
    return MarketUpdate(7, book, feed, "Player Shots" if player else "ML", player, at, at, (line,))


def store(database: Database[dict[str, Any]], *updates: BookUpdate) -> None:
    books = BookStore(database, SystemClock(), DropRule(Decimal("0.05")))
    for update in updates:
        drafts = plan(books.load([7])[7], [update])
        result = books.commit([draft for draft in drafts if draft.needs_write])
        assert not result.conflicted
        assert not result.poisoned


def test_feeds_with_prices_are_told_and_cleared_ones_are_not(database: Database[dict[str, Any]]) -> None:
    assert stored_feeds(database, [7]) == set()
    store(database, quote("Bet365", AT), quote("BC.Game", AT, player=True, book="BC.Game"))
    assert stored_feeds(database, [7, 8]) == {(7, "Bet365", "Bet365"), (7, "BC.Game", "BC.Game")}
    assert stored_feeds(database, [8]) == set()
    store(database, quote(FAST, AT + 1))
    assert (7, "Bet365", FAST) in stored_feeds(database, [7])
    store(database, FeedCleared(7, "Bet365", FAST, AT + 2, AT + 2, "no_markets"))
    assert stored_feeds(database, [7]) == {(7, "Bet365", "Bet365"), (7, "BC.Game", "BC.Game")}
    store(database, FeedCleared(7, "Bet365", "Bet365", AT + 3, AT + 3, "deleted"))
    assert stored_feeds(database, [7]) == {(7, "BC.Game", "BC.Game")}
