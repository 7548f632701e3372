"""`proppr replay` as a process: a recording ends up in the database, twice changes nothing, Ctrl-C stops it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database
from support import eventually
from websockets.sync.client import connect

from PROPPR.SharedServices.providers.odds_api.recorder import FrameRecorder, recordings
from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.simulator.config import SimulatorConfig
from PROPPR.SharedServices.simulator.server import SimulatorServer

pytestmark = pytest.mark.processes

FRAMES = 200


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the updater's recorder writes of a stream, a tenth of a second apart."""
    directory = tmp_path_factory.mktemp("recordings")
    clock = ManualClock()
    recorder = FrameRecorder(directory, 10_000_000, clock)
    with SimulatorServer(SimulatorConfig(port=0, fixtures=10, rate=500)) as provider:
        url = f"{provider.websocket_url}?apiKey=k&markets=ML,Spread,Totals"
        with connect(url, max_size=None, compression=None) as socket:
            for _ in range(FRAMES):
                message = socket.recv(timeout=20)
                recorder.record(message.encode() if isinstance(message, str) else message, clock.now_ms())
                clock.advance(0.1)
    at_once = threading.Event()
    at_once.set()
    recorder.run(at_once)
    (path,) = recordings(directory)
    return path


class Replay:
    def __init__(self, recording: Path, mongo_uri: str, database: Database[dict[str, Any]], *arguments: str) -> None:
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "PROPPR.SharedServices.cli.main", "replay", str(recording), *arguments],
            env={**kept, "MONGO_URI": mongo_uri, "MONGO_DATABASE": database.name},
            cwd=recording.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def finish(self) -> str:
        output, _ = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, output
        return output


@pytest.fixture
def replays() -> Iterator[list[Replay]]:
    started: list[Replay] = []
    yield started
    for replay in started:
        replay.process.kill()
        replay.process.communicate()


def books(database: Database[dict[str, Any]]) -> dict[str, Any]:
    return {book["_id"]: book["markets"] for book in database["odds_books"].find()}


def test_a_recording_becomes_books_and_a_second_time_changes_nothing(
    recording: Path, mongo_uri: str, database: Database[dict[str, Any]], replays: list[Replay]
) -> None:
    replays.append(Replay(recording, mongo_uri, database))
    assert "frames replayed and stored" in replays[-1].finish()
    first = books(database)
    history = database["odds_history"].count_documents({})
    assert first and history
    replays.append(Replay(recording, mongo_uri, database, "--speed", "max"))
    replays[-1].finish()
    assert books(database) == first
    assert database["odds_history"].count_documents({}) == history


def test_a_paced_replay_can_be_stopped(
    recording: Path, mongo_uri: str, database: Database[dict[str, Any]], replays: list[Replay]
) -> None:
    replays.append(Replay(recording, mongo_uri, database, "--speed", "1"))
    eventually(lambda: database["odds_books"].find_one(), 20.0, "the first book")
    replays[-1].process.send_signal(signal.SIGINT)
    assert "stopped after" in replays[-1].finish()


@pytest.mark.parametrize("arguments", [["--speed", "0"], ["--speed", "fast"], ["--speed", "inf"]])
def test_a_wrong_speed_is_refused(
    recording: Path, mongo_uri: str, database: Database[dict[str, Any]], replays: list[Replay], arguments: list[str]
) -> None:
    replays.append(Replay(recording, mongo_uri, database, *arguments))
    output, _ = replays[-1].process.communicate(timeout=30)
    assert replays[-1].process.returncode == 2
    assert "neither a factor above 0 nor `max`" in output
