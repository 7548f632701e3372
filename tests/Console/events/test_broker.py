"""The broker: everybody is told, nobody is waited for, nobody stays who is gone."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from support import PATIENCE, eventually

from PROPPR.Console.events.broker import Broker, message
from PROPPR.Console.events.topics import TOPIC_OF, TOPICS
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.service.metrics import Metrics
from PROPPR.SharedServices.storage.collections import COLLECTIONS


class Ear:
    """A listener that remembers, or takes nothing."""

    def __init__(self, takes: bool = True) -> None:
        self.takes = takes
        self.heard = b""
        self.closed = threading.Event()

    def send(self, data: bytes) -> bool:
        if self.takes:
            self.heard += data
        return self.takes

    def close(self) -> None:
        self.closed.set()

    def count(self, topic: str) -> int:
        return self.heard.count(message(topic))


@pytest.fixture
def broker() -> Iterator[Broker]:
    broker = Broker(metrics=Metrics(), interval=0.2, most=3, alive_every=0.15)
    broker.start()
    yield broker
    broker.stop(SystemClock().monotonic() + 5)


def test_every_topic_watches_collections_that_exist() -> None:
    assert set(TOPIC_OF) <= {each.name for each in COLLECTIONS}
    assert len(TOPIC_OF) == sum(map(len, TOPICS.values()))


def test_who_joins_is_told_of_everything_once(broker: Broker) -> None:
    ear = Ear()
    assert broker.join(ear)
    assert [ear.count(topic) for topic in TOPICS] == [1] * len(TOPICS)


def test_a_storm_is_told_in_few_events_and_its_end_is_told(broker: Broker) -> None:
    ear = Ear()
    broker.join(ear)
    before = ear.count("books")
    published = 0
    while ear.count("books") < before + 3:
        broker.publish(["books"])
        published += 1
    assert published > 100
    eventually(lambda: broker._changes.wait(0.0) is None)
    told = ear.count("books")
    broker.publish(["books"])
    eventually(lambda: ear.count("books") == told + 1)
    assert ear.count("drops") == 1


def test_silence_is_broken_by_a_comment(broker: Broker) -> None:
    ear = Ear()
    broker.join(ear)
    eventually(lambda: ear.heard.count(b": nothing new\n\n") >= 2)
    assert b"event: alive\ndata: alive\n\n" in ear.heard


def test_who_takes_nothing_is_dropped_and_the_others_are_told(broker: Broker) -> None:
    deaf, ear = Ear(), Ear()
    broker.join(deaf)
    broker.join(ear)
    deaf.takes = False
    broker.publish(["drops"])
    eventually(lambda: ear.count("drops") == 2)
    eventually(lambda: broker.listeners == 1)


def test_only_so_many_may_listen(broker: Broker) -> None:
    ears = [Ear() for _ in range(4)]
    assert [broker.join(ear) for ear in ears] == [True, True, True, False]
    assert broker.is_full
    broker.leave(ears[0])
    assert broker.join(ears[3])


def test_a_session_that_ends_takes_its_streams_along(broker: Broker) -> None:
    mine, also_mine, other = Ear(), Ear(), Ear()
    for ear, owner in ((mine, "a"), (also_mine, "a"), (other, "b")):
        broker.join(ear, owner)
    broker.end("a")
    assert mine.closed.is_set() and also_mine.closed.is_set() and not other.closed.is_set()
    broker.end("")
    assert broker.listeners == 1


def test_a_stream_ends_after_a_while() -> None:
    broker = Broker(longest=0.1)
    broker.start()
    ear = Ear()
    broker.join(ear)
    assert ear.closed.wait(5)
    assert broker.listeners == 0
    broker.stop(SystemClock().monotonic() + 5)


def test_stopping_ends_all_and_lets_nobody_in() -> None:
    broker = Broker()
    broker.start()
    ears = [Ear() for _ in range(3)]
    for ear in ears:
        broker.join(ear)
    began = SystemClock().monotonic()
    broker.stop(began + 60)
    assert SystemClock().monotonic() - began < 2 * PATIENCE
    assert all(ear.closed.is_set() for ear in ears)
    assert not broker.join(Ear()) and broker.listeners == 0
    assert broker.alive
