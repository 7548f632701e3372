"""Documents that are computed from matches: written only where what they say has changed.

A run that is repeated, or resumed after a kill, thus writes nothing twice, and `updated_at` is the time of the last
change. `content_hash` is how that is known; `fence` keeps out a process whose lease has ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from pymongo import ReplaceOne
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from PROPPR.SharedServices.service.leases import LeaseLost

Document = dict[str, Any]
BULK: Final = 200
DUPLICATE_KEY: Final = 11000
KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "team_stats": ("team_id", "season"),
    "player_stats": ("player_id", "season"),
    "predicted_lines": ("fixture_id",),
    "player_projections": ("fixture_id", "player_id"),
    "fixture_players": ("fixture_id",),
}


class StatisticsStore:
    """The collections of KEYS. Raises pymongo's errors, and LeaseLost once a younger holder has written."""

    def __init__(self, database: Database[Document], content_hash: Callable[[Mapping[str, Any]], str]) -> None:
        self._database = database
        self._content_hash = content_hash

    def write(self, collection: str, documents: Iterable[Document], fence: int) -> int:
        """Store documents, each whole; how many were new or different. They may come from a generator."""
        written, waiting = 0, []
        for document in documents:
            waiting.append(document)
            if len(waiting) >= BULK:
                written += self._write(collection, waiting, fence)
                waiting = []
        return written + (self._write(collection, waiting, fence) if waiting else 0)

    def write_group(self, collection: str, group: int, documents: Sequence[Document], fence: int) -> int:
        """Store all documents of a group, the first part of their key, and remove what else it holds."""
        written = self.write(collection, documents, fence)
        name, other = KEYS[collection]
        stale = {name: group, other: {"$nin": [document[other] for document in documents]}, **_not_fenced(fence)}
        self._database[collection].delete_many(stale)
        return written

    def remove(self, collection: str, keys: Sequence[Mapping[str, Any]], fence: int) -> int:
        """Remove documents by their keys; how many there were."""
        if not keys:
            return 0
        chosen = {"$and": [{"$or": [dict(key) for key in keys]}, _not_fenced(fence)]}
        return self._database[collection].delete_many(chosen).deleted_count

    def _write(self, collection: str, documents: Sequence[Document], fence: int) -> int:
        names = KEYS[collection]
        stored = self._contents(collection, documents)
        operations = []
        for document in documents:
            content = self._content_hash(document)
            key = {name: document[name] for name in names}
            if stored.get(tuple(key.values())) != content:
                whole = {**document, "content_hash": content, "fence": fence}
                operations.append(ReplaceOne({**key, **_not_fenced(fence)}, whole, upsert=True))
        if operations:
            self._bulk(collection, operations)
        return len(operations)

    def _contents(self, collection: str, documents: Sequence[Document]) -> dict[tuple[Any, ...], str | None]:
        names = KEYS[collection]
        first = {"$in": list({document[names[0]] for document in documents})}
        shown = {"_id": 0, "content_hash": 1, **dict.fromkeys(names, 1)}
        found = self._database[collection].find({names[0]: first}, shown)
        return {tuple(each[name] for name in names): each.get("content_hash") for each in found}

    def _bulk(self, collection: str, operations: list[ReplaceOne[Document]]) -> None:
        try:
            self._database[collection].bulk_write(operations, ordered=False, comment="statistics")
        except BulkWriteError as error:
            codes = {failure.get("code") for failure in error.details.get("writeErrors", ())}
            if codes == {DUPLICATE_KEY}:  # the document exists and its fence is higher
                raise LeaseLost("another instance has taken over the statistics") from None
            raise


def _not_fenced(fence: int) -> Document:
    return {"$or": [{"fence": {"$lte": fence}}, {"fence": None}]}
