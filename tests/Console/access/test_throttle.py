"""Wrong sign-ins wait: per address and altogether, over restarts and in parallel, as the rule says and no longer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.database import Database

from PROPPR.Console.access.throttle import ALTOGETHER, COLLECTION, FORGET_AFTER, PER_ADDRESS, Throttle
from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.storage.collections import ensure_collections

Mongo = Database[dict[str, Any]]


def attempts(throttle: Throttle, address: str, most: int = 100) -> int:
    """How many attempts in a row are let through."""
    return next((number for number in range(most) if throttle.take(address)), most)


def test_the_first_attempts_are_free_then_each_waits_twice_as_long(database: Mongo) -> None:
    clock = ManualClock()
    throttle = Throttle(database, clock)
    waits = []
    for _ in range(16):
        wait = throttle.take("192.0.2.1")
        waits.append(wait)
        clock.advance(wait)
        if wait:
            assert throttle.take("192.0.2.1") == 0.0, "the wait is over"
    assert waits[:5] == [0.0] * 5
    assert [round(wait) for wait in waits[5:13]] == [5, 10, 20, 40, 80, 160, 320, 640]
    assert max(waits) == PER_ADDRESS.longest


def test_a_refused_attempt_costs_nothing(database: Mongo) -> None:
    clock = ManualClock()
    throttle = Throttle(database, clock)
    assert attempts(throttle, "192.0.2.1") == 5
    for _ in range(20):
        assert throttle.take("192.0.2.1") == pytest.approx(5.0)
    clock.advance(5.0)
    assert throttle.take("192.0.2.1") == 0.0


def test_other_addresses_are_not_concerned_and_a_restart_forgets_nothing(database: Mongo) -> None:
    clock = ManualClock()
    assert attempts(Throttle(database, clock), "192.0.2.1") == 5
    assert Throttle(database, clock).take("192.0.2.1") > 0
    assert Throttle(database, clock).take("192.0.2.2") == 0.0


def test_whoever_gets_in_starts_anew(database: Mongo) -> None:
    throttle = Throttle(database, ManualClock())
    for _ in range(4):
        throttle.take("192.0.2.1")
    throttle.forgive("192.0.2.1")
    assert attempts(throttle, "192.0.2.1") == 5


def test_time_forgets(database: Mongo) -> None:
    clock = ManualClock()
    throttle = Throttle(database, clock)
    attempts(throttle, "192.0.2.1")
    clock.advance(FORGET_AFTER + 1)
    assert attempts(throttle, "192.0.2.1") == 5


def test_many_addresses_together_wait_too_but_not_for_long(database: Mongo) -> None:
    clock = ManualClock()
    throttle = Throttle(database, clock)
    through = sum(throttle.take(f"198.51.100.{number}") == 0.0 for number in range(200))
    assert through == ALTOGETHER.free
    assert 0 < throttle.take("203.0.113.1") <= ALTOGETHER.longest
    for number in range(20):
        assert 0 < throttle.take("203.0.113.1") <= ALTOGETHER.longest, "refused, and not counted against it"
        clock.advance(ALTOGETHER.longest)
        assert throttle.take(f"198.51.100.{200 + number}") == 0.0
    clock.advance(ALTOGETHER.longest)
    assert throttle.take("203.0.113.1") == 0.0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("no address", "no address", True),
    ],
)
def test_what_counts_as_one_address(database: Mongo, one: str, other: str, same: bool) -> None:
    throttle = Throttle(database, ManualClock())
    attempts(throttle, one)
    assert (throttle.take(other) > 0) is same


def test_attempts_in_parallel_are_not_free(database: Mongo) -> None:
    throttle = Throttle(database, ManualClock())
    with ThreadPoolExecutor(16) as pool:
        waits = list(pool.map(lambda _: throttle.take("192.0.2.1"), range(64)))
    assert waits.count(0.0) == PER_ADDRESS.free


def test_the_documents_are_as_declared_and_expire(database: Mongo) -> None:
    ensure_collections(database)
    throttle = Throttle(database, ManualClock())
    attempts(throttle, "192.0.2.1")
    assert {one["_id"] for one in database[COLLECTION].find()} == {"address:192.0.2.1", "all"}
    assert database[COLLECTION].count_documents({"expires_at": {"$type": "date"}}) == 2
    throttle.forgive("192.0.2.1")
    assert database[COLLECTION].distinct("_id") == ["all"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([0.0, 1.0, 4.9, 5.0, 30.0, 400.0, FORGET_AFTER + 1]), max_size=40))
def test_the_rule_in_mongodb_is_the_rule_in_words(database: Mongo, pauses: list[float]) -> None:
    database[COLLECTION].delete_many({})
    clock = ManualClock()
    throttle = Throttle(database, clock)
    failures, last, until = 0, None, clock.now()
    for pause in pauses:
        clock.advance(pause)
        now = clock.now()
        wait = throttle.take("192.0.2.1")
        assert (wait > 0) is (now < until)
        if now < until:
            continue
        forgotten = last is not None and (now - last).total_seconds() > FORGET_AFTER
        failures, last = (0 if forgotten else failures) + 1, now
        until = now + timedelta(seconds=PER_ADDRESS.wait(failures))
