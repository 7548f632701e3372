"""How far each (bookmaker, sport) has been polled, so that a restart leaves no hole, and people see the lag."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from pymongo import UpdateOne
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from PROPPR.SharedServices.odds.times import milliseconds_of, moment_of
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.errors import TransientError

Document = dict[str, Any]
COLLECTION: Final = "poller_state"
LOOKBACK: Final = "lookback"
KEPT: Final = timedelta(days=30)
DUPLICATE_KEY: Final = 11000


@dataclass(frozen=True, slots=True)
class PairState:
    """One bookmaker and sport. Times are ms of the provider's clock.

    Everything that changed before `complete_until` is stored, except what changed since `hole_since` and waits in
    `poller_rereads`. None means never, and no hole. `refusal` says why the bookmaker is set aside.
    """

    bookmaker: str
    sport: str
    complete_until: int | None = None
    hole_since: int | None = None
    refusal: str | None = None
    covered: bool = False

    def lag_ms(self, now: int) -> int | None:
        """How far behind the pair is; None before it was ever read."""
        if self.complete_until is None:
            return None
        since = self.complete_until if self.hole_since is None else self.hole_since
        return max(0, now - since)


class FencedOut(TransientError):
    """A younger holder of the poller's lease has written since: this process must not write any more."""


class PollerState:
    """The collection `poller_state`. Raises pymongo's errors, and FencedOut for a holder whose time is over."""

    def __init__(self, database: Database[Document], clock: Clock) -> None:
        self._collection = database[COLLECTION]
        self._clock = clock

    def load(self, saved_within: timedelta = KEPT) -> dict[tuple[str, str], PairState]:
        """The pairs that were saved within the last while."""
        recent = {"$gte": self._clock.now() - saved_within}
        found = self._collection.find({"bookmaker": {"$exists": True}, "updated_at": recent})
        return {(document["bookmaker"], document["sport"]): _decode(document) for document in found}

    def save(self, states: Iterable[PairState], fence: int) -> None:
        """Store pairs. Only after what they promise is stored for good."""
        now = self._clock.now()
        operations = [
            UpdateOne(_unfenced(f"{state.bookmaker}|{state.sport}", fence), {"$set": _encode(state, now, fence)}, True)
            for state in states
        ]
        if operations:
            self._write(operations)

    def lookback_limit(self) -> int | None:
        """The provider's look-back in ms as it was last found out, if it was within a day."""
        found = self._collection.find_one(
            {"_id": LOOKBACK, "updated_at": {"$gt": self._clock.now() - timedelta(days=1)}}
        )
        return None if found is None else int(found["limit"])

    def save_lookback_limit(self, limit: int, fence: int) -> None:
        """Remember the provider's look-back, so that a restart need not be refused to find it out."""
        values = {"limit": limit, "updated_at": self._clock.now(), "fence": fence}
        self._write([UpdateOne(_unfenced(LOOKBACK, fence), {"$set": values}, True)])

    def _write(self, operations: list[UpdateOne]) -> None:
        try:
            self._collection.bulk_write(operations, ordered=False, comment="poller state")
        except BulkWriteError as error:
            codes = {failure.get("code") for failure in error.details.get("writeErrors", ())}
            if DUPLICATE_KEY in codes:  # the document exists and its fence is higher
                raise FencedOut("another instance has taken over the polling") from None
            raise


def _unfenced(identity: str, fence: int) -> Document:
    return {"_id": identity, "$or": [{"fence": {"$lte": fence}}, {"fence": None}]}


def _encode(state: PairState, now: datetime, fence: int) -> Document:
    return {
        "bookmaker": state.bookmaker,
        "sport": state.sport,
        "complete_until": _date(state.complete_until),
        "hole_since": _date(state.hole_since),
        "refusal": state.refusal,
        "covered": state.covered,
        "updated_at": now,
        "fence": fence,
    }


def _decode(document: Document) -> PairState:
    return PairState(
        bookmaker=document["bookmaker"],
        sport=document["sport"],
        complete_until=_milliseconds(document["complete_until"]),
        hole_since=_milliseconds(document["hole_since"]),
        refusal=document.get("refusal"),
        covered=bool(document.get("covered")),
    )


def _date(at: int | None) -> datetime | None:
    return None if at is None else moment_of(at)


def _milliseconds(at: datetime | None) -> int | None:
    return None if at is None else milliseconds_of(at)
