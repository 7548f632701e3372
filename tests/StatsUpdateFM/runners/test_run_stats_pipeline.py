"""The statistics service as real processes: a run, a standby that takes over, and an end in order."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from pymongo.database import Database
from service_processes import Fleet
from stream_rig import simulator
from support import PATIENCE, eventually

from PROPPR.SharedServices.odds.types import Fixture
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.simulator.server import SimulatorServer
from PROPPR.SharedServices.storage.collections import ensure_collections
from PROPPR.SharedServices.storage.fixtures import FixtureStore

pytestmark = pytest.mark.processes
Documents = Database[dict[str, Any]]
CLOCK = SystemClock()
MODULE = "PROPPR.StatsUpdateFM.runners.run_stats_pipeline"


@pytest.fixture
def provider() -> Iterator[SimulatorServer]:
    server = simulator(fixtures=6, fotmob_history=1, horizon_hours=200.0)
    yield server
    server.stop()


@pytest.fixture
def fleet(database: Documents, mongo_uri: str, provider: SimulatorServer, tmp_path: Path) -> Iterator[Fleet]:
    ensure_collections(database)
    pairs = requests.get(f"{provider.control_url}/fotmob/fixtures", timeout=10).json()
    coming = [pair for pair in pairs if pair["kickoff"] > CLOCK.now_ms()]
    fixtures = []
    for pair in coming:
        country, _, league = pair["league"].partition(" - ")
        date = datetime.fromtimestamp(pair["kickoff"] / 1000, UTC).isoformat()
        fixtures.append(
            Fixture(
                pair["fixture_id"], pair["odds_home"], pair["odds_away"], "football", league, country, date,
                pair["kickoff"], "pending", None, None, None,
            )
        )  # fmt: skip
    FixtureStore(database, CLOCK).upsert_many(fixtures, "api_poller")
    one = Fleet(MODULE, database, mongo_uri, provider, tmp_path)
    one.environment |= {"FOTMOB_BASE_URL": provider.fotmob_url, "PROPPR_FOTMOB_PAUSE": "0"}
    yield one
    one.end()


def finished(database: Documents) -> int:
    return database["stats_runs"].count_documents({"finished_at": {"$ne": None}})


def test_one_of_two_processes_works_and_the_other_takes_over_when_it_is_killed(
    fleet: Fleet, database: Documents
) -> None:
    first = fleet.start("first")
    eventually(lambda: database["fotmob_matches"].count_documents({}), 60, "the first match")
    second = fleet.start("second")
    eventually(lambda: second.check("daily_run").startswith("standby"), 60, "the second to be a standby")
    first.kill()
    eventually(lambda: finished(database) == 1, 60, "the run to be finished")
    eventually(lambda: not second.check("daily_run").startswith("standby"), 30)
    health = second.health()
    assert health["service"] == "stats-pipeline"
    assert {"source", "layout", "leagues", "daily_run", "budget", "lease", "schedule"} <= health["checks"].keys()
    assert database["stats_runs"].count_documents({}) == 1
    assert database["predicted_lines"].count_documents({}) > 0
    asked = CLOCK.monotonic()
    second.process.send_signal(signal.SIGTERM)
    assert second.process.wait(15 * PATIENCE) == 0
    assert CLOCK.monotonic() - asked < 8 * PATIENCE
    assert "Traceback" not in fleet.everything_written()
