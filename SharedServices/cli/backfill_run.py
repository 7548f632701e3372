"""One run of a backfill as a process: puts the parts together, runs them, and lets go of everything in order."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final

from pymongo.database import Database
from pymongo.errors import PyMongoError

from PROPPR.SharedServices.ingest.absences import Absences
from PROPPR.SharedServices.ingest.backfill import Backfill
from PROPPR.SharedServices.ingest.backfill_progress import Outcome, Progress
from PROPPR.SharedServices.ingest.backfill_requests import CountedTracker
from PROPPR.SharedServices.ingest.book_reader import BookReader
from PROPPR.SharedServices.ingest.pipeline import BookPipeline
from PROPPR.SharedServices.providers.odds_api.client import OddsApiClient
from PROPPR.SharedServices.providers.odds_api.config import RestConfig
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.errors import TransientError
from PROPPR.SharedServices.service.leases import TTL, Lease, LeaseLost
from PROPPR.SharedServices.service.metrics import Metrics
from PROPPR.SharedServices.service.redact import Redactor
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.backfills import LEASE_PREFIX, BackfillStore, HeldJob, Job, Selection, TakenOver
from PROPPR.SharedServices.storage.fixture_choice import FixtureChoice
from PROPPR.SharedServices.storage.fixtures import FixtureStore
from PROPPR.SharedServices.storage.stored_feeds import stored_feeds

SERVICE: Final = "backfill"
STOP_SECONDS: Final = 7.0
# The last fixtures of a killed run: what follows from their books may not have been computed.
TAIL: Final = 200

Documents = Database[dict[str, Any]]
log = logging.getLogger(__name__)


class Tally:
    """Counts what the pipeline could not store."""

    def __init__(self) -> None:
        self.rejected: Counter[str] = Counter()

    def committed(self, received: Sequence[float]) -> None:
        """Stored: the job counts that itself."""

    def reject(self, reason: str) -> None:
        """Set aside as a dead letter."""
        self.rejected[reason] += 1


class JobLease:
    """The lease of one job: whoever holds it works on the job, alone."""

    def __init__(self, database: Documents, selection: Selection, clock: Clock) -> None:
        self._key = selection.key
        self._clock = clock
        self._store = BackfillStore(database, clock)
        self._lease = Lease(database, LEASE_PREFIX + self._key, f"{socket.gethostname()}:{os.getpid()}", clock=clock)

    @property
    def holder(self) -> str:
        """Who holds it."""
        return self._lease.held_by or "nobody"

    def take(self, stop: threading.Event, on_wait: Callable[[str], None]) -> bool:
        """Take it, and keep it from then on; False where a living process holds it.

        A process that was killed holds its lease for some seconds more; one that lives shows that by renewing it.
        """
        self._store.forget_old_leases()
        deadline = self._clock.monotonic() + TTL + 2.0
        seen = None
        while self._lease.acquire() is None:
            renewed_at = self._store.lease_renewed_at(self._key)
            if seen is None:
                on_wait(f"{self.holder} worked on this backfill a moment ago: looking whether it still lives")
                seen = renewed_at
            lives = renewed_at is not None and seen is not None and renewed_at > seen
            if lives or self._clock.monotonic() > deadline or self._clock.wait(stop, 0.2):
                return False
        self._lease.start()
        return True

    def fence(self) -> int:
        """The token for a write. Raises LeaseLost while it is not ours for sure, TakenOver where it is another's."""
        try:
            return self._lease.guard()
        except LeaseLost:
            if self._lease.held_by not in (None, self._lease.holder):
                raise TakenOver(f"{self.holder} works on this backfill now") from None
            raise

    def stop(self, deadline: float) -> None:
        """Give it up."""
        self._lease.stop(deadline)


class BackfillRun:
    """Reads a job in a thread of its own. Start it, look at `progress` and `ended`, then `close` it."""

    def __init__(
        self,
        settings: Settings,
        database: Documents,
        job: Job,
        held: HeldJob,
        clock: Clock,
        stop: threading.Event,
        *,
        most_requests: int | None,
    ) -> None:
        self.tally = Tally()
        self.outcome: Outcome | None = None
        self._clock = clock
        self._tail = job.done[-TAIL:]
        redactor = Redactor(settings.secrets())
        self._pipeline = BookPipeline(
            database, settings, clock, Metrics(), redactor, self.tally, service=SERVICE, source="api_poller"
        )
        tracker = CountedTracker(
            settings.max_api_requests_per_hour, database=database, clock=clock, service=SERVICE,
            record=held.spent, spent=job.requests, most=most_requests,
        )  # fmt: skip
        # One attempt a call: the backfill repeats it, and says why it waits.
        config = RestConfig(base_url=settings.odds_api_base_url, key=settings.odds_api_key, attempts=1)
        self._client = OddsApiClient(config, tracker, service=SERVICE, clock=clock, source="api_poller", stop=stop)
        pipeline = self._pipeline
        absences = Absences(lambda ids: stored_feeds(database, ids))
        self._backfill = Backfill(
            job, held, tracker, self._client,
            BookReader(self._client, pipeline.writer, pipeline.tickets, clock, absences),
            FixtureChoice(database), FixtureStore(database, clock), clock, stop,
            batch_size=settings.batch_size, redact=redactor.text,
        )  # fmt: skip
        self._thread = threading.Thread(target=self._run, name=SERVICE, daemon=True)

    @property
    def progress(self) -> Progress:
        """How far it is."""
        return self._backfill.progress

    @property
    def ended(self) -> bool:
        """Whether the thread has ended."""
        return not self._thread.is_alive()

    def start(self) -> None:
        """Begin."""
        self._pipeline.follower.start()
        self._pipeline.writer.start()
        self._thread.start()

    def close(self) -> None:
        """Wait for the thread, store what waits, close the connections; within `STOP_SECONDS`."""
        deadline = self._clock.monotonic() + STOP_SECONDS
        self._thread.join(STOP_SECONDS - 2.0)
        self._pipeline.writer.stop(deadline)
        self._pipeline.follower.stop(deadline)
        self._client.close()

    def _look_after(self) -> None:
        """What a killed run may have left: history not copied, value bets and arbitrages not looked at."""
        self._pipeline.follower.look_at(self._tail)
        try:
            self._pipeline.store.recover()
        except (PyMongoError, TransientError) as error:  # the next start of any service does it
            log.warning("the history of the last run was not looked after", extra={"reason": type(error).__name__})

    def _run(self) -> None:
        try:
            if self._tail:
                self._look_after()
            self.outcome = self._backfill.run()
        except Exception as error:  # a defect must be told, not taken for an interruption
            log.exception("the backfill broke off")
            self.outcome = Outcome("broken", f"a defect: {type(error).__name__}: {error}")
