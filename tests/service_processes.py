"""Real processes of a service against the simulator and a real MongoDB."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import requests
from pymongo.database import Database
from stream_rig import KEY

from PROPPR.SharedServices.simulator.server import SimulatorServer

Documents = Database[dict[str, Any]]


class ServiceProcess:
    """One process; its health server takes any free port, which its log tells."""

    def __init__(self, module: str, folder: Path, name: str, environment: dict[str, str]) -> None:
        self.output = folder / f"{name}.out"
        self.logs = folder / name
        own = {"LOG_DIR": str(self.logs), "PROPPR_INSTANCE": name, "HEALTH_PORT": "0"}
        kept = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG", "TMPDIR")}
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module], env={**kept, **environment, **own}, stdout=output, stderr=output,
                cwd=folder,
            )  # fmt: skip
        self._port: int | None = None

    def health(self) -> dict[str, Any]:
        if self._port is None:
            found = re.search(r"(?:health|web) server listens.*port=(\d+)", self.output.read_text())
            if found is None:
                return {}
            self._port = int(found.group(1))
        try:
            answer: dict[str, Any] = requests.get(f"http://127.0.0.1:{self._port}/health", timeout=2).json()
        except requests.RequestException:
            return {}
        return answer

    def check(self, name: str) -> str:
        return str(self.health().get("checks", {}).get(name, {}).get("detail", ""))

    def ready(self) -> bool:
        return bool(self.health()) and requests.get(f"http://127.0.0.1:{self._port}/ready", timeout=2).ok

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)


class Fleet:
    """Starts processes of one service; `end` kills those that still run."""

    def __init__(self, module: str, database: Documents, uri: str, provider: SimulatorServer, folder: Path) -> None:
        self.module = module
        self.database = database
        self.folder = folder
        rest = f"{provider.base_url}/v3"
        self.environment = {
            "MONGO_URI": uri,
            "MONGO_DATABASE": database.name,
            "ODDS_API_KEY": KEY,
            "ODDS_API_BASE_URL": rest,
            "ODDS_API_WS_URL": rest.replace("http", "ws", 1) + "/ws",
            "WS_RECONNECT_DELAY": "0.2",
            "PROPPR_EVICTION_DELAY": "0.5",
            "LOG_LEVEL": "INFO",
        }
        self.started: list[ServiceProcess] = []

    def start(self, name: str, **environment: str) -> ServiceProcess:
        one = ServiceProcess(self.module, self.folder, name, {**self.environment, **environment})
        self.started.append(one)
        return one

    def end(self) -> None:
        for one in self.started:
            if one.process.poll() is None:
                one.kill()

    def everything_written(self) -> str:
        return "".join(path.read_text(errors="replace") for path in self.folder.rglob("*") if path.is_file())
