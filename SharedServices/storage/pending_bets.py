"""What waits, since when and why: for the alert, the metrics and `proppr grade --pending`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from pymongo.database import Database

from PROPPR.SharedServices.grading.readers.bets import COLLECTIONS
from PROPPR.SharedServices.grading.result import Result

Document = dict[str, Any]
PATIENCE: Final = timedelta(days=1)
# Those whose status can't be read are among them: only a settled bet has no reason.
WAITING: Final[Mapping[str, Any]] = {"status": {"$nin": [str(result) for result in Result]},
                                      "grading.reason": {"$type": "string"}}  # fmt: skip


# Settled ones that corrected data no longer settles, and that no person has looked at.
DOUBTED: Final[Mapping[str, Any]] = {
    "grading.doubt": {"$type": "string"},
    "manual_override": {"$nin": [True, 1, "1", "true", "True", "yes", "Yes"]},
}


@dataclass(frozen=True, slots=True)
class WaitingBet:
    """A pending bet that the grader has looked at, or a settled one that is in doubt."""

    collection: str
    bet_id: str
    since: datetime | None
    reason: str
    what: str


@dataclass(frozen=True, slots=True)
class Overview:
    """How many bets wait, by the kind of reason; how many for more than a day, and since when the oldest does.

    `doubted` are settled bets that corrected data no longer settles.
    """

    by_reason: Mapping[str, int]
    overdue: Mapping[str, int]
    oldest: datetime | None = None
    doubted: int = 0

    @property
    def waiting(self) -> int:
        """All that wait."""
        return sum(self.by_reason.values())

    @property
    def late(self) -> int:
        """Those that have waited for more than a day."""
        return sum(self.overdue.values())


class PendingBets:
    """Reads the collections of bets. Raises pymongo's errors."""

    def __init__(self, database: Database[Document]) -> None:
        self._database = database

    def overview(self, now: datetime) -> Overview:
        """Count the bets that wait with a reason, and the settled ones in doubt."""
        by_reason: dict[str, int] = {}
        overdue: dict[str, int] = {}
        oldest: list[datetime] = []
        kind = {"$first": {"$split": ["$grading.reason", ":"]}}
        late = {"$and": [{"$eq": [{"$type": "$grading.since"}, "date"]}, {"$lt": ["$grading.since", now - PATIENCE]}]}
        pipeline: list[Document] = [
            {"$match": WAITING},
            {"$group": {"_id": kind, "number": {"$sum": 1}, "late": {"$sum": {"$cond": [late, 1, 0]}},
                        "oldest": {"$min": {"$cond": [late, "$grading.since", None]}}}},
        ]  # fmt: skip
        for collection in COLLECTIONS:
            for row in self._database[collection].aggregate(pipeline, comment="bets that wait"):
                by_reason[row["_id"]] = by_reason.get(row["_id"], 0) + row["number"]
                if row["late"]:
                    overdue[row["_id"]] = overdue.get(row["_id"], 0) + row["late"]
                    oldest.append(row["oldest"])
        doubted = sum(self._database[name].count_documents(DOUBTED, comment="bets in doubt") for name in COLLECTIONS)
        return Overview(by_reason, overdue, min(oldest, default=None), doubted)

    def listed(self, limit: int) -> Iterator[WaitingBet]:
        """The bets that wait with a reason, the oldest of each collection first; behind each those in doubt."""
        for collection in COLLECTIONS:
            bets = self._database[collection]
            for document in bets.find(WAITING).sort("grading.since", 1).limit(limit):
                yield _waiting(collection, document, "since", document["grading"]["reason"])
            for document in bets.find(DOUBTED).sort("grading.checked_at", 1).limit(limit):
                reason = f"{document.get('status')}, in doubt: {document['grading']['doubt']}"
                yield _waiting(collection, document, "checked_at", reason)


def _waiting(collection: str, document: Document, since: str, reason: str) -> WaitingBet:
    begun = document["grading"].get(since)
    return WaitingBet(
        collection,
        _shown(document.get("bet_id", document["_id"])),
        begun if isinstance(begun, datetime) else None,
        reason,
        what_of(document),
    )


def what_of(document: Mapping[str, Any]) -> str:
    """A bet in a few words, from whatever its bot wrote."""
    names = ("player_name", "player", "runner", "horse", "team", "home_team", "away_team", "market_name", "market",
             "direction", "market_direction", "selection", "threshold", "line")  # fmt: skip
    found = (document.get(name) for name in names)
    return " ".join(_shown(value) for value in found if isinstance(value, str | int | float))[:100]


def _shown(value: object) -> str:
    text = str(value)[:60]
    return "".join(character if character.isprintable() else "?" for character in text)
