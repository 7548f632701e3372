"""Leases: one holder, tokens that only grow, takeover by the server's clock, fenced writes."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pymongo import MongoClient
from pymongo.errors import PyMongoError
from support import eventually

from PROPPR.SharedServices.service.clock import ManualClock, SystemClock
from PROPPR.SharedServices.service.leases import Lease, LeaseLost, fenced_update


def soon() -> float:
    return SystemClock().monotonic() + 5


def expire(database: Any, name: str = "l") -> None:
    database.leases.update_one({"_id": name}, [{"$set": {"expires_at": "$$NOW"}}])


def test_one_holder_and_a_release(database: Any) -> None:
    first, second = Lease(database, "l", "a"), Lease(database, "l", "b")
    token = first.acquire()
    assert token is not None
    assert first.held
    assert first.guard() == token
    assert second.acquire() is None
    assert second.held_by == "a"
    assert not second.held
    with pytest.raises(LeaseLost, match="holder: a"):
        second.guard()
    assert first.renew()
    assert first.acquire() == token, "keeping it is no change of holder"
    first.release()
    assert not first.held
    newer = second.acquire()
    assert newer is not None
    assert newer > token
    assert not first.renew()


def test_the_same_name_in_another_process_is_another_holder(database: Any) -> None:
    first, restarted = Lease(database, "l", "a"), Lease(database, "l", "a")
    assert first.acquire()
    assert restarted.acquire() is None


def test_tokens_grow_even_if_the_document_is_deleted(database: Any) -> None:
    tokens = []
    for holder in "abcdef":
        lease = Lease(database, "l", holder)
        tokens.append(lease.acquire())
        if holder in "bd":
            database.leases.delete_many({})
        else:
            lease.release()
    assert all(tokens)
    assert len(set(tokens)) == len(tokens)
    assert tokens == sorted(tokens)  # type: ignore[type-var]  # all are numbers, as the lines above say


def test_a_late_release_does_not_take_the_successors_lease(database: Any) -> None:
    first, second = Lease(database, "l", "a"), Lease(database, "l", "b")
    first.acquire()
    expire(database)
    assert second.acquire()
    first.release()
    assert second.renew()


def test_the_holder_gives_up_by_its_own_clock_before_the_server_does(database: Any) -> None:
    clock = ManualClock()
    lease = Lease(database, "l", "a", ttl=6, clock=clock)
    lease.acquire()
    clock.advance(5)
    assert lease.held
    clock.advance(0.5)
    assert not lease.held, "10 % before the ttl ends"
    assert database.leases.find_one()["holder"] == "a"


def test_the_wall_clock_plays_no_role(database: Any) -> None:
    clock = ManualClock()
    lease = Lease(database, "l", "a", clock=clock)
    lease.acquire()
    clock.jump(-86_400)
    assert lease.held
    clock.jump(2 * 86_400)
    assert lease.held


def test_an_expired_lease_of_ours_gets_a_new_token(database: Any) -> None:
    lease = Lease(database, "l", "a")
    old = lease.acquire()
    expire(database)
    assert not lease.renew()
    new = lease.acquire()
    assert old is not None
    assert new is not None
    assert new > old


def test_many_at_once_make_one_holder(database: Any) -> None:
    leases = [Lease(database, "l", str(number)) for number in range(12)]
    barrier = threading.Barrier(len(leases))
    got: list[int | None] = []

    def compete(lease: Lease) -> None:
        barrier.wait()
        got.append(lease.acquire())

    threads = [threading.Thread(target=compete, args=(lease,)) for lease in leases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 12
    assert sum(token is not None for token in got) == 1


@hypothesis_settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["acquire", "renew", "release", "expire"]))))
def test_any_sequence_has_one_holder_and_growing_tokens(database: Any, steps: list[tuple[int, str]]) -> None:
    database.leases.delete_many({})
    clock = ManualClock()
    leases = [Lease(database, "l", str(number), ttl=600, clock=clock) for number in range(3)]
    owner: int | None = None
    highest = 0
    for who, what in steps:
        lease = leases[who]
        if what == "acquire":
            token = lease.acquire()
            assert (token is not None) == (owner in (None, who))
            if token is not None:
                assert token == highest if owner == who else token > highest
                highest, owner = token, who
        elif what == "renew":
            assert lease.renew() == (owner == who)
        elif what == "release":
            lease.release()
            owner = None if owner == who else owner
        else:
            expire(database)
            clock.advance(600)
            owner = None
        assert [other.held for other in leases].count(True) <= 1


def test_as_a_component_it_takes_over_and_tells(database: Any) -> None:
    told: list[str] = []
    first = Lease(database, "l", "a", on_acquired=lambda t: told.append("a"), on_lost=lambda: told.append("a lost"))
    second = Lease(database, "l", "b", on_acquired=lambda t: told.append("b"), on_lost=lambda: told.append("b lost"))
    first.start()
    eventually(lambda: first.held)
    second.start()
    eventually(lambda: "standby: l is held by a" in second.check().detail)
    assert second.check().ok
    assert "active: holds l" in first.check().detail
    first.stop(soon())
    eventually(lambda: second.held)
    assert told == ["a", "a lost", "b"]
    second.stop(soon())
    assert told[-1] == "b lost"
    assert database.leases.find_one()["holder"] is None


def test_a_stolen_lease_is_noticed(database: Any) -> None:
    told: list[str] = []
    lease = Lease(
        database, "l", "a", ttl=1.5, on_acquired=lambda t: told.append("on"), on_lost=lambda: told.append("off")
    )
    lease.start()
    eventually(lambda: told == ["on"])
    # As if the server had seen its end and another had come: the sleeper must hear of the loss, then of its return.
    database.leases.update_one({}, [{"$set": {"nonce": "other", "holder": "x"}}])
    eventually(lambda: told[:3] == ["on", "off", "on"])
    lease.stop(soon())


def test_the_loss_is_noticed_while_mongodb_is_away(database: Any) -> None:
    lost = threading.Event()
    lease = Lease(database, "l", "a", ttl=6.0, on_lost=lost.set)
    lease.start()
    eventually(lambda: lease.held)
    with MongoClient[dict[str, Any]]("mongodb://127.0.0.1:1", serverSelectionTimeoutMS=30_000) as nowhere:
        lease._collection = nowhere.x.leases
        began = SystemClock().monotonic()
        assert lost.wait(30)
        assert SystemClock().monotonic() - began < 6.0, "before the ttl ended on the server"
        assert not lease.held
        eventually(lambda: not lease.check().ok)
        assert lease.check().severity == "degraded"
        with pytest.raises(PyMongoError):
            lease.acquire()
        lease.stop(soon())


def test_writes_of_an_old_holder_are_refused_by_the_data(database: Any) -> None:
    results = database.results
    assert fenced_update(results, {"_id": 1}, {"$set": {"value": "first"}}, token=5)
    assert fenced_update(results, {"_id": 1}, {"$set": {"value": "again"}, "$inc": {"n": 1}}, token=5)
    assert fenced_update(results, {"_id": 1}, {"$set": {"value": "newer"}}, token=9)
    assert not fenced_update(results, {"_id": 1}, {"$set": {"value": "stale"}}, token=8)
    assert results.find_one() == {"_id": 1, "value": "newer", "n": 1, "fence": 9}
    assert fenced_update(results, {"_id": 2}, {"$inc": {"n": 1}}, token=1)
