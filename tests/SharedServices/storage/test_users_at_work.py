"""The four services, each as its own MongoDB user, do their job on a MongoDB with passwords: none is refused."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from guarded_mongod import GuardedMongod, guarded_mongod
from pymongo.database import Database
from service_processes import ServiceProcess
from stream_rig import KEY, simulator
from support import eventually

from PROPPR.SharedServices.service.settings import load_settings
from PROPPR.SharedServices.simulator.server import SimulatorServer
from PROPPR.SharedServices.storage.migrations_prepare import prepare_database
from PROPPR.SharedServices.storage.users import USERS, apply_users

NAME = "proppr"
RUNNERS = {
    "websocket-updater": "PROPPR.WebsocketUpdater.runners.run_websocket_updater",
    "unified-poller": "PROPPR.UnifiedAPIPoller.runners.run_unified_poller",
    "stats-pipeline": "PROPPR.StatsUpdateFM.runners.run_stats_pipeline",
    "grading-scheduler": "PROPPR.SharedServices.grading.runners.run_grading_scheduler",
}


@pytest.fixture
def mongod(tmp_path: Path) -> Iterator[GuardedMongod]:
    with guarded_mongod(tmp_path / "mongod") as server:
        with server.client(server.uri()) as root:
            apply_users(root[NAME], {user.name: f"password-of-{user.name}" for user in USERS})
        with server.client(address(server, "proppr-setup")) as setup:
            prepare_database(setup[NAME], load_settings({}, None))
        yield server


@pytest.fixture
def provider() -> Iterator[SimulatorServer]:
    server = simulator(fixtures=6, rate=30.0, fotmob_history=1, horizon_hours=200.0)
    yield server
    server.stop()


def address(server: GuardedMongod, user: str) -> str:
    return server.uri(user, f"password-of-{user}", NAME)


def environment(server: GuardedMongod, provider: SimulatorServer, user: str) -> dict[str, str]:
    return {
        "MONGO_URI": address(server, user),
        "MONGO_DATABASE": NAME,
        "ODDS_API_KEY": KEY,
        "ODDS_API_BASE_URL": f"{provider.base_url}/v3",
        "ODDS_API_WS_URL": f"{provider.base_url.replace('http', 'ws', 1)}/v3/ws",
        "FOTMOB_BASE_URL": provider.fotmob_url,
        "PROPPR_FOTMOB_PAUSE": "0",
        "POLL_INTERVAL": "2",
        "GRADING_INTERVAL": "2",
        # With a channel set up, the senders read what is muted.
        "TELEGRAM_BOT_TOKEN": "1234567:no-real-token",
        "TELEGRAM_ADMIN_CHAT_ID": "-1001",
        "TELEGRAM_API_BASE_URL": provider.telegram_url,
    }


def bots(environment: dict[str, str], provider: SimulatorServer, folder: Path) -> subprocess.Popen[bytes]:
    """Programs that place bets, as the user of such programs."""
    command = [sys.executable, "-m", "PROPPR.SharedServices.cli.demo_bets", "--provider", provider.base_url]
    with (folder / "bots.out").open("wb") as output:
        return subprocess.Popen(
            command, env={"PATH": os.environ["PATH"], **environment}, stdout=output, stderr=output, cwd=folder
        )


def has(database: Database[dict[str, Any]], *names: str) -> bool:
    return all(database[name].find_one() is not None for name in names)


@pytest.mark.processes
def test_the_fleet_works_as_its_own_users(mongod: GuardedMongod, provider: SimulatorServer, tmp_path: Path) -> None:
    started: list[ServiceProcess] = []
    stopped_at_the_end: list[subprocess.Popen[bytes]] = []
    try:
        with mongod.client(mongod.uri()) as root:
            database = root[NAME]
            for name, module in RUNNERS.items():
                one = ServiceProcess(module, tmp_path, name, environment(mongod, provider, name))
                started.append(one)
                eventually(one.ready, 40.0, f"{name}: {one.output.read_text()[-2000:]}")
            odds = ("fixtures", "odds_books", "odds_history", "price_drops", "api_requests", "book_followers")
            eventually(lambda: has(database, *odds), 40.0, "odds")
            statistics = ("fixture_mappings", "fotmob_matches", "team_stats", "predicted_lines", "stats_runs")
            eventually(lambda: has(database, *statistics), 60.0, "statistics")
            stopped_at_the_end.append(bots(environment(mongod, provider, "bots"), provider, tmp_path))
            bets = database["team_tracked_bets"]
            eventually(lambda: bets.find_one({"status": {"$ne": "pending"}}), 60.0, "a bet of the bots to be settled")
            eventually(lambda: database["service_heartbeats"].count_documents({}) == 4, 20.0, "heartbeats")
            health = {one.output.stem: one.health()["status"] for one in started}
        assert mongod.refusals() == [], health
    finally:
        for one in started:
            one.kill()
        for process in stopped_at_the_end:
            process.kill()
            process.wait(10)
