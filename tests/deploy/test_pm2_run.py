"""The fleet under the real pm2: kills, a stop within the kill time, the death of pm2 itself: `make pm2-test`."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from fleet_truth import BOOKMAKERS, expect_the_truth
from harness import SimulatorControl
from pymongo.database import Database
from support import eventually

from PROPPR.SharedServices.cli.healthcheck import ask
from PROPPR.SharedServices.service.settings import DEFAULT_HEALTH_PORTS
from PROPPR.SharedServices.simulator.config import SimulatorConfig
from PROPPR.SharedServices.simulator.server import SimulatorServer

ROOT = Path(__file__).parents[2]
ECOSYSTEM = ROOT / "ecosystem.config.js"
LIMITS = {"websocket-updater": 500, "unified-poller": 300, "stats-pipeline": 400, "grader": 200}
HOST = "127.0.0.77"  # the usual ports, beside whatever else runs on this machine
Documents = Database[dict[str, Any]]
RUNNERS = ("run_websocket_updater", "run_unified_poller", "run_stats_pipeline", "run_grading_scheduler")

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")
needs_pm2 = pytest.mark.skipif(os.environ.get("PM2_TEST") != "1", reason="fetches and runs pm2: `make pm2-test`")


@needs_node
def test_the_configuration_says_what_is_promised() -> None:
    printed = subprocess.run(
        ["node", "-p", f"JSON.stringify(require({str(ECOSYSTEM)!r}).apps)"], capture_output=True, text=True, check=True
    )
    apps = json.loads(printed.stdout)
    assert {app["name"]: app["max_memory_restart"] for app in apps} == {name: f"{mb}M" for name, mb in LIMITS.items()}
    for app, runner in zip(apps, RUNNERS, strict=True):
        assert app["interpreter"] == "none"
        assert Path(app["script"]).is_absolute() and app["script"].endswith(".venv/bin/python")
        assert app["kill_timeout"] == 10_000
        assert app["exp_backoff_restart_delay"] > 0
        assert app["args"][-1].endswith(f".{runner}")
        assert (ROOT / Path(*app["args"][-1].split(".")[1:])).with_suffix(".py").exists()


class Pm2:
    """A pm2 with a home of its own; `jobs` are its apps by name."""

    def __init__(self, command: str, home: Path, environment: dict[str, str]) -> None:
        self._command = command
        self._environment = {**environment, "PM2_HOME": str(home)}
        self._home = home

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [self._command, *arguments], env=self._environment, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def jobs(self) -> dict[str, dict[str, Any]]:
        printed = self.run("jlist")
        return {app["name"]: app for app in json.loads(printed[printed.index("[") :])}

    def pids(self) -> dict[str, int]:
        return {name: app["pid"] for name, app in self.jobs().items() if app["pm2_env"]["status"] == "online"}

    @property
    def daemon(self) -> int:
        return int((self._home / "pm2.pid").read_text())


class Fleet:
    """What runs of ours, told by the name of its database, which nothing else has."""

    def __init__(self, database: str, host: str) -> None:
        self._database = database
        self._host = host

    def processes(self) -> dict[str, list[int]]:
        """Process ids of each runner."""
        found: dict[str, list[int]] = {runner: [] for runner in RUNNERS}
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                words = process.cmdline()
                for runner in RUNNERS:
                    if (
                        words
                        and words[-1].endswith(runner)
                        and process.environ().get("MONGO_DATABASE") == self._database
                    ):
                        found[runner].append(process.pid)
        return found

    def is_whole(self) -> bool:
        """Each of the four runs exactly once, and says that it is well."""
        alone = all(len(pids) == 1 for pids in self.processes().values())
        return alone and all(ask(f"http://{self._host}:{port}/health")[0] for port in DEFAULT_HEALTH_PORTS.values())


@pytest.fixture(scope="session")
def pm2_command(tmp_path_factory: pytest.TempPathFactory) -> str:
    """pm2 as npm gives it now, in a folder of its own."""
    folder = tmp_path_factory.mktemp("pm2")
    install = ["npm", "install", "--no-fund", "--no-audit", "--loglevel", "error", "--prefix", str(folder), "pm2"]
    done = subprocess.run(install, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return str(folder / "node_modules" / ".bin" / "pm2")


@pytest.fixture
def simulator() -> Iterator[SimulatorControl]:
    config = SimulatorConfig(port=0, fixtures=60, rate=40, selected=tuple(BOOKMAKERS), bookmakers=tuple(BOOKMAKERS))
    with SimulatorServer(config) as server:
        yield SimulatorControl(server.base_url)


@pytest.fixture
def pm2(
    pm2_command: str, simulator: SimulatorControl, mongo_uri: str, database: Documents, tmp_path: Path
) -> Iterator[Pm2]:
    base = simulator.base_url
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    environment = {
        **kept, "MONGO_URI": mongo_uri, "MONGO_DATABASE": database.name, "HEALTH_HOST": HOST,
        "LOG_DIR": str(tmp_path / "logs"), "ODDS_API_KEY": "pm2", "ODDS_API_BASE_URL": f"{base}/v3",
        "ODDS_API_WS_URL": f"{base}/v3/ws".replace("http", "ws", 1), "FOTMOB_BASE_URL": f"{base}/fotmob/api/data",
        "PROPPR_FOTMOB_PAUSE": "0.2", "POLL_INTERVAL": "15", "WS_RECONNECT_DELAY": "0.5", "PROPPR_EVICTION_DELAY": "1",
        "SMTP_URL": "", "PAGERDUTY_ROUTING_KEY": "", "TELEGRAM_BOT_TOKEN": "", "TELEGRAM_ADMIN_CHAT_ID": "",
    }  # fmt: skip
    manager = Pm2(pm2_command, tmp_path / "home", environment)
    fleet = Fleet(database.name, HOST)
    yield manager
    manager.run("kill")
    eventually(lambda: not any(fleet.processes().values()), 15, "no process to be left behind")


@needs_pm2
@pytest.mark.timeout(600)
def test_the_fleet_survives_kills_stops_and_the_death_of_pm2(
    pm2: Pm2, simulator: SimulatorControl, database: Documents
) -> None:
    fleet = Fleet(database.name, HOST)
    pm2.run("start", str(ECOSYSTEM))
    pm2.run("save")
    eventually(fleet.is_whole, 90, "the fleet to be well")

    for name, pid in pm2.pids().items():
        os.kill(pid, signal.SIGKILL)
        eventually(
            lambda name=name, pid=pid: pm2.pids().get(name) not in (None, pid), 20, f"{name} to be started again"
        )
    eventually(fleet.is_whole, 60, "the fleet to be well after the kills")

    pm2.run("stop", "all")
    for name, job in pm2.jobs().items():
        assert job["pm2_env"]["status"] == "stopped"
        assert job["pm2_env"]["exit_code"] == 0, f"{name} was not stopped in order within the kill time"
    assert not any(fleet.processes().values())
    pm2.run("restart", "all")
    eventually(fleet.is_whole, 60, "the fleet to be well after the restart")

    old = {pid for pids in fleet.processes().values() for pid in pids}
    os.kill(pm2.daemon, signal.SIGKILL)
    pm2.run("resurrect")  # at once: the old processes are still ending
    eventually(lambda: not old & {pid for pids in fleet.processes().values() for pid in pids}, 20, "the old to end")
    eventually(fleet.is_whole, 90, "one new fleet to be well")
    assert sorted(pm2.pids().values()) == sorted(pid for pids in fleet.processes().values() for pid in pids)

    simulator.post("pause", {})
    expect_the_truth(lambda: simulator.get("truth"), database)


@needs_pm2
def test_wrong_settings_neither_spin_nor_end_the_trying(
    pm2_command: str, mongo_uri: str, database: Documents, tmp_path: Path
) -> None:
    """Restarts come ever slower, and go on: whoever mends the settings needs to do nothing more."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    environment = {**kept, "MONGO_URI": mongo_uri, "MONGO_DATABASE": database.name, "POLL_INTERVAL": "soon"}
    manager = Pm2(pm2_command, tmp_path / "home", {**environment, "LOG_DIR": str(tmp_path)})
    try:
        manager.run("start", str(ECOSYSTEM), "--only", "grader")

        def delay() -> float:
            return float(manager.jobs()["grader"]["pm2_env"].get("prev_restart_delay", 0))

        eventually(lambda: delay() > 1000, 60, "the pause between restarts to grow")
        assert manager.jobs()["grader"]["pm2_env"]["status"] != "errored"
        assert manager.jobs()["grader"]["pm2_env"]["restart_time"] < 10
    finally:
        manager.run("kill")
