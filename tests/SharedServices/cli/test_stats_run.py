"""`proppr stats run` against the stand-in: it does the work, does it once, and leaves a running service alone."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner, Result
from pymongo.database import Database
from rich.console import Console

from PROPPR.SharedServices.cli.main import main
from PROPPR.SharedServices.cli.stats_run import BarView, PlainView
from PROPPR.SharedServices.odds.rest import read_event
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.service.leases import Lease
from PROPPR.SharedServices.simulator.config import SimulatorConfig
from PROPPR.SharedServices.simulator.server import SimulatorServer
from PROPPR.SharedServices.storage.collections import ensure_collections
from PROPPR.SharedServices.storage.fixtures import FixtureStore
from PROPPR.StatsUpdateFM.core.pipeline.report import Progress
from PROPPR.StatsUpdateFM.core.pipeline.stats_update import LEASE

KEY = "statisticians-key"
Documents = Database[dict[str, Any]]


@pytest.fixture(scope="module")
def provider() -> Iterator[SimulatorServer]:
    config = SimulatorConfig(port=0, fixtures=6, paused=True, rate=0.0, api_keys=(KEY,), fotmob_history=4)
    with SimulatorServer(config) as server:
        yield server


@pytest.fixture
def environment(provider: SimulatorServer, mongo_uri: str, database: Documents, tmp_path: Path) -> dict[str, str]:
    ensure_collections(database)
    answer = requests.get(f"{provider.rest_url}/events", {"sport": "football", "apiKey": KEY}, timeout=10).json()
    FixtureStore(database, SystemClock()).upsert_many([read_event(each) for each in answer], "api_poller")
    return {
        "MONGO_URI": mongo_uri,
        "MONGO_DATABASE": database.name,
        "FOTMOB_BASE_URL": provider.fotmob_url,
        "PROPPR_FOTMOB_PAUSE": "0",
        "PROPPR_DATA_DIR": str(tmp_path),
        "COLUMNS": "150",
    }


def run(environment: dict[str, str]) -> Result:
    return CliRunner().invoke(main, ["stats", "--env-file", "no-such-file", "run", "--plain"], env=environment)


def test_a_run_fills_the_collections_and_a_second_one_has_nothing_to_do(
    environment: dict[str, str], database: Documents
) -> None:
    first = run(environment)
    assert first.exit_code == 0, first.output + repr(first.exception)
    assert "leagues" in first.output and "updated" in first.output
    for name in ("team_stats", "player_stats", "predicted_lines", "player_projections", "fixture_mappings"):
        assert database[name].find_one() is not None, name
    changed = database["predicted_lines"].find_one({}, sort=[("fixture_id", 1)])
    second = run(environment)
    assert second.exit_code == 0 and "manual@" in second.output, second.output
    assert "unchanged" in second.output and "updated" not in second.output
    assert database["predicted_lines"].find_one({}, sort=[("fixture_id", 1)]) == changed
    assert database["leases"].find_one({"_id": LEASE})["holder"] is None, "given back"  # type: ignore[index]


def test_an_interrupted_run_is_gone_on_with(
    environment: dict[str, str], database: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop_early(stop: threading.Event) -> None:
        monkeypatch.setattr(PlainView, "show", lambda view, progress: stop.set())

    with monkeypatch.context() as patched:
        patched.setattr("PROPPR.SharedServices.cli.stats.stop_on_signals", stop_early)
        result = run(environment)
    assert result.exit_code == 130 and "goes on from here" in result.output, result.output
    monkeypatch.undo()
    again = run(environment)
    assert again.exit_code == 0 and "daily@" in again.output, again.output
    assert database["stats_runs"].count_documents({}) == 1


def test_the_bars_show_stage_number_and_league() -> None:
    output = io.StringIO()
    with BarView(Console(file=output, force_terminal=True, width=120, markup=False)) as view:
        view.show(Progress("listing", 1, 3, "47"))
        view.show(Progress("updating", 2, 5, "Premier [red]League\x1b[2J"))
        view.tell("a line above")
    text = output.getvalue()
    assert "1/3" in text and "2/5" in text and "Premier [red]League" in text and "a line above" in text
    assert "\x1b[2J" not in text


def test_it_leaves_a_running_service_alone(
    environment: dict[str, str], database: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("PROPPR.SharedServices.ingest.by_hand.HOLD_SECONDS", 0.5)
    service = Lease(database, LEASE, "the service", ttl=60.0)
    assert service.acquire() is not None
    result = run(environment)
    assert result.exit_code == 1 and "another process keeps the statistics: the service" in result.stderr
    assert "the last run: none yet" in result.stderr
    assert database["stats_runs"].find_one() is None


def test_a_league_that_fails_is_named(environment: dict[str, str], provider: SimulatorServer) -> None:
    plan = [{"fault": "fotmob_renamed", "every": 1, "endpoint": "leagues"}]
    requests.post(f"{provider.base_url}/_sim/faults", json={"plan": plan}, timeout=10).raise_for_status()
    try:
        result = run(environment)
    finally:
        requests.post(f"{provider.base_url}/_sim/faults", json={"plan": []}, timeout=10).raise_for_status()
    assert result.exit_code == 1 and "failed" in result.output and "changed: league" in result.output, result.output
