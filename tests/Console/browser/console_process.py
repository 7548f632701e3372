"""The console as a real process, on a port of its own that it keeps over a restart."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import requests
from pymongo.database import Database
from support import eventually

from PROPPR.SharedServices.storage.mongod import free_port

MODULE: Final = "PROPPR.Console.runners.run_console"
TOKEN: Final = "only-tests-know-this-token-0123456789"
KEPT: Final = ("PATH", "HOME", "LANG", "TMPDIR")


class ConsoleProcess:
    """Started by `start`, ended by `kill` (as the power does) or `stop` (as an operator does)."""

    def __init__(self, uri: str, database: Database[dict[str, Any]], folder: Path, **settings: str) -> None:
        self.port = free_port(None)
        self.url = f"http://127.0.0.1:{self.port}"
        self.output = folder / f"console-{self.port}.out"
        self._folder = folder
        self._environment = {
            **{key: value for key, value in os.environ.items() if key in KEPT},
            "MONGO_URI": uri, "MONGO_DATABASE": database.name, "CONSOLE_PORT": str(self.port),
            "PROPPR_CONSOLE_TOKEN": TOKEN, "LOG_DIR": str(folder / "logs"), **settings,
        }  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        with self.output.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", MODULE], env=self._environment, stdout=output, stderr=output, cwd=self._folder
            )
        eventually(self._answers, timeout=30, what="the console's answer")

    def kill(self) -> None:
        """Kill it with SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)

    def stop(self) -> int:
        """End it with SIGTERM; its exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(15)

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError(f"the console ended: {self.output.read_text()[-3000:]}")
        try:
            return requests.get(f"{self.url}/login", timeout=5).ok
        except requests.RequestException:
            return False
