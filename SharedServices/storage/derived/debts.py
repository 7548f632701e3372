"""What a follower of the books still owes, kept where others can find it if it dies.

Every running follower says every few seconds since when it may owe something (`book_followers`). One that has fallen
silent has died, or will speak again: whoever notices takes its debt over before removing its document, so a debt is
never without a debtor. Repeating another's work is harmless. Times: `owed_since` is by the debtor's own clock, as the
`last_updated` of the books it wrote; `alive_at` is by the server's.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from pymongo.database import Database

from PROPPR.SharedServices.odds.times import moment_of
from PROPPR.SharedServices.odds.types import Source
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.storage.fixtures import LONGEST_MATCH

Document = dict[str, Any]

COLLECTION = "book_followers"
SILENT_SECONDS = 15.0
EVER = 0
"""`owed_since` of one that owes everything."""
# Books are stamped before they are stored, and clocks of two machines differ.
MARGIN = timedelta(minutes=2)
_RULES = "rules"


class Debts:
    """One follower's debt, and a look at the others'. Raises pymongo's errors."""

    def __init__(
        self,
        database: Database[Document],
        clock: Clock,
        source: Source,
        retention: timedelta,
        silent_after: float,
    ) -> None:
        self._followers = database[COLLECTION]
        self._books = database["odds_books"]
        self._fixtures = database["fixtures"]
        self._clock = clock
        self._source = source
        self._retention = retention
        self._silent_after = silent_after
        self._token = uuid.uuid4().hex

    def state(self, owed_since: int) -> None:
        """Say that this process lives, and owes at most what was stored since then (ms)."""
        values = {"source": {"$literal": self._source}, "owed_since": moment_of(owed_since), "alive_at": "$$NOW"}
        self._followers.update_one({"_id": self._token}, [{"$set": values}], upsert=True)

    def settle(self) -> None:
        """Say that nothing is owed and this process is gone."""
        self._followers.delete_one({"_id": self._token})

    def silent(self) -> list[Document]:
        """The documents of followers that have not spoken for a while."""
        limit = {"$dateSubtract": {"startDate": "$$NOW", "unit": "millisecond", "amount": self._silent_ms}}
        condition = {"_id": {"$nin": [_RULES, self._token]}, "$expr": {"$lt": ["$alive_at", limit]}}
        return list(self._followers.find(condition))

    def is_first(self) -> bool:
        """Whether no other living follower comes before this one: those of the updater come first, whose books are at
        hand. Two may both think so for a moment; what only the first does has to be harmless when two do it."""
        limit = {"$dateSubtract": {"startDate": "$$NOW", "unit": "millisecond", "amount": self._silent_ms // 2}}
        alive = {"_id": {"$nin": [_RULES, self._token]}, "$expr": {"$gte": ["$alive_at", limit]}}
        own = _order(self._source, self._token)
        return all(_order(each["source"], each["_id"]) > own for each in self._followers.find(alive, {"source": 1}))

    def remove(self, silent: Document) -> None:
        """Forget a follower whose debt was taken over, unless it has spoken again."""
        self._followers.delete_one({"_id": silent["_id"], "alive_at": silent["alive_at"]})

    def rules_changed(self, rules: str) -> bool:
        """Whether what is stored was computed by other rules, or never."""
        stored = self._followers.find_one({"_id": _RULES})
        return stored is None or stored["rules"] != rules

    def note_rules(self, rules: str) -> None:
        """Say by which rules is computed from now on."""
        self._followers.update_one({"_id": _RULES}, {"$set": {"rules": rules}}, upsert=True)

    def fixtures_since(self, owed_since: int) -> set[int]:
        """The fixtures whose books were stored since then; with EVER those that are not over."""
        if owed_since == EVER:
            since = self._clock.now() - LONGEST_MATCH
            return set(self._fixtures.distinct("id", {"kickoff": {"$gte": since}}))
        since = moment_of(owed_since) - MARGIN
        # The day of expiry is indexed and follows from the time of the write: it spares looking at all older books.
        earliest = since + self._retention - timedelta(days=1)
        condition = {"expires_at": {"$gte": earliest}, "last_updated": {"$gte": since}}
        return set(self._books.distinct("fixture_id", condition))

    @property
    def _silent_ms(self) -> int:
        return round(self._silent_after * 1000)


def _order(source: str, token: str) -> tuple[bool, str]:
    return source != "websocket", token
