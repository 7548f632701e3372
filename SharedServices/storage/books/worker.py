"""One worker of the writer: merges what waits for its fixtures into the books as stored, and writes it.

A refused revision means that another process wrote first: the fixture is read again and the updates are merged anew,
which is safe because merging is independent of order and repetition.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pymongo.errors import PyMongoError

from PROPPR.SharedServices.odds.book import FeedSlot
from PROPPR.SharedServices.odds.presence import Clear
from PROPPR.SharedServices.odds.types import BookUpdate, FeedCleared
from PROPPR.SharedServices.service.errors import TransientError
from PROPPR.SharedServices.storage.books.cache import BookCache
from PROPPR.SharedServices.storage.books.intake import Entry, Intake
from PROPPR.SharedServices.storage.books.plan import SegmentDraft, plan
from PROPPR.SharedServices.storage.books.recorder import HistoryRecorder
from PROPPR.SharedServices.storage.books.state import FixtureBooks
from PROPPR.SharedServices.storage.books.store import BookStore

log = logging.getLogger(__name__)

OnDone = Callable[[Sequence[int], Sequence[float]], None]
"""Called with tickets and the times they were received at, once they are stored for good."""
SetAside = Callable[[str, str, Mapping[str, Any]], None]
"""Called with a kind, a reason and what can't be stored."""
OnDoubt = Callable[[int, str], None]
"""Called with (fixture, bookmaker) where an answer lacked a market without proving it to be gone."""
RETRY_DELAYS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0)


@dataclass(frozen=True, slots=True)
class Written:
    """What was stored of a fixture, and its books since. `doubtful` are markets, (segment, bookmaker, market), that an
    earlier write, whose outcome was not seen, may have stored."""

    fixture: FixtureBooks
    stored: Sequence[SegmentDraft]
    doubtful: Collection[tuple[str, str, str]] = ()


class Listener(Protocol):
    """Is told of everything that was written to MongoDB, and of what may have been."""

    def committed(self, written: Sequence[Written]) -> None: ...


class Worker:
    """All books of its fixtures are in its hands. Start `thread`; it ends when the intake is closed and empty."""

    def __init__(
        self,
        index: int,
        store: BookStore,
        recorder: HistoryRecorder,
        on_done: OnDone,
        set_aside: SetAside,
        listeners: Sequence[Listener],
        intake: Intake,
        batch_updates: int,
        cache_bytes: int,
        stop: threading.Event,
        on_doubt: OnDoubt | None = None,
        *,
        looks_first: bool = False,
    ) -> None:
        self.intake = intake
        self.in_hand = 0
        self.failing: str | None = None
        self.thread = threading.Thread(target=self._run, name=f"book-writer-{index}", daemon=True)
        self._store = store
        self._recorder = recorder
        self._on_done = on_done
        self._set_aside = set_aside
        self._listeners = listeners
        self._batch = batch_updates
        self._cache = BookCache(cache_bytes)
        self._stop = stop
        self._on_doubt = on_doubt
        self._looks_first = looks_first
        self._count = dict.fromkeys(("bulks", "documents", "conflicts", "poisoned", "retries", "loads", "updates"), 0)

    def statistics(self) -> dict[str, int]:
        """Counters and sizes."""
        return {
            **self._count,
            "conflated": self.intake.conflated,
            "blocked": self.intake.blocked,
            "cached_fixtures": len(self._cache),
            "cached_bytes": self._cache.bytes,
            "evictions": self._cache.evictions,
        }

    def _run(self) -> None:
        failures = 0
        while not self._stop.is_set():
            entries = self.intake.take(self._batch, timeout=0.2)
            if not entries:
                if self.intake.closed:
                    return
                continue
            self.in_hand = sum(len(entry.updates) for entry in entries)
            try:
                self._flush(entries)
                failures, self.failing = 0, None
            except (PyMongoError, TransientError) as error:
                self._postpone(entries, error)
                self._stop.wait(RETRY_DELAYS[min(failures, len(RETRY_DELAYS) - 1)])
                failures += 1
            except Exception as error:  # a defect must cost the message that shows it, never the feed
                log.exception("a batch of updates could not be merged", extra={"fixtures": len(entries)})
                self._isolate(entries, error)
            finally:
                self.in_hand = 0

    def _postpone(self, entries: Sequence[Entry], error: Exception) -> None:
        self._count["retries"] += 1
        if self.failing is None:
            log.warning("books can't be stored for now", extra={"reason": str(error)})
        self.failing = f"MongoDB: {type(error).__name__}"
        for entry in entries:
            self._cache.drop(entry.fixture_id)
        self.intake.put_back(entries)

    def _isolate(self, entries: Sequence[Entry], error: Exception) -> None:
        """Find the fixture whose updates break the merge, and set only those aside."""
        for entry in entries:
            self._cache.drop(entry.fixture_id)
        if len(entries) > 1:
            for entry in entries:
                try:
                    self._flush([entry])
                except (PyMongoError, TransientError) as transient:
                    self._postpone([entry], transient)
                except Exception as defect:  # the fixture that is to be set aside
                    self._isolate([entry], defect)
            return
        entry = entries[0]
        self._count["poisoned"] += 1
        self._set_aside("book_updates", f"{type(error).__name__}: {error}", {"updates": repr(entry.updates)[:20_000]})
        self._finish(entry)
        self._tell([Written(FixtureBooks(entry.fixture_id), (), entry.attempted)])

    def _finish(self, entry: Entry) -> None:
        self._on_done(entry.tickets, entry.received)
        entry.tickets, entry.received = [], []

    def _flush(self, entries: Sequence[Entry]) -> None:
        fixtures = self._fixtures([entry.fixture_id for entry in entries])
        drafts: dict[int, list[SegmentDraft]] = {}
        for entry in entries:
            drafts[entry.fixture_id] = plan(fixtures[entry.fixture_id], entry.updates)
        try:
            self._write(entries, fixtures, drafts)
        except Exception:
            _note_attempt(entries, drafts)
            raise

    def _write(
        self,
        entries: Sequence[Entry],
        fixtures: Mapping[int, FixtureBooks],
        drafts: Mapping[int, Sequence[SegmentDraft]],
    ) -> None:
        writes = [draft for planned in drafts.values() for draft in planned if draft.needs_write]
        result = self._store.commit(writes, self._recorder.waiting)
        self._recorder.put(result.history)
        self._count["bulks"] += bool(writes)
        self._count["documents"] += len(result.committed)
        again = self._refused(result.conflicted, result.poisoned)
        refused = [entry for entry in entries if entry.fixture_id in again]
        _note_attempt(refused, drafts)
        finished = [entry for entry in entries if entry.fixture_id not in again]
        for entry in finished:
            self._count["updates"] += len(entry.updates)
            self._finish(entry)
        written = self._adopt(finished, fixtures, drafts, {id(draft) for draft in result.committed})
        self._check_clears(fixtures, result.committed)
        self.intake.put_back(refused)
        self._tell_doubts(drafts)
        self._tell(written)
        self._cache.shrink()

    def _tell(self, written: Sequence[Written]) -> None:
        for listener in self._listeners:
            listener.committed(written)

    def _tell_doubts(self, drafts: Mapping[int, Sequence[SegmentDraft]]) -> None:
        if self._on_doubt is not None:
            for planned in drafts.values():
                for draft in planned:
                    if draft.doubted:
                        self._on_doubt(draft.fixture_id, draft.bookmaker)

    def _fixtures(self, fixture_ids: Sequence[int]) -> dict[int, FixtureBooks]:
        found = {fixture_id: self._cache.get(fixture_id) for fixture_id in fixture_ids}
        if self._looks_first:
            for fixture_id in self._store.moved_on([fixture for fixture in found.values() if fixture is not None]):
                self._cache.drop(fixture_id)
                found[fixture_id] = None
        missing = [fixture_id for fixture_id, fixture in found.items() if fixture is None]
        fixtures = {fixture_id: fixture for fixture_id, fixture in found.items() if fixture is not None}
        if missing:
            loaded = self._store.load(missing)
            self._count["loads"] += len(loaded)
            fixtures.update(loaded)
            for fixture in loaded.values():
                self._cache.put(fixture)
        return fixtures

    def _refused(self, conflicted: Sequence[SegmentDraft], poisoned: Sequence[tuple[SegmentDraft, str]]) -> set[int]:
        """Set poison aside and forget what another process overtook; returns the fixtures to be queued again."""
        for draft, reason in poisoned:
            self._count["poisoned"] += 1
            document = {"fixture_id": draft.fixture_id, "bookmaker": draft.bookmaker, "segment": draft.name}
            self._set_aside("odds_books", reason, {**document, "markets": sorted(draft.changed)})
            self._cache.drop(draft.fixture_id)
        again = {draft.fixture_id for draft in conflicted}
        if again:
            self._count["conflicts"] += len(again)
            for fixture_id in again:
                self._cache.drop(fixture_id)
        return again

    def _adopt(
        self,
        finished: Sequence[Entry],
        fixtures: Mapping[int, FixtureBooks],
        drafts: Mapping[int, Sequence[SegmentDraft]],
        committed: set[int],
    ) -> list[Written]:
        written: list[Written] = []
        for entry in finished:
            planned, stored = drafts[entry.fixture_id], []
            for draft in planned:
                kept = self._cache.adopt(draft, written=id(draft) in committed)
                if id(draft) in committed:
                    # Of a fixture that is not in memory any more, nobody knows which revision this was.
                    stored.append(draft) if kept else entry.attempted.update(_markets(draft))
            if stored or entry.attempted:
                written.append(Written(fixtures[entry.fixture_id], stored, entry.attempted))
        return written

    def _check_clears(self, fixtures: Mapping[int, FixtureBooks], committed: Sequence[SegmentDraft]) -> None:
        """Close the race between a clear here and a new document of the same book made by another process.

        Whoever clears looks afterwards for documents it did not know; whoever creates one looks afterwards for a clear
        it did not know. One of the two sees the other's write; it reads the fixture again and repeats the clears. (Of a
        fixture that is queued again because another write of it was refused, the picture lacks this one: it repeats.)
        """
        numbers = {draft.fixture_id for draft in committed if _is_delicate(draft)}
        suspects = [fixtures[number] for number in numbers]
        if not suspects:
            return
        fresh = self._store.marks([fixture.fixture_id for fixture in suspects])
        for fixture in suspects:
            stored = fresh[fixture.fixture_id]
            held = {(book, name): part.clears for book, parts in fixture.books.items() for name, part in parts.items()}
            if stored != held:
                self._cache.drop(fixture.fixture_id)
                clears = _repeat(fixture.fixture_id, stored)
                self.intake.put_back([Entry(fixture.fixture_id, clears)])


def _is_delicate(draft: SegmentDraft) -> bool:
    """Whether the draft cleared a feed or created its document (at revision 1, or 0 where it was not adopted)."""
    return bool(draft.clears) or draft.segment.revision <= 1


def _markets(draft: SegmentDraft) -> set[tuple[str, str, str]]:
    return {(draft.name, draft.bookmaker, name) for name in (*draft.changed, *draft.touched)}


def _note_attempt(entries: Sequence[Entry], drafts: Mapping[int, Sequence[SegmentDraft]]) -> None:
    for entry in entries:
        for draft in drafts[entry.fixture_id]:
            entry.attempted |= _markets(draft)


def _repeat(fixture_id: int, marks: Mapping[tuple[str, str], Mapping[FeedSlot, Clear]]) -> list[BookUpdate]:
    clears: list[BookUpdate] = []
    for (bookmaker, _), slots in marks.items():
        for slot, clear in slots.items():
            feed = bookmaker if slot == "base" else f"{bookmaker} ({slot})"
            clears.append(FeedCleared(fixture_id, bookmaker, feed, clear.at, clear.sequence, "deleted"))
    return clears
