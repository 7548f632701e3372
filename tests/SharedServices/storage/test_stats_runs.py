"""A run is the same run for every process, and goes on where it was left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.database import Database

from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.storage.stats_runs import EndedRun, RunLog

DUE = datetime(2026, 3, 7, 6, 0, tzinfo=UTC)


@pytest.fixture
def database(collections: Database[dict[str, Any]]) -> Database[dict[str, Any]]:
    return collections


def test_a_run_is_taken_up_by_the_next_process(database: Database[dict[str, Any]]) -> None:
    clock = ManualClock(DUE + timedelta(minutes=1))
    runs = RunLog(database, clock)
    assert runs.get("daily", DUE) is None
    first = runs.begin("daily", DUE, "one")
    runs.step_done(first.run_id, 47, "listing")
    runs.step_done(first.run_id, 47, "update")
    runs.step_done(first.run_id, 47, "update")
    runs.league_failed(first.run_id, 87, "listing", "x" * 1000)
    clock.advance(60)
    again = RunLog(database, clock).begin("daily", DUE, "two")
    assert (again.run_id, again.started_at) == (first.run_id, first.started_at)
    assert again.is_done(47, "update")
    assert not again.is_done(87, "listing")
    assert runs.unfinished("daily", timedelta(hours=1)) == again
    assert runs.last_ended() is None
    runs.finish(first.run_id, {"leagues": 2})
    assert runs.last_ended() == EndedRun(first.run_id, clock.now(), {"leagues": 2})
    assert runs.unfinished("daily", timedelta(hours=1)) is None
    assert runs.begin("daily", DUE, "three").finished_at == clock.now()
    stored = database["stats_runs"].find_one({"_id": first.run_id})
    assert stored is not None
    assert stored["attempts"] == 3
    assert stored["leagues"]["47"]["steps"] == ["listing", "update"]
    assert len(stored["leagues"]["87"]["failed"]["error"]) == 500
    assert runs.begin("daily", DUE + timedelta(days=1)).run_id == "daily@2026-03-08T06:00:00Z"
