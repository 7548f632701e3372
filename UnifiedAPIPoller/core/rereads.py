"""Reads whole books of queued fixtures from what the cycles leave of the budget: new ones, and what a hole may hide."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PROPPR.SharedServices.ingest.book_reader import BookReader
from PROPPR.SharedServices.ingest.refused_bookmakers import refused_bookmakers
from PROPPR.SharedServices.odds.types import Fixture
from PROPPR.SharedServices.providers.odds_api.errors import (
    AccessRefused,
    BookmakerUnknown,
    NotFound,
    RequestRefused,
)
from PROPPR.SharedServices.providers.odds_api.models import OddsAnswer
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.errors import SourceChanged
from PROPPR.SharedServices.storage.rereads import Reread, RereadQueue
from PROPPR.UnifiedAPIPoller.core.refusals import Refusals
from PROPPR.UnifiedAPIPoller.core.source_gate import SourceGate

LOOK_AHEAD: Final = 60
STORED_WITHIN: Final = 120.0
STORED_LOOK: Final = 0.1
MOST_STORING: Final = 3
POSTPONED_SECONDS: Final = 300.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Reading:
    """A batch that was read and is being stored."""

    batch: tuple[Reread, ...]
    bookmakers: tuple[str, ...]
    outstanding: set[int]
    since: float


class RereadReader:
    """`read_next` reads one batch; a worker calls it while it returns True.

    Fewer fixtures than `batch_size` wait up to `gather_seconds` for more. `to_spare()` is how many requests may be
    spent now; `told(fixtures, asked_at)` hears what answers say of fixtures.
    """

    def __init__(
        self,
        queue: RereadQueue,
        reader: BookReader,
        gate: SourceGate,
        refusals: Refusals,
        clock: Clock,
        *,
        batch_size: int,
        gather_seconds: float,
        to_spare: Callable[[], int],
        told: Callable[[Sequence[Fixture], int], None],
    ) -> None:
        self._queue = queue
        self._reader = reader
        self._gate = gate
        self._refusals = refusals
        self._clock = clock
        self._batch_size = batch_size
        self._gather_ms = gather_seconds * 1000
        self._to_spare = to_spare
        self._told = told
        self._alone: set[int] = set()
        self._storing: list[_Reading] = []
        self.read = 0
        self.is_short = False

    def read_next(self, stop: threading.Event) -> bool:
        """Read the next batch if there is one, and the budget and the provider allow it; whether one was read.

        Raises what MongoDB and the provider raise; what failed stays queued.
        """
        self._finish_stored()
        busy = {entry.fixture_id for reading in self._storing for entry in reading.batch}
        entries = [entry for entry in self._queue.next(LOOK_AHEAD) if entry.fixture_id not in busy]
        if not entries:
            self._alone.clear()
            self.is_short = False
            return bool(busy) and not self._clock.wait(stop, STORED_LOOK)
        self.is_short = self._to_spare() < 1
        if self.is_short or self._gate.closed_for() > 0 or self._fills_up(entries):
            return False
        if len(self._storing) >= MOST_STORING:
            return not self._clock.wait(stop, STORED_LOOK)
        batch = self._batch(entries)
        wanted = dict.fromkeys(name for entry in batch for name in entry.bookmakers)
        asked = self._refusals.active(wanted)
        aside = [name for name in wanted if name not in asked]
        if aside:
            self._queue.drop_bookmakers(aside)
        if not asked:
            return True
        self._read(batch, asked)
        return True

    def _fills_up(self, entries: Sequence[Reread]) -> bool:
        """Whether to wait a moment for more fixtures: a request for one costs the same as for ten."""
        oldest = min(entry.wanted_at for entry in entries)
        return len(entries) < self._batch_size and self._clock.now_ms() - oldest < self._gather_ms

    def _batch(self, entries: Sequence[Reread]) -> list[Reread]:
        """The first fixtures, whoever is wanted of each: a request costs the same for all their bookmakers."""
        if entries[0].fixture_id in self._alone:
            return [entries[0]]
        return [one for one in entries if one.fixture_id not in self._alone][: self._batch_size]

    def _read(self, batch: Sequence[Reread], bookmakers: Sequence[str]) -> None:
        ids = tuple(entry.fixture_id for entry in batch)
        outstanding: set[int] = set()
        try:
            prove = any(entry.is_doubtful for entry in batch)
            self._reader.read(ids, bookmakers, outstanding, self._note, prove=prove)
        except NotFound:
            log.info("the provider knows none of these fixtures", extra={"fixtures": len(ids)})
        except (AccessRefused, BookmakerUnknown) as error:
            self._gate.worked()
            self._refused(error, ids, bookmakers)
            return
        except (RequestRefused, SourceChanged) as error:
            self._unreadable(ids, error)
            return
        self._gate.worked()
        self._storing.append(_Reading(tuple(batch), tuple(bookmakers), outstanding, self._clock.monotonic()))
        self._finish_stored()

    def _finish_stored(self) -> None:
        """Take what is stored out of the queue. What is not after a long time stays in it, and is read again."""
        waiting = []
        for reading in self._storing:
            if not reading.outstanding:
                self._queue.done(reading.batch, reading.bookmakers)
                self._alone.difference_update(entry.fixture_id for entry in reading.batch)
                self.read += len(reading.batch)
            elif self._clock.monotonic() - reading.since < STORED_WITHIN:
                waiting.append(reading)
        self._storing = waiting

    def _note(self, answer: OddsAnswer) -> None:
        self._told(answer.fixtures, answer.asked_at)

    def _refused(self, error: AccessRefused | RequestRefused, ids: Sequence[int], bookmakers: Sequence[str]) -> None:
        """Set aside whom the refusal names; where it names nobody, ask for one at a time to find out whom."""
        named = refused_bookmakers(error, bookmakers)
        if not named and len(bookmakers) > 1:
            for name in bookmakers:
                try:
                    self._reader.read(ids[:1], [name], set(), self._note)
                except (AccessRefused, BookmakerUnknown) as refusal:
                    self._refusals.set_aside(name, str(refusal))
            return
        for name in named or bookmakers:
            self._refusals.set_aside(name, str(error))

    def _unreadable(self, ids: Sequence[int], error: RequestRefused | SourceChanged) -> None:
        """Read the fixtures of an unreadable answer one by one; one that stands alone already has to wait."""
        self._gate.failed(error)
        log.warning("books could not be read", extra={"fixtures": len(ids), "reason": str(error)[:300]})
        if len(ids) == 1:
            self._queue.postpone(ids[0], POSTPONED_SECONDS)
        self._alone.update(ids)
