"""A backfill against the stand-in of the provider and a real MongoDB, and what it does about each kind of trouble."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
import requests
from pydantic import SecretStr
from pymongo.database import Database
from stream_rig import prices, truth_frames
from support import eventually

from PROPPR.SharedServices.ingest.absences import Absences
from PROPPR.SharedServices.ingest.backfill import TRIES, Backfill
from PROPPR.SharedServices.ingest.backfill_progress import Outcome
from PROPPR.SharedServices.ingest.backfill_requests import CountedTracker
from PROPPR.SharedServices.ingest.book_reader import BookReader
from PROPPR.SharedServices.ingest.pipeline import BookPipeline
from PROPPR.SharedServices.odds.rejects import Reject
from PROPPR.SharedServices.odds.rest import read_event
from PROPPR.SharedServices.odds.types import Fixture
from PROPPR.SharedServices.providers.http.attempts import AttemptFailed
from PROPPR.SharedServices.providers.odds_api.client import OddsApiClient
from PROPPR.SharedServices.providers.odds_api.config import RestConfig
from PROPPR.SharedServices.providers.odds_api.errors import BookmakerRefused
from PROPPR.SharedServices.providers.odds_api.models import OddsAnswer
from PROPPR.SharedServices.service.clock import Clock, FastClock, SystemClock
from PROPPR.SharedServices.service.errors import RateLimited, SourceChanged, TransientError
from PROPPR.SharedServices.service.metrics import Metrics
from PROPPR.SharedServices.service.redact import Redactor
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.simulator.config import SimulatorConfig
from PROPPR.SharedServices.simulator.server import SimulatorServer
from PROPPR.SharedServices.storage.backfills import BackfillStore, Job, Selection
from PROPPR.SharedServices.storage.collections import ensure_collections
from PROPPR.SharedServices.storage.fixture_choice import FixtureChoice
from PROPPR.SharedServices.storage.fixtures import FixtureStore
from PROPPR.SharedServices.storage.stored_feeds import stored_feeds
from PROPPR.SharedServices.tracking.request_tracker import GlobalRequestTracker
from PROPPR.WebsocketUpdater.core.websocket_updater import UnifiedWebSocketService

Documents = Database[dict[str, Any]]
KEY = "backfill-key"
BOOKS = ("Bet365", "M88", "FB Sports")
CLOCK = SystemClock()
QUICK = 200.0  # the waits between attempts are so much shorter
OURS = 6  # fence


@pytest.fixture(scope="module")
def simulator() -> Iterator[SimulatorServer]:
    config = SimulatorConfig(port=0, fixtures=36, paused=True, rate=0.0, api_keys=(KEY,), selected=BOOKS)
    with SimulatorServer(config) as server:
        yield server


@pytest.fixture(scope="module")
def listed(simulator: SimulatorServer) -> list[Fixture]:
    """The provider's fixtures."""
    answer = requests.get(f"{simulator.rest_url}/events", {"sport": "football", "apiKey": KEY}, timeout=10).json()
    return sorted((read_event(each) for each in answer), key=lambda one: one.id)


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


def test_everything_is_read_and_equals_the_providers_truth(
    database: Documents, mongo_client: Any, simulator: SimulatorServer, listed: list[Fixture]
) -> None:
    ensure_collections(database)  # once: the rules take what a backfill writes
    register(database, listed)
    rig = Rig(database, simulator, everything())
    assert rig.run() == Outcome("done")
    job, progress = rig.job, rig.backfill.progress
    assert set(job.done) == {one.id for one in listed} and job.read + job.absent == len(listed)
    assert job.finished_at is not None and not job.failed and not job.refused
    assert job.requests == len(rig.provider.asked) == progress.requests, "each request is counted once"
    assert job.requests <= 2 * 4, "four batches, and what was missing once more"
    assert (progress.total, progress.done, progress.waiting) == (36, 36, "")
    assert database["odds_books"].count_documents({"source": {"$ne": "api_poller"}}) == 0
    assert database["odds_books"].count_documents({"last_api_sync": {"$exists": False}}) == 0
    assert database["all_value_bets"].count_documents({}) > 0
    assert not rig.counted.rejected

    scratch = mongo_client[f"{database.name}_truth"]
    try:
        truth = requests.get(f"{simulator.base_url}/_sim/truth", timeout=30).json()["fixtures"]
        wanted = {*BOOKS, "Bet365 (no latency)"}
        truth = {key: {feed: book for feed, book in feeds.items() if feed in wanted} for key, feeds in truth.items()}
        with_truth = UnifiedWebSocketService("none", database=scratch, settings=Settings())
        with_truth.connect(truth_frames(truth))
        with_truth.close()
        markets = [name.casefold() for name in Settings().ws_markets]
        assert prices(database, markets) == prices(scratch, markets) != {}
    finally:
        mongo_client.drop_database(scratch.name)


def test_unknown_ids_are_looked_up_and_those_that_nobody_knows_fail(
    database: Documents, simulator: SimulatorServer, listed: list[Fixture]
) -> None:
    register(database, listed[:2])
    ids = (*(one.id for one in listed[:4]), 4)
    rig = Rig(database, simulator, everything(ids=ids))
    assert rig.run() == Outcome("done")
    job = rig.job
    assert (set(job.done), job.registered) == (set(ids[:4]), 2)
    assert list(job.failed) == [4] and "does not know" in job.failed[4]
    assert database["fixtures"].count_documents({"id": {"$in": list(ids)}}) == 4
    assert rig.backfill.progress.total == 5


def test_the_intersection_holds_for_looked_up_fixtures_too(
    database: Documents, simulator: SimulatorServer, listed: list[Fixture]
) -> None:
    wanted = listed[0]
    ids = tuple(one.id for one in listed[:8])
    rig = Rig(database, simulator, everything(ids=ids, leagues=((wanted.country, wanted.league),)))
    assert rig.run() == Outcome("done")
    assert set(rig.job.done) == {one.id for one in listed[:8] if one.league == wanted.league}
    assert stored_ids(database) <= set(rig.job.done)


def test_fixtures_that_are_over_are_read_only_by_name(
    database: Documents, simulator: SimulatorServer, listed: list[Fixture]
) -> None:
    over = [msgspec.structs.replace(one, status="settled") for one in listed[:3]]
    register(database, [*over, *listed[3:5]])
    rig = Rig(database, simulator, everything())
    rig.run()
    assert set(rig.job.done) == {listed[3].id, listed[4].id}
    assert (rig.backfill.progress.over, rig.backfill.progress.total) == (3, 2)
    named = Rig(database, simulator, everything(ids=(over[0].id,)))
    named.run()
    assert named.job.done == (over[0].id,)


@pytest.mark.parametrize("stranger", ["Sbobet", "No Such Book"], ids=["not selected", "unknown"])
def test_a_refused_bookmaker_is_left_out(
    database: Documents, simulator: SimulatorServer, listed: list[Fixture], stranger: str
) -> None:
    register(database, listed[:5])
    rig = Rig(database, simulator, everything(bookmakers=("M88", stranger)))
    assert rig.run() == Outcome("done")
    assert rig.job.refused == rig.backfill.progress.refused == (stranger,)
    assert len(rig.job.done) == 5 and database["odds_books"].distinct("bookmaker") == ["M88"]


def test_a_refusal_that_names_nobody_is_cleared_up(
    database: Documents, simulator: SimulatorServer, listed: list[Fixture]
) -> None:
    register(database, listed[:5])
    rig = Rig(database, simulator, everything())

    def refuse(ids: Sequence[int], bookmakers: Sequence[str]) -> None:
        if "FB Sports" in bookmakers:
            raise BookmakerRefused("403: Access denied")

    rig.provider.before = refuse
    assert rig.run() == Outcome("done")
    assert rig.job.refused == ("FB Sports",)
    assert set(database["odds_books"].distinct("bookmaker")) == {"Bet365", "M88"}


def test_when_every_bookmaker_is_refused_it_ends(
    database: Documents, simulator: SimulatorServer, listed: list[Fixture]
) -> None:
    register(database, listed[:5])
    outcome = Rig(database, simulator, everything(bookmakers=("Sbobet", "SingBet"))).run()
    assert outcome.end == "refused" and "every bookmaker" in outcome.reason


def test_a_refused_key_ends_it_and_is_not_shown(
    database: Documents, simulator: SimulatorServer, listed: list[Fixture]
) -> None:
    register(database, listed[:5])
    outcome = Rig(database, simulator, everything(), key="another-secret-key").run()
    assert outcome.end == "misconfigured" and "ODDS_API_KEY" in outcome.reason
    assert "another-secret-key" not in outcome.reason


@pytest.mark.parametrize(
    "error",
    [
        AttemptFailed("GET /odds/multi: ReadTimeout"),
        RateLimited("GET /odds/multi: 429", 30.0),
        RateLimited("429, nobody says for how long"),
        TransientError("the request budget is out of reach"),
    ],
)
def test_what_passes_is_waited_for(
    database: Documents, simulator: SimulatorServer, listed: list[Fixture], error: Exception
) -> None:
    register(database, listed[:12])
    rig = Rig(database, simulator, everything())
    waited: list[str] = []

    def fail(ids: Sequence[int], bookmakers: Sequence[str]) -> None:
        waited.append(rig.backfill.progress.waiting)
        if len(waited) <= 3:
            raise error

    rig.provider.before = fail
    assert rig.run() == Outcome("done")
    assert waited[0] == "" and len(rig.job.done) == 12 and not rig.job.failed


def test_a_fixture_that_spoils_every_answer_stands_alone_in_the_end(
    database: Documents, simulator: SimulatorServer, listed: list[Fixture]
) -> None:
    register(database, listed)
    bad = {listed[3].id: SourceChanged("too large"), listed[20].id: AttemptFailed("GET /odds/multi: 500")}
    rig = Rig(database, simulator, everything())

    def spoil(ids: Sequence[int], bookmakers: Sequence[str]) -> None:
        for fixture_id, error in bad.items():
            if fixture_id in ids:
                raise error

    rig.provider.before = spoil
    assert rig.run() == Outcome("done")
    assert dict(rig.job.failed) == {fixture_id: str(error) for fixture_id, error in bad.items()}
    assert set(rig.job.done) == {one.id for one in listed} - set(bad)
    assert rig.provider.asked.count((listed[20].id,)) == TRIES


def test_a_partly_unreadable_book_is_a_failure_of_that_fixture(
    database: Documents, simulator: SimulatorServer, listed: list[Fixture]
) -> None:
    register(database, listed[:5])
    rig = Rig(database, simulator, everything())
    loss = Reject("wrong_type", "bookmakers.*[3]", lossy=True, fixture_id=listed[1].id)
    rig.provider.after = lambda answer: msgspec.structs.replace(answer, rejects=(loss,))
    assert rig.run() == Outcome("done")
    assert rig.job.failed == {listed[1].id: "partly unreadable: wrong_type at bookmakers.*[3]"}
    assert len(rig.job.done) == 4


def test_without_budget_it_waits_visibly_and_goes_on_later(
    database: Documents, simulator: SimulatorServer, listed: list[Fixture]
) -> None:
    register(database, listed)
    first = Rig(database, simulator, everything(), limit=2)
    thread, outcomes = first.run_aside()
    eventually(lambda: "used up" in first.backfill.progress.waiting, what="the waiting")
    progress = first.backfill.progress
    assert progress.until is not None and progress.until > first.clock.monotonic() + 60
    assert (progress.requests, progress.done) == (2, len(first.job.done)) and progress.done >= 10
    first.stop.set()
    thread.join(10)
    assert outcomes == [Outcome("stopped")]
    assert first.job.finished_at is None

    already = first.job.done
    second = Rig(database, simulator, everything())
    assert second.run() == Outcome("done")
    assert second.job.done[: len(already)] == already and len(second.job.done) == len(listed)
    assert not set(already) & {each for ids in second.provider.asked for each in ids}, "nothing is read twice"
    assert second.job.requests == 2 + len(second.provider.asked)


def test_it_never_takes_more_requests_than_it_may(
    database: Documents, simulator: SimulatorServer, listed: list[Fixture]
) -> None:
    register(database, listed)
    for _ in range(3):
        rig = Rig(database, simulator, everything(), most=3)
        assert rig.run().end == "spent"
        assert rig.job.requests == 3
    assert 10 <= len(rig.job.done) < len(listed)
    assert GlobalRequestTracker(1000, database=database).usage().used == 3
    assert Rig(database, simulator, everything(), most=50).run() == Outcome("done")


def test_a_stop_keeps_what_was_read(database: Documents, simulator: SimulatorServer, listed: list[Fixture]) -> None:
    register(database, listed)
    rig = Rig(database, simulator, everything(), clock=CLOCK)

    def stop_at_the_second(answer: OddsAnswer) -> OddsAnswer:
        if len(rig.provider.asked) >= 2:
            rig.stop.set()
        return answer

    rig.provider.after = stop_at_the_second
    assert rig.run() == Outcome("stopped")
    assert rig.job.done and set(rig.job.done) >= stored_ids(database), "what is stored is noted"
    assert rig.job.finished_at is None


def test_it_ends_when_another_process_takes_over(
    database: Documents, simulator: SimulatorServer, listed: list[Fixture]
) -> None:
    register(database, listed)
    rig = Rig(database, simulator, everything())

    def take_over(ids: Sequence[int], bookmakers: Sequence[str]) -> None:
        if len(rig.provider.asked) == 2:
            rig.store.hold(everything(), lambda: OURS + 1).resume()

    rig.provider.before = take_over
    assert rig.run().end == "taken_over"
    assert len(rig.job.done) <= 10


def test_nothing_to_read_is_done_at_once(database: Documents, simulator: SimulatorServer) -> None:
    rig = Rig(database, simulator, everything(until=datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=1)))
    assert rig.run() == Outcome("done")
    assert rig.provider.asked == [] and rig.job.finished_at is not None
