"""Invariant 4 on real processes: the budget holds under kill -9, and is used."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database
from support import eventually
from tracker_fleet import Fleet, most_in_any_window, run_fleet

from PROPPR.SharedServices.storage.embedded import EmbeddedServer

pytestmark = pytest.mark.processes


def test_the_harness_counts_windows_correctly() -> None:
    assert most_in_any_window([0, 999, 1000, 1001], 1.0) == 3
    assert most_in_any_window([0, 1000, 2000], 1.0) == 1


@pytest.mark.parametrize("services", [("websocket_updater",) * 4, ("websocket_updater", "unified_poller") * 2])
def test_four_processes_with_kills_use_the_budget_and_never_exceed_it(
    database: Database[dict[str, Any]], mongo_uri: str, tmp_path: Path, services: tuple[str, ...]
) -> None:
    fleet = Fleet(mongo_uri, database.name, tmp_path, 100, 2.0, services=services, kill_every=2.0)
    outcome = run_fleet(fleet)
    assert outcome.kills >= 8
    assert most_in_any_window(outcome.granted_at, outcome.window) <= outcome.limit
    assert outcome.used >= 0.5  # how much of it a machine of its own uses: benchmarks/bench_tracker.py


def test_grants_survive_a_killed_mongodb(tmp_path: Path) -> None:
    grants = tmp_path / "grants"
    grants.mkdir()
    with EmbeddedServer(tmp_path / "mongo", cache_bytes=256 * 2**20, oplog_bytes=256 * 2**20, linger=1.0) as server:

        def kill_and_restart() -> None:
            os.kill(server.pid, signal.SIGKILL)
            eventually(server.ensure_running, what="MongoDB again")

        fleet = Fleet(server.uri, "grants", grants, 300, 4.0, windows=3, services=("unified_poller",) * 4)
        outcome = run_fleet(fleet, kill_and_restart)
    assert most_in_any_window(outcome.granted_at, outcome.window) <= outcome.limit
    assert len(outcome.granted_at) >= 2 * outcome.limit
