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
from collections.abc import Sequence
from dataclasses import dataclass

from PROPPR.SharedServices.odds.types import BookUpdate
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.components import Check, Severity
from PROPPR.SharedServices.storage.books.intake import Intake
from PROPPR.SharedServices.storage.books.recorder import HistoryRecorder
from PROPPR.SharedServices.storage.books.store import BookStore
from PROPPR.SharedServices.storage.books.worker import Listener, OnDone, OnDoubt, SetAside, Worker

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WriterOptions:
    """Bounds of the writer. `batch_updates` is what one bulk serves; `cache_bytes` is for all workers together.

    `looks_first` is for a writer that comes seldom to books that another writes all the time: it asks for their
    revisions before it trusts its memory, instead of having its writes refused.
    """

    workers: int = 2
    batch_updates: int = 600
    soft_limit: int = 20_000
    hard_limit: int = 60_000
    cache_bytes: int = 96 * 1024 * 1024
    looks_first: bool = False


class BookWriter:
    """A component: `submit` updates; `on_done(tickets, received)` follows when they are stored for good."""

    name = "writer"

    def __init__(
        self,
        store: BookStore,
        clock: Clock,
        *,
        on_done: OnDone,
        set_aside: SetAside,
        listeners: Sequence[Listener] = (),
        options: WriterOptions | None = None,
        on_doubt: OnDoubt | None = None,
    ) -> None:
        options = options or WriterOptions()
        self._clock = clock
        self._stop = threading.Event()
        count = options.workers
        self._store = store
        self._recorder = HistoryRecorder(store, clock, set_aside, self._stop)
        self._workers = [
            Worker(
                index, store, self._recorder, on_done, set_aside, listeners,
                Intake(max(1, options.soft_limit // count), max(2, options.hard_limit // count)),
                options.batch_updates, options.cache_bytes // count, self._stop, on_doubt,
                looks_first=options.looks_first,
            )
            for index in range(count)
        ]  # fmt: skip

    def submit(self, updates: Sequence[BookUpdate], *, ticket: int, received_at: float) -> bool:
        """Hand over one message's updates (all of one fixture), received at a monotonic time.

        Blocks while the intake is full. False if the writer was stopped first: the message is then not stored.
        """
        if not updates:
            raise ValueError("a message without updates has nothing to submit")
        fixture_id = updates[0].fixture_id
        worker = self._workers[fixture_id % len(self._workers)]
        return worker.intake.put(fixture_id, updates, ticket, received_at, self._stop)

    @property
    def started(self) -> bool:
        """Whether the threads were started."""
        return self._recorder.thread.ident is not None

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
            severity: Severity = "unhealthy" if age > 15 else "degraded"
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
        total: dict[str, int] = {
            "history_copied": self._recorder.copied,
            "history_waiting": self._recorder.pending,
            "drops": self._store.drops,
        }
        for worker in self._workers:
            for key, value in worker.statistics().items():
                total[key] = total.get(key, 0) + value
        return total
