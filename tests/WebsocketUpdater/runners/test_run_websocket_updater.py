"""The updater as a real process: signals, kills, takeovers, settings that can't work, and no secret in its output."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database
from service_processes import Fleet
from stream_rig import KEY, StreamRig, simulator
from support import PATIENCE, eventually

from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.simulator.config import ACCOUNT_EMAIL
from PROPPR.SharedServices.simulator.server import SimulatorServer

pytestmark = pytest.mark.processes
Documents = Database[dict[str, Any]]
CLOCK = SystemClock()
MODULE = "PROPPR.WebsocketUpdater.runners.run_websocket_updater"


@pytest.fixture
def provider() -> Iterator[SimulatorServer]:
    server = simulator(fixtures=6, rate=100.0)
    yield server
    server.stop()


@pytest.fixture
def fleet(database: Documents, mongo_uri: str, provider: SimulatorServer, tmp_path: Path) -> Iterator[Fleet]:
    one = Fleet(MODULE, database, mongo_uri, provider, tmp_path)
    yield one
    one.end()


def test_a_signal_ends_it_in_order_within_eight_seconds_and_nothing_secret_is_written(fleet: Fleet) -> None:
    one = fleet.start("one")
    eventually(one.ready, 30, "the updater to be ready")
    eventually(lambda: one.health().get("status") == "healthy", 30, "the updater to be healthy")
    health = one.health()
    assert {"connection", "data_age", "lease", "writer", "fixtures", "mongodb"} <= health["checks"].keys()
    known = {"last_sequence": {"$gt": 0}}  # it may be healthy before the first frame came
    eventually(lambda: fleet.database["stream_state"].find_one(known), 30, "a position of the stream to be stored")
    asked = CLOCK.monotonic()
    one.process.send_signal(signal.SIGTERM)
    assert one.process.wait(10 * PATIENCE) == 0
    assert CLOCK.monotonic() - asked < 8 * PATIENCE
    assert fleet.database["stream_state"].find_one(known)
    written = fleet.everything_written()
    for secret in (KEY, ACCOUNT_EMAIL):
        assert secret not in written
    assert "Traceback" not in written


def test_a_killed_process_is_replaced_by_its_standby_within_ten_seconds(fleet: Fleet) -> None:
    one = fleet.start("one")
    eventually(one.ready, 30)
    two = fleet.start("two")
    eventually(lambda: "standby" in two.check("connection"), 30)
    eventually(two.ready, 10, "a standby to be ready")
    eventually(lambda: two.health().get("status") == "healthy", 10, "a standby to be healthy")
    killed = CLOCK.monotonic()
    one.kill()
    eventually(lambda: two.check("connection").startswith("connected"), 15)
    assert CLOCK.monotonic() - killed < 10 * PATIENCE
    assert "evicted" not in fleet.everything_written()


def test_killed_again_and_again_the_books_still_end_as_the_feeds_last_word(
    fleet: Fleet, provider: SimulatorServer, database: Documents
) -> None:
    for round_ in range(3):
        one = fleet.start(f"round-{round_}")
        eventually(lambda updater=one: updater.check("connection").startswith("connected"), 40)  # type: ignore[misc]
        former = stored_revision(database)
        eventually(lambda former=former: stored_revision(database) > former + 50, 20)  # type: ignore[misc]
        one.kill()
    last = fleet.start("last")
    # Not a second updater: only its way to command the simulator and to compare.
    rig = StreamRig(database, provider)
    rig.steer("pause")
    eventually(last.ready, 40)
    eventually(lambda: last.health().get("queue_size") == 0, 20)
    scratch = database.client[f"{database.name}_s"]
    try:
        eventually(lambda: not rig.differences(scratch), 30, "the books to equal the truth")
    finally:
        database.client.drop_database(scratch.name)


def stored_revision(database: Documents) -> int:
    total = list(database["odds_books"].aggregate([{"$group": {"_id": None, "n": {"$sum": "$revision"}}}]))
    return int(total[0]["n"]) if total else 0


@pytest.mark.parametrize(
    ("environment", "named"),
    [({"ODDS_API_KEY": ""}, "ODDS_API_KEY"), ({"WS_STATUS": "sometimes"}, "WS_STATUS")],
)
def test_settings_that_cannot_work_end_it_with_2_before_anything_starts(
    fleet: Fleet, environment: dict[str, str], named: str
) -> None:
    one = fleet.start("one", **environment)
    assert one.process.wait(20 * PATIENCE) == 2
    assert named in one.output.read_text()
    assert fleet.database["leases"].find_one() is None
