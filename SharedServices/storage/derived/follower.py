"""Keeps derived collections true to the books while several processes write both.

A listener of the book writer: what this process stores is looked at again in a thread of its own, behind a conflating
queue, so that it never delays a book. Four steps make it right with any number of such processes:

1. The revisions of the books concerned are read, and whatever differs from this process's own picture is read whole.
2. From these books the derived documents are computed.
3. What is stored is read, after the books were, and only what differs is written.
4. If anything was written, the revisions are read again: where a book was stored meanwhile, the fixture is looked at
   once more. So whoever writes last has checked that it wrote from the newest books.

A process that dies in between leaves a debt that the others find (`debts.py`).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from pymongo.database import Database
from pymongo.errors import PyMongoError

from PROPPR.SharedServices.odds.types import Fixture, Source
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.components import Check
from PROPPR.SharedServices.service.errors import TransientError
from PROPPR.SharedServices.storage.books.worker import Written
from PROPPR.SharedServices.storage.derived.chores import Chores, Rhythm
from PROPPR.SharedServices.storage.derived.debts import SILENT_SECONDS, Debts
from PROPPR.SharedServices.storage.derived.dirty import Dirty, DirtyFixtures
from PROPPR.SharedServices.storage.derived.freshness import FOREIGN_BYTES, FreshReader, Suspect
from PROPPR.SharedServices.storage.derived.product import Product, Work

log = logging.getLogger(__name__)

Document = dict[str, Any]

BATCH_WEIGHT = 100
# So many fixtures are looked at in one go: the fewer, the less is overtaken meanwhile.
CHUNK = 25
IDLE_SECONDS = 0.5
RETRY_SECONDS = 0.5
# What moves within it is computed once: a tenth of a second is nothing to a bettor and half the work under load.
GATHER_SECONDS = 0.1
# It rests for as long as it worked, so that the writer has at least half of the time for itself: the more there is to
# do, the more of it is done at once.
MOST_GATHER_SECONDS = 1.0
_RHYTHM = Rhythm()


class BooksFollower:
    """A listener of the book writer and a component. `fixtures` looks up what the registry knows of fixtures."""

    name = "derived"

    def __init__(
        self,
        database: Database[Document],
        clock: Clock,
        products: Sequence[Product],
        fixtures: Callable[[Iterable[int]], Mapping[int, Fixture]],
        source: Source,
        *,
        retention: timedelta,
        most_fixtures: int = 5_000,
        foreign_bytes: int = FOREIGN_BYTES,
        rhythm: Rhythm = _RHYTHM,
        silent_after: float = SILENT_SECONDS,
    ) -> None:
        self._clock = clock
        self._products = products
        self._fixtures = fixtures
        self._reader = FreshReader(database, foreign_bytes)
        self._queue = DirtyFixtures(clock, most_fixtures)
        debts = Debts(database, clock, source, retention, silent_after)
        self._chores = Chores(debts, self._queue, products, fixtures, clock, rhythm)
        self._closed = False
        self._stop = threading.Event()
        self._failing: str | None = None
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._count = dict.fromkeys(("batches", "fixtures", "overtaken", "defects"), 0)

    def committed(self, written: Sequence[Written]) -> None:
        """Books were stored, or may have been: what depends on them is looked at again."""
        for each in written:
            self._queue.committed(each)

    def look_at(self, fixture_ids: Iterable[int]) -> None:
        """Look at all that follows from the books of these fixtures: their names, kick-off or status changed."""
        now = self._clock.now_ms()
        for fixture_id in fixture_ids:
            self._queue.mark(Dirty(fixture_id, now, everything=True))

    def start(self) -> None:
        self._thread.start()

    def stop(self, deadline: float) -> None:
        """Finish what waits, until `deadline`; what is left remains a debt that others find."""
        self._closed = True
        self._queue.hurry()
        if self._thread.is_alive():
            self._thread.join(max(0.0, deadline - self._clock.monotonic()))
        self._stop.set()

    def check(self) -> Check:
        """Not ok while derived documents can't be written."""
        waiting = f"{len(self._queue)} fixtures waiting"
        if not self._thread.is_alive():
            return Check(ok=False, detail="the thread is dead")
        if self._failing:
            return Check(ok=False, detail=f"{waiting}; {self._failing}", severity="degraded")
        return Check(ok=True, detail=waiting)

    @property
    def pending(self) -> int:
        """Fixtures that wait to be looked at."""
        return len(self._queue) + self._chores.backlog

    def statistics(self) -> dict[str, int]:
        """Counters for metrics."""
        found = {**self._count, "lost": self._queue.lost, "foreign_loads": self._reader.foreign_loads}
        for product in self._products:
            found[f"{product.name}_written"] = product.written
            found[f"{product.name}_removed"] = product.removed
        return found

    def turn(self) -> bool:
        """Do what is due: the chores, then a batch. False if nothing waited; the thread calls it again and again."""
        batch: list[Dirty] = []
        try:
            self._chores.run(self._closed)
            if self._closed:
                self._queue.hurry()
            batch = self._queue.take(BATCH_WEIGHT, 0 if self._closed else self._chores.patience(IDLE_SECONDS))
            if batch:
                self._round(batch)
            self._failing = None
        except (PyMongoError, TransientError) as error:
            self._postpone(batch, error)
            return True
        except Exception as error:  # a defect in one fixture's odds must not end the thread, nor harm the others
            self._isolate(batch, error)
            return True
        return bool(batch)

    def _run(self) -> None:
        while not self._stop.is_set():
            if not self.turn() and self._closed:
                self._finish()
                return

    def _finish(self) -> None:
        try:
            self._chores.finish()
        except PyMongoError as error:
            log.warning("what is still owed could not be told", extra={"reason": str(error)})

    def _round(self, batch: Sequence[Dirty]) -> None:
        began = self._clock.monotonic()
        looks = [self._derive(batch[start : start + CHUNK]) for start in range(0, len(batch), CHUNK)]
        if not self._closed:
            spent = self._clock.monotonic() - began
            self._clock.wait(self._stop, min(max(GATHER_SECONDS, spent), MOST_GATHER_SECONDS))
        for works, suspects in looks:
            self._look_again(works, suspects)
        self._queue.done()

    def _postpone(self, batch: Sequence[Dirty], error: Exception) -> None:
        if self._failing is None:
            log.warning("what follows from the books can't be stored for now", extra={"reason": str(error)})
        self._failing = f"MongoDB: {type(error).__name__}"
        self._queue.again(batch)
        self._stop.wait(RETRY_SECONDS)

    def _isolate(self, batch: Sequence[Dirty], error: Exception) -> None:
        """Find the fixture that can't be computed and go on without it."""
        for dirty in batch if len(batch) > 1 else ():
            try:
                self._round([dirty])
            except (PyMongoError, TransientError) as passing:
                self._postpone([dirty], passing)
            except Exception as defect:  # the fixture that is left out
                self._give_up(dirty, defect)
        if len(batch) == 1:
            self._give_up(batch[0], error)
        if not batch:
            log.error("a chore failed", exc_info=error)
            self._stop.wait(RETRY_SECONDS)

    def _give_up(self, dirty: Dirty, error: Exception) -> None:
        self._count["defects"] += 1
        log.error("what follows from a fixture's books can't be computed", exc_info=error,
                  extra={"fixture": dirty.fixture_id})  # fmt: skip

    def _derive(self, batch: Sequence[Dirty]) -> tuple[list[Work], list[Suspect]]:
        """Compute and store; returns what was done, and the books that were written meanwhile."""
        fresh = self._reader.read(batch)
        named = self._fixtures(fresh)
        works: list[Work] = []
        for dirty in batch:
            fixture = named.get(dirty.fixture_id)
            if fixture is None:
                self._chores.nameless(dirty.fixture_id)
            else:
                works.append(Work(fixture, fresh[dirty.fixture_id], dirty))
        wrote = {fixture_id for product in self._products for fixture_id in product.refresh(works)}
        self._count["batches"] += 1
        self._count["fixtures"] += len(batch)
        return works, self._reader.overtaken(fresh[fixture_id] for fixture_id in wrote)

    def _look_again(self, works: Sequence[Work], suspects: Sequence[Suspect]) -> None:
        """Mark what was computed from books that somebody else has written since, or nobody knows who."""
        overtaken = [suspect for suspect in suspects if not suspect.cleared]
        if not overtaken:
            return
        self._reader.load(overtaken)
        by_fixture = {work.fixture.id: work for work in works}
        for suspect in overtaken:
            again = self._once_more(suspect, by_fixture[suspect.fixture_id])
            if again.moved or again.confirmed:
                self._queue.again([again])
                self._count["overtaken"] += 1

    def _once_more(self, suspect: Suspect, work: Work) -> Dirty:
        """What of an overtaken book was looked at. Of its other markets nothing was written here: they are looked at
        by whoever stored them, and two processes that each took over what the other does would never come to rest."""
        bookmaker, segment = suspect.key
        markets = work.dirty.markets()
        moved, confirmed = (
            {name for name in names if markets is None or (segment, name) in markets}
            for names in self._reader.compare(suspect, work.fresh)
        )
        again = Dirty(suspect.fixture_id, work.dirty.since, work.dirty.cached)
        again.moved = {(segment, bookmaker, name) for name in moved}
        again.confirmed = {(segment, name) for name in confirmed}
        return again
