"""The writer of books: takes updates from any thread and brings them into MongoDB, whatever happens to it.

Fixtures are dealt out to workers, so that one merges while another waits for MongoDB; all books of a fixture are in
one worker's hands. A worker takes what waits, merges it into the books as stored, writes all of it in one unordered
bulk, hands the history to the recorder, and only then remembers the new books. A refused revision means that another
process wrote first: the fixture is read again and the updates are merged anew, which is safe because merging is
independent of order and repetition. While MongoDB is away the intake conflates. A document that can't be stored is set
aside in `dead_letters`; the rest goes on.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pymongo.errors import PyMongoError

from PROPPR.SharedServices.odds.book import Clear, FeedSlot
from PROPPR.SharedServices.odds.types import BookUpdate, FeedCleared
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.errors import TransientError
from PROPPR.SharedServices.service.lifecycle import Check
from PROPPR.SharedServices.storage.books.cache import BookCache
from PROPPR.SharedServices.storage.books.intake import Entry, Intake
from PROPPR.SharedServices.storage.books.plan import SegmentDraft, plan
from PROPPR.SharedServices.storage.books.recorder import HistoryRecorder
from PROPPR.SharedServices.storage.books.state import FixtureBooks
from PROPPR.SharedServices.storage.books.store import BookStore

log = logging.getLogger(__name__)

RETRY_DELAYS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0)


class Listener(Protocol):
    """Is told of fixtures read from and written to MongoDB. What it raises for MongoDB's absence is tried again."""

    def loaded(self, fixtures: Sequence[FixtureBooks]) -> None: ...

    def committed(self, written: Sequence[tuple[FixtureBooks, Sequence[SegmentDraft]]]) -> None: ...


@dataclass(frozen=True, slots=True)
class WriterOptions:
    """Bounds of the writer. `batch_updates` is what one bulk serves; `cache_bytes` is for all workers together."""

    workers: int = 2
    batch_updates: int = 600
    soft_limit: int = 20_000
    hard_limit: int = 60_000
    cache_bytes: int = 96 * 1024 * 1024


class BookWriter:
    """A component: `submit` updates; `on_done(tickets, received)` follows when they are stored for good."""

    name = "writer"

    def __init__(
        self,
        store: BookStore,
        clock: Clock,
        *,
        on_done: Callable[[Sequence[int], Sequence[float]], None],
        set_aside: Callable[[str, str, Mapping[str, Any]], None],
        listeners: Sequence[Listener] = (),
        options: WriterOptions | None = None,
    ) -> None:
        options = options or WriterOptions()
        self._clock = clock
        self._stop = threading.Event()
        share = WriterOptions(
            1,
            options.batch_updates,
            max(1, options.soft_limit // options.workers),
            max(2, options.hard_limit // options.workers),
            options.cache_bytes // options.workers,
        )
        self._recorder = HistoryRecorder(store, clock, set_aside, self._stop)
        self._workers = [
            _Worker(index, store, self._recorder, on_done, set_aside, listeners, share, self._stop)
            for index in range(options.workers)
        ]

    def submit(self, updates: Sequence[BookUpdate], *, ticket: int, received_at: float) -> bool:
        """Hand over one message's updates (all of one fixture), received at a monotonic time.

        Blocks while the intake is full. False if the writer was stopped first: the message is then not stored.
        """
        if not updates:
            raise ValueError("a message without updates has nothing to submit")
        fixture_id = updates[0].fixture_id
        worker = self._workers[fixture_id % len(self._workers)]
        return worker.intake.put(fixture_id, updates, ticket, received_at, self._stop)

    def start(self) -> None:
        self._recorder.thread.start()
        for worker in self._workers:
            worker.thread.start()

    def stop(self, deadline: float) -> None:
        """Store what waits, until `deadline` (monotonic seconds); what is left comes again by its sequence."""
        for worker in self._workers:
            worker.intake.close()
        for worker in self._workers:
            if worker.thread.is_alive():
                worker.thread.join(max(0.0, deadline - self._clock.monotonic()))
        self._recorder.close(deadline)
        self._stop.set()
        left = self.pending
        if left:
            log.warning("stopped before all updates were stored", extra={"pending": left})

    def check(self) -> Check:
        """Not ok while MongoDB takes nothing, or a worker is dead."""
        oldest = [worker.intake.oldest for worker in self._workers]
        age = max((self._clock.monotonic() - since for since in oldest if since is not None), default=0.0)
        threads = [self._recorder.thread, *(worker.thread for worker in self._workers)]
        dead = [thread for thread in threads if not thread.is_alive()]
        failing = [text for text in (*(worker.failing for worker in self._workers), self._recorder.failing) if text]
        detail = f"{self.pending} updates waiting"
        if dead:
            return Check(ok=False, detail=f"{len(dead)} writer threads are dead", age_s=age, severity="unhealthy")
        if failing:
            severity: Any = "unhealthy" if age > 15 else "degraded"
            return Check(ok=False, detail=f"{detail}; {failing[0]}", age_s=age, severity=severity)
        if age > 15:
            return Check(ok=False, detail=f"{detail}, the oldest for {age:.0f} s", age_s=age, severity="degraded")
        return Check(ok=True, detail=detail, age_s=age)

    @property
    def pending(self) -> int:
        """Updates waiting or being written, and history waiting to be copied."""
        return self._recorder.pending + sum(worker.intake.depth + worker.in_hand for worker in self._workers)

    def statistics(self) -> dict[str, int]:
        """Counters for metrics: what was written, merged, refused, set aside; sizes of what is bounded."""
        total: dict[str, int] = {"history_copied": self._recorder.copied, "history_waiting": self._recorder.pending}
        for worker in self._workers:
            for key, value in worker.statistics().items():
                total[key] = total.get(key, 0) + value
        return total


class _Worker:
    def __init__(
        self,
        index: int,
        store: BookStore,
        recorder: HistoryRecorder,
        on_done: Callable[[Sequence[int], Sequence[float]], None],
        set_aside: Callable[[str, str, Mapping[str, Any]], None],
        listeners: Sequence[Listener],
        options: WriterOptions,
        stop: threading.Event,
    ) -> None:
        self.intake = Intake(options.soft_limit, options.hard_limit)
        self.in_hand = 0
        self.failing: str | None = None
        self.thread = threading.Thread(target=self._run, name=f"book-writer-{index}", daemon=True)
        self._store = store
        self._recorder = recorder
        self._on_done = on_done
        self._set_aside = set_aside
        self._listeners = listeners
        self._batch = options.batch_updates
        self._cache = BookCache(options.cache_bytes)
        self._stop = stop
        self._count = dict.fromkeys(("bulks", "documents", "conflicts", "poisoned", "retries", "loads", "updates"), 0)

    def statistics(self) -> dict[str, int]:
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

    def _finish(self, entry: Entry) -> None:
        self._on_done(entry.tickets, entry.received)
        entry.tickets, entry.received = [], []

    def _flush(self, entries: Sequence[Entry]) -> None:
        fixtures = self._fixtures([entry.fixture_id for entry in entries])
        drafts: dict[int, list[SegmentDraft]] = {}
        for entry in entries:
            drafts[entry.fixture_id] = plan(fixtures[entry.fixture_id], entry.updates)
        writes = [draft for planned in drafts.values() for draft in planned if draft.needs_write]
        result = self._store.commit(writes, self._recorder.waiting)
        self._recorder.put(result.history)
        self._count["bulks"] += bool(writes)
        self._count["documents"] += len(result.committed)
        again = self._refused(entries, result.conflicted, result.poisoned)
        finished = [entry for entry in entries if entry.fixture_id not in again]
        for entry in finished:
            self._count["updates"] += len(entry.updates)
            self._finish(entry)
        written = self._adopt(finished, fixtures, drafts, {id(draft) for draft in result.committed})
        self._check_clears(written)
        for listener in self._listeners:
            listener.committed(written)
        self._cache.shrink()

    def _fixtures(self, fixture_ids: Sequence[int]) -> dict[int, FixtureBooks]:
        found = {fixture_id: self._cache.get(fixture_id) for fixture_id in fixture_ids}
        missing = [fixture_id for fixture_id, fixture in found.items() if fixture is None]
        fixtures = {fixture_id: fixture for fixture_id, fixture in found.items() if fixture is not None}
        if missing:
            loaded = self._store.load(missing)
            self._count["loads"] += len(loaded)
            fixtures.update(loaded)
            for listener in self._listeners:
                listener.loaded(list(loaded.values()))
            for fixture in loaded.values():
                self._cache.put(fixture)
        return fixtures

    def _refused(
        self, entries: Sequence[Entry], conflicted: Sequence[SegmentDraft], poisoned: Sequence[tuple[SegmentDraft, str]]
    ) -> set[int]:
        """Set poison aside and queue again what another process overtook; returns the fixtures queued again."""
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
            self.intake.put_back([entry for entry in entries if entry.fixture_id in again])
        return again

    def _adopt(
        self,
        finished: Sequence[Entry],
        fixtures: Mapping[int, FixtureBooks],
        drafts: Mapping[int, Sequence[SegmentDraft]],
        committed: set[int],
    ) -> list[tuple[FixtureBooks, Sequence[SegmentDraft]]]:
        written: list[tuple[FixtureBooks, Sequence[SegmentDraft]]] = []
        for entry in finished:
            planned = drafts[entry.fixture_id]
            for draft in planned:
                self._cache.adopt(draft, written=id(draft) in committed)
            stored = [draft for draft in planned if id(draft) in committed]
            if stored:
                written.append((fixtures[entry.fixture_id], stored))
        return written

    def _check_clears(self, written: Sequence[tuple[FixtureBooks, Sequence[SegmentDraft]]]) -> None:
        """Close the race between a clear here and a new document of the same book made by another process.

        Whoever clears looks afterwards for documents it did not know; whoever creates one looks afterwards for a clear
        it did not know. One of the two sees the other's write; it reads the fixture again and repeats the clears.
        """
        suspects = [fixture for fixture, stored in written if any(_is_delicate(draft) for draft in stored)]
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
    """Whether the draft cleared a feed or created its document (adopted by now, so at revision 1)."""
    return bool(draft.clears) or draft.segment.revision == 1


def _repeat(fixture_id: int, marks: Mapping[tuple[str, str], Mapping[FeedSlot, Clear]]) -> list[BookUpdate]:
    clears: list[BookUpdate] = []
    for (bookmaker, _), slots in marks.items():
        for slot, clear in slots.items():
            feed = bookmaker if slot == "base" else f"{bookmaker} ({slot})"
            clears.append(FeedCleared(fixture_id, bookmaker, feed, clear.at, clear.sequence, "deleted"))
    return clears
