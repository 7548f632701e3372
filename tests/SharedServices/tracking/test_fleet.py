"""Invariant 4 on real processes: the budget holds under kill -9, and is used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database
from tracker_fleet import Fleet, most_in_any_window, run_fleet

pytestmark = pytest.mark.processes


def test_the_harness_counts_windows_correctly() -> None:
    assert most_in_any_window([0, 999, 1000, 1001], 1.0) == 3
    assert most_in_any_window([0, 1000, 2000], 1.0) == 1


@pytest.mark.parametrize("services", [("websocket_updater",) * 4, ("websocket_updater", "unified_poller") * 2])
def test_four_processes_with_kills_use_the_budget_and_never_exceed_it(
    database: Database[dict[str, Any]], mongo_uri: str, tmp_path: Path, services: tuple[str, ...]
) -> None:
    fleet = Fleet(mongo_uri, database.name, tmp_path, 200, 1.5, services=services, kill_every=1.2)
    outcome = run_fleet(fleet)
    assert outcome.kills >= 8
    assert most_in_any_window(outcome.granted_at, outcome.window) <= outcome.limit
    assert outcome.used >= 0.98
