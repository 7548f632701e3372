"""Counting a backfill's requests: in the job before they are sent, never beyond its bound."""

from __future__ import annotations

from typing import Any

import pytest
from pymongo.database import Database

from PROPPR.SharedServices.ingest.backfill_requests import CountedTracker, RequestsSpent
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.service.errors import TransientError

Documents = Database[dict[str, Any]]


def tracker(database: Documents, told: list[int], limit: int = 100, **changes: Any) -> CountedTracker:
    return CountedTracker(
        limit, **{"database": database, "clock": SystemClock(), "service": "backfill", "record": told.append, **changes}
    )


def used(tracker: CountedTracker) -> dict[str, int]:
    return {share.service: share.used for share in tracker.usage().services if share.used}


def test_each_grant_is_told_and_counts_for_others(database: Documents) -> None:
    told: list[int] = []
    counted = tracker(database, told, spent=40)
    assert counted.acquire("backfill") and counted.acquire("backfill")
    assert told == [41, 42]
    assert used(counted) == {"others": 2}


def test_the_bound_holds_over_runs(database: Documents) -> None:
    told: list[int] = []
    counted = tracker(database, told, spent=3, most=5)
    assert counted.acquire() and counted.acquire()
    for _ in range(2):
        with pytest.raises(RequestsSpent, match="all 5 requests"):
            counted.acquire()
    assert told[-1] == 5 and used(counted) == {"others": 2}


def test_what_was_not_sent_is_taken_back_once(database: Documents) -> None:
    told: list[int] = []
    counted = tracker(database, told)
    first, second = counted.acquire(), counted.acquire()
    counted.release(second)
    counted.release(first)  # only the newest can be unsent: its turn is over
    assert told == [1, 2, 1]
    assert counted.spent == 1


def test_a_refused_request_is_not_counted(database: Documents) -> None:
    told: list[int] = []
    counted = tracker(database, told, limit=1)
    assert counted.acquire()
    refused = counted.acquire()
    assert not refused and refused.retry_after > 0
    counted.release(refused)
    assert told == [1]


def test_what_can_not_be_recorded_is_not_sent(database: Documents) -> None:
    def away(total: int) -> None:
        raise TransientError("MongoDB is away")

    counted = tracker(database, [], record=away)
    with pytest.raises(TransientError):
        counted.acquire()
    assert counted.spent == 0 and used(counted) == {}
