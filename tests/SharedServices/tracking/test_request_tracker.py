"""The tracker on a real MongoDB: the calls, the pair without asking, the provider's headers, failures."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.database import Database
from support import eventually

from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.service.errors import ConfigError, TransientError
from PROPPR.SharedServices.tracking.request_tracker import GlobalRequestTracker
from PROPPR.SharedServices.tracking.usage import Grant

MongoDatabase = Database[dict[str, Any]]


def in_future(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)  # noqa: TID251 - MongoDB's clock can't be set


def used(tracker: GlobalRequestTracker) -> int:
    return tracker.usage().used


def test_exactly_the_limit_is_granted(database: MongoDatabase) -> None:
    tracker = GlobalRequestTracker(max_requests=20, window_hours=1, database=database)
    grants = [tracker.acquire("unified_poller") for _ in range(25)]
    assert [bool(grant) for grant in grants] == [True] * 20 + [False] * 5
    assert [grant.sequence for grant in grants[:20]] == list(range(1, 21))
    refusal = grants[-1]
    assert refusal.reason == "window"
    assert 3600 < refusal.retry_after <= 3600 + 36 + 12
    assert not GlobalRequestTracker(max_requests=20, window_hours=1, database=database).acquire("anybody")


def test_a_cost_is_granted_as_a_whole_or_not_at_all(database: MongoDatabase) -> None:
    tracker = GlobalRequestTracker(10, database=database)
    assert tracker.acquire("unified_poller", cost=7)
    assert not tracker.acquire("unified_poller", cost=4)
    assert tracker.acquire("unified_poller", cost=3)
    for cost in (0, -1, 11):
        with pytest.raises(ValueError, match="cost"):
            tracker.acquire("unified_poller", cost=cost)


def test_budget_returns_when_the_window_has_slid(database: MongoDatabase) -> None:
    tracker = GlobalRequestTracker(3, 1 / 3600, database=database)
    first = tracker.acquire()
    while tracker.acquire():
        pass
    grant = eventually(tracker.acquire)
    assert grant.at_ms - first.at_ms >= 1000


def test_threads_share_one_tracker(database: MongoDatabase) -> None:
    tracker = GlobalRequestTracker(100, database=database)
    with ThreadPoolExecutor(8) as pool:
        granted = sum(pool.map(lambda _: bool(tracker.acquire("others")), range(160)))
    assert granted == 100


def test_the_pair_of_asking_and_recording_keeps_the_limit(database: MongoDatabase) -> None:
    def make_requests(_: int) -> int:
        tracker = GlobalRequestTracker(max_requests=50, window_hours=1, database=database)
        made = 0
        while tracker.can_make_request():
            tracker.record_request()
            made += 1
        return made

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(make_requests, range(4))) == 50


def test_asking_alone_holds_one_request_and_no_more(database: MongoDatabase) -> None:
    clock = ManualClock()
    tracker = GlobalRequestTracker(3, database=database, clock=clock)
    for _ in range(5):
        assert tracker.can_make_request()
        assert used(tracker) == 1
        clock.advance(100)  # what was held is too old by now: given back, another one taken
    for count in (1, 2, 3):
        tracker.record_request()
        assert used(tracker) == count
    assert not tracker.can_make_request()


def test_recording_without_asking_counts(database: MongoDatabase) -> None:
    tracker = GlobalRequestTracker(max_requests=3, window_hours=1, database=database)
    for _ in range(3):
        tracker.record_request()
    assert not tracker.can_make_request()
    tracker.record_request()
    assert used(tracker) == 4


def test_what_is_given_back_can_be_granted_again(database: MongoDatabase) -> None:
    tracker = GlobalRequestTracker(1, database=database)
    grant = tracker.acquire()
    refusal = tracker.acquire()
    assert not refusal
    tracker.release(refusal)
    assert not tracker.acquire()
    tracker.release(grant)
    assert tracker.acquire()


def test_an_answer_that_came_too_late_is_given_back(database: MongoDatabase) -> None:
    class SlowReply(ManualClock):
        def monotonic(self) -> float:
            self.advance(60)
            return super().monotonic()

    tracker = GlobalRequestTracker(5, database=database, clock=SlowReply())
    assert not tracker.acquire()
    assert used(tracker) == 0


def test_the_providers_remaining_lowers_the_budget_until_its_reset(database: MongoDatabase) -> None:
    tracker = GlobalRequestTracker(100, database=database)
    grant = tracker.acquire("unified_poller")
    in_flight = tracker.acquire("unified_poller")
    reset = in_future(3)
    tracker.observe(5000, 3, reset, grant)
    assert tracker.usage().free == 2  # one of the three is in flight
    assert tracker.usage().lowered_by == "the provider's headers, which leave 2"
    tracker.observe(5000, 90, reset, in_flight)  # of the same window: nothing is raised
    assert tracker.usage().free == 2
    assert tracker.acquire("unified_poller", cost=2)
    refusal = tracker.acquire("unified_poller")
    assert refusal.reason == "provider"
    assert 0 < refusal.retry_after <= 3
    asking = eventually(lambda: tracker.acquire("unified_poller"))
    assert tracker.acquire("unified_poller").reason == "provider"  # what is free now is in the answer to the one
    tracker.observe(5000, 90, in_future(60), asking)
    assert tracker.usage().free == 90


def test_an_answer_that_never_came_is_asked_for_again(database: MongoDatabase) -> None:
    tracker = GlobalRequestTracker(100, 10 / 3600, database=database)
    grant = tracker.acquire("unified_poller")
    tracker.observe(5000, 0, in_future(0), grant)

    def beside_the_one_that_asks() -> list[Grant]:
        """The answer to a second request; none where the machine took so long that the first had to be asked again."""
        eventually(lambda: tracker.acquire("unified_poller"))
        second = tracker.acquire("unified_poller")
        return [] if second else [second]

    (refusal,) = eventually(beside_the_one_that_asks)
    assert refusal.reason == "provider"
    assert refusal.retry_after <= 1
    eventually(lambda: tracker.acquire("unified_poller"))


def test_what_is_left_of_an_elapsed_window_stays_usable(database: MongoDatabase) -> None:
    tracker = GlobalRequestTracker(100, database=database)
    grant = tracker.acquire("unified_poller")
    tracker.observe(5000, 2, in_future(-1), grant)
    assert tracker.usage().free == 2
    assert tracker.acquire("unified_poller", cost=2)
    assert not tracker.acquire("unified_poller")  # those two were asked after the reset: their answers say more


def test_who_finds_nothing_left_within_its_guarantee_comes_first(database: MongoDatabase) -> None:
    tracker = GlobalRequestTracker(1000, database=database)
    for _ in range(20):
        tracker.acquire("others", cost=5)  # its guarantee
    grant = tracker.acquire("others", cost=5)
    tracker.observe(5000, 0, in_future(0), grant)
    eventually(lambda: tracker.acquire("unified_poller"))
    assert tracker.acquire("unified_poller").reason == "provider"
    tracker.observe(5000, 30, in_future(60), tracker.acquire("others") or grant)
    assert tracker.acquire("others").reason == "reserved"
    assert tracker.acquire("unified_poller")


def test_a_little_of_what_remains_is_left_to_others_on_the_account(database: MongoDatabase) -> None:
    tracker = GlobalRequestTracker(5000, database=database)
    grant = tracker.acquire("unified_poller")
    tracker.observe(5000, 30, in_future(60), grant)
    assert tracker.usage().free == 5
    assert tracker.acquire("unified_poller", cost=5)
    assert tracker.acquire("unified_poller").reason == "provider"


def test_headers_never_raise_the_budget_nor_block_for_longer_than_a_window(database: MongoDatabase) -> None:
    tracker = GlobalRequestTracker(2, 1 / 3600, database=database)
    grant = tracker.acquire()
    tracker.observe(5000, 4999, in_future(1), grant)
    assert tracker.usage().limit == 2
    tracker.observe(0, None, None, grant)
    tracker.observe(None, -5, in_future(10_000_000), grant)
    assert tracker.usage().free == 0
    assert not tracker.acquire()
    eventually(tracker.acquire)
    tracker.observe(None, 0, in_future(-5))
    assert tracker.usage().lowered_by is None


def test_headers_of_an_earlier_window_are_ignored(database: MongoDatabase) -> None:
    tracker = GlobalRequestTracker(100, database=database)
    early = tracker.acquire()
    late = tracker.acquire()
    tracker.observe(None, 50, in_future(3000), late)
    tracker.observe(None, 0, in_future(1000), early)
    assert tracker.usage().free == 50


def test_a_lower_limit_of_the_provider_holds_and_scales_the_shares(database: MongoDatabase) -> None:
    tracker = GlobalRequestTracker(5000, database=database)
    tracker.observe(100, None, None)
    usage = tracker.usage()
    assert (usage.max_requests, usage.limit, usage.free) == (5000, 100, 100)
    assert {each.service: each.guaranteed for each in usage.services} == {
        "websocket_updater": 30,
        "unified_poller": 60,
        "others": 10,
    }
    assert sum(bool(tracker.acquire("websocket_updater")) for _ in range(101)) == 100


def test_the_whole_fleet_is_parked(database: MongoDatabase) -> None:
    tracker = GlobalRequestTracker(100, database=database)
    other = GlobalRequestTracker(100, database=database)
    tracker.park(in_future(1.5))
    refusal = other.acquire("websocket_updater")
    assert refusal.reason == "parked"
    assert 0 < refusal.retry_after <= 1.5
    tracker.park(in_future(-100))  # never shortens
    usage = other.usage()
    assert usage.parked_until is not None
    assert usage.free == 0
    assert usage.lowered_by == "a refusal (429) of the provider"
    eventually(other.acquire)
    tracker.park()
    assert 55 < other.acquire().retry_after <= 60


def test_usage_says_who_used_what(database: MongoDatabase) -> None:
    tracker = GlobalRequestTracker(100, database=database)
    assert tracker.usage().used == 0
    assert tracker.usage().reset is None
    tracker.acquire("websocket-updater", cost=5)
    tracker.acquire("backfill", cost=2)
    usage = tracker.usage()
    shown = {each.service: (each.used, each.guaranteed, each.free) for each in usage.services}
    assert shown == {"websocket_updater": (5, 30, 85), "unified_poller": (0, 60, 60), "others": (2, 10, 68)}
    assert (usage.used, usage.free) == (7, 93)
    assert usage.reset is not None


def test_refusals_write_nothing(database: MongoDatabase) -> None:
    tracker = GlobalRequestTracker(1, 24, database=database)
    tracker.acquire()
    tracker.acquire()
    oplog = database.client["local"]["oplog.rs"]
    entries = {"ns": f"{database.name}.api_requests"}
    before = oplog.count_documents(entries)
    for _ in range(20):
        assert not tracker.acquire()
    assert oplog.count_documents(entries) <= before + 1  # at most the change of the bucket


def test_without_mongodb_nothing_is_granted() -> None:
    with MongoClient[dict[str, Any]](
        "mongodb://someone:s3cret@127.0.0.1:1/", serverSelectionTimeoutMS=200, connectTimeoutMS=200
    ) as client:
        tracker = GlobalRequestTracker(10, database=client["nowhere"], timeout=0.5)
        for call in (tracker.acquire, tracker.can_make_request, tracker.record_request, tracker.usage, tracker.park):
            with pytest.raises(TransientError) as caught:
                call()
            assert "s3cret" not in str(caught.value)


def test_without_a_database_the_settings_name_it(
    database: MongoDatabase, mongo_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONGO_URI", mongo_uri)
    monkeypatch.setenv("MONGO_DATABASE", database.name)
    tracker = GlobalRequestTracker(max_requests=5000, window_hours=1)
    assert tracker.can_make_request()
    tracker.record_request()
    assert database["api_requests"].count_documents({}) == 1


def test_without_a_database_or_settings_the_error_names_the_setting(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MONGO_URI", raising=False)
    with pytest.raises(ConfigError, match="MONGO_URI"):
        GlobalRequestTracker().acquire()


@pytest.mark.parametrize(("limit", "hours"), [(0, 1), (-1, 1), (10, 0)])
def test_a_budget_that_makes_no_sense_is_refused(limit: int, hours: float) -> None:
    with pytest.raises(ValueError, match="must be at least"):
        GlobalRequestTracker(limit, hours)
