"""The change stream: it starts late, breaks and comes back, and what was missed is told as everything."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import PyMongoError
from support import eventually

from PROPPR.Console.events.topics import TOPICS
from PROPPR.Console.events.watcher import Watcher
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.storage.embedded import EmbeddedServer

Mongo = Database[dict[str, Any]]


class Told:
    def __init__(self) -> None:
        self.topics: list[str] = []
        self.lock = threading.Lock()

    def publish(self, topics: Iterable[str]) -> None:
        with self.lock:
            self.topics += topics

    def count(self, topic: str) -> int:
        return self.topics.count(topic)


def test_a_start_tells_all_topics_and_then_what_is_committed(database: Mongo) -> None:
    told = Told()
    watcher = Watcher(database, told.publish)
    assert not watcher.check().ok
    watcher.start()
    eventually(lambda: watcher.check().ok)
    assert sorted(told.topics) == sorted(TOPICS)
    database["price_drops"].insert_many([{"a": 1}, {"a": 2}])
    eventually(lambda: told.count("drops") == 3)
    watcher.stop(SystemClock().monotonic() + 5)
    assert watcher.alive


def test_a_dropped_database_ends_nothing(database: Mongo) -> None:
    told = Told()
    watcher = Watcher(database, told.publish)
    watcher.start()
    eventually(lambda: watcher.check().ok)
    database["price_drops"].insert_one({"a": 1})
    eventually(lambda: told.count("drops") >= 2)
    database.client.drop_database(database.name)
    eventually(lambda: told.count("alerts") >= 2, what="everything to be told again")
    before = told.count("bets")
    database["team_tracked_bets"].insert_one({"a": 1})
    eventually(lambda: told.count("bets") > before)
    watcher.stop(SystemClock().monotonic() + 5)


def test_a_killed_mongod_is_told_of_and_followed_again(tmp_path: Path) -> None:
    server = EmbeddedServer(tmp_path, cache_bytes=256 * 2**20, oplog_bytes=256 * 2**20, linger=1.0)
    server.start()
    told = Told()
    with MongoClient[dict[str, Any]](server.uri, serverSelectionTimeoutMS=500, tz_aware=True) as client:
        database = client["watched"]
        watcher = Watcher(database, told.publish)
        watcher.start()
        eventually(lambda: watcher.check().ok)
        keeper = threading.Event()
        watching = threading.Thread(target=server.watch, args=(keeper,))
        watching.start()
        os.kill(server.pid, signal.SIGKILL)
        eventually(lambda: told.count("logs") >= 2, timeout=40, what="everything to be told again")
        eventually(lambda: _insert(database), timeout=20)
        eventually(lambda: told.count("drops") >= 3, timeout=20)
        watcher.stop(SystemClock().monotonic() + 5)
        keeper.set()
        watching.join(10)
    server.discard()


def _insert(database: Mongo) -> bool:
    try:
        return database["price_drops"].insert_one({"a": 1}).acknowledged
    except PyMongoError:
        return False
