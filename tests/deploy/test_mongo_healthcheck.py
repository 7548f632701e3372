"""The health check of the container with MongoDB, against a real mongod."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

SCRIPT = Path(__file__).parents[2] / "deploy" / "mongo" / "healthcheck.sh"


def check(port: int, ready: Path) -> int:
    return subprocess.run([str(SCRIPT), str(port), str(ready)], capture_output=True, timeout=20).returncode


def test_a_primary_that_is_set_up_is_healthy(mongo_uri: str, tmp_path: Path) -> None:
    port = urlsplit(mongo_uri).port or 27017
    assert check(port, tmp_path / "ready") != 0, "its users are not made yet"
    (tmp_path / "ready").touch()
    assert check(port, tmp_path / "ready") == 0


def test_who_does_not_answer_or_says_something_else_is_not(tmp_path: Path) -> None:
    (tmp_path / "ready").touch()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        assert check(listening.getsockname()[1], tmp_path / "ready") != 0  # listens, and says nothing
        free = listening.getsockname()[1]
    assert check(free, tmp_path / "ready") != 0
