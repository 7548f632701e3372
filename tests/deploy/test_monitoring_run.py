"""Prometheus and Alertmanager themselves on a real service: read, watched, told when it dies and when it is back."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from monitoring_tools import tool
from pymongo.database import Database
from stream_rig import simulator
from support import eventually

from PROPPR.SharedServices.cli.plan import SERVICES, free_port
from PROPPR.SharedServices.simulator.server import SimulatorServer

pytestmark = pytest.mark.processes
MONITORING = Path(__file__).parents[2] / "deploy" / "monitoring"
Documents = Database[dict[str, Any]]


@pytest.fixture
def provider() -> Iterator[SimulatorServer]:
    server = simulator(fixtures=4)
    yield server
    server.stop()


class Grader:
    """The service as a process on a port that Prometheus knows beforehand."""

    def __init__(self, database: Documents, uri: str, provider: SimulatorServer, folder: Path) -> None:
        self.port = free_port(0)
        self._environment = {
            "PATH": os.environ["PATH"], "MONGO_URI": uri, "MONGO_DATABASE": database.name, "LOG_DIR": str(folder),
            "HEALTH_PORT": str(self.port), "FOTMOB_BASE_URL": provider.fotmob_url, "PROPPR_FOTMOB_PAUSE": "0",
        }  # fmt: skip
        self._folder = folder
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self._folder / "grader.out").open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", SERVICES["grading-scheduler"]], env=self._environment, stdout=output,
                stderr=output, cwd=self._folder,
            )  # fmt: skip

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)


class Watchers:
    """Prometheus and Alertmanager with our files, but seconds where those say minutes."""

    def __init__(self, folder: Path, provider: SimulatorServer, service_port: int) -> None:
        self.folder = folder
        alertmanager, self.port = free_port(0), free_port(0)
        shutil.copytree(MONITORING, folder / "monitoring")
        prometheus = folder / "monitoring" / "prometheus"
        quicken(prometheus / "alerts.yml", (r"for: \d+[mhs]", "for: 0s"))
        quicken(
            prometheus / "prometheus-host.yml",
            ("15s", "1s"), (":9093", f":{alertmanager}"), (":9090", f":{self.port}"), (":8084", f":{service_port}"),
            (r":80(?:8\d|90)", f":{free_port(0)}"),
        )  # fmt: skip
        alerting = folder / "monitoring" / "alertmanager"
        quicken(alerting / "alertmanager.yml", (r"group_(wait|interval): \w+", r"group_\1: 1s"))
        chat = {"TELEGRAM_BOT_TOKEN": "1:abc", "TELEGRAM_ADMIN_CHAT_ID": "7", "PATH": os.environ["PATH"]}
        chat |= {"TELEGRAM_API_BASE_URL": provider.telegram_url, "ALERTMANAGER_CONFIG": str(folder / "made.yml")}
        chat["ALERTMANAGER"] = tool("prometheus-alertmanager")
        self.processes = [
            self.start("alertmanager", [alerting / "start.sh",
                       f"--storage.path={folder / 'am'}", f"--web.listen-address=127.0.0.1:{alertmanager}",
                       "--cluster.listen-address="], chat),
            self.start("prometheus", [tool("prometheus"), f"--config.file={prometheus / 'prometheus-host.yml'}",
                       f"--storage.tsdb.path={folder / 'tsdb'}", f"--web.listen-address=127.0.0.1:{self.port}"], {}),
        ]  # fmt: skip

    def start(self, name: str, command: list[Any], environment: dict[str, str]) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.out").open("wb") as output:
            return subprocess.Popen(command, env=environment, stdout=output, stderr=output, cwd=self.folder)

    def ask(self, path: str, **parameters: str) -> Any:
        try:
            answer = requests.get(f"http://127.0.0.1:{self.port}/api/v1/{path}", params=parameters, timeout=5)
            return answer.json()["data"]
        except (requests.RequestException, KeyError):
            return None  # not ready yet

    def value(self, expression: str) -> float | None:
        found = self.ask("query", query=expression)
        return float(found["result"][0]["value"][1]) if found and found["result"] else None

    def end(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait(10)


def quicken(path: Path, *changes: tuple[str, str]) -> None:
    text = path.read_text()
    for before, after in changes:
        text, number = re.subn(before, after, text)
        assert number, f"{path.name} does not hold {before}"
    path.write_text(text)


def told(provider: SimulatorServer, words: str) -> list[str]:
    messages = requests.get(f"{provider.control_url}/telegram", timeout=5).json()
    return [message["text"] for message in messages if words in message["text"]]


def test_a_fleet_that_dies_is_told_of_and_so_is_its_return(
    database: Documents, mongo_uri: str, provider: SimulatorServer, tmp_path: Path
) -> None:
    grader = Grader(database, mongo_uri, provider, tmp_path)
    watchers = Watchers(tmp_path, provider, grader.port)
    try:
        grader.start()
        up = 'up{service="grading-scheduler"}'
        eventually(lambda: watchers.value(up) == 1, 40, "the service to be read")
        eventually(lambda: watchers.value('proppr_health_status{status="healthy"}') == 1, 40, "it to be healthy")
        rules = [rule for group in watchers.ask("rules")["groups"] for rule in group["rules"]]
        assert len(rules) > 30 and {rule["health"] for rule in rules} == {"ok"}
        assert not told(provider, "FAILED (Prometheus): FleetDown")
        grader.kill()
        eventually(lambda: told(provider, "FAILED (Prometheus): FleetDown"), 40, "the message that nobody answers")
        grader.start()
        eventually(lambda: told(provider, "RECOVERED (Prometheus): FleetDown"), 40, "the message that it is back")
        assert [text.split()[0] for text in told(provider, "FleetDown")] == ["FAILED", "RECOVERED"]
        assert "docs/runbook.md#fleetdown" in told(provider, "FleetDown")[0]
    finally:
        watchers.end()
        grader.kill()
