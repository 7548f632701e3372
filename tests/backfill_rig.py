"""A backfill of the stand-in of the provider into a real MongoDB, with a hand between them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr
from pymongo.database import Database

from PROPPR.SharedServices.ingest.absences import Absences
from PROPPR.SharedServices.ingest.backfill import Backfill
from PROPPR.SharedServices.ingest.backfill_progress import Outcome
from PROPPR.SharedServices.ingest.backfill_requests import CountedTracker
from PROPPR.SharedServices.ingest.book_reader import BookReader
from PROPPR.SharedServices.ingest.pipeline import BookPipeline
from PROPPR.SharedServices.odds.types import Fixture
from PROPPR.SharedServices.providers.odds_api.client import OddsApiClient
from PROPPR.SharedServices.providers.odds_api.config import RestConfig
from PROPPR.SharedServices.providers.odds_api.models import OddsAnswer
from PROPPR.SharedServices.service.clock import Clock, FastClock, SystemClock
from PROPPR.SharedServices.service.metrics import Metrics
from PROPPR.SharedServices.service.redact import Redactor
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.simulator.server import SimulatorServer
from PROPPR.SharedServices.storage.backfills import BackfillStore, Job, Selection
from PROPPR.SharedServices.storage.fixture_choice import FixtureChoice
from PROPPR.SharedServices.storage.fixtures import FixtureStore
from PROPPR.SharedServices.storage.stored_feeds import stored_feeds

Documents = Database[dict[str, Any]]
KEY = "backfill-key"
BOOKS = ("Bet365", "M88", "FB Sports")
CLOCK = SystemClock()
QUICK = 200.0  # the waits between attempts are so much shorter
OURS = 6  # fence


class Provider:
    """The client with a hand in the way: `before` may raise, `after` may change the answer."""

    def __init__(self, client: OddsApiClient) -> None:
        self._client = client
        self.asked: list[tuple[int, ...]] = []
        self.before: Callable[[Sequence[int], Sequence[str]], None] = lambda ids, bookmakers: None
        self.after: Callable[[OddsAnswer], OddsAnswer] = lambda answer: answer

    def odds_multi(self, ids: Sequence[int], bookmakers: Sequence[str], include_sequence: bool = True) -> OddsAnswer:
        self.asked.append(tuple(ids))
        self.before(ids, bookmakers)
        return self.after(self._client.odds_multi(ids, bookmakers, include_sequence))

    def event(self, event_id: int) -> Fixture | None:
        return self._client.event(event_id)


class Counted:
    """Nothing that is stored needs counting here; what is set aside does."""

    def __init__(self) -> None:
        self.rejected: list[str] = []

    def committed(self, received: Sequence[float]) -> None: ...

    def reject(self, reason: str) -> None:
        self.rejected.append(reason)


class Rig:
    """One run of a backfill; several rigs on one database are several processes, one after the other."""

    def __init__(
        self,
        database: Documents,
        simulator: SimulatorServer,
        selection: Selection,
        *,
        limit: int = 1000,
        most: int | None = None,
        fence: int = OURS,
        key: str = KEY,
        clock: Clock | None = None,
    ) -> None:
        self.clock = clock or FastClock(CLOCK, QUICK)
        self.database = database
        self.stop = threading.Event()
        self.store = BackfillStore(database, CLOCK)
        held = self.store.hold(selection, lambda: fence)
        job = self.store.load(selection.key)
        if job is None:
            job = held.begin()
        else:
            held.resume()
        self.key = selection.key
        self.tracker = CountedTracker(
            limit, database=database, clock=CLOCK, service="backfill", record=held.spent, spent=job.requests, most=most
        )
        config = RestConfig(simulator.rest_url, SecretStr(key), attempts=1)
        self.client = OddsApiClient(config, self.tracker, service="backfill", stop=self.stop)
        self.provider = Provider(self.client)
        self.counted = Counted()
        self.pipeline = BookPipeline(
            database, Settings(bookmakers=BOOKS), CLOCK, Metrics(), Redactor(), self.counted,
            service="backfill", source="api_poller",
        )  # fmt: skip
        pipeline = self.pipeline
        absences = Absences(lambda ids: stored_feeds(database, ids))
        self.backfill = Backfill(
            job, held, self.tracker, self.provider,
            BookReader(self.provider, pipeline.writer, pipeline.tickets, CLOCK, absences),
            FixtureChoice(database), FixtureStore(database, CLOCK), self.clock, self.stop,
            batch_size=10, redact=Redactor([key]).text,
        )  # fmt: skip

    def run(self) -> Outcome:
        self.pipeline.follower.start()
        self.pipeline.writer.start()
        try:
            return self.backfill.run()
        finally:
            self.pipeline.writer.stop(CLOCK.monotonic() + 5)
            self.pipeline.follower.stop(CLOCK.monotonic() + 5)
            self.client.close()

    def run_aside(self) -> tuple[threading.Thread, list[Outcome]]:
        outcomes: list[Outcome] = []
        thread = threading.Thread(target=lambda: outcomes.append(self.run()))
        thread.start()
        return thread, outcomes

    @property
    def job(self) -> Job:
        job = self.store.load(self.key)
        assert job is not None
        return job


def register(database: Documents, fixtures: Sequence[Fixture]) -> None:
    FixtureStore(database, CLOCK).upsert_many(fixtures, "api_poller")


def everything(**changes: Any) -> Selection:
    return Selection(**{"since": datetime(2020, 1, 1, tzinfo=UTC), "bookmakers": BOOKS, **changes})


def stored_ids(database: Documents) -> set[int]:
    return set(database["odds_books"].distinct("fixture_id"))
