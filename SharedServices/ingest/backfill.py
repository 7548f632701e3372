"""Reads the books of chosen fixtures again, whatever gets in the way, and remembers after each batch how far it is."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Final, Protocol, TypeVar

from pymongo.errors import PyMongoError

from PROPPR.SharedServices.ingest.backfill_plan import Batch, WorkQueue, choose_order
from PROPPR.SharedServices.ingest.backfill_progress import Answers, Outcome, Progress
from PROPPR.SharedServices.ingest.backfill_requests import CountedTracker, RequestsSpent
from PROPPR.SharedServices.ingest.book_reader import BookReader, MultiSource
from PROPPR.SharedServices.ingest.refused_bookmakers import refused_bookmakers
from PROPPR.SharedServices.odds.types import Fixture, Source
from PROPPR.SharedServices.providers.http.attempts import AttemptFailed, UnreadableAnswer
from PROPPR.SharedServices.providers.odds_api.errors import AccessRefused, BookmakerUnknown, KeyRefused, RequestRefused
from PROPPR.SharedServices.service.backoff import Backoff
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.errors import ProPprError, RateLimited, SourceChanged, TransientError
from PROPPR.SharedServices.storage.backfills import MOST_FIXTURES, HeldJob, Job, Selection, TakenOver
from PROPPR.SharedServices.storage.fixture_choice import Chosen

TRIES: Final = 8
WITHOUT_RESET: Final = 60.0
STORED_AFTER_STOP: Final = 3.0

Result = TypeVar("Result")
log = logging.getLogger(__name__)


class Provider(MultiSource, Protocol):
    """Where fixtures and books are read (OddsApiClient)."""

    def event(self, event_id: int) -> Fixture | None: ...


class Choice(Protocol):
    """Who knows the registry (FixtureChoice)."""

    def choose(self, selection: Selection, most: int) -> list[Chosen]: ...
    def unknown(self, ids: Sequence[int]) -> list[int]: ...


class Registry(Protocol):
    """Where fixtures are kept (FixtureStore)."""

    def upsert_many(self, fixtures: Sequence[Fixture], source: Source, *, registered: bool) -> object: ...


class Stopped(ProPprError):
    """The operator wants it to end."""


class Backfill:
    """One run of a job in one thread; `progress` may be read from any other.

    A fixture counts as done when its books are stored for good, so a run that is killed repeats one batch at most.
    While the budget, the provider or MongoDB refuse, it waits, as long as they say or with a growing back-off, until
    `stop` is set. A batch that fails `TRIES` times is read in halves at the end; what fails alone is noted.
    """

    def __init__(
        self,
        job: Job,
        held: HeldJob,
        tracker: CountedTracker,
        provider: Provider,
        reader: BookReader,
        choice: Choice,
        registry: Registry,
        clock: Clock,
        stop: threading.Event,
        *,
        batch_size: int,
        redact: Callable[[str], str],
    ) -> None:
        self._job = job
        self._held = held
        self._tracker = tracker
        self._provider = provider
        self._reader = reader
        self._choice = choice
        self._registry = registry
        self._clock = clock
        self._stop = stop
        self._never = threading.Event()
        self._batch_size = batch_size
        self._redact = redact
        self._bookmakers = list(job.selection.bookmakers)
        self._backoff = Backoff(1.0, 60.0, floor=0.2)
        self.progress = Progress(
            before=len(job.done), read=job.read, absent=job.absent, registered=job.registered, requests=job.requests
        )

    def run(self) -> Outcome:
        """Read everything that is not done yet; returns when that is so, or when it can't go on."""
        try:
            self._look_up()
            self._read_all()
            self._patiently(self._held.finish)
        except Stopped:
            return Outcome("stopped")
        except RequestsSpent as error:
            return Outcome("spent", str(error))
        except TakenOver as error:
            return Outcome("taken_over", str(error))
        except KeyRefused as error:
            return Outcome("misconfigured", self._redact(str(error)))
        except AccessRefused as error:
            return Outcome("refused", self._redact(str(error)))
        finally:
            self._say(waiting="", until=None)
        return Outcome("done")

    def _look_up(self) -> None:
        done = set(self._job.done)
        unknown = self._patiently(lambda: self._choice.unknown(self._job.selection.ids))
        lookups = [each for each in unknown if each not in done]
        for position, fixture_id in enumerate(lookups):
            self._go_on()
            self._say(lookups=len(lookups) - position)
            try:
                self._register(fixture_id)
            except (RequestRefused, SourceChanged, AttemptFailed) as error:
                self._fail(fixture_id, self._redact(str(error)))
        self._say(lookups=0)

    def _register(self, fixture_id: int) -> None:
        fixture = self._patiently(lambda: self._provider.event(fixture_id))
        if fixture is None:
            self._fail(fixture_id, "the provider does not know it")
            return
        # Not the poller's own entry: it follows a fixture that it listed itself.
        self._patiently(lambda: self._registry.upsert_many([fixture], "api_poller", registered=False))
        count = self.progress.registered + 1
        self._patiently(lambda: self._held.registered(count))
        self._say(registered=count)

    def _read_all(self) -> None:
        chosen = self._patiently(lambda: self._choice.choose(self._job.selection, MOST_FIXTURES))
        order = choose_order(chosen, set(self._job.selection.ids), set(self._job.done), self._clock.now_ms())
        progress = self.progress
        self._say(total=len(order.ids) + progress.before + len(progress.failed), over=order.over)
        log.info("backfill reads", extra={"fixtures": len(order.ids), "over": order.over})
        queue = WorkQueue(order.ids, self._batch_size)
        while (batch := queue.next()) is not None:
            self._go_on()
            self._read(batch, queue)

    def _read(self, batch: Batch, queue: WorkQueue) -> None:
        answers = Answers()
        outstanding: set[int] = set()
        names = tuple(self._bookmakers)
        try:
            self._patiently(lambda: self._reader.read(batch, names, outstanding, answers.note))
        except (AccessRefused, BookmakerUnknown) as error:
            if self._narrow(batch, error):
                queue.again(batch)
            else:
                self._set_back(batch, queue, error)
        except (RequestRefused, SourceChanged, AttemptFailed) as error:
            self._set_back(batch, queue, error)
        else:
            self._await_stored(outstanding)
            self._note_done(batch, answers)

    def _note_done(self, batch: Batch, answers: Answers) -> None:
        doubts = answers.doubts(batch)
        for fixture_id, reason in doubts.items():
            self._fail(fixture_id, reason)
        ids = [each for each in batch if each not in doubts]
        priced = sum(each in answers.priced for each in ids)
        read, absent = self.progress.read + priced, self.progress.absent + len(ids) - priced
        self._patiently(lambda: self._held.stored(ids, read=read, absent=absent))
        self._say(read=read, absent=absent)

    def _set_back(self, batch: Batch, queue: WorkQueue, error: Exception) -> None:
        alone = queue.failed(batch)
        if alone is not None:
            self._fail(alone, self._redact(str(error)))

    def _fail(self, fixture_id: int, reason: str) -> None:
        self._patiently(lambda: self._held.fail([fixture_id], reason))
        self._say(failed={**self.progress.failed, fixture_id: reason})

    def _narrow(self, batch: Batch, error: AccessRefused | BookmakerUnknown) -> bool:
        """Leave out the bookmakers that a refusal is about; False if it is about none of them."""
        refused = refused_bookmakers(error, self._bookmakers) or self._probe(batch)
        if not refused:
            return False
        if len(refused) == len(self._bookmakers):
            raise AccessRefused(f"the provider refuses every bookmaker: {error}")
        self._bookmakers = [name for name in self._bookmakers if name not in refused]
        self._patiently(lambda: self._held.refuse(refused))
        self._say(refused=(*self.progress.refused, *refused))
        return True

    def _probe(self, batch: Batch) -> list[str]:
        """Ask for one bookmaker at a time, where a refusal does not say whom it means."""
        refused = []
        for name in self._bookmakers:
            try:
                self._patiently(partial(self._provider.odds_multi, batch[:1], [name]))
            except (AccessRefused, BookmakerUnknown):
                refused.append(name)
        return refused

    def _await_stored(self, outstanding: set[int]) -> None:
        began = self._clock.monotonic()
        ends: float | None = None
        while outstanding:
            now = self._clock.monotonic()
            if self._stop.is_set():
                ends = ends or now + STORED_AFTER_STOP
                if now > ends:
                    raise Stopped("stopped before everything was stored")
            if now - began > 2.0 and not self.progress.waiting:
                self._say(waiting="MongoDB stores what was read")
            # Not on the stop event: what is under way is worth finishing.
            self._clock.wait(self._never, 0.01)
        self._say(waiting="", until=None)

    def _patiently(self, call: Callable[[], Result]) -> Result:
        """Call until it answers. Raises Stopped instead of trying again, and what waiting does not mend."""
        tries = 0
        while True:
            try:
                result = call()
            except RateLimited as error:
                self._wait(str(error), error.retry_after or WITHOUT_RESET)
            except TakenOver:
                raise
            except (AttemptFailed, UnreadableAnswer) as error:
                tries += 1
                if tries >= TRIES:
                    raise
                self._wait(str(error), self._backoff.next())
            except (TransientError, PyMongoError) as error:
                self._wait(f"MongoDB: {type(error).__name__}", self._backoff.next())
            else:
                self._backoff.reset()
                self._say(waiting="", until=None)
                return result

    def _go_on(self) -> None:
        if self._stop.is_set():
            raise Stopped("stopped")

    def _wait(self, reason: str, seconds: float) -> None:
        self._say(waiting=self._redact(reason), until=self._clock.monotonic() + seconds)
        log.debug("backfill waits", extra={"reason": self.progress.waiting, "seconds": seconds})
        if self._clock.wait(self._stop, seconds):
            raise Stopped("stopped while it waited")

    def _say(self, **changes: object) -> None:
        self.progress = replace(self.progress, requests=self._tracker.spent, **changes)  # type: ignore[arg-type]
