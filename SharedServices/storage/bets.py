"""The bots' bets: the pending ones match by match, those settled on a match, and writes that never undo another's."""

from __future__ import annotations

import heapq
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bson import ObjectId
from pymongo import UpdateOne
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from PROPPR.SharedServices.grading.readers.bets import COLLECTIONS
from PROPPR.SharedServices.grading.readers.common import BACKED, LINES, MARKET, ODDS, STAKE, STATISTIC
from PROPPR.SharedServices.grading.readers.fields import NESTED, fold_key
from PROPPR.SharedServices.grading.readers.statuses import CLOSED_SPELLINGS, SETTLED_SPELLINGS
from PROPPR.SharedServices.grading.result import PENDING, Result
from PROPPR.SharedServices.service.errors import TransientError

log = logging.getLogger(__name__)

Document = dict[str, Any]
BATCH: Final = 100
"""Bets in memory at a time: more are hardly faster, and a process keeps the memory of its largest batch."""
_ROWS: Final = 1_000  # of the cursors that tell only who waits
MOST_HISTORY: Final = 20
SETTLED: Final = tuple(str(result) for result in Result)

# Where bots put the match; only to have the bets of one match behind each other: what counts is what the reader reads.
_REFERENCES: Final = tuple(
    f"${prefix}{name}"
    for prefix in ("", *(f"{part}." for part in NESTED))
    for name in ("fotmob_match_id", "fotmob_id", "match_id", "fixture_id", "event_id", "race_id")
)
_PARTS: Final = ("", *(f"{part}." for part in (*NESTED, "legs", "selections")))
_WHO: Final = (
    "fotmob_match_id", "fotmob_id", "fixture_id", "event_id", "kickoff", "home_team", "away_team", "home", "away",
    "team", "team_name", "player_team", "player", "player_name", "participant", "player_id", "fotmob_player_id",
    "race_id", "race", "runner", "horse", "horse_name", "each_way", "places", "place_terms", "ante_post",
    "bookmaker", "is_live", "score_at_bet",
)  # fmt: skip
_GUARDED: Final = frozenset(
    {*STAKE, *ODDS, *BACKED, *LINES, *MARKET, *STATISTIC, *_WHO, *NESTED, "manual_override", "legs", "selections"}
)


@dataclass(frozen=True, slots=True)
class Change:
    """What to set in a bet's document, which is as it was `seen`; `fields` holds the whole of `grading`."""

    seen: Mapping[str, Any]
    fields: Mapping[str, Any]


class BetStore:
    """The collections of bets. Raises pymongo's errors."""

    def __init__(self, database: Database[Document]) -> None:
        self._database = database

    def pending_ids(self, now: datetime, size: int = BATCH) -> Iterator[list[tuple[str, Any]]]:
        """The bets that are not settled and whose match may have begun, as (collection, `_id`).

        In batches, those on a match behind each other; from cursors, the server sorts, on disk if need be.
        `manual_override` is the caller's to heed.
        """
        with ExitStack() as stack:
            streams = [self._by_match(collection, now, stack) for collection in COLLECTIONS]
            batch: list[tuple[str, Any]] = []
            for _, collection, identity in heapq.merge(*streams, key=lambda row: row[0]):
                batch.append((collection, identity))
                if len(batch) == size:
                    yield batch
                    batch = []
            if batch:
                yield batch

    def _by_match(self, collection: str, now: datetime, stack: ExitStack) -> Iterator[tuple[str, str, Any]]:
        match = {"$convert": {"input": {"$ifNull": [*_REFERENCES, None]}, "to": "string", "onError": "", "onNull": ""}}
        pipeline: list[Document] = [
            {"$match": _open_by(now)},
            {"$project": {"match": match}},
            {"$sort": {"match": 1, "_id": 1}},
        ]
        cursor = stack.enter_context(
            self._database[collection].aggregate(pipeline, allowDiskUse=True, batchSize=_ROWS, comment="pending bets")
        )
        return ((document["match"], collection, document["_id"]) for document in cursor)

    def load(self, bets: Sequence[tuple[str, Any]]) -> list[tuple[str, Document]]:
        """These bets, by (collection, `_id`), in this order; those that are gone are missing."""
        ids: dict[str, list[Any]] = {}
        for collection, identity in bets:
            ids.setdefault(collection, []).append(identity)
        documents = {
            (collection, _key(document["_id"])): document
            for collection, wanted in ids.items()
            for document in self._database[collection].find({"_id": {"$in": wanted}}).batch_size(BATCH)
        }
        keys = [(collection, _key(identity)) for collection, identity in bets]
        return [(key[0], documents[key]) for key in keys if key in documents]

    def settled_on(self, collection: str, match_ids: Iterable[int | str]) -> Iterator[list[Document]]:
        """The bets that were settled on one of these matches or races, in batches."""
        chosen = list(match_ids)
        on_them = [{"grading.match_id": {"$in": chosen}}, {"grading.legs.match_id": {"$in": chosen}}]
        return self._settled(collection, {"$or": on_them})

    def settled_for(
        self, collection: str, fixture_ids: Iterable[int], settled_since: datetime
    ) -> Iterator[list[Document]]:
        """The bets that name one of these fixtures and were settled since then, in batches."""
        chosen = [spelling for each in fixture_ids for spelling in (each, str(each))]
        for_them = [{f"{part}{name}": {"$in": chosen}} for part in _PARTS for name in ("fixture_id", "event_id")]
        return self._settled(collection, {"settled_at": {"$gte": settled_since}, "$or": for_them})

    def _settled(self, collection: str, chosen: Document) -> Iterator[list[Document]]:
        condition = {"status": {"$in": list(SETTLED)}, **chosen}
        batch: list[Document] = []
        with self._database[collection].find(condition, comment="settled bets").batch_size(BATCH) as cursor:
            for document in cursor:
                batch.append(document)
                if len(batch) == BATCH:
                    yield batch
                    batch = []
        if batch:
            yield batch

    def are_settled_on(self, match_ids: Sequence[int]) -> set[int]:
        """Those of these matches on which bets were settled."""
        found: set[int] = set()
        for collection in COLLECTIONS:
            bets = self._database[collection]
            for field in ("grading.match_id", "grading.legs.match_id"):
                found.update(each for each in bets.distinct(field, {field: {"$in": list(match_ids)}}))
        return found & set(match_ids)

    def write(self, collection: str, changes: Sequence[Change], token: int) -> int:
        """Write changes, each only if the bet is as it was seen and no holder of a higher token has graded it since.

        Returns how many were written, durably. A document that MongoDB refuses is logged and stays as it is; the others
        are written. Raises TransientError where a majority did not confirm.
        """
        if not changes:
            return 0
        operations = [
            UpdateOne(_as_seen(change.seen, token), {"$set": _fenced(change.fields, token)}) for change in changes
        ]
        try:
            return (
                self._database[collection].bulk_write(operations, ordered=False, comment="graded bets").modified_count
            )
        except BulkWriteError as error:
            if error.details.get("writeConcernErrors"):
                raise TransientError("MongoDB did not confirm that a majority stored the settlements") from error
            for failure in error.details.get("writeErrors", [])[:10]:
                bet = changes[failure["index"]].seen.get("bet_id")
                log.error("a bet was refused", extra={"bet": str(bet)[:100], "code": failure["code"]})
            return int(error.details.get("nModified", 0))

    def find(self, bet_id: str) -> tuple[str, Document] | None:
        """The bet of this id, as number, text or ObjectId, and its collection; by indexes alone.

        `id` counts where there is no `bet_id`: the index lets one bet of a collection be without.
        """
        ids: list[Any] = [bet_id]
        if bet_id.isascii() and bet_id.isdigit() and len(bet_id) < 19:
            ids.append(int(bet_id))
        own = [*ids, ObjectId(bet_id)] if ObjectId.is_valid(bet_id) else ids
        conditions: tuple[Document, ...] = (
            {"bet_id": {"$in": ids}}, {"bet_id": None, "id": {"$in": ids}}, {"_id": {"$in": own}},
        )  # fmt: skip
        for condition in conditions:
            for collection in COLLECTIONS:
                document = self._database[collection].find_one(condition, comment="one bet")
                if document is not None:
                    return collection, document
        return None


def _open_by(now: datetime) -> Document:
    """Not over in any spelling, and not known to kick off later."""
    over = SETTLED_SPELLINGS | CLOSED_SPELLINGS
    words = {spelling.replace("_", between) for spelling in over for between in ("_", " ", "-", "")}
    cased = sorted({case for word in words for case in (word, word.upper(), word.capitalize(), word.title())})
    return {"status": {"$nin": cased}, "kickoff": {"$not": {"$gt": now}}}


def _as_seen(seen: Mapping[str, Any], token: int) -> Document:
    """The bet, unless its status, what it was settled by, or a field that decides on money is another by now."""
    grading = seen.get("grading")
    held = grading if isinstance(grading, Mapping) else {}
    condition: Document = {
        "_id": {"$eq": seen["_id"]},
        "status": {"$eq": seen.get("status")},
        "manual_override": {"$eq": seen.get("manual_override")},
        "grading.fence": {"$not": {"$gt": token}},
    }
    if seen.get("status") in SETTLED:
        condition["grading.revision"] = {"$eq": held.get("revision")}
        condition["grading.graded_at"] = {"$eq": held.get("graded_at")}
    for name, value in seen.items():
        if name not in condition and "." not in name and not name.startswith("$") and fold_key(name) in _GUARDED:
            condition[name] = {"$eq": value}
    return condition


def _fenced(fields: Mapping[str, Any], token: int) -> Document:
    return {**fields, "grading": {**fields["grading"], "fence": token}}


def _key(identity: object) -> object:
    """Something that can be looked up: an `_id` may be a document."""
    return repr(identity) if isinstance(identity, Mapping | list) else (type(identity).__name__, identity)


__all__ = ["BATCH", "COLLECTIONS", "MOST_HISTORY", "PENDING", "SETTLED", "BetStore", "Change"]
