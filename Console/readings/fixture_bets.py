"""The bets on one fixture: those that were graded on its match, and those that wait for it to begin."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from pymongo.database import Database

from PROPPR.Console.readings.bets import BetRow, row_of
from PROPPR.Console.readings.bounds import bounded
from PROPPR.SharedServices.grading.bets import Accumulator, BadBet, Bet
from PROPPR.SharedServices.grading.readers.bets import COLLECTIONS, read_bet

Document = dict[str, Any]
MOST: Final = 50
MOST_LOOKED_AT: Final = 500
AROUND: Final = timedelta(minutes=15)
"""How far a bot's kick-off may be from the fixture's."""
_OPEN: Final = ("pending", "open", None)


def read_fixture_bets(
    database: Database[Document], fixture_id: int, kickoff: datetime, match_id: int | None
) -> tuple[BetRow, ...]:
    """At most 50 bets on a fixture, of which `match_id` is the FotMob match. Raises pymongo's errors."""
    found: dict[tuple[str, str], BetRow] = {}
    with bounded():
        for collection in COLLECTIONS:
            for document in _candidates(database, collection, kickoff, match_id):
                if _is_on(document, collection, fixture_id, match_id):
                    row = row_of(collection, document)
                    found[collection, row.bet_id] = row
    rows = sorted(found.values(), key=lambda row: (row.status != "pending", row.kickoff or kickoff, row.bet_id))
    return tuple(rows[:MOST])


def _candidates(
    database: Database[Document], collection: str, kickoff: datetime, match_id: int | None
) -> Iterator[Document]:
    bets = database[collection]
    if match_id is not None:
        for field in ("grading.match_id", "grading.legs.match_id"):
            yield from bets.find({field: match_id}).limit(MOST)
    around = {"$gte": kickoff - AROUND, "$lte": kickoff + AROUND}
    yield from bets.find({"status": {"$in": list(_OPEN)}, "kickoff": around}).limit(MOST_LOOKED_AT)


def _is_on(document: Document, collection: str, fixture_id: int, match_id: int | None) -> bool:
    bet = read_bet(document, COLLECTIONS[collection])
    if isinstance(bet, BadBet):
        return False
    singles: tuple[Bet, ...] = bet.legs if isinstance(bet, Accumulator) else (bet,)
    return any(
        one.fixture_id == fixture_id or (match_id is not None and one.match_id == match_id) for one in singles
    )  # fmt: skip
