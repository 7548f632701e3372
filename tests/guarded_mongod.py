"""A real mongod that lets nobody in without a password: a one-node replica set with a key file."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError
from support import eventually

from PROPPR.SharedServices.storage.mongod import find_mongod, free_port, mongod_arguments

ROOT_PASSWORD = "the-root-of-the-tests"


class GuardedMongod:
    """Its port, its log, and addresses for users."""

    def __init__(self, port: int, log: Path) -> None:
        self.port = port
        self.log = log

    def uri(self, user: str = "root", password: str = ROOT_PASSWORD, source: str = "admin") -> str:
        return f"mongodb://{user}:{password}@127.0.0.1:{self.port}/?directConnection=true&authSource={source}"

    def client(self, uri: str) -> MongoClient[dict[str, Any]]:
        return MongoClient(uri, tz_aware=True, w="majority", serverSelectionTimeoutMS=5000)

    def refusals(self) -> list[str]:
        """What mongod has refused for want of a right."""
        return [line for line in self.log.read_text().splitlines() if "not authorized" in line.lower()]


@contextmanager
def guarded_mongod(folder: Path) -> Iterator[GuardedMongod]:
    """Start it with a user `root`, and kill it at the end."""
    (folder / "db").mkdir(parents=True)
    key = folder / "keyfile"
    key.write_text("testkey" * 10)
    key.chmod(0o600)
    port = free_port(None)
    arguments = [*mongod_arguments(folder, port, 256 << 20, 64 << 20, 15, 15), "--auth", "--keyFile", str(key)]
    process = subprocess.Popen([str(find_mongod()), *arguments], stdout=subprocess.DEVNULL)
    made = GuardedMongod(port, folder / "mongod.log")
    try:
        with made.client(f"mongodb://127.0.0.1:{port}/?directConnection=true") as open_door:
            eventually(lambda: _answers(open_door), 30.0, "mongod")
            members = [{"_id": 0, "host": f"127.0.0.1:{port}"}]
            open_door.admin.command("replSetInitiate", {"_id": "proppr", "members": members})
            eventually(lambda: open_door.admin.command("hello").get("isWritablePrimary"), 30.0, "a primary")
            open_door.admin.command("createUser", "root", pwd=ROOT_PASSWORD, roles=["root"])
        yield made
    finally:
        process.kill()
        process.wait(10)


def _answers(client: MongoClient[dict[str, Any]]) -> bool:
    try:
        return bool(client.admin.command("ping"))
    except PyMongoError:
        return False
