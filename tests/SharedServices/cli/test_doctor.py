"""`proppr doctor` against the stand-in provider and a real database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
from click.testing import CliRunner, Result
from pymongo.database import Database

from PROPPR.SharedServices.cli.main import main
from PROPPR.SharedServices.cli.plan import free_port
from PROPPR.SharedServices.cli.provider_findings import check_names
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.service.settings import load_settings
from PROPPR.SharedServices.simulator.config import SimulatorConfig
from PROPPR.SharedServices.simulator.server import SimulatorServer
from PROPPR.SharedServices.storage.backup import make_backup
from PROPPR.SharedServices.storage.migrations_prepare import prepare_database

KEY = "doctors-secret-key"


@pytest.fixture(scope="module")
def provider() -> Iterator[SimulatorServer]:
    config = SimulatorConfig(port=0, fixtures=3, rate=1, api_keys=(KEY,), selected=("Bet365", "M88", "FB Sports"))
    with SimulatorServer(config) as server:
        yield server


@pytest.fixture
def environment(
    provider: SimulatorServer, mongo_uri: str, database: Database[dict[str, Any]], tmp_path: Any
) -> dict[str, str]:
    prepare_database(database, load_settings({}, None))
    make_backup(database, tmp_path / "backups", SystemClock())
    return {
        "MONGO_URI": mongo_uri,
        "MONGO_DATABASE": database.name,
        "ODDS_API_KEY": KEY,
        "ODDS_API_BASE_URL": provider.rest_url,
        "FOTMOB_BASE_URL": provider.fotmob_url,
        "TELEGRAM_BOT_TOKEN": "1:doctors-token",
        "TELEGRAM_ADMIN_CHAT_ID": "1",
        "PROPPR_DATA_DIR": str(tmp_path),
        "PROPPR_BACKUP_DIR": str(tmp_path / "backups"),
        "COLUMNS": "200",
    }


def doctor(environment: dict[str, str], *arguments: str) -> Result:
    return CliRunner().invoke(main, ["doctor", "--env-file", "no-such-file", *arguments], env=environment)


def test_all_is_well(environment: dict[str, str], database: Database[dict[str, Any]]) -> None:
    result = doctor(environment)
    assert result.exit_code == 0, result.output
    assert "wrong" not in result.output and "warning" not in result.output
    assert "accepted; 3 bookmakers selected" in result.output
    assert "clock of the provider" in result.output and "clock of MongoDB" in result.output
    assert KEY not in result.output
    assert database["api_requests"].find_one()["sequence"] == 3, "every request is counted"


def test_the_poller_can_be_paid_for_and_its_sports_exist(
    environment: dict[str, str], provider: SimulatorServer
) -> None:
    well = doctor(environment)
    assert "192 requests an hour (3 pairs of bookmaker and sport every 60 s), 3,000 are guaranteed" in well.output
    poor = doctor({**environment, "MAX_API_REQUESTS_PER_HOUR": "100", "PROPPR_POLL_SPORTS": "footbal"})
    assert poor.exit_code == 1
    assert "fall behind" in poor.output and "did you mean football?" in poor.output
    calls = requests.get(f"{provider.base_url}/_sim/stats", timeout=10).json()["rest"]["calls"]
    assert not any(call.startswith("PUT") for call in calls), "the account is never changed"


def test_offline_asks_nobody(environment: dict[str, str], database: Database[dict[str, Any]]) -> None:
    assert doctor(environment, "--offline").exit_code == 0
    assert database["api_requests"].find_one() is None


def test_a_bad_key_is_named_and_not_shown(environment: dict[str, str]) -> None:
    result = doctor({**environment, "ODDS_API_KEY": "another-secret"})
    assert result.exit_code == 1
    assert "refuses it (401)" in result.output and "another-secret" not in result.output


def test_misspelled_and_unselected_bookmakers_are_named(environment: dict[str, str]) -> None:
    result = doctor({**environment, "BOOKMAKERS": "bet 365,M88,FB Sports,BC.Game"})
    assert result.exit_code == 1
    assert "bet 365 is not in the catalogue" in result.output and "did you mean Bet365?" in result.output
    assert "BC.Game is not among the account's selected ones" in result.output


def test_a_provider_that_is_away(environment: dict[str, str]) -> None:
    result = doctor({**environment, "ODDS_API_BASE_URL": f"http://127.0.0.1:{free_port(0)}/v3"})
    assert result.exit_code == 1
    assert "ODDS_API_BASE_URL" in result.output


def test_a_database_that_is_away(environment: dict[str, str]) -> None:
    uri = f"mongodb://user:hidden-password@127.0.0.1:{free_port(0)}/?serverSelectionTimeoutMS=200"
    result = doctor({**environment, "MONGO_URI": uri})
    assert result.exit_code == 1
    assert "no answer" in result.output and "hidden-password" not in result.output


def test_names_are_compared_exactly() -> None:
    settings = load_settings({"BOOKMAKERS": "M88", "SHARP_BOOKMAKERS": "M88"}, None)
    assert [finding.level for finding in check_names(settings, ["M88"], ["M88"])] == ["ok"]
    assert [finding.level for finding in check_names(settings, ["m88"], ["m88"])] == ["wrong"]


def test_fotmob_is_asked_once_and_its_budget_counts(
    environment: dict[str, str], provider: SimulatorServer, database: Database[dict[str, Any]]
) -> None:
    assert "matches listed today" in doctor(environment).output
    assert database["api_requests"].find_one({"_id": {"$regex": "fotmob"}})["sequence"] == 1


def test_a_fotmob_that_refuses_or_is_away_is_no_catastrophe(
    environment: dict[str, str], provider: SimulatorServer
) -> None:
    plan = [{"fault": "fotmob_403", "every": 1, "endpoint": "matches"}]
    requests.post(f"{provider.base_url}/_sim/faults", json={"plan": plan}, timeout=10).raise_for_status()
    try:
        refused = doctor(environment)
    finally:
        requests.post(f"{provider.base_url}/_sim/faults", json={"plan": []}, timeout=10).raise_for_status()
    assert refused.exit_code == 0 and "refuses to be asked" in refused.output, refused.output
    away = doctor({**environment, "FOTMOB_BASE_URL": f"http://127.0.0.1:{free_port(0)}/api/data"})
    assert away.exit_code == 0 and "does not answer" in away.output


def test_without_a_key_or_offline_fotmob_is_left_alone(environment: dict[str, str]) -> None:
    keyless = {name: value for name, value in environment.items() if name != "ODDS_API_KEY"}
    nobody = {"FOTMOB_BASE_URL": f"http://127.0.0.1:{free_port(0)}/api/data"}
    for result in (doctor({**keyless, **nobody}), doctor({**environment, **nobody}, "--offline")):
        assert "does not answer" not in result.output and "no run yet" in result.output


def test_old_statistics_are_told(environment: dict[str, str], database: Database[dict[str, Any]]) -> None:
    ended = SystemClock().now() - timedelta(hours=50)
    run = {
        "due": ended,
        "started_at": ended,
        "finished_at": ended,
        "leagues": {},
        "summary": {"leagues": 12, "failed": 2},
    }
    database["stats_runs"].insert_one({"_id": "daily@1", **run})
    old = doctor(environment, "--offline").output
    assert "ended 2 days ago: 12 leagues, 2 with problems" in old and "start stats-pipeline" in old
    database["stats_runs"].update_one({}, {"$set": {"finished_at": None}})
    assert "not finished" in doctor(environment, "--offline").output
    fixture = {"fixture_id": 7, "status": "unresolved", "kickoff": SystemClock().now(), "updated_at": ended}
    database["fixture_mappings"].insert_one(fixture)
    assert "1 fixture without a FotMob match, 0 with one" in doctor(environment, "--offline").output
