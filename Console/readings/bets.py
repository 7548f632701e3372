"""The bets of all bots: what waits and why, what was settled, and the whole story of one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database

from PROPPR.Console.readings.bounds import bounded
from PROPPR.Console.readings.words import moment_in
from PROPPR.SharedServices.grading.bets import BadBet
from PROPPR.SharedServices.grading.readers.bets import COLLECTIONS
from PROPPR.SharedServices.grading.readers.common import ODDS, STAKE
from PROPPR.SharedServices.grading.readers.fields import Fields
from PROPPR.SharedServices.grading.readers.statuses import read_status
from PROPPR.SharedServices.grading.result import PENDING
from PROPPR.SharedServices.grading.rules.returns import to_the_cent
from PROPPR.SharedServices.grading.scheduler.explanation import Explanation, explain
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.pending_bets import DOUBTED, WAITING, Overview, PendingBets, what_of

Document = dict[str, Any]
BOTS: Final = {kind: collection for collection, kind in COLLECTIONS.items()}
MOST_WAITING: Final = 100
PAGE_SIZE: Final = 50
MOST_PAGES: Final = 40
MOST_COUNTED: Final = 10_000
LONGEST_ID: Final = 200
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class BetFilter:
    """Which bets: of one bot ("team", ... or all), settled before a moment (default: all); `page` from 1."""

    bot: str = ""
    until: datetime | None = None
    page: int = 1

    @property
    def collections(self) -> tuple[str, ...]:
        """Where to look."""
        return (BOTS[self.bot],) if self.bot in BOTS else tuple(COLLECTIONS)


@dataclass(frozen=True, slots=True)
class BetRow:
    """A bet in a list. What its bot did not write, or wrote so that it can't be read, is empty or None.

    `since`: how long it has waited; `reason` why, or why a settled one is in doubt; `profit` to the cent, if settled.
    """

    bot: str
    bet_id: str
    what: str
    bookmaker: str
    odds: Decimal | None
    stake: Decimal | None
    kickoff: datetime | None
    status: str
    reason: str
    since: datetime | None
    settled_at: datetime | None
    profit: Decimal | None
    actual: str
    by_hand: bool


@dataclass(frozen=True, slots=True)
class BetLists:
    """What waits, the earliest kick-off first, and what was settled, the newest first. `more`: there are older ones.

    `doubted` are settled ones that corrected data no longer settles, with the doubt as their reason.
    `overview` counts all that wait by the kind of reason; `to_come` the bets whose match has not begun, at most 10,000.
    """

    waiting: tuple[BetRow, ...]
    doubted: tuple[BetRow, ...]
    settled: tuple[BetRow, ...]
    more: bool
    page: int
    to_come: int
    overview: Overview


def read_bets(database: Database[Document], now: datetime, wanted: BetFilter) -> BetLists:
    """The lists of bets. Raises pymongo's errors."""
    page = min(max(1, wanted.page), MOST_PAGES)
    with bounded():
        waiting = [row for collection in wanted.collections for row in _waiting(database, collection, now)]
        doubted = [row for collection in wanted.collections for row in _doubted(database, collection)]
        settled = [row for collection in wanted.collections for row in _settled(database, collection, wanted, page)]
        to_come = sum(
            database[collection].count_documents({"status": PENDING, "kickoff": {"$gt": now}}, limit=MOST_COUNTED)
            for collection in wanted.collections
        )
        overview = PendingBets(database).overview(now)
    waiting.sort(key=lambda row: row.kickoff or now)
    settled.sort(key=lambda row: row.settled_at or now, reverse=True)
    begin, end = (page - 1) * PAGE_SIZE, page * PAGE_SIZE
    return BetLists(
        waiting=tuple(waiting[:MOST_WAITING]),
        doubted=tuple(doubted[:MOST_WAITING]),
        settled=tuple(settled[begin:end]),
        more=len(settled) > end and page < MOST_PAGES,
        page=page,
        to_come=min(to_come, MOST_COUNTED),
        overview=overview,
    )


def read_explanation(database: Database[Document], settings: Settings, clock: Clock, bet_id: str) -> Explanation | None:
    """What is known of the bet of this id, as `proppr grade explain` tells it. Raises pymongo's errors."""
    if not bet_id or len(bet_id) > LONGEST_ID:
        return None
    with bounded():
        return explain(database, settings, clock, bet_id)


def row_of(collection: str, document: Mapping[str, Any]) -> BetRow:
    """A bet's document as a row."""
    held = document.get("grading")
    grading: Mapping[str, Any] = held if isinstance(held, Mapping) else {}
    status = read_status(document.get("status")) or str(document.get("status"))
    fields = Fields(document)
    profit = _number(fields, "profit_loss")
    return BetRow(
        bot=COLLECTIONS[collection],
        bet_id=str(document.get("bet_id", document["_id"]))[:_LONGEST],
        what=what_of(document),
        bookmaker=_text(fields, "bookmaker", "bookie", "sportsbook"),
        odds=_number(fields, *ODDS),
        stake=_number(fields, *STAKE),
        kickoff=_moment(fields, "kickoff"),
        status=status,
        reason=str(grading.get("reason") or grading.get("doubt") or "")[:_LONGEST],
        since=moment_in(grading, "since"),
        settled_at=moment_in(document, "settled_at"),
        profit=None if profit is None or status == PENDING else to_the_cent(profit),
        actual="" if document.get("actual_value") is None else str(document["actual_value"])[:_LONGEST],
        by_hand=bool(document.get("manual_override")),
    )


def _waiting(database: Database[Document], collection: str, now: datetime) -> Sequence[BetRow]:
    condition = {**WAITING, "kickoff": {"$not": {"$gt": now}}}
    found = database[collection].find(condition).sort("kickoff", ASCENDING).limit(MOST_WAITING)
    return [row_of(collection, document) for document in found]


def _doubted(database: Database[Document], collection: str) -> Sequence[BetRow]:
    found = database[collection].find(DOUBTED).limit(MOST_WAITING)
    return [row_of(collection, document) for document in found]


def _settled(database: Database[Document], collection: str, wanted: BetFilter, page: int) -> Sequence[BetRow]:
    # A comparison with a date: only so the index, which is sparse, may be used.
    before = {"$lt": wanted.until} if wanted.until is not None else {"$lte": _LAST_DAY}
    found = database[collection].find({"settled_at": before}).sort("settled_at", DESCENDING)
    return [row_of(collection, document) for document in found.limit(page * PAGE_SIZE + 1)]


_LAST_DAY: Final = datetime.fromisoformat("9999-12-31T00:00:00+00:00")


def _text(fields: Fields, *names: str) -> str:
    try:
        return (fields.text(*names) or "")[:_LONGEST]
    except BadBet:
        return ""


def _number(fields: Fields, *names: str) -> Decimal | None:
    try:
        return fields.number(*names)
    except BadBet:
        return None


def _moment(fields: Fields, name: str) -> datetime | None:
    try:
        return fields.moment(name)
    except BadBet:
        return None
