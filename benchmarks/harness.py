"""What the long runs share: real processes, the simulator as one of them, waiting for conditions."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

import click

Json = Any
Result = TypeVar("Result")
PAUSE = threading.Event()


IN_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it


def fast_folder() -> str | None:
    """Where files live in memory, for runs in which time runs so fast that a real disk would be a slow one."""
    return str(IN_MEMORY) if os.access(IN_MEMORY, os.W_OK) else None


@dataclass
class Stalls:
    """Notices when the machine does not let this process run: real seconds by which short waits were too long."""

    long: list[float] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)

    STEP = 0.05
    TOO_LONG = 0.25

    def __enter__(self) -> Stalls:
        threading.Thread(target=self._watch, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()

    def _watch(self) -> None:
        before = time.monotonic()
        while not self._ended.wait(self.STEP):
            now = time.monotonic()
            late = now - before - self.STEP
            if late > self.TOO_LONG:
                self.long.append(late)
            before = now


@dataclass
class Stage:
    """The processes of a run and what happened; `folder` holds their output."""

    folder: Path
    children: list[subprocess.Popen[bytes]] = field(default_factory=list)
    events: list[str] = field(default_factory=list)

    def log(self, text: str) -> None:
        """Say what happens, with the time."""
        self.events.append(text)
        click.echo(f"{time.strftime('%H:%M:%S')}  {text}")

    def spawn(self, name: str, *command: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """Start `python ...`; what it prints goes to NAME.out."""
        with (self.folder / f"{name}.out").open("ab") as out:
            environment = {**os.environ, **(env or {})}
            child = subprocess.Popen([sys.executable, *command], stdout=out, stderr=out, env=environment)
        self.children.append(child)
        return child

    def end(self) -> None:
        """Kill what still runs."""
        for child in self.children:
            if child.poll() is None:
                child.kill()
                child.wait()


class SimulatorControl:
    """The control API of a simulator, wherever it runs."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    @property
    def rest_url(self) -> str:
        """For ODDS_API_BASE_URL."""
        return f"{self.base_url}/v3"

    def get(self, name: str, **query: object) -> Json:
        """GET /_sim/NAME."""
        return self.read(f"/_sim/{name}", **query)

    def post(self, name: str, body: object) -> Json:
        """POST /_sim/NAME."""
        url = f"{self.base_url}/_sim/{name}"
        with urllib.request.urlopen(url, json.dumps(body).encode(), timeout=60) as answer:  # noqa: S310
            return json.load(answer)

    def read(self, path: str, **query: object) -> Json:
        """GET any path."""
        parameters = urlencode({name.rstrip("_"): str(value) for name, value in query.items()})
        with urllib.request.urlopen(f"{self.base_url}{path}?{parameters}", timeout=60) as answer:  # noqa: S310
            return json.load(answer)


def start_simulator(stage: Stage, **options: object) -> tuple[subprocess.Popen[bytes], SimulatorControl]:
    """Run the simulator as a process of its own with these settings, and wait until it answers."""
    port = free_port()
    named = {f"--{name.replace('_', '-')}": value for name, value in options.items()}
    arguments = [name if value is True else f"{name}={value}" for name, value in named.items() if value is not False]
    child = stage.spawn("simulator", "-m", "PROPPR.SharedServices.simulator", f"--port={port}", *arguments)
    control = SimulatorControl(f"http://127.0.0.1:{port}")
    wait_for(lambda: control.get("stats"), 60, "the simulator")
    return child, control


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(condition: Callable[[], Result], timeout: float, what: str) -> Result:
    """Ask until the condition is true, and return it; a refused connection counts as not yet."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            found = condition()
        except OSError:
            found = None  # type: ignore[assignment]
        if found:
            return found
        if time.monotonic() > deadline:
            raise SystemExit(f"waited {timeout:.0f} s in vain for {what}")
        PAUSE.wait(0.2)


def resident_bytes(pid: int) -> int:
    """The memory of a process, or 0 if it is gone."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0
