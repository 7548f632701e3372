"""Backfill jobs as stored: one document per selection, written by one process at a time, expiring."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymongo.database import Database

from PROPPR.SharedServices.service.clock import ManualClock, SystemClock
from PROPPR.SharedServices.service.leases import Lease, LeaseLost
from PROPPR.SharedServices.storage.backfills import (
    KEPT,
    LEASE_PREFIX,
    LONGEST_REASON,
    BackfillStore,
    HeldJob,
    Selection,
    TakenOver,
)

Documents = Database[dict[str, Any]]
AT = datetime(2026, 11, 21, 18, 30, tzinfo=UTC)
BIG = 7_291_391_184
SELECTION = Selection((3, BIG), (("England", "Premier League"),), ("football",), AT, None, ("Bet365", "BC.Game"))

names = st.lists(st.text(max_size=8), max_size=4)


@pytest.fixture
def database(collections: Documents) -> Documents:
    return collections


@pytest.fixture
def store(database: Documents) -> BackfillStore:
    return BackfillStore(database, ManualClock(AT))


def held(store: BackfillStore, fence: int = 5, selection: Selection = SELECTION) -> HeldJob:
    return store.hold(selection, lambda: fence)


@given(ids=st.lists(st.integers(1, 2**63 - 1), max_size=5), sports=names, bookmakers=names, seed=st.integers())
def test_the_key_is_the_selections_whatever_the_order(
    ids: list[int], sports: list[str], bookmakers: list[str], seed: int
) -> None:
    rng = random.Random(seed)
    first = Selection(ids=tuple(ids), sports=tuple(sports), bookmakers=tuple(bookmakers))
    mixed = [rng.sample(each, len(each)) for each in (ids, sports, bookmakers)]
    second = Selection(ids=tuple(mixed[0]), sports=tuple(mixed[1]), bookmakers=tuple(mixed[2]))
    assert first.key == second.key


def test_another_selection_has_another_key() -> None:
    others = [
        Selection(),
        Selection(ids=(3,)),
        Selection(sports=("3",)),
        Selection(bookmakers=("3",)),
        Selection(leagues=(("", "3"),)),
        Selection(since=AT),
        Selection(until=AT),
        Selection(since=AT + timedelta(milliseconds=1)),
    ]
    assert len({selection.key for selection in others}) == len(others)


def test_a_job_is_read_as_it_was_written(store: BackfillStore) -> None:
    job = held(store).begin()
    assert store.load(SELECTION.key) == job
    assert job.selection.key == SELECTION.key
    writer = store.hold(SELECTION, lambda: 5)
    writer.resume()
    writer.spent(7)
    writer.registered(1)
    writer.stored([3, BIG], read=1, absent=1)
    writer.fail([9], "unreadable " * 100)
    writer.refuse(["BC.Game"])
    found = store.load(SELECTION.key)
    assert found is not None
    assert (found.done, found.read, found.absent) == ((3, BIG), 1, 1)
    assert (found.requests, found.registered, found.refused) == (7, 1, ("BC.Game",))
    assert list(found.failed) == [9] and len(found.failed[9]) == LONGEST_REASON
    assert found.finished_at is None


def test_repeating_a_write_changes_nothing(store: BackfillStore) -> None:
    writer = held(store)
    writer.begin()
    for _ in range(3):
        writer.stored([3, 4], read=2, absent=0)
        writer.spent(2)
        writer.refuse(["M88"])
    found = store.load(SELECTION.key)
    assert found is not None
    assert (found.done, found.read, found.requests, found.refused) == ((3, 4), 2, 2, ("M88",))


def test_resuming_tries_what_failed_again(store: BackfillStore) -> None:
    writer = held(store)
    writer.begin()
    writer.stored([3], read=1, absent=0)
    writer.fail([4], "gone")
    writer.refuse(["M88"])
    held(store, fence=6).resume()
    found = store.load(SELECTION.key)
    assert found is not None
    assert (found.done, dict(found.failed), found.refused) == ((3,), {}, ())


def test_a_process_that_was_overtaken_writes_no_more(store: BackfillStore) -> None:
    tokens = [5]
    old = store.hold(SELECTION, lambda: tokens[-1])
    old.begin()
    held(store, fence=6).resume()
    with pytest.raises(TakenOver):
        old.stored([3], read=1, absent=0)
    tokens.append(7)  # it has the lease again: what it knows is out of date all the same
    with pytest.raises(TakenOver):
        old.stored([3], read=1, absent=0)
    with pytest.raises(TakenOver):
        held(store, fence=4).begin()
    found = store.load(SELECTION.key)
    assert found is not None and found.done == ()


def test_a_lease_that_lapsed_while_nobody_took_it_goes_on(store: BackfillStore) -> None:
    tokens = [5]
    writer = store.hold(SELECTION, lambda: tokens[-1])
    writer.begin()
    tokens.append(8)
    writer.stored([3], read=1, absent=0)
    writer.stored([4], read=2, absent=0)
    found = store.load(SELECTION.key)
    assert found is not None and found.done == (3, 4)


def test_nothing_is_written_while_the_lease_is_in_doubt(store: BackfillStore) -> None:
    def lost() -> int:
        raise LeaseLost("in doubt")

    with pytest.raises(LeaseLost):
        store.hold(SELECTION, lost).begin()
    assert store.load(SELECTION.key) is None


def test_the_last_unfinished_job(database: Documents) -> None:
    clock = ManualClock(AT)
    store = BackfillStore(database, clock)
    assert store.last_unfinished() is None
    for number in (1, 2, 3):
        clock.advance(1)
        held(store, selection=Selection(ids=(number,))).begin()
    third = store.hold(Selection(ids=(3,)), lambda: 5)
    third.resume()
    third.finish()
    job = store.last_unfinished()
    assert job is not None and job.selection.ids == (2,)
    finished = store.load(Selection(ids=(3,)).key)
    assert finished is not None and finished.finished_at == clock.now()


def test_beginning_again_forgets_the_earlier_job(store: BackfillStore) -> None:
    writer = held(store)
    writer.begin()
    writer.stored([3], read=1, absent=0)
    writer.spent(10)
    writer.finish()
    job = held(store, fence=6).begin()
    assert store.load(SELECTION.key) == job
    assert (job.done, job.requests, job.finished_at) == ((), 0, None)


def test_jobs_expire(database: Documents) -> None:
    indexes = {index["name"]: index for index in database["backfills"].list_indexes()}
    assert indexes["updated_at_1"]["expireAfterSeconds"] == KEPT.total_seconds()


def test_leases_of_old_jobs_are_forgotten_and_others_kept(database: Documents) -> None:
    clock = ManualClock(SystemClock().now() + KEPT + timedelta(days=1))
    for name in (f"{LEASE_PREFIX}old", "odds_api_ws:key"):
        Lease(database, name, "somebody").acquire()
    BackfillStore(database, clock).forget_old_leases()
    assert [lease["_id"] for lease in database["leases"].find()] == ["odds_api_ws:key"]
    assert BackfillStore(database, clock).lease_renewed_at("old") is None
