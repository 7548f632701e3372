"""Live updates over real sockets, of real commits: quick, few, never lost, and no browser is anybody else's trouble."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from console_rig import console, signed_in, token_of
from pymongo.database import Database
from stream_client import EventClient
from support import PATIENCE, eventually

from PROPPR.Console.events import stream
from PROPPR.Console.events.broker import Broker
from PROPPR.Console.events.topics import TOPICS
from PROPPR.Console.events.watcher import Watcher
from PROPPR.Console.server import BOUNDS
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.service.web_server import Address, WebServer

Mongo = Database[dict[str, Any]]


@dataclass
class Rig:
    app: Any
    broker: Broker
    watcher: Watcher
    server: WebServer
    database: Mongo

    @property
    def port(self) -> int:
        return self.server.port

    def connect(self, **options: Any) -> EventClient:
        client = EventClient(self.port, **options)
        eventually(lambda: all(client.count(topic) for topic in TOPICS), what="all topics at the beginning")
        return client

    def quiet(self, *clients: EventClient) -> None:
        """Until what the beginning told has been told, so that counts mean something."""
        eventually(lambda: self.watcher.check().ok)
        self.database["price_drops"].insert_one({"mark": 1})
        before = [client.count("drops") for client in clients]
        eventually(lambda: all(client.count("drops") > count for client, count in zip(clients, before, strict=True)))
        eventually(lambda: self.broker._changes.wait(0.0) is None)


@pytest.fixture
def rig(database: Mongo) -> Iterator[Rig]:
    clock = SystemClock()
    broker = Broker(clock, alive_every=0.5)
    watcher = Watcher(database, broker.publish, clock)
    app = console(database, clock, broker=broker)
    server = WebServer(
        "web", Address("127.0.0.1", 0), app, bounds=BOUNDS, channel=stream.StreamChannel, keep_forwarded=True
    )
    for component in (server, broker, watcher):
        component.start()
    yield Rig(app, broker, watcher, server, database)
    for component in (watcher, broker, server):
        component.stop(clock.monotonic() + 5)


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_commit_is_seen_within_a_second(rig: Rig, version: str) -> None:
    client = rig.connect(version=version)
    rig.quiet(client)
    clock = SystemClock()
    for topic, collections in TOPICS.items():
        for collection in collections:
            told = client.count(topic)
            began = clock.monotonic()
            rig.database[collection].insert_one({"at": datetime(2026, 11, 21, tzinfo=UTC)})
            eventually(lambda topic=topic, told=told: client.count(topic) > told, what=topic)  # type: ignore[misc]
            assert clock.monotonic() - began < 1.0 * PATIENCE, (topic, collection)
    assert client.status == 200
    assert b"text/event-stream" in client.received.partition(b"\r\n\r\n")[0]
    assert client.body.startswith(b"retry: 2000\n\n")
    client.close()


def test_changes_and_ends_of_documents_are_told_too(rig: Rig) -> None:
    rig.database["alerts"].insert_one({"_id": "a"})
    client = rig.connect()
    rig.quiet(client)
    for change in (lambda: rig.database["alerts"].update_one({"_id": "a"}, {"$set": {"b": 1}}),
                   lambda: rig.database["alerts"].delete_one({"_id": "a"})):  # fmt: skip
        told = client.count("alerts")
        change()
        eventually(lambda told=told: client.count("alerts") > told)  # type: ignore[misc]
    client.close()


def test_what_nobody_shows_is_not_told(rig: Rig) -> None:
    client = rig.connect()
    rig.quiet(client)
    before = {topic: client.count(topic) for topic in TOPICS}
    rig.database["leases"].insert_one({"a": 1})
    rig.database["console_sessions"].insert_one({"a": 1})
    rig.database["price_drops"].insert_one({"a": 1})
    eventually(lambda: client.count("drops") > before["drops"])
    assert {topic: client.count(topic) for topic in TOPICS if topic != "drops"} == {
        topic: count for topic, count in before.items() if topic != "drops"
    }
    client.close()


def test_a_storm_of_commits_is_told_twice_a_second(rig: Rig) -> None:
    client = rig.connect()
    rig.quiet(client)
    told, began = client.count("books"), SystemClock().monotonic()
    for _ in range(40):
        rig.database["odds_books"].insert_many([{"a": number} for number in range(25)])
    eventually(lambda: client.count("books") > told)
    eventually(lambda: rig.broker._changes.wait(0.0) is None)
    seconds = SystemClock().monotonic() - began
    assert client.count("books") - told <= 3 + 2 * seconds
    client.close()


def test_who_comes_back_is_told_of_everything(rig: Rig) -> None:
    first = rig.connect()
    first.close()
    eventually(lambda: rig.broker.listeners == 0, what="the broker to forget the first")
    rig.database["price_drops"].insert_one({"a": 1})
    rig.connect().close()


def test_a_browser_that_goes_is_forgotten_at_once(rig: Rig) -> None:
    clients = [rig.connect() for _ in range(5)]
    assert rig.broker.listeners == 5
    for client in clients:
        client.socket.shutdown(socket.SHUT_RDWR)
        client.close()
    eventually(lambda: rig.broker.listeners == 0)


def test_one_that_reads_nothing_is_dropped_and_delays_nobody(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "MOST_WAITING", 2000)
    monkeypatch.setattr(stream, "_SEND_BUFFER", 2048)
    deaf = EventClient(rig.port, reads=False)
    client = rig.connect()
    eventually(lambda: rig.broker.listeners == 2)
    rig.quiet(client)
    stop = threading.Event()

    def storm() -> None:
        while not stop.is_set():
            rig.broker._tell(TOPICS, list(rig.broker._joined.values()), SystemClock().monotonic())
            stop.wait(0.001)

    thread = threading.Thread(target=storm)
    thread.start()
    eventually(lambda: rig.broker.listeners == 1, what="the deaf one to be dropped")
    stop.set()
    thread.join()
    told = client.count("alerts")
    rig.database["alerts"].insert_one({"a": 1})
    eventually(lambda: client.count("alerts") > told)
    deaf.close()
    client.close()


def test_streams_hold_no_thread(rig: Rig) -> None:
    """More streams than threads, and the pages answer."""
    clients = [rig.connect() for _ in range(3 * BOUNDS.threads)]
    assert requests.get(f"http://127.0.0.1:{rig.port}/login", timeout=5).status_code == 200
    assert rig.broker.listeners == 3 * BOUNDS.threads
    for client in clients:
        client.close()


def test_there_are_only_so_many_streams(rig: Rig) -> None:
    rig.broker.most = 2
    clients = [rig.connect() for _ in range(2)]
    third = EventClient(rig.port)
    eventually(lambda: third.status)
    assert third.status == 503 and b"Retry-After: 10" in third.received
    clients[0].close()
    eventually(lambda: rig.broker.listeners == 1)
    rig.connect().close()


def test_signing_out_ends_the_streams_of_the_session_and_no_others(rig: Rig) -> None:
    operator = signed_in(rig.app)
    cookie = operator.get_cookie("proppr-console")
    assert cookie is not None
    mine = rig.connect(headers=f"Cookie: proppr-console={cookie.value}\r\n")
    other = rig.connect()
    form = {"csrf_token": token_of(operator.get("/alerts"))}
    assert operator.post("/logout", data=form).status_code == 303
    assert mine.ended.wait(5)
    assert not other.ended.is_set() and rig.broker.listeners == 1
    other.close()


def test_a_stranger_gets_no_stream(rig: Rig) -> None:
    client = EventClient(rig.port, headers="X-Forwarded-For: 192.0.2.1\r\n")
    eventually(lambda: client.status)
    assert client.status in (303, 401) and rig.broker.listeners == 0
    client.close()


def test_stopping_ends_open_streams_in_order(rig: Rig) -> None:
    clients = [rig.connect() for _ in range(20)]
    clock = SystemClock()
    began = clock.monotonic()
    for component in (rig.watcher, rig.broker, rig.server):
        component.stop(clock.monotonic() + 60)
    assert clock.monotonic() - began < 3 * PATIENCE
    for client in clients:
        assert client.ended.wait(5)
        assert client.received.endswith(b"0\r\n\r\n"), "a stream ends like any answer"


def test_a_head_request_takes_no_stream(rig: Rig) -> None:
    answer = requests.head(f"http://127.0.0.1:{rig.port}/events", timeout=5)
    assert answer.status_code == 200 and rig.broker.listeners == 0
