"""Reads and writes `odds_books`: compare-and-set on a revision per document, history copied from its journal.

Two processes may write the same book: each write names the revision it was made from, so of two concurrent writes one
is refused and made again from what the other stored. Nothing is lost or counted twice.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bson import Int64
from bson.errors import InvalidDocument
from pymongo import UpdateOne
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import BulkWriteError, DocumentTooLarge
from pymongo.write_concern import WriteConcern

from PROPPR.SharedServices.odds.book import FeedSlot, updated_at
from PROPPR.SharedServices.odds.drops import DropRule
from PROPPR.SharedServices.odds.presence import Clear
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.errors import TransientError
from PROPPR.SharedServices.storage.books.codec import book_id, encode_market, iso, market_key
from PROPPR.SharedServices.storage.books.history import drops_of, history_of
from PROPPR.SharedServices.storage.books.plan import SegmentDraft
from PROPPR.SharedServices.storage.books.state import FixtureBooks, decode_clears

Document = dict[str, Any]
Batch = list[tuple[SegmentDraft, list[Document]]]
log = logging.getLogger(__name__)
DUPLICATE_KEY = 11000
# As dictionaries, books and their journals take ten times the memory that is kept of them: some hundred at once would
# leave the process 80 MB larger for good.
BOOKS_A_REPLY = 24
# Errors that the same document would meet again: validation failed, object too large, too deeply nested.
PERMANENT_CODES = frozenset({2, 9, 14, 15, 54, 56, 57, 121, 10334, 15998, 17280, 17419, 17420})
UNENCODABLE = (InvalidDocument, DocumentTooLarge, OverflowError, UnicodeError, RecursionError)


def _nothing(_book: str) -> list[Document]:
    return []


@dataclass(slots=True)
class CommitResult:
    """What became of drafts: stored for good, to be made again from newer books, or never storable (with a reason).

    `history` is that of the committed drafts, to be stored by `record`.
    """

    committed: list[SegmentDraft] = field(default_factory=list)
    history: list[Document] = field(default_factory=list)
    conflicted: list[SegmentDraft] = field(default_factory=list)
    poisoned: list[tuple[SegmentDraft, str]] = field(default_factory=list)


class BookStore:
    """The stored books. Raises pymongo's connection errors and `TransientError`: try again; nothing else."""

    def __init__(
        self,
        database: Database[Document],
        clock: Clock,
        rule: DropRule,
        retention: timedelta = timedelta(days=30),
        history_kept: timedelta | None = None,
    ) -> None:
        self._books = database["odds_books"]
        self._history = database["odds_history"]
        self.drops = 0  # found by this process
        # Drops are stored before their history, which waits for a majority. MongoDB keeps the order of writes in its
        # oplog and journal file, so when the history is safe, its drops are: waiting for them too would buy nothing.
        self._drops = database.get_collection("price_drops", write_concern=WriteConcern(w=1))
        self._clock = clock
        self._rule = rule
        self._retention = retention
        self._history_kept = history_kept

    def load(self, fixture_ids: Iterable[int]) -> dict[int, FixtureBooks]:
        """The stored books of fixtures (empty ones for those not stored), their journals copied to the history."""
        fixtures = {fixture_id: FixtureBooks(fixture_id) for fixture_id in fixture_ids}
        history: list[Document] = []
        for document in self._books.find({"fixture_id": {"$in": list(fixtures)}}, batch_size=BOOKS_A_REPLY):
            fixtures[document["fixture_id"]].add(document)
            history += document.get("journal", ())
            if len(history) >= BOOKS_A_REPLY:
                self._copy_missing(history)
                history = []
        self._copy_missing(history)
        return fixtures

    def moved_on(self, fixtures: Iterable[FixtureBooks]) -> set[int]:
        """The fixtures of which other revisions are stored than these are. Reads no prices."""
        held = {
            each.fixture_id: {(book, name): part.revision for book, parts in each.books.items()
                              for name, part in parts.items() if part.revision}
            for each in fixtures
        }  # fmt: skip
        stored: dict[int, dict[tuple[str, str], int]] = {fixture_id: {} for fixture_id in held}
        projection = {"_id": 0, "fixture_id": 1, "bookmaker": 1, "segment": 1, "revision": 1}
        for document in self._books.find({"fixture_id": {"$in": list(held)}}, projection) if held else ():
            stored[document["fixture_id"]][document["bookmaker"], document["segment"]] = document["revision"]
        return {fixture_id for fixture_id in held if stored[fixture_id] != held[fixture_id]}

    def marks(self, fixture_ids: Sequence[int]) -> dict[int, dict[tuple[str, str], dict[FeedSlot, Clear]]]:
        """The (bookmaker, segment) documents of each fixture, with the clears they hold."""
        found: dict[int, dict[tuple[str, str], dict[FeedSlot, Clear]]] = {key: {} for key in fixture_ids}
        projection = {"_id": 0, "fixture_id": 1, "bookmaker": 1, "segment": 1, "cleared": 1}
        for document in self._books.find({"fixture_id": {"$in": list(fixture_ids)}}, projection):
            clears = decode_clears(document)
            found[document["fixture_id"]][document["bookmaker"], document["segment"]] = clears
        return found

    def commit(
        self, drafts: Sequence[SegmentDraft], uncopied: Callable[[str], list[Document]] = _nothing
    ) -> CommitResult:
        """Store drafts, each if its document is still at the revision the draft was made from.

        `uncopied` names the earlier history of a book that is not in `odds_history` yet: it stays in the journal.
        """
        result = CommitResult()
        if not drafts:
            return result
        now = self._clock.now()
        own = {id(draft): history_of(draft, now) for draft in drafts}
        batch = [(draft, _journal(draft, own[id(draft)], uncopied)) for draft in drafts]
        self._write(batch, now, result)
        result.history = [document for draft in result.committed for document in own[id(draft)]]
        return result

    def record(self, history: list[Document]) -> list[tuple[Document, str]]:
        """Store history and the drops in it; returns what MongoDB will never take, with its reason."""
        drops = drops_of(history, self._rule)
        self.drops += len(drops)
        return [*_insert_new(self._drops, drops), *_insert_new(self._history, history)]

    def recover(self, batch_size: int = 100) -> int:
        """Copy every journal that a process which died did not; returns the number of journals looked at.

        Reads the journals of all stored books, so it is meant for a start, not for a loop.
        """
        looked_at = 0
        pending: list[Document] = []
        for document in self._books.find({"journal": {"$exists": True}}, {"journal": 1}, batch_size=batch_size):
            pending += document["journal"]
            looked_at += 1
            if len(pending) >= batch_size:
                self._copy_missing(pending)
                pending = []
        self._copy_missing(pending)
        return looked_at

    def _write(self, batch: Batch, now: datetime, result: CommitResult) -> None:
        writer = secrets.token_hex(6)
        try:
            operations = [_operation(draft, history, now, self._retention, writer) for draft, history in batch]
            written = self._books.bulk_write(operations, ordered=False, comment="books")
        except BulkWriteError as error:
            self._sort_out(batch, error.details, writer, result)
        except UNENCODABLE as error:
            if len(batch) == 1:
                result.poisoned.append((batch[0][0], f"{type(error).__name__}: {error}"[:500]))
                return
            # One document can't be encoded and takes the whole batch down with it: halve until it stands alone. What
            # the server had already taken of the batch shows as a conflict and is made again.
            middle = len(batch) // 2
            self._write(batch[:middle], now, result)
            self._write(batch[middle:], now, result)
        else:
            if written.matched_count + len(written.upserted_ids or {}) == len(batch):
                result.committed.extend(draft for draft, _ in batch)
            else:
                self._verify([draft for draft, _ in batch], writer, result)

    def _sort_out(self, batch: Batch, details: Mapping[str, Any], writer: str, result: CommitResult) -> None:
        if details.get("writeConcernErrors"):
            raise TransientError("MongoDB did not confirm that a majority stored the books")
        failed: set[int] = set()
        for error in details.get("writeErrors", ()):
            code = error.get("code")
            if code in PERMANENT_CODES:
                failed.add(error["index"])
                result.poisoned.append((batch[error["index"]][0], f"{code}: {error.get('errmsg', '')}"[:500]))
            elif code != DUPLICATE_KEY:
                raise TransientError(f"MongoDB refused to store books for now (code {code})")
        self._verify([draft for index, (draft, _) in enumerate(batch) if index not in failed], writer, result)

    def _verify(self, drafts: Sequence[SegmentDraft], writer: str, result: CommitResult) -> None:
        ids = {book_id(draft.fixture_id, draft.bookmaker, draft.name): draft for draft in drafts}
        cursor = self._books.find({"_id": {"$in": list(ids)}, "writer": writer}, {"_id": 1, "revision": 1})
        stored = {document["_id"]: document["revision"] for document in cursor}
        for key, draft in ids.items():
            taken = stored.get(key) == draft.segment.revision + 1
            (result.committed if taken else result.conflicted).append(draft)

    def _copy_missing(self, history: list[Document]) -> None:
        """Store what of a journal is not yet in the history. Drops go first: where the history is, they are too.

        What is older than the history is kept was in it, and has expired: stored again it would be told as news.
        """
        if self._history_kept is not None:
            oldest = self._clock.now() - self._history_kept
            history = [document for document in history if document["recorded_at"] > oldest]
        if not history:
            return
        ids = [document["_id"] for document in history]
        known = {found["_id"] for found in self._history.find({"_id": {"$in": ids}}, {"_id": 1})}
        for document, reason in self.record([document for document in history if document["_id"] not in known]):
            log.error("a journal holds history that can't be stored", extra={"id": document["_id"], "reason": reason})


def _insert_new(collection: Collection[Document], documents: list[Document]) -> list[tuple[Document, str]]:
    if not documents:
        return []
    try:
        collection.insert_many(documents, ordered=False)
    except BulkWriteError as error:
        # A duplicate is what is asked for: another process copied the same journal first.
        failed = [found for found in error.details.get("writeErrors", ()) if found.get("code") != DUPLICATE_KEY]
        passing = [found.get("code") for found in failed if found.get("code") not in PERMANENT_CODES]
        if passing or error.details.get("writeConcernErrors"):
            raise TransientError(f"MongoDB refused to store the history for now (codes {passing})") from error
        return [(documents[found["index"]], f"{found['code']}: {found.get('errmsg', '')}"[:500]) for found in failed]
    return []


def _journal(draft: SegmentDraft, own: list[Document], uncopied: Callable[[str], list[Document]]) -> list[Document]:
    """The journal to be stored with a draft; without history of its own, the stored one stays."""
    return [*uncopied(book_id(draft.fixture_id, draft.bookmaker, draft.name)), *own] if own else []


def _operation(
    draft: SegmentDraft, history: list[Document], now: datetime, retention: timedelta, writer: str
) -> UpdateOne:
    key = book_id(draft.fixture_id, draft.bookmaker, draft.name)
    revision = draft.segment.revision
    values: Document = {
        "revision": revision + 1,
        "source": draft.source,
        "last_updated": now,
        # By the day: an index entry that moved with every write would cost more than the write.
        "expires_at": (now + retention).replace(hour=0, minute=0, second=0, microsecond=0),
        "writer": writer,
    }
    if draft.source == "api_poller":
        values["last_api_sync"] = now
    _set_markets(draft, values)
    for slot, clear in draft.clears.items():
        values[f"cleared.{slot}"] = {"at": clear.at, "sequence": clear.sequence, "timed": clear.timed}
    for slot, seen in draft.inventories.items():
        values[f"inventory.{slot}"] = {"as_of": seen.as_of, "sequence": seen.sequence, "newest": seen.newest}
    if history:
        values["journal"] = history
    if revision:
        return UpdateOne({"_id": key, "revision": revision}, {"$set": values})
    values |= {"fixture_id": Int64(draft.fixture_id), "bookmaker": draft.bookmaker, "segment": draft.name}
    values.setdefault("has_team", False)
    values.setdefault("has_player", False)
    if not any(name.startswith("markets.") for name in values):
        values["markets"] = {}
    return UpdateOne({"_id": key, "revision": 0}, {"$set": values}, upsert=True)


def _set_markets(draft: SegmentDraft, values: Document) -> None:
    for name, market in draft.changed.items():
        values[f"markets.{market_key(name)}"] = stored = encode_market(name, market)
        if stored["odds"]:
            values["has_team"] = True
        if stored["players"]:
            values["has_player"] = True
    for name, market in draft.touched.items():
        path = f"markets.{market_key(name)}"
        if market.fast is None and market.base is not None:
            values[f"{path}.updatedAt"] = iso(updated_at(market))
            values[f"{path}.sequence"] = market.base.sequence
        else:
            values[path] = encode_market(name, market)
