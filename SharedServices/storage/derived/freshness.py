"""The books as MongoDB holds them now, at the least cost.

A process's own picture of the books is right as far as its own writes go; what another process wrote meanwhile it does
not know. So the revisions are read (a millisecond for hundreds of documents), the own picture serves where its revision
is the stored one, and only what differs is read whole. What another process keeps writing is kept here, in a cache of
its own: the writer's belongs to the writer's threads.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from sys import intern
from typing import Any

from pymongo.database import Database

from PROPPR.SharedServices.odds.book import Market, size_of
from PROPPR.SharedServices.storage.books.codec import book_id
from PROPPR.SharedServices.storage.books.state import FixtureBooks, Segment, decode_segment
from PROPPR.SharedServices.storage.books.store import BOOKS_A_REPLY
from PROPPR.SharedServices.storage.derived.dirty import BookKey, Dirty

Document = dict[str, Any]
FOREIGN_BYTES = 16 * 1024 * 1024

_REVISION = {"_id": 0, "fixture_id": 1, "bookmaker": 1, "segment": 1, "revision": 1}
_WHOLE = {**_REVISION, "markets": 1}


@dataclass(slots=True)
class Fresh:
    """The wanted segments of a fixture (all, if `segments` is None), and the revisions they were read at.

    `own` are those that the writer's workers go on changing: what this process stores later shows in them at once. (For
    an instant they may say a revision before they show it; the writer tells of that commit afterwards.)
    """

    fixture_id: int
    segments: frozenset[str] | None
    books: FixtureBooks
    basis: dict[BookKey, int] = field(default_factory=dict)
    own: dict[BookKey, Segment] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Suspect:
    """A document that is at another `revision` (None: gone) than what was computed from it.

    `own` is this process's picture of it, if that was the newest then.
    """

    fixture_id: int
    key: BookKey
    revision: int | None
    own: Segment | None

    @property
    def cleared(self) -> bool:
        """Whether it was surely this process that wrote it, every time, and so looks at it again anyway.

        Each write names the revision before it, so a picture that reached a revision without having been read anew
        holds nothing of others in between. False while the writer waits for MongoDB's answer: ask again later.
        """
        return self.own is not None and self.revision is not None and self.own.revision >= self.revision


class FreshReader:
    """Not thread-safe. Raises pymongo's errors."""

    def __init__(self, database: Database[Document], limit_bytes: int = FOREIGN_BYTES) -> None:
        self._books = database["odds_books"]
        self._foreign: OrderedDict[str, tuple[int, Segment, int]] = OrderedDict()
        self._limit = limit_bytes
        self.foreign_bytes = 0
        self.foreign_loads = 0

    def read(self, batch: Sequence[Dirty]) -> dict[int, Fresh]:
        """What `batch` needs of the books, by fixture. Everything stored before the call is in it."""
        fresh = {dirty.fixture_id: _empty(dirty.fixture_id, dirty.segments()) for dirty in batch}
        cached = {dirty.fixture_id: dirty.cached for dirty in batch}
        missing: list[str] = []
        for fixture_id, key, revision in self._revisions(fresh.values()):
            own = cached[fixture_id]
            segment = None if own is None else own.segment(*key)
            if segment is not None and segment.revision == revision:
                fresh[fixture_id].own[key] = segment
            else:
                segment = self._foreign_segment(book_id(fixture_id, *key), revision)
            if segment is None:
                missing.append(book_id(fixture_id, *key))
            else:
                _put(fresh[fixture_id], key, revision, segment)
        self._load(missing, fresh)
        return fresh

    def overtaken(self, fresh: Iterable[Fresh]) -> list[Suspect]:
        """The documents that were written, added or removed since `read`, as far as not surely by this process."""
        seen = {each.fixture_id: each for each in fresh}
        stored: dict[int, dict[BookKey, int]] = {fixture_id: {} for fixture_id in seen}
        for fixture_id, key, revision in self._revisions(seen.values()):
            stored[fixture_id][key] = revision
        return [
            Suspect(fixture_id, key, now.get(key), seen[fixture_id].own.get(key))
            for fixture_id, now in stored.items()
            for key in _differing(seen[fixture_id].basis, now)
        ]

    def compare(self, suspect: Suspect, fresh: Fresh) -> tuple[set[str], set[str]]:
        """The markets of an overtaken document whose prices are others than those computed from, and those that were
        only confirmed since."""
        used = fresh.books.segment(*suspect.key)
        now = self._foreign.get(book_id(suspect.fixture_id, *suspect.key))
        before = {} if used is None else dict(used.markets)
        after = {} if now is None or suspect.revision is None else now[1].markets
        differing = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
        confirmed = {name for name in differing if _same_prices(before.get(name), after.get(name))}
        return differing - confirmed, confirmed

    def load(self, suspects: Iterable[Suspect]) -> None:
        """Read overtaken documents whole, to be compared and to be at hand for the next `read`."""
        self._load([book_id(suspect.fixture_id, *suspect.key) for suspect in suspects], {})

    def _revisions(self, wanted: Iterable[Fresh]) -> list[tuple[int, BookKey, int]]:
        clauses = _clauses(wanted)
        if not clauses:
            return []
        found = self._books.find({"$or": clauses} if len(clauses) > 1 else clauses[0], _REVISION)
        return [(each["fixture_id"], _key(each), each["revision"]) for each in found]

    def _foreign_segment(self, name: str, revision: int) -> Segment | None:
        foreign = self._foreign.get(name)
        if foreign is None or foreign[0] != revision:
            return None
        self._foreign.move_to_end(name)
        return foreign[1]

    def _load(self, missing: Sequence[str], fresh: dict[int, Fresh]) -> None:
        if not missing:
            return
        for document in self._books.find({"_id": {"$in": list(missing)}}, _WHOLE, batch_size=BOOKS_A_REPLY):
            fixture_id, key = document["fixture_id"], _key(document)
            segment = decode_segment(document)
            if fixture_id in fresh:
                _put(fresh[fixture_id], key, segment.revision, segment)
            self._keep(book_id(fixture_id, *key), segment)
            self.foreign_loads += 1

    def _keep(self, name: str, segment: Segment) -> None:
        known = self._foreign.pop(name, None)
        if known is not None:
            self.foreign_bytes -= known[2]
        size = 600 + sum(100 + size_of(market) for market in segment.markets.values())
        self._foreign[name] = (segment.revision, segment, size)
        self.foreign_bytes += size
        while self.foreign_bytes > self._limit and len(self._foreign) > 1:
            _, (_, _, size) = self._foreign.popitem(last=False)
            self.foreign_bytes -= size


def _same_prices(before: Market | None, after: Market | None) -> bool:
    """Whether two states of a market surely show the same prices. With two feeds times decide, too: then not surely."""
    if before is None or after is None or before.fast is not None or after.fast is not None:
        return False
    first, second = before.base, after.base
    return (
        first is not None
        and second is not None
        and (first.packed, first.withdrawn) == (second.packed, second.withdrawn)
    )


def _key(document: Document) -> BookKey:
    return intern(document["bookmaker"]), intern(document["segment"])  # few names, kept for thousands of documents


def _empty(fixture_id: int, segments: frozenset[str] | None) -> Fresh:
    return Fresh(fixture_id, segments, FixtureBooks(fixture_id))


def _put(fresh: Fresh, key: BookKey, revision: int, segment: Segment) -> None:
    fresh.books.books.setdefault(key[0], {})[key[1]] = segment
    fresh.basis[key] = revision


def _clauses(wanted: Iterable[Fresh]) -> list[Document]:
    """One condition per segment, for all fixtures that need it: the index (fixture_id, segment) serves each."""
    whole: list[int] = []
    by_segment: dict[str, list[int]] = {}
    for each in wanted:
        if each.segments is None:
            whole.append(each.fixture_id)
        else:
            for segment in each.segments:
                by_segment.setdefault(segment, []).append(each.fixture_id)
    clauses: list[Document] = [{"fixture_id": {"$in": ids}, "segment": name} for name, ids in by_segment.items()]
    return [*clauses, {"fixture_id": {"$in": whole}}] if whole else clauses


def _differing(before: dict[BookKey, int], now: dict[BookKey, int]) -> list[BookKey]:
    return [key for key in before.keys() | now.keys() if before.get(key) != now.get(key)]
