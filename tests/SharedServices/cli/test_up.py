"""`proppr up` with real processes: books move, Ctrl-C and kill -9 leave nothing behind, the dead come back."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from pymongo import MongoClient
from pymongo.database import Database
from support import eventually, free_ports

from PROPPR.SharedServices.cli.plan import SERVICES, DemoSize, make_plan
from PROPPR.SharedServices.cli.running import Running, read_note
from PROPPR.SharedServices.cli.up import Stop, Up
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.service.errors import ProPprError
from PROPPR.SharedServices.service.settings import load_settings
from PROPPR.SharedServices.simulator.config import SimulatorConfig
from PROPPR.SharedServices.simulator.server import SimulatorServer

pytestmark = [pytest.mark.processes, pytest.mark.timeout(400)]

PROPPR = [sys.executable, "-m", "PROPPR.SharedServices.cli.main"]
UPDATER, POLLER = "websocket-updater", "unified-poller"


class RunningUp:
    """A `proppr up` in a directory of its own, and every process it ever started that we saw."""

    def __init__(self, directory: Path, *arguments: str, **environment: str) -> None:
        self.directory = directory
        self._output = (directory / "up.txt").open("w")
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
        ports = free_ports(len(SERVICES) + 1)
        self.process = subprocess.Popen(
            [*PROPPR, "up", "--plain", "--fixtures", "30", "--rate", "60", *arguments],
            cwd=directory,
            env={**kept, "HEALTH_PORT": str(ports), "CONSOLE_PORT": str(ports + len(SERVICES)), **environment},
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )
        self.seen: dict[int, psutil.Process] = {}

    def note(self) -> Running:
        found: Running | None = eventually(self._note_unless_ended, 60.0, "the note of up")
        assert found is not None
        return found

    def _note_unless_ended(self) -> Running | None:
        assert self.process.poll() is None, f"up has ended with {self.process.returncode}: {self.output()}"
        return read_note(self.directory / ".data")

    def descendants(self) -> list[psutil.Process]:
        found: list[psutil.Process] = psutil.Process(self.process.pid).children(recursive=True)
        self.seen.update((process.pid, process) for process in found)
        return found

    def pid_of(self, part: str) -> int | None:
        for process in self.descendants():
            try:
                if any(part in argument for argument in process.cmdline()):
                    return process.pid
            except psutil.Error:
                continue
        return None

    def left_over(self) -> list[str]:
        return [str(process) for process in self.seen.values() if _is_alive(process)]

    def output(self) -> str:
        texts = [path.read_text(errors="replace")[-3000:] for path in self.directory.rglob("*.out")]
        return (self.directory / "up.txt").read_text() + "\n".join(texts)

    def end(self) -> None:
        self._output.close()
        self.process.kill()
        self.process.wait()
        for process in self.seen.values():
            if _is_alive(process):
                process.kill()


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Two that start in the same second may both find the simulator's usual port free; the slower one then gives up."""
    with (folder / "up.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture
def running(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningUp]:
    with one_at_a_time(tmp_path_factory.getbasetemp().parent):
        up = RunningUp(tmp_path)
        try:
            up.note()
        except BaseException:
            up.end()
            raise
    yield up
    up.end()


def test_an_up_whose_port_was_taken_meanwhile_does_not_use_the_simulator_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The port was free when it looked, and another listens there when its own simulator starts."""
    settings = load_settings({"PROPPR_DATA_DIR": str(tmp_path), "LOG_DIR": str(tmp_path / "logs")}, None)
    plan = make_plan(settings, DemoSize(fixtures=5))
    assert plan.simulator_url is not None
    port = int(plan.simulator_url.split(":")[2].partition("/")[0])
    with SimulatorServer(SimulatorConfig(port=port, fixtures=5)):
        monkeypatch.setattr(signal, "signal", lambda *_: None)  # those of the tests stay as they are
        up = Up(settings, plan, Stop(), SystemClock(), keep=False)
        with pytest.raises(ProPprError, match=r"the simulator did not start.*address"):
            up.run(plain=True, duration=5.0)


def newest_book(database: Database[dict[str, Any]]) -> Any:
    found = database["odds_books"].find_one({}, {"last_updated": 1}, sort=[("last_updated", -1)])
    return found and found["last_updated"]


def await_moving_books(up: RunningUp, uri: str, name: str = "proppr") -> None:
    with MongoClient[dict[str, Any]](uri, serverSelectionTimeoutMS=5000) as client:
        first = eventually(lambda: newest_book(client[name]), 60.0, f"the first book: {up.output()}")
        eventually(lambda: newest_book(client[name]) > first, 30.0, f"books to move: {up.output()}")
        eventually(lambda: client[name]["price_drops"].find_one(), 30.0, "a drop")


def beside(up: RunningUp, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command in another terminal, in the same directory."""
    environment = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    return subprocess.run(
        [*PROPPR, *arguments],
        cwd=up.directory,
        env={**environment, "COLUMNS": "140"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_books_move_and_ctrl_c_leaves_nothing_behind(running: RunningUp) -> None:
    note = running.note()
    assert note.is_demo and note.mongo_uri is not None
    await_moving_books(running, note.mongo_uri)
    eventually(lambda: "healthy" in running.output(), 30.0, "a healthy service")
    assert running.pid_of("mongod") and running.pid_of("run_websocket_updater") and running.pid_of("simulate")
    assert running.pid_of("run_unified_poller")
    with MongoClient[dict[str, Any]](note.mongo_uri) as client:
        state = client["proppr"]
        eventually(lambda: state["poller_state"].find_one({"sport": "football"}), 30.0, "a cycle by REST")
        eventually(lambda: state["stream_state"].find_one({"kind": "coverage", "live": True}), 30.0, "a whole stream")

    status = beside(running, "status")
    assert status.returncode == 0, status.stdout + status.stderr
    for part in (UPDATER, POLLER, "newest drops", "newest arbitrages", "guaranteed", "books by REST", "WebSocket:"):
        assert part in status.stdout, status.stdout

    console = note.services["console"]
    assert f"Console {console}" in running.output()
    page = requests.get(f"{console}/drops", timeout=20)
    assert page.status_code == 200 and "newest falls" in page.text, "readable without a sign-in"
    assert requests.post(f"{console}/alerts/mute", timeout=20).status_code in (303, 401, 403), "but nothing changes"

    backfill = beside(running, "backfill", "--from", "2020-01-01")
    assert backfill.returncode == 0, backfill.stdout + backfill.stderr
    assert "30 fixtures read" in backfill.stdout

    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(120) == 0, running.output()
    assert "everything is stopped" in running.output()
    assert running.left_over() == []


def test_nothing_survives_a_kill_of_up(running: RunningUp) -> None:
    note = running.note()
    eventually(lambda: running.pid_of("run_websocket_updater"), 30.0, "the updater")
    assert note.mongo_uri is not None
    await_moving_books(running, note.mongo_uri)
    assert len(running.descendants()) >= 6, "simulator, updater, poller, mongod and its guard"
    running.process.kill()
    running.process.wait()
    eventually(lambda: running.left_over() == [], 40.0, "the end of all processes")


def test_a_killed_updater_comes_back(running: RunningUp) -> None:
    note = running.note()
    first = eventually(lambda: running.pid_of("run_websocket_updater"), 30.0, "the updater")
    assert note.mongo_uri is not None
    await_moving_books(running, note.mongo_uri)
    os.kill(first, signal.SIGKILL)
    second = eventually(
        lambda: (pid := running.pid_of("run_websocket_updater")) is not None and pid != first and pid, 30.0, "a new one"
    )
    assert second != first
    await_moving_books(running, note.mongo_uri)


def test_with_a_key_the_same_command_works_without_a_stand_in(
    tmp_path: Path, mongo_uri: str, database: Database[dict[str, Any]]
) -> None:
    with SimulatorServer(SimulatorConfig(port=0, fixtures=30, rate=60, api_keys=("the-real-key",))) as provider:
        up = RunningUp(
            tmp_path,
            ODDS_API_KEY="the-real-key",
            ODDS_API_BASE_URL=provider.rest_url,
            ODDS_API_WS_URL=provider.websocket_url,
            FOTMOB_BASE_URL=provider.fotmob_url,
            MONGO_URI=mongo_uri,
            MONGO_DATABASE=database.name,
            LOG_DIR=str(tmp_path / "logs"),
        )
        try:
            note = up.note()
            assert not note.is_demo and note.mongo_uri is None
            await_moving_books(up, mongo_uri, database.name)
            assert up.pid_of("simulate") is None
            up.process.terminate()
            assert up.process.wait(120) == 0, up.output()
            assert up.left_over() == []
            texts = up.output() + "".join(path.read_text() for path in (tmp_path / "logs").iterdir())
            assert "the-real-key" not in texts
        finally:
            up.end()


@pytest.mark.parametrize(("key", "value"), [("WS_STATUS", "sometimes"), ("PROPPR_TYPO", "1")])
def test_wrong_settings_start_nothing(tmp_path: Path, key: str, value: str) -> None:
    up = RunningUp(tmp_path, **{key: value})
    try:
        assert up.process.wait(30) == 2
        assert key in up.output()
        assert not (tmp_path / ".data").exists()
    finally:
        up.end()
