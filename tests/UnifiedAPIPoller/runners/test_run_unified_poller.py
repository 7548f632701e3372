"""The poller as a real process: signals, kills in the middle of its work, and no secret in its output."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from poller_rig import PollerRig
from pymongo.database import Database
from service_processes import Fleet
from stream_rig import KEY, simulator
from support import PATIENCE, eventually

from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.service.priority import STEPS
from PROPPR.SharedServices.simulator.server import SimulatorServer

pytestmark = pytest.mark.processes
Documents = Database[dict[str, Any]]
CLOCK = SystemClock()
MODULE = "PROPPR.UnifiedAPIPoller.runners.run_unified_poller"
QUICK = {
    "BOOKMAKERS": "Bet365,M88,SingBet",
    "POLL_INTERVAL": "1",
    "PROPPR_REGISTRY_INTERVAL": "1",
    "PROPPR_PRESENCE_INTERVAL": "1",
}


@pytest.fixture
def provider() -> Iterator[SimulatorServer]:
    server = simulator(fixtures=10, rate=60.0)
    yield server
    server.stop()


@pytest.fixture
def fleet(database: Documents, mongo_uri: str, provider: SimulatorServer, tmp_path: Path) -> Iterator[Fleet]:
    one = Fleet(MODULE, database, mongo_uri, provider, tmp_path)
    yield one
    one.end()


def test_a_signal_ends_it_in_order_within_eight_seconds_and_nothing_secret_is_written(fleet: Fleet) -> None:
    one = fleet.start("one", **QUICK)
    eventually(one.ready, 30, "the poller to be ready")
    health = one.health()
    assert health["service"] == "unified-poller"
    assert {"lag", "source", "bookmakers", "fixtures", "rereads", "budget", "lease", "writer"} <= health[
        "checks"
    ].keys()
    asked = CLOCK.monotonic()
    one.process.send_signal(signal.SIGTERM)
    assert one.process.wait(10 * PATIENCE) == 0
    assert CLOCK.monotonic() - asked < 8 * PATIENCE
    written = fleet.everything_written()
    assert KEY not in written
    assert "Traceback" not in written


def test_killed_again_and_again_it_misses_nothing(fleet: Fleet, provider: SimulatorServer, database: Documents) -> None:
    for round_ in range(3):
        one = fleet.start(f"round-{round_}", **QUICK)
        eventually(one.ready, 40)
        made = books_stored(database)
        eventually(lambda made=made: books_stored(database) > made, 30)  # type: ignore[misc]
        one.kill()
    last = fleet.start("last", **QUICK)
    # Not a second poller: only its way to command the simulator and to compare.
    rig = PollerRig(database, provider)
    requests.post(f"{provider.control_url}/pause", timeout=10)
    eventually(last.ready, 40)
    scratch = database.client[f"{database.name}_s"]
    try:
        eventually(lambda: not rig.differences(scratch), 60, "the books to equal the truth")
    finally:
        database.client.drop_database(scratch.name)


def test_the_live_stream_goes_first(fleet: Fleet) -> None:
    one = fleet.start("one", **QUICK)
    own = os.getpriority(os.PRIO_PROCESS, 0)
    eventually(lambda: os.getpriority(os.PRIO_PROCESS, one.process.pid) == min(19, own + STEPS), 20, "it to step back")


def books_stored(database: Documents) -> int:
    total = list(database["odds_books"].aggregate([{"$group": {"_id": None, "n": {"$sum": "$revision"}}}]))
    return int(total[0]["n"]) if total else 0


def test_without_a_key_it_ends_with_2_before_anything_starts(fleet: Fleet) -> None:
    one = fleet.start("one", ODDS_API_KEY="")
    assert one.process.wait(20 * PATIENCE) == 2
    assert "ODDS_API_KEY" in one.output.read_text()
    assert fleet.database["leases"].find_one() is None
