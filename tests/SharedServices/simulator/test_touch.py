"""Heavy books and many of them at once: their size, that they change together, and that large answers arrive whole."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from simulator_clients import read, read_until
from support import eventually

from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.simulator.answers import Response, on_the_wire

BOOKS = ("Bet365", "M88")


def _heavy(simulate: Any, fixtures: int = 30, **settings: Any) -> Any:
    return simulate(profile="heavy", fixtures=fixtures, bookmakers=BOOKS, **settings)


def _now() -> int:
    return SystemClock().now_ms() // 1000


def _updated(simulated: Any, bookmaker: str = "Bet365") -> Any:
    return simulated.get("/odds/updated", bookmaker=bookmaker, sport="football", since=_now() - 30).json()


def test_a_heavy_book_has_the_size_of_a_real_one(simulate: Any) -> None:
    simulated = _heavy(simulate, fixtures=400)
    fixtures = simulated.get("/events", sport="football").json()
    for event in (fixtures[0], fixtures[199], fixtures[399]):
        document = simulated.get("/odds", eventId=event["id"], bookmakers="Bet365").json()
        markets = document["bookmakers"]["Bet365"]
        assert len(markets) == len({market["name"] for market in markets}) == 63
        assert 1_200 <= sum(len(market["odds"]) for market in markets) <= 1_290
        assert 65_000 <= len(json.dumps(markets, separators=(",", ":"))) <= 95_000
        assert len(document["bookmakers"]["Bet365 (no latency)"]) == 5
        for market in markets:
            keys = [
                (row.get("label"), row.get("hdp"), side)
                for row in market["odds"]
                for side in row.keys() - {"label", "hdp"}
            ]
            assert len(keys) == len(set(keys)), market["name"]


def test_touched_books_are_the_next_answer(simulate: Any) -> None:
    simulated = _heavy(simulate, change_log_size=10_000)
    before = simulated.control("stats")["sequence"]
    assert _updated(simulated) == []
    touched = simulated.order("touch", {"bookmaker": "Bet365", "fixtures": 20})
    assert (touched["fixtures"], touched["markets"]) == (20, 20 * 63)
    documents = _updated(simulated)
    assert len(documents) == 20
    assert all(len(document["bookmakers"]["Bet365"]) == 63 for document in documents)
    changes = simulated.control("changes", after=before, limit=10_000)
    assert changes[-1]["at"] == touched["at"] and changes[0]["at"] > touched["at"] - 5000
    assert len(changes) > 20 * 55, "nearly every market has other prices"
    assert changes[-1]["sequence"] == touched["sequence"] == simulated.control("stats")["sequence"]
    truth = simulated.control("truth", feeds="Bet365")["fixtures"]
    for document in documents:
        known = truth[str(document["id"])]["Bet365"]["markets"]
        assert {market["name"]: market["odds"] for market in document["bookmakers"]["Bet365"]} == {
            name: market["odds"] for name, market in known.items()
        }
    assert _updated(simulated, "M88") == []


def test_a_touch_is_said_on_the_stream_too(simulate: Any) -> None:
    simulated = simulate(profile="day", full_share=0.0, joined_share=0.0)
    stream = simulated.connect(markets="ML,Totals")
    assert read(stream)[0]["type"] == "welcome"
    touched = simulated.order("touch", {"bookmaker": "M88", "fixtures": 5})
    messages = read_until(stream, touched["sequence"])
    assert [message["bookie"] for message in messages] == ["M88"] * 5
    assert {market["name"] for message in messages for market in message["markets"]} == {"ML", "Totals"}


def test_a_touch_leaves_the_rest_of_the_day_as_it_was(simulate: Any) -> None:
    lives = []
    for touch in (False, True):
        simulated = simulate(start=1_760_000_000_000)
        simulated.step(50)
        if touch:
            simulated.order("touch", {"bookmaker": "Unibet", "fixtures": 3})
        simulated.step(50)
        lives.append(simulated.control("truth", feeds="M88", touched="true")["fixtures"])
    books = [{key: sorted(value["M88"]["markets"]) for key, value in life.items()} for life in lives]
    assert books[0] == books[1]


@pytest.mark.parametrize("body", [{"bookmaker": "Nobody", "fixtures": 1}, {"bookmaker": "M88"}, {"fixtures": 2}])
def test_an_impossible_touch_is_refused(simulate: Any, body: object) -> None:
    simulated = simulate()
    assert requests.post(f"{simulated.server.control_url}/touch", json=body, timeout=5).status_code == 400


def test_a_large_answer_arrives_whole_however_slowly_it_is_read(simulate: Any) -> None:
    simulated = _heavy(simulate, fixtures=60)
    simulated.order("touch", {"bookmaker": "Bet365", "fixtures": 60})
    whole = _updated(simulated)
    path = f"/v3/odds/updated?apiKey=k&bookmaker=Bet365&sport=football&since={_now() - 30}"
    head = f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
    with socket.socket() as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
        raw.settimeout(20)
        raw.connect(("127.0.0.1", simulated.server.port))
        raw.sendall(head)
        eventually(lambda: simulated.control("requests")[-1]["status"] == 200, what="the answer to be ready")
        received = bytearray()
        while data := raw.recv(65_536):
            received += data
    body = bytes(received).partition(b"\r\n\r\n")[2]
    assert len(body) > 4_000_000 and json.loads(body) == whole


def test_a_client_that_leaves_in_the_middle_harms_nobody(simulate: Any) -> None:
    simulated = _heavy(simulate, fixtures=60)
    simulated.order("touch", {"bookmaker": "Bet365", "fixtures": 60})
    path = f"/v3/odds/updated?apiKey=k&bookmaker=Bet365&sport=football&since={_now() - 30}"
    for size in (1, 100_000):
        with socket.create_connection(("127.0.0.1", simulated.server.port), timeout=10) as raw:
            raw.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            assert raw.recv(size)
    assert len(_updated(simulated)) == 60


@pytest.mark.parametrize("elements", [[], [b"1"], [b"1", b"22"], [b'"' + b"x" * 90_000 + b'"'] * 30])
@pytest.mark.parametrize("accepts", [True, False])
def test_an_array_is_sent_as_its_elements(elements: list[bytes], accepts: bool) -> None:
    response = Response(elements=elements)
    # In a thread of its own: a browser's tests, run before it by the same process, leave their event loop in this one.
    with ThreadPoolExecutor(1) as threads:
        pieces = threads.submit(asyncio.run, on_the_wire(response, "now", accepts, close=False)).result(timeout=60)
    head, _, body = b"".join(pieces).partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    if b"gzip" in head:
        body = gzip.decompress(body)
    assert body == b"[" + b",".join(elements) + b"]"
    assert response.size == len(body)
