"""The console as a real process: one port from the first moment, wrong settings, MongoDB away, an end in order."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from pymongo.database import Database
from stream_client import EventClient
from support import PATIENCE, eventually

from PROPPR.Console.access.passwords import is_right
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.storage.mongod import free_port

pytestmark = pytest.mark.processes
Mongo = Database[dict[str, Any]]
CLOCK = SystemClock()
TOKEN = "only-tests-know-this-token-0123456789"
MODULE = [sys.executable, "-m", "PROPPR.Console.runners.run_console"]
COMMAND = [str(Path(sys.executable).with_name("proppr"))]


class Process:
    """The console, on a port of its own."""

    def __init__(self, folder: Path, uri: str, command: list[str], **settings: str) -> None:
        self.port = free_port(None)
        self.output = folder / "output"
        self.environment = {
            **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")},
            "MONGO_URI": uri, "CONSOLE_PORT": str(self.port), "LOG_DIR": str(folder / "logs"),
            "PROPPR_CONSOLE_TOKEN": TOKEN, **settings,
        }  # fmt: skip
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                command, cwd=folder, env=self.environment, stdout=output, stderr=subprocess.STDOUT
            )

    def get(self, path: str, **options: Any) -> requests.Response:
        return requests.get(f"http://127.0.0.1:{self.port}{path}", timeout=10, allow_redirects=False, **options)

    def answers(self, path: str, status: int) -> bool:
        try:
            return self.get(path).status_code == status
        except requests.RequestException:
            assert self.process.poll() is None, self.output.read_text()
            return False

    def healthy(self) -> dict[str, Any] | None:
        found: dict[str, Any] = self.get("/health").json()
        return found if found["status"] == "healthy" else None

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(15)


@pytest.fixture
def start(tmp_path: Path, mongo_uri: str, database: Mongo) -> Iterator[Callable[..., Process]]:
    begun: list[Process] = []

    def make(command: list[str] = MODULE, uri: str = mongo_uri, **settings: str) -> Process:
        begun.append(Process(tmp_path, uri, command, MONGO_DATABASE=database.name, **settings))
        return begun[-1]

    yield make
    for each in begun:
        if each.process.poll() is None:
            each.process.kill()
            each.process.wait(10)


def test_it_serves_pages_health_and_live_updates_and_ends_in_order_with_them_open(
    start: Callable[..., Process], database: Mongo
) -> None:
    console = start([*COMMAND, "console"])
    eventually(lambda: console.answers("/ready", 200), 40, "the console to be ready")
    health = eventually(lambda: console.answers("/health", 200) and console.healthy(), 20, "good health")
    assert health["service"] == "console"
    assert {"mongodb", "event broker", "change stream", "heartbeat", "startup"} <= health["checks"].keys()
    metrics = console.get("/metrics").text
    assert "proppr_console_streams 0.0" in metrics and TOKEN not in metrics
    page = console.get("/", headers={"Accept": "text/html"})
    assert page.status_code == 200 and "<h1>" in page.text
    assert console.get("/", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    beat = eventually(lambda: database["service_heartbeats"].find_one({"service": "console"}))
    assert beat["state"] == "running"
    clients = [EventClient(console.port) for _ in range(8)]
    eventually(lambda: all(client.count("drops") for client in clients))
    told = clients[0].count("alerts")
    database["alerts"].insert_one({"_id": "tried"})
    eventually(lambda: clients[0].count("alerts") > told)
    began = CLOCK.monotonic()
    assert console.end() == 0, console.output.read_text()
    assert CLOCK.monotonic() - began < 8 * PATIENCE
    assert all(client.ended.wait(5) for client in clients)
    assert database["service_heartbeats"].find_one({"service": "console"}, {"state": 1})["state"] == "stopped"  # type: ignore[index]
    assert database["leases"].count_documents({}) == 0
    assert TOKEN not in console.output.read_text()


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"CONSOLE_PORT": "70000"}, "CONSOLE_PORT"),
        ({"CONSOLE_HOST": "192.0.2.1"}, "CONSOLE_HOST"),
        ({"CONSOLE_HOST": "0.0.0.0", "PROPPR_CONSOLE_TOKEN": ""}, "PROPPR_CONSOLE_PASSWORD_HASH"),
        ({"PROPPR_CONSOLE_PASSWORD_HASH": "secret-secret"}, "PROPPR_CONSOLE_PASSWORD_HASH"),
        ({"PROPPR_CONSOLE_TOKEN": "too-short-secret"}, "PROPPR_CONSOLE_TOKEN"),
        ({"PROPPR_CONSOLE_PROXY": "nginx"}, "PROPPR_CONSOLE_PROXY"),
        ({"PROPPR_CONSOLE_OPEN": "1"}, "PROPPR_CONSOLE_OPEN"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_wrong_settings_end_it_with_2_and_the_name(
    start: Callable[..., Process], settings: dict[str, str], named: str
) -> None:
    console = start(**settings)
    assert console.process.wait(20) == 2
    said = console.output.read_text()
    assert named in said and "Traceback" not in said
    assert "secret-secret" not in said and "too-short-secret" not in said


def test_a_taken_port_is_a_wrong_setting(start: Callable[..., Process]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        console = start(CONSOLE_PORT=str(taken.getsockname()[1]))
        assert console.process.wait(20) == 2
        assert "CONSOLE_PORT" in console.output.read_text()


def test_without_mongodb_it_says_so_and_ends_in_order(start: Callable[..., Process]) -> None:
    console = start(uri="mongodb://127.0.0.1:9/?directConnection=true&serverSelectionTimeoutMS=300")
    eventually(lambda: console.answers("/live", 200), 40)
    assert console.get("/ready").status_code == 503
    eventually(lambda: console.answers("/alerts", 503))
    page = console.get("/alerts", headers={"Accept": "text/html"})
    assert "MongoDB" in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert console.get("/health").json()["checks"]["startup"]["ok"] is False
    began = CLOCK.monotonic()
    assert console.end() == 0
    assert CLOCK.monotonic() - began < 8 * PATIENCE


def test_it_says_starting_no_longer_than_it_starts(start: Callable[..., Process], database: Mongo) -> None:
    console = start()
    eventually(lambda: console.answers("/ready", 200), 40)
    own = {"service": "console", "status": "healthy"}
    eventually(lambda: database["service_heartbeats"].find_one(own), 5, "its heartbeat, long before the next is due")


def test_behind_a_proxy_it_believes_that_one_alone(start: Callable[..., Process], database: Mongo) -> None:
    console = start(PROPPR_CONSOLE_PROXY="127.0.0.1")
    eventually(lambda: console.answers("/ready", 200), 40)
    forwarded = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "Accept": "text/html"}
    for headers in ({"Accept": "text/html"}, forwarded):
        answer = console.get("/alerts", headers=headers)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/login?next=%2Falerts")
    page = console.get("/login", headers=forwarded)
    assert "; Secure" in page.headers["Set-Cookie"] and "Strict-Transport-Security" in page.headers
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token is not None
    cookie = page.headers["Set-Cookie"].partition(";")[0]
    requests.post(
        f"http://127.0.0.1:{console.port}/login", data={"csrf_token": token[1], "secret": "wrong"}, timeout=10,
        headers={**forwarded, "Cookie": cookie},
    )  # fmt: skip
    assert set(database["console_logins"].distinct("_id")) == {"address:203.0.113.9", "all"}


def test_a_claimed_proxy_opens_nothing(start: Callable[..., Process]) -> None:
    console = start()
    eventually(lambda: console.answers("/ready", 200), 40)
    assert console.get("/alerts").status_code == 200
    for name in ("X-Forwarded-For", "Forwarded", "X-Forwarded-Proto", "X-Real-Ip", "Via"):
        assert console.get("/alerts", headers={name: "127.0.0.1"}).status_code == 303, name
    assert console.get("/alerts", headers={"Host": "evil.test"}).status_code == 303


def test_the_command_makes_a_hash_that_lets_in() -> None:
    done = subprocess.run(
        [*COMMAND, "console", "password"], input="correct horse battery\n", capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    name, _, made = done.stdout.strip().partition("=")
    assert name == "PROPPR_CONSOLE_PASSWORD_HASH" and is_right("correct horse battery", made)
    assert "horse" not in done.stdout + done.stderr
    refused = subprocess.run([*COMMAND, "console", "password"], input="short\n", capture_output=True, text=True)
    assert refused.returncode == 2 and "12 to 1000" in refused.stderr
