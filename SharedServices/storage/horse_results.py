"""The results of races: one document a runner."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import bson
from pymongo import UpdateOne
from pymongo.database import Database

from PROPPR.SharedServices.service.clock import Clock

Document = dict[str, Any]
COLLECTION: Final = "horse_results"
_OURS: Final = {"_id": 0, "updated_at": 0}


class HorseResults:
    """The collection `horse_results`. Raises pymongo's errors."""

    def __init__(self, database: Database[Document], clock: Clock) -> None:
        self._results = database[COLLECTION]
        self._clock = clock

    def race(self, race_id: str) -> list[Document]:
        """The runners of a race, in a fixed order; empty without a result. The id may be stored as number or text."""
        return list(self._results.find({"race_id": {"$in": _spellings(race_id)}}, _OURS).sort("runner", 1))

    def store(self, rows: Iterable[Document]) -> set[str]:
        """Store rows with `race_id` and `runner`, each in the place of the one before; the races that have changed."""
        changed: set[str] = set()
        operations = []
        for row in rows:
            key = {"race_id": row["race_id"], "runner": row["runner"]}
            stored = self._results.find_one(key, _OURS)
            if stored == row:
                continue
            changed.add(str(row["race_id"]))
            gone = {name: "" for name in stored or {} if name not in row}
            change: Document = {"$set": {**row, "updated_at": self._clock.now()}}
            operations.append(UpdateOne(key, change | ({"$unset": gone} if gone else {}), upsert=True))
        if operations:
            self._results.bulk_write(operations, ordered=False, comment="horse results")
        return changed

    def changed_since(self, moment: datetime) -> list[str]:
        """The races of which a row was imported or corrected since then."""
        return [str(each) for each in self._results.distinct("race_id", {"updated_at": {"$gte": moment}})]


def revision_of(rows: Sequence[Document]) -> str:
    """A short name for exactly these rows of a race."""
    return hashlib.blake2b(bson.encode({"rows": list(rows)}), digest_size=8).hexdigest()


def _spellings(race_id: str) -> list[Any]:
    is_number = race_id.isascii() and race_id.isdigit() and len(race_id) < 19
    return [race_id, int(race_id)] if is_number else [race_id]
