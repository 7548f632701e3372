"""What all bets came to, added up by MongoDB: for the metrics. `proppr ledger` tells it in detail and to the cent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pymongo.database import Database

from PROPPR.SharedServices.grading.readers.bets import COLLECTIONS
from PROPPR.SharedServices.grading.result import PENDING, Result

Document = dict[str, Any]
STATUSES: Final = (PENDING, *(str(result) for result in Result))


@dataclass(frozen=True, slots=True)
class CollectionTotals:
    """The bets of a collection by status, and of those that are settled the stakes and the profit, as stored."""

    bets: Mapping[str, int]
    staked: float
    profit: float


class LedgerTotals:
    """Adds up the collections of bets. Raises pymongo's errors."""

    def __init__(self, database: Database[Document]) -> None:
        self._database = database

    def read(self) -> dict[str, CollectionTotals]:
        """The totals by collection; a bet whose money is not a number counts with none."""
        return {collection: self._of(collection) for collection in COLLECTIONS}

    def _of(self, collection: str) -> CollectionTotals:
        pipeline: list[Document] = [
            {"$match": {"status": {"$in": list(STATUSES)}}},
            {"$group": {"_id": "$status", "bets": {"$sum": 1}, "profit": {"$sum": "$profit_loss"},
                        "returns": {"$sum": "$returns"}}},
        ]  # fmt: skip
        bets = dict.fromkeys(STATUSES, 0)
        profit, returns = 0.0, 0.0
        for row in self._database[collection].aggregate(pipeline, comment="totals of bets for the metrics"):
            if not isinstance(row["_id"], str):  # a list that holds a status is none
                continue
            bets[row["_id"]] = row["bets"]
            if row["_id"] != PENDING:
                profit += _number(row["profit"])
                returns += _number(row["returns"])
        return CollectionTotals(bets, returns - profit, profit)


def _number(value: object) -> float:
    return float(str(value))  # a Decimal128, too
