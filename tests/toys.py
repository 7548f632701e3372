"""Starts toy services as real processes and reads what they say."""

from __future__ import annotations

import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import requests
from support import PATIENCE

PROGRAM = Path(__file__).parent / "SharedServices" / "service" / "toy_service.py"
SECRET = "toy-key-0123456789"


class Toy:
    """A running toy service; kill it with close()."""

    def __init__(self, how: str, mongo_uri: str, log_dir: Path, database: str = "toy", **env: str) -> None:
        self.port = free_port()
        environment = {
            "PATH": os.environ["PATH"], "MONGO_URI": mongo_uri, "MONGO_DATABASE": database, "LOG_DIR": str(log_dir),
            "HEALTH_PORT": str(self.port), "ODDS_API_KEY": SECRET, **env,
        }  # fmt: skip
        self.log_dir = log_dir
        self.database = database
        self.process = subprocess.Popen(
            [sys.executable, str(PROGRAM), how], env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self._lines: queue.Queue[str] = queue.Queue()
        self.said: list[str] = []
        self.errors: list[str] = []
        self._readers = [
            threading.Thread(target=self._read_said, daemon=True),
            threading.Thread(target=self._read_errors, daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def _read_said(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line.strip())
            self._lines.put(line.strip())

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        self.errors.extend(self.process.stderr)

    def wait_for(self, beginning: str, timeout: float = 60.0) -> str:
        """Return the next line that begins so."""
        while True:
            try:
                line = self._lines.get(timeout=timeout)
            except queue.Empty:
                raise AssertionError(f"no {beginning!r} within {timeout} s; errors: {''.join(self.errors)}") from None
            if line.startswith(beginning):
                return line

    def get(self, path: str) -> tuple[int, Any]:
        """Ask the health server; status 0 while it does not listen."""
        try:
            response = requests.get(f"http://127.0.0.1:{self.port}{path}", timeout=5)
        except requests.ConnectionError:
            return 0, None
        return response.status_code, response.text if path == "/metrics" else response.json()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self.process.send_signal(number)

    def exit_code(self, timeout: float = 12.0) -> int:
        """Wait for its end, for several times what an idle machine may take."""
        code = self.process.wait(timeout * PATIENCE)
        for reader in self._readers:
            reader.join(5)
        return code

    def log(self) -> str:
        """What it wrote to its log files."""
        return "".join(path.read_text() for path in sorted(self.log_dir.glob("*.log")))

    def close(self) -> None:
        """Kill it if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
        self.exit_code()
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()


def free_port() -> int:
    """A port that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
