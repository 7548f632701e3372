"""By default nothing of ours listens beyond this machine's loopback: the sockets of real processes, and of compose."""

from __future__ import annotations

import ipaddress
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import yaml
from support import eventually

from PROPPR.SharedServices.cli.healthcheck import ask
from PROPPR.SharedServices.cli.plan import free_port
from PROPPR.SharedServices.cli.running import read_note

ROOT = Path(__file__).parents[2]
PROPPR = [sys.executable, "-m", "PROPPR.SharedServices.cli.main"]
EVERYTHING = {"websocket-updater", "unified-poller", "stats-pipeline", "grading-scheduler"}

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]


def listening(process: psutil.Process) -> Iterator[tuple[str, int]]:
    """What a process and its children take connections or datagrams on."""
    for one in (process, *process.children(recursive=True)):
        for socket in one.net_connections(kind="inet"):
            if socket.status == psutil.CONN_LISTEN or (socket.type == 2 and not socket.raddr):
                yield socket.laddr.ip, socket.laddr.port


def start(folder: Path, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    with (folder / "output.txt").open("wb") as output:
        return subprocess.Popen(
            [*PROPPR, *arguments], cwd=folder, env={**kept, **environment}, stdout=output, stderr=subprocess.STDOUT
        )


def test_everything_that_proppr_up_starts_listens_on_loopback_only(tmp_path: Path) -> None:
    process = start(tmp_path, "up", "--plain", "--fixtures", "20", "--rate", "20", HEALTH_PORT=str(free_port(0)))
    try:
        running = eventually(lambda: read_note(tmp_path / ".data"), 60, (tmp_path / "output.txt").read_text())
        assert set(running.services) >= EVERYTHING
        urls = [f"{url}/ready" for url in running.services.values()]
        eventually(lambda: all(ask(url)[0] for url in urls), 120, "all services to be ready")
        found = set(listening(psutil.Process(process.pid)))
        health = {int(url.rsplit(":", 1)[1]) for url in running.services.values()}
        mongod = int(re.search(r":(\d+)/", running.mongo_uri or "")[1])  # type: ignore[index]
        assert {port for _, port in found} >= health
        assert {each for each in found if not ipaddress.ip_address(each[0]).is_loopback} == set()
        others = {each for each in _of_mongod(tmp_path) if not ipaddress.ip_address(each[0]).is_loopback}
        assert others == set() and mongod in {port for _, port in _of_mongod(tmp_path)}
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(40)


def _of_mongod(folder: Path) -> set[tuple[str, int]]:
    """The embedded server is no child of anybody: it is found by its directory."""
    found: set[tuple[str, int]] = set()
    for each in psutil.process_iter(["cmdline"]):
        words = each.info["cmdline"] or []
        if words and "mongod" in words[0] and any(str(folder) in word for word in words):
            found.update(listening(each))
    return found


def test_compose_publishes_what_the_page_says_and_on_loopback() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    page = (ROOT / "docs" / "deployment.md").read_text()
    rows = re.findall(r"^\| (`[^|]*) \|[^|]*\| ([\d, ]+|none) \|", page, re.MULTILINE)
    said = {name for names, ports in rows if ports.strip() != "none" for name in re.findall(r"`([\w-]+)`", names)}
    published = {name for name, service in services.items() if service.get("ports")}
    assert published == said - {"demo-bots"}
    for name, service in services.items():
        for port in service.get("ports", ()):
            assert re.match(r"127\.0\.0\.1:\$\{[A-Z_]+_PORT:-\d+\}:\d+$", port), name
        assert "network_mode" not in service and not service.get("privileged")
