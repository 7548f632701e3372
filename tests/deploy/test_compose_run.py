"""The fleet in containers, from nothing to the truth after kills. `make compose-test` runs it where Docker is."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from fleet_truth import expect_the_truth
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import OperationFailure
from support import eventually

from PROPPR.SharedServices.cli.plan import free_port

ROOT = Path(__file__).parents[2]
SERVICES = ("websocket-updater", "unified-poller", "stats-pipeline", "grader")
OURS = (*SERVICES, "simulator", "demo-bots")
LIMITS = {"websocket-updater": 500, "unified-poller": 300, "stats-pipeline": 400, "grader": 200}
PORTS = {"websocket-updater": 8081, "unified-poller": 8082, "stats-pipeline": 8083, "grader": 8084, "mongo": 27017}
Documents = Database[dict[str, Any]]

pytestmark = [
    pytest.mark.skipif(os.environ.get("COMPOSE_TEST") != "1", reason="builds and runs containers: `make compose-test`"),
    pytest.mark.skipif(shutil.which("docker") is None, reason="needs Docker"),
    pytest.mark.timeout(900),
]


class Stack:
    """One compose project of its own: secrets, volumes, free ports."""

    def __init__(self, folder: Path) -> None:
        self.secrets = folder / "secrets"
        settings = folder / "fleet.env"
        settings.write_text((ROOT / "deploy" / "simulator.env").read_text() + "POLL_INTERVAL=15\n")
        # Chosen here: a port that the engine chooses is another one after each restart.
        free = {f"{name.upper().replace('-', '_')}_PORT": str(free_port(0)) for name in (*PORTS, "simulator")}
        own = {"SECRETS_DIR": str(self.secrets), "SERVICE_ENV_FILE": str(settings)}
        project = f"proppr-test-{os.getpid()}"
        self._environment = {**os.environ, **free, **own, "COMPOSE_PROJECT_NAME": project}
        self._compose = ["docker", "compose", "--env-file", str(settings)]

    def run(self, *arguments: str, timeout: float = 300) -> str:
        return self._done([*self._compose, *arguments], timeout)

    def docker(self, *arguments: str) -> str:
        return self._done(["docker", *arguments], 60)

    def _done(self, command: list[str], timeout: float) -> str:
        done = subprocess.run(command, cwd=ROOT, env=self._environment, capture_output=True, text=True, timeout=timeout)
        assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}\n{done.stderr[-6000:]}"
        return done.stdout

    def inspect(self, name: str) -> dict[str, Any]:
        """What the engine knows of the container of a service."""
        found: dict[str, Any] = json.loads(self.docker("inspect", self.run("ps", "-aq", name).strip()))[0]
        return found

    def health(self, name: str) -> str:
        return str(self.inspect(name)["State"]["Health"]["Status"])

    def all_healthy(self) -> bool:
        return all(self.health(name) == "healthy" for name in (*OURS, "mongo"))

    def simulator(self, method: str, path: str) -> Any:
        """Ask the control of the stand-in."""
        url = f"http://{self.run('port', 'simulator', '8900').strip()}/_sim/{path}"
        return requests.request(method, url, json={} if method == "POST" else None, timeout=60).json()

    def uri(self, user: str = "", password: str = "") -> str:
        address = self.run("port", "mongo", "27017").strip()
        who = f"{user}:{password}@" if user else ""
        return f"mongodb://{who}{address}/?directConnection=true&authSource=admin&serverSelectionTimeoutMS=5000"

    def password(self) -> str:
        return (self.secrets / "mongo_password").read_text()

    def kill(self, name: str) -> None:
        """Kill -9 all processes of a container from the inside: the engine must not think that a person wanted it."""
        user = ["-u", "mongodb"] if name == "mongo" else []
        before = self.inspect(name)["RestartCount"]
        subprocess.run(
            [*self._compose, "exec", "-T", *user, name, "sh", "-c", "kill -9 -1"],
            cwd=ROOT, env=self._environment, capture_output=True, timeout=60, check=False,
        )  # fmt: skip
        eventually(lambda: self.inspect(name)["RestartCount"] > before, 60, f"{name} to be started again")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("compose")
    one = Stack(folder)
    subprocess.run([str(ROOT / "deploy" / "secrets.sh"), str(one.secrets)], check=True, capture_output=True)
    try:
        one.run("up", "--build", "--wait", "--wait-timeout", "240", timeout=600)
        yield one
    finally:
        one.run("down", "--volumes", "--timeout", "5")


@pytest.fixture(scope="module")
def database(stack: Stack) -> Iterator[Documents]:
    with MongoClient[dict[str, Any]](stack.uri("proppr", stack.password()), tz_aware=True) as client:
        yield client["proppr_demo"]


def test_all_are_healthy_books_flow_and_a_bet_is_settled(stack: Stack, database: Documents) -> None:
    assert stack.all_healthy()
    eventually(lambda: database["odds_books"].count_documents({}) > 100, 60, "books")
    settled = {"settled_at": {"$ne": None}, "status": {"$in": ["won", "lost", "refund", "half_won", "half_lost"]}}
    eventually(lambda: database["team_tracked_bets"].count_documents(settled) > 0, 180, "a settled bet")


@pytest.mark.parametrize("name", OURS)
def test_a_container_can_do_little(stack: Stack, name: str) -> None:
    found = stack.inspect(name)
    host = found["HostConfig"]
    assert found["Config"]["User"] == "10001:10001"
    assert found["Config"]["StopSignal"] == "SIGTERM"
    assert host["ReadonlyRootfs"] and host["CapDrop"] == ["ALL"] and host["SecurityOpt"] == ["no-new-privileges:true"]
    assert host["RestartPolicy"]["Name"] == "unless-stopped"
    assert host["LogConfig"] == {"Type": "json-file", "Config": {"max-file": "5", "max-size": "10m"}}
    assert host["Memory"] == LIMITS.get(name, host["Memory"] / 2**20) * 2**20 > 0
    assert stack.password() not in json.dumps(found), "a password can be read by whoever may inspect"


@pytest.mark.parametrize("name", [*PORTS, "simulator"])
def test_nothing_is_published_beyond_loopback(stack: Stack, name: str) -> None:
    bindings = stack.inspect(name)["NetworkSettings"]["Ports"].values()
    assert {row["HostIp"] for rows in bindings for row in rows or []} == {"127.0.0.1"}


def test_mongodb_takes_nobody_unknown_and_gives_the_services_only_their_database(stack: Stack) -> None:
    with MongoClient[dict[str, Any]](stack.uri()) as stranger, pytest.raises(OperationFailure):
        stranger["proppr_demo"]["fixtures"].find_one()
    with MongoClient[dict[str, Any]](stack.uri("proppr", stack.password())) as services:
        with pytest.raises(OperationFailure):
            services["other"]["things"].insert_one({"a": 1})
        with pytest.raises(OperationFailure):
            services["admin"].command("usersInfo", 1)


def test_a_command_runs_in_the_network_of_the_containers(stack: Stack) -> None:
    assert "replica set" in stack.run("run", "--rm", "-T", "proppr", "doctor")


def test_killed_restarted_and_cut_off_it_comes_back_with_nothing_lost(stack: Stack, database: Documents) -> None:
    for name in (*SERVICES, "mongo"):
        stack.kill(name)
    eventually(stack.all_healthy, 240, "all to be healthy after the kills")

    stack.run("restart", "mongo")
    eventually(stack.all_healthy, 240, "all to be healthy after MongoDB's restart")

    updater = stack.inspect("websocket-updater")
    network = next(iter(updater["NetworkSettings"]["Networks"]))
    stack.docker("network", "disconnect", network, updater["Id"])
    eventually(lambda: stack.health("websocket-updater") == "unhealthy", 120, "the cut to be noticed")
    stack.docker("network", "connect", "--alias", "websocket-updater", network, updater["Id"])
    eventually(stack.all_healthy, 240, "all to be healthy after the cut")

    stack.simulator("POST", "pause")
    expect_the_truth(lambda: stack.simulator("GET", "truth"), database)


def test_all_stop_in_order_within_the_time(stack: Stack) -> None:
    """The last test of this file: it leaves nothing running."""
    stack.run("stop", *SERVICES)
    for name in SERVICES:
        assert stack.inspect(name)["State"]["ExitCode"] == 0, f"{name} was killed, or failed while stopping"
