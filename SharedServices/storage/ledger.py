"""The ledger of the stored bets: MongoDB adds up what is plain to read, all other bets are read one by one.

Both ways give the same sums, to the cent (tests hold them against each other). Reading 100,000 bets one by one takes
4.1 seconds of a processor, adding them up 1.1, of several processors at once. A bet is plain as the grader leaves it
and most bots write it:

- its stake is a number under `stake`, its returns one under `returns`, both whole cents, and `profit_loss` no nonsense;
- it was settled at a BSON date, with one of our own statuses;
- it has known keys only: those that are folded already (see `Fields`) and no other name of what the ledger reads. They
  are learnt from the newest bets, and from all that were read one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from pymongo import DESCENDING
from pymongo.database import Database

from PROPPR.SharedServices.grading.bets import BadBet
from PROPPR.SharedServices.grading.ledger import BOOKMAKER, LEGS, Entry, Ledger, groups_of
from PROPPR.SharedServices.grading.readers.bets import COLLECTIONS
from PROPPR.SharedServices.grading.readers.common import MARKET, MOST_STAKED, STAKE, STATISTIC
from PROPPR.SharedServices.grading.readers.fields import NESTED, Fields, fold_key
from PROPPR.SharedServices.grading.result import PENDING, Result

Document = dict[str, Any]
MOST_RETURNED: Final = 10**9
MOST_NAMES: Final = 1_000
LEARNT_FROM: Final = 100
CENTS: Final = 100

# Fields of which any text is plain: bets are grouped by it as it is written, and the group is read like a bet.
_GROUPED: Final = ("bookmaker", "market_name", "market", "stat_type")
_READ: Final = ("stake", "returns", "profit_loss", "settled_at", *_GROUPED)
_JUDGED: Final = frozenset({*STAKE, *BOOKMAKER, *MARKET, *STATISTIC, *LEGS, *NESTED} - {*_READ})
_KNOWN: Final = ("_id", "_graded_immediately", *_READ)
_NUMBER: Final = ["int", "long", "double"]
_LAST_DAY: Final = datetime(9999, 1, 1, tzinfo=UTC)


def _is(field: str, types: list[str]) -> Document:
    return {"$in": [{"$type": f"${field}"}, types]}


def _cents(field: str) -> Document:
    return {"$round": [{"$multiply": [f"${field}", CENTS]}, 0]}


def _is_money(field: str, most: int) -> Document:
    """A number from 0 to `most` that is the number of its cents: 0.1 + 0.2 is not 0.3."""
    whole = {"$eq": [f"${field}", {"$divide": [_cents(field), CENTS]}]}
    bounds = [{"$gte": [f"${field}", 0]}, {"$lte": [f"${field}", most]}]
    return {"$and": [_is(field, _NUMBER), *bounds, whole]}


_PLAIN_VALUES: Final[Document] = {
    "$and": [
        _is("status", ["string"]),
        _is_money("stake", int(MOST_STAKED)),
        {"$gt": ["$stake", 0]},
        _is_money("returns", MOST_RETURNED),
        _is("settled_at", ["date"]),
        *(_is(name, ["string", "null", "missing"]) for name in _GROUPED),
        {
            "$or": [
                _is("profit_loss", ["null", "missing"]),
                {
                    "$and": [
                        _is("profit_loss", _NUMBER),
                        {"$gte": ["$profit_loss", -MOST_RETURNED]},
                        {"$lte": ["$profit_loss", MOST_RETURNED]},
                    ]
                },
            ]
        },
    ]
}
_STAKE: Final = {"$toLong": _cents("stake")}
_SUMS: Final[Document] = {
    "bets": {"$sum": 1},
    "stake": {"$sum": _STAKE},
    "profit": {"$sum": {"$subtract": [{"$toLong": _cents("returns")}, _STAKE]}},
}
_DAY: Final = {"$dateTrunc": {"date": "$settled_at", "unit": "day"}}
# Two sums in one pass, and as rows again, so that no size of a document bounds their number.
_ADDED_UP: Final[list[Document]] = [
    {"$project": {"_id": 0, "status": 1, "stake": 1, "returns": 1, "settled_at": 1, **dict.fromkeys(_GROUPED, 1)}},
    {
        "$facet": {
            "names": [{"$group": {"_id": {"status": "$status", **{name: f"${name}" for name in _GROUPED}}, **_SUMS}}],
            "days": [{"$group": {"_id": {"status": "$status", "day": _DAY}, **_SUMS}}],
        }
    },
    {"$project": {"rows": {"$concatArrays": ["$names", "$days"]}}},
    {"$unwind": "$rows"},
    {"$replaceRoot": {"newRoot": "$rows"}},
]


@dataclass(frozen=True, slots=True)
class _Sums:
    """What MongoDB added up of a collection's plain bets, by which condition, and how many settled ones there are."""

    plain: Document
    rows: list[Document]
    settled: int


class StoredLedger:
    """Reads the ledger of a database; what it has learnt of its keys makes the next time quicker. For one thread."""

    def __init__(self, database: Database[Document]) -> None:
        self._database = database
        self._names: dict[str, set[str]] = {}

    def read(self, since: datetime | None = None, until: datetime | None = None) -> Ledger:
        """The sums over all bets that were settled from `since` to before `until`. Raises pymongo's errors."""
        ledger, settled = Ledger(), _settled(since, until)
        with ThreadPoolExecutor(len(COLLECTIONS), thread_name_prefix="ledger") as pool:
            # Each with the caller's context: pymongo keeps its time limit there.
            added = [pool.submit(copy_context().run, self._add_up, each, settled) for each in COLLECTIONS]
        for collection, future in zip(COLLECTIONS, added, strict=True):
            sums = future.result()
            counted = _count(ledger, collection, sums.rows)
            if counted < sums.settled:
                others = {**settled, "$nor": [sums.plain]} if counted else settled
                for document in _found(self._database, collection, others):
                    ledger.add(collection, document)
                    self._learn(collection, [document])
        return ledger

    def _add_up(self, collection: str, settled: Document) -> _Sums:
        """What MongoDB adds up of a collection, and how many settled bets there are in it."""
        bets, plain = self._database[collection], self._plain(collection)
        pipeline: list[Document] = [{"$match": {"$and": [settled, plain]}}, *_ADDED_UP]
        with bets.aggregate(pipeline, allowDiskUse=True, comment="sums of settled bets") as cursor:
            rows = list(cursor)
        return _Sums(plain, rows, bets.count_documents(settled))

    def _plain(self, collection: str) -> Document:
        """The condition of being plain."""
        if collection not in self._names:
            self._names[collection] = set(_KNOWN)
            newest = self._database[collection].find({"settled_at": {"$lt": _LAST_DAY}})
            self._learn(collection, newest.sort("settled_at", DESCENDING).limit(LEARNT_FROM))
        known = {name: dict[str, Any]() for name in sorted(self._names[collection])}
        return {
            "status": {"$in": [str(result) for result in Result]},
            "$jsonSchema": {"properties": known, "additionalProperties": False},
            "$expr": _PLAIN_VALUES,
        }

    def _learn(self, collection: str, documents: Iterable[Mapping[str, Any]]) -> None:
        names = self._names[collection]
        for document in documents:
            for key in document.keys() - names:
                if len(names) < MOST_NAMES and fold_key(key) == key and key not in _JUDGED:
                    names.add(key)


def read_ledger(database: Database[Document], since: datetime | None = None, until: datetime | None = None) -> Ledger:
    """The sums over all bets that were settled from `since` to before `until`. Raises pymongo's errors."""
    return StoredLedger(database).read(since, until)


def settled_bets(
    database: Database[Document], since: datetime | None = None, until: datetime | None = None
) -> Iterator[tuple[str, Document]]:
    """The bets that are not pending, each with its collection, from a cursor."""
    for collection in COLLECTIONS:
        for document in _found(database, collection, _settled(since, until)):
            yield collection, document


def _settled(since: datetime | None, until: datetime | None) -> Document:
    moments: Document = {} if since is None else {"$gte": since}
    moments |= {} if until is None else {"$lt": until}
    return {"status": {"$nin": [PENDING, None]}} | ({"settled_at": moments} if moments else {})


def _found(database: Database[Document], collection: str, condition: Document) -> Iterator[Document]:
    with database[collection].find(condition, {"grading": 0}, comment="settled bets").batch_size(1000) as cursor:
        yield from cursor


def _count(ledger: Ledger, collection: str, rows: Iterable[Mapping[str, Any]]) -> int:
    """Count what MongoDB has added up; how many bets that were. None at all where a text of theirs can't be read."""
    by_name: list[Entry] = []
    by_day: list[Entry] = []
    for row in rows:
        try:
            (by_day if "day" in row["_id"] else by_name).append(_entry(collection, row))
        except BadBet:
            return 0
    for entry in by_name:
        ledger.count(entry)
    for entry in by_day:
        ledger.count_groups(entry)
    return sum(entry.bets for entry in by_name)


def _entry(collection: str, row: Mapping[str, Any]) -> Entry:
    """The bets of a group, read by what they have in common: their texts, or their day. Raises BadBet."""
    day: datetime | None = row["_id"].get("day")
    groups = groups_of(collection, Fields(row["_id"]), day)
    return Entry(
        status=row["_id"]["status"],
        stake=Decimal(row["stake"]).scaleb(-2),
        profit=Decimal(row["profit"]).scaleb(-2),
        settled_at=day,
        groups={name: value for name, value in groups.items() if (name == "month") == (day is not None)},
        bets=row["bets"],
    )
