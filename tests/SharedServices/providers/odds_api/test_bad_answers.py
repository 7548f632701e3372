"""Bad answers over real sockets: refused and counted in bounded memory, the good parts of the same answer intact."""

from __future__ import annotations

import gzip
import json
import random
import resource
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
from pydantic import SecretStr
from pymongo.database import Database
from raw_server import Script, raw_server
from simulator_clients import KEY

from PROPPR.SharedServices.odds.rejects import Reject
from PROPPR.SharedServices.odds.rest import OddsElement
from PROPPR.SharedServices.providers.odds_api.client import OddsApiClient
from PROPPR.SharedServices.providers.odds_api.config import RestConfig
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.service.errors import ProPprError, SourceChanged, TransientError
from PROPPR.SharedServices.simulator.config import SimulatorConfig
from PROPPR.SharedServices.simulator.server import SimulatorServer
from PROPPR.SharedServices.tracking.request_tracker import GlobalRequestTracker

CLOCK = SystemClock()


class Asker:
    """A client, what it refused, and how its attempts ended."""

    def __init__(self, url: str, database: Database[dict[str, Any]], **options: Any) -> None:
        self.rejects: list[Reject] = []
        self.outcomes: list[str] = []
        patience = {"first_wait": 0.01, "longest_wait": 0.02, "attempts": 2, "read_timeout": 5.0}
        self.client = OddsApiClient(
            RestConfig(url, SecretStr(KEY), **(patience | options)),
            GlobalRequestTracker(1000, database=database),
            service="unified_poller",
            on_reject=self.rejects.append,
            on_request=lambda endpoint, outcome, seconds: self.outcomes.append(outcome),
        )

    def updated(self) -> list[OddsElement | Reject]:
        since = CLOCK.now() - timedelta(seconds=50)
        return list(self.client.odds_updated("Bet365", "football", since).elements())


MakeAsker = Callable[..., Asker]


@pytest.fixture
def asker_of(database: Database[dict[str, Any]]) -> Iterator[MakeAsker]:
    """Make clients of an address; their connections are closed after the test."""
    made: list[Asker] = []

    def make(url: str, **options: Any) -> Asker:
        made.append(Asker(url, database, **options))
        return made[-1]

    yield make
    for asker in made:
        asker.client.close()


def element(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "home": "Ashton Town",
        "away": "Burwell FC",
        "date": "2026-05-29T00:30:00Z",
        "sport": {"name": "Football", "slug": "football"},
        "league": {"name": "England - Cup", "slug": "x"},
        "status": "pending",
        "bookmakers": {
            "Bet365": [{"name": "ML", "updatedAt": "2026-05-27T04:21:16Z", "odds": [{"home": "1.6", "away": "2.2"}]}]
        },
    }


SOUND = json.dumps([element(number) for number in range(1, 6)]).encode()
PACKED = gzip.compress(SOUND)


def answers(body: bytes, claimed: int | None = None) -> Script:
    """An answer that may claim another length than it has."""
    length = len(body) if claimed is None else claimed

    def script(stream: socket.socket, _: str) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nSet-Cookie: a={length}\r\nConnection: close\r\n\r\n"
        stream.sendall(head.encode() + body)
        stream.shutdown(socket.SHUT_WR)
        while stream.recv(4096):
            pass

    return script


def http_of(websocket_url: str) -> str:
    return websocket_url.replace("ws://", "http://").removesuffix("/ws")


@pytest.mark.parametrize(
    ("body", "claimed", "error"),
    [
        (SOUND[:-200], len(SOUND), TransientError),
        (PACKED[:-30], len(PACKED), TransientError),
        (SOUND[:-200], None, SourceChanged),
        (PACKED[:-30], None, TransientError),
        (SOUND, len(SOUND) - 7, SourceChanged),
        (PACKED, len(PACKED) - 7, TransientError),
        (SOUND, len(SOUND) + 7, TransientError),
        (PACKED, len(PACKED) + 7, TransientError),
        (b"<html><body>Bad gateway</body></html>", None, SourceChanged),
        (gzip.compress(b"<html>" + b"x" * 200_000), None, SourceChanged),
        (b'{"data": []}', None, SourceChanged),
        (b"\x00" * 5000, None, SourceChanged),
        (random.Random(3).randbytes(5000), None, SourceChanged),
        (b"", None, SourceChanged),
    ],
)
def test_a_broken_answer_is_refused_whole_and_the_next_one_taken(
    body: bytes, claimed: int | None, error: type[ProPprError], asker_of: MakeAsker
) -> None:
    with raw_server(answers(body, claimed), answers(PACKED)) as url:
        asker = asker_of(http_of(url), attempts=1)
        with pytest.raises(error):
            asker.updated()
        assert len(asker.updated()) == 5
        assert not asker.rejects
        assert asker.outcomes[1:] == ["200"]


def test_a_bomb_of_three_gigabytes_is_refused_in_bounded_memory(asker_of: MakeAsker) -> None:
    member = gzip.compress(b"[" + b" " * (64 << 20), 9)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with raw_server(answers(member * 48), answers(PACKED)) as url:
        asker = asker_of(http_of(url))
        with pytest.raises(SourceChanged):
            asker.updated()
        assert len(asker.updated()) == 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40_000, "KiB more"


def test_several_threads_ask_at_once(asker_of: MakeAsker) -> None:
    """Also with answers that close their connection, set cookies and fail in between."""
    scripts = [answers(PACKED if number % 3 else b"<html>") for number in range(60)]
    with raw_server(*scripts) as url:
        asker = asker_of(http_of(url), attempts=1)
        found: list[int] = []

        def ask() -> None:
            for _ in range(10):
                try:
                    found.append(len(asker.updated()))
                except SourceChanged:
                    found.append(0)

        threads = [threading.Thread(target=ask) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert Counter(found) == {5: 40, 0: 20}


@pytest.fixture(scope="module")
def simulator() -> Iterator[SimulatorServer]:
    running = SimulatorServer(SimulatorConfig(port=0, fixtures=12, paused=True, rate=0.0)).start()
    requests.post(f"{running.control_url}/touch", json={"bookmaker": "Bet365", "fixtures": 10}, timeout=10)
    yield running
    running.stop()


@pytest.fixture
def spoil(simulator: SimulatorServer) -> Iterator[Any]:
    """Put one fault in force for all answers, or none."""

    def order(fault: str | None) -> None:
        plan = [] if fault is None else [{"fault": fault, "rate": 1.0}]
        requests.post(f"{simulator.control_url}/faults", json=plan, timeout=10).raise_for_status()

    order(None)
    yield order
    order(None)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("rest_truncated", TransientError),
        ("rest_wrong_length", TransientError),
        ("rest_bomb", SourceChanged),
        ("rest_garbage", SourceChanged),
        ("rest_error_200", TransientError),
        ("rest_disconnect", TransientError),
        ("rest_500", TransientError),
    ],
)
def test_each_fault_of_the_provider_is_an_error_and_leaves_no_trace(
    fault: str, error: type[ProPprError], simulator: SimulatorServer, spoil: Any, asker_of: MakeAsker
) -> None:
    asker = asker_of(simulator.rest_url)
    spoil(fault)
    with pytest.raises(error):
        asker.updated()
    assert not asker.rejects
    spoil(None)
    assert all(isinstance(one, OddsElement) for one in asker.updated())


def snapshots(read: list[OddsElement | Reject]) -> dict[tuple[int, str], int]:
    return {
        (one.fixture.id, book.feed): len(book.markets)
        for one in read
        if isinstance(one, OddsElement)
        for book in one.snapshots
    }


def test_strangers_are_counted_and_cost_nothing(simulator: SimulatorServer, spoil: Any, asker_of: MakeAsker) -> None:
    asker = asker_of(simulator.rest_url)
    sound = asker.updated()
    assert len(sound) >= 10
    spoil("rest_strangers")
    assert snapshots(asker.updated()) == snapshots(sound)
    assert [(one.reason, one.excerpt, one.lossy) for one in asker.rejects] == [
        ("unasked_bookmaker", "10000 not asked for", False)
    ]


def test_values_of_wrong_types_are_refused_alone(simulator: SimulatorServer, spoil: Any, asker_of: MakeAsker) -> None:
    """Some change into what can also be right: no books at all, or a league without an object around its name."""
    asker = asker_of(simulator.rest_url)
    sound = snapshots(asker.updated())
    spoil("rest_wrong_types")
    intact: Counter[tuple[int, str]] = Counter()
    for _ in range(30):
        found = snapshots(asker.updated())
        assert found.items() <= sound.items(), "what is left of a spoilt book is no whole book"
        intact.update(found.keys())
    assert intact.keys() == sound.keys()
    assert sum(intact.values()) > 30 * len(sound) * 0.4
    assert len({one.reason for one in asker.rejects}) >= 3
    assert all(one.lossy for one in asker.rejects)


def test_wrong_types_in_the_books_of_chosen_events(simulator: SimulatorServer, spoil: Any, asker_of: MakeAsker) -> None:
    asker = asker_of(simulator.rest_url)
    ids = [one.fixture.id for one in asker.updated() if isinstance(one, OddsElement)][:10]
    spoil("rest_wrong_types")
    answers = [asker.client.odds_multi(ids, ["Bet365"]) for _ in range(15)]
    assert sum(len(answer.rejects) for answer in answers) == len(asker.rejects) > 0
    assert all(one.sequence == answer.sequence for answer in answers for one in answer.snapshots)
    assert {one.fixture_id for answer in answers for one in answer.snapshots} == set(ids)
