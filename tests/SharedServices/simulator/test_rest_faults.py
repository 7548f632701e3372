"""Spoilt REST answers: what arrives on the wire, when a fault strikes and when it can't, and whom it is aimed at."""

from __future__ import annotations

import json
import random
import socket
import zlib
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from simulator_clients import KEY

from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.simulator.answers import Response
from PROPPR.SharedServices.simulator.corrupt_rest import strangers, wrong_types
from PROPPR.SharedServices.simulator.faults import FaultPlan, FaultPlanError, parse_plan
from PROPPR.SharedServices.simulator.http import Request
from PROPPR.SharedServices.simulator.stale import StaleAnswers


def _ids(simulated: Any, count: int = 3) -> list[int]:
    return [event["id"] for event in simulated.get("/events", sport="football").json()[:count]]


def _multi(simulated: Any, ids: list[int], **query: Any) -> requests.Response:
    answer: requests.Response = simulated.get(
        "/odds/multi", eventIds=",".join(map(str, ids)), bookmakers="M88,Bet365", includeSeq="true", **query
    )
    return answer


def _raw(simulated: Any, path: str, gzip: bool = False) -> tuple[bytes, bytes]:
    """Head and body of an answer exactly as they come, until the connection ends."""
    encoding = "gzip" if gzip else "identity"
    request = f"GET /v3{path} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: {encoding}\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", simulated.server.port), timeout=10) as raw:
        raw.sendall(request.encode())
        received = bytearray()
        while data := raw.recv(1 << 20):
            received += data
    head, _, body = bytes(received).partition(b"\r\n\r\n")
    return head, body


def _length(head: bytes) -> int:
    return next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))


# ---- an earlier answer


def test_a_stale_answer_is_an_earlier_one_with_its_headers(simulate: Any) -> None:
    simulated = simulate(time_factor=1000.0)
    simulated.order("faults", [{"fault": "rest_stale", "at": [2], "endpoint": "/odds/multi", "seconds": 1}])
    ids = _ids(simulated)
    first = _multi(simulated, ids)
    simulated.step(300)
    _pass_time(simulated, 2000)
    stale = _multi(simulated, ids)
    fresh = _multi(simulated, ids)
    assert stale.content == first.content != fresh.content
    for name in ("X-OddsAPI-Seq", "Date", "x-ratelimit-remaining"):
        assert stale.headers[name] == first.headers[name], name
    assert int(fresh.headers["X-OddsAPI-Seq"]) > int(stale.headers["X-OddsAPI-Seq"])
    assert simulated.control("stats")["faults"] == {"rest_stale": 1}
    assert [entry["fault"] for entry in simulated.control("requests")][-2:] == ["rest_stale", None]


def _pass_time(simulated: Any, milliseconds: int) -> None:
    from support import eventually

    until = simulated.control("seed")["now"] + milliseconds
    eventually(lambda: simulated.control("seed")["now"] >= until, what="simulated time to pass")


def test_every_event_of_a_stale_answer_is_kept_by_itself(simulate: Any) -> None:
    simulated = simulate(faults="rest_stale/7:0", time_factor=1000.0)
    one, two, three = _ids(simulated)
    known = {document["id"]: document for document in _multi(simulated, [one, two]).json()}
    _pass_time(simulated, 1000)
    simulated.step(300)
    known |= {document["id"]: document for document in _multi(simulated, [three]).json()}
    _pass_time(simulated, 1000)
    simulated.step(300)
    for _ in range(3):
        simulated.get("/sports")
    stale = _multi(simulated, [three, one])
    assert [document["id"] for document in stale.json()] == [three, one]
    assert stale.json() == [known[three], known[one]]


def test_where_nothing_is_kept_the_fault_does_not_strike(simulate: Any) -> None:
    simulated = simulate(faults="rest_stale=1:3600")
    ids = _ids(simulated)
    for _ in range(3):
        simulated.step(20)
        assert int(_multi(simulated, ids).headers["X-OddsAPI-Seq"]) == simulated.control("stats")["sequence"]
    assert simulated.control("stats")["faults"] == {}


def test_the_same_question_has_another_since_every_time(simulate: Any) -> None:
    simulated = simulate(faults="rest_stale@2:0")
    since = SystemClock().now_ms() // 1000
    simulated.step(100)
    first = simulated.get("/odds/updated", bookmaker="M88", sport="football", since=since)
    simulated.step(100)
    assert simulated.get("/odds/updated", bookmaker="M88", sport="football", since=since - 9).text == first.text
    other = simulated.get("/odds/updated", bookmaker="Unibet", sport="football", since=since)
    assert set(other.json()[0]["bookmakers"]) == {"Unibet"}


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 60), st.integers(0, 3000)), max_size=60))
def test_kept_answers_are_bounded_and_true_to_their_time(asked: list[tuple[int, int, int]]) -> None:
    stale = StaleAnswers(kept_bytes=10_000)
    now, given_answers = 1_000_000, set()
    for question, pause, size in asked:
        now += pause
        request = Request("GET", "/v3/events", {"league": str(question)}, {}, b"", "")
        body = b"%d|%d|" % (question, now) + b"x" * size
        given_answers.add(body)
        stale.keep(request, "/events", Response(200, body), now, spacing=5)
        assert stale._bytes == sum(kept.size for kept in _all_kept(stale)) <= 10_000
        found = stale.find(request, "/events", now - 20)
        if found is not None:
            number, at, _ = found.body.split(b"|")
            assert found.body in given_answers and int(number) == question and int(at) <= now - 20


def _all_kept(stale: StaleAnswers) -> list[Any]:
    return [kept for versions in stale._answers.values() for kept in versions]


# ---- broken on the wire


@pytest.mark.parametrize("gzip", [False, True])
def test_a_truncated_answer_announces_what_it_does_not_bring(simulate: Any, gzip: bool) -> None:
    simulated = simulate(faults="rest_truncated=1")
    head, body = _raw(simulated, "/bookmakers", gzip)
    assert 0 < len(body) < _length(head)
    with pytest.raises(requests.RequestException):
        simulated.get("/bookmakers").json()


def test_a_wrong_length_is_too_large_or_too_small(simulate: Any) -> None:
    simulated = simulate(faults="rest_wrong_length=1")
    differences = []
    for _ in range(12):
        head, body = _raw(simulated, "/bookmakers")
        differences.append(_length(head) - len(body))
        assert len(json.loads(body)) == 265
    assert min(differences) < 0 < max(differences) and 0 not in differences


def test_a_bomb_is_small_on_the_wire_and_huge_when_opened(simulate: Any) -> None:
    simulated = simulate(faults="rest_bomb=1")
    head, body = _raw(simulated, "/sports")
    assert b"Content-Encoding: gzip" in head and _length(head) == len(body) < 4_000_000
    opened = zlib.decompressobj(16 + zlib.MAX_WBITS)
    assert len(opened.decompress(body, 50_000_000)) == 50_000_000
    with simulated.session.get(simulated.server.rest_url + "/sports", stream=True, timeout=20) as answer:
        first = next(answer.iter_content(1 << 20))
    assert answer.ok and set(first) == {0}


# ---- valid JSON that is wrong


def _sound_event(element: Any) -> bool:
    return (
        isinstance(element, dict)
        and isinstance(element.get("id"), int)
        and all(isinstance(element.get(name), str) for name in ("home", "away", "status"))
        and isinstance(element.get("date"), str)
        and element["date"].endswith("Z")
        and all(isinstance(element.get(name), dict) for name in ("sport", "league"))
        and _sound_books(element.get("bookmakers", {}))
    )


def _sound_books(books: Any) -> bool:
    if not isinstance(books, dict) or not all(isinstance(markets, list) for markets in books.values()):
        return False
    markets = [market for markets in books.values() for market in markets]
    rows = [row for market in markets for row in (market["odds"] if isinstance(market["odds"], list) else [None])]
    return (
        all(isinstance(market["name"], str) for market in markets)
        and all(isinstance(market["updatedAt"], str) and market["updatedAt"].endswith("Z") for market in markets)
        and all(isinstance(row, dict) and isinstance(row.get("hdp", 0), int | float) for row in rows)
        and all(isinstance(value, str) for row in rows for name, value in row.items() if name != "hdp")
    )


@pytest.mark.parametrize("seed", range(12))
def test_wrong_types_can_be_noticed_in_some_elements(simulate: Any, seed: int) -> None:
    simulated = simulate(faults="rest_wrong_types=1", fault_seed=seed, fixtures=30)
    simulated.order("faults")
    ids = _ids(simulated, 10)
    sound = [_multi(simulated, ids), simulated.get("/events", sport="football")]
    simulated.order("faults", {"faults": "rest_wrong_types=1"})
    spoilt = [_multi(simulated, ids), simulated.get("/events", sport="football")]
    for before, after in zip(sound, spoilt, strict=True):
        pairs = list(zip(before.json(), after.json(), strict=True))
        changed = [new for old, new in pairs if old != new]
        assert 1 <= len(changed) < len(pairs)
        assert all(_sound_event(old) for old, _ in pairs)
        assert not any(_sound_event(element) for element in changed), changed
    single = simulated.get("/odds", eventId=ids[0], bookmakers="M88").json()
    assert not _sound_event(single)


def test_an_empty_list_and_the_catalogue_have_no_types_to_spoil() -> None:
    rng = random.Random(1)
    assert wrong_types(Response(elements=[]), rng) is None
    assert wrong_types(Response(elements=[b'{"name":"Football"}']), rng) is None
    assert strangers(Response(elements=[])) is None
    assert strangers(Response(elements=[b'{"id":1,"league":{"name":"x"}}'])) is None


def test_strangers_crowd_the_first_element(simulate: Any) -> None:
    simulated = simulate(faults="")
    ids = _ids(simulated)
    sound = _multi(simulated, ids).json()
    simulated.order("faults", {"faults": "rest_strangers=1"})
    crowded = _multi(simulated, ids).json()
    assert crowded[1:] == sound[1:]
    books = crowded[0]["bookmakers"]
    assert len(books) == 10_000 + len(sound[0]["bookmakers"])
    assert {name: books[name] for name in sound[0]["bookmakers"]} == sound[0]["bookmakers"]
    empty = strangers(Response(body=b'{"id":1,"bookmakers":{}}'))
    assert empty is not None and len(json.loads(empty.body)["bookmakers"]) == 10_000
    assert simulated.get("/events", sport="football").json()[0]["id"]


def test_an_error_may_come_with_status_200(simulate: Any) -> None:
    simulated = simulate(faults="rest_error_200@1")
    answer = simulated.get("/events/live")
    assert answer.status_code == 200 and set(answer.json()) == {"error"}
    assert "x-ratelimit-remaining" in answer.headers
    assert isinstance(simulated.get("/events/live").json(), list)


# ---- aim


def test_a_fault_may_be_aimed_at_one_endpoint(simulate: Any) -> None:
    simulated = simulate()
    simulated.order("faults", [{"fault": "rest_500", "at": [2], "endpoint": "/events/live"}])
    for path in ("/events/live", "/sports", "/sports"):
        assert simulated.get(path).ok, path
    assert simulated.get("/events/live").status_code == 500
    assert simulated.get("/events/live").ok


@pytest.mark.parametrize(
    "rule", [{"fault": "rest_500", "endpoint": "/nowhere"}, {"fault": "stall", "endpoint": "/odds"}]
)
def test_an_impossible_aim_is_refused(rule: dict[str, str]) -> None:
    with pytest.raises(FaultPlanError, match="endpoint"):
        parse_plan([rule])


def test_a_withdrawn_fault_leaves_its_limit() -> None:
    plan = FaultPlan(1)
    plan.replace(parse_plan([{"fault": "rest_stale", "rate": 1, "limit": 1}]))
    rule = plan.draw("rest")
    assert rule is not None and plan.struck == {"rest_stale": 1}
    assert plan.draw("rest") is None
    plan.withdraw(rule)
    assert plan.struck == {} and plan.draw("rest") is rule


def test_faults_leave_other_requests_alone(simulate: Any) -> None:
    """After every fault, on whatever connection, the next answer is sound."""
    names = ("stale", "truncated", "wrong_length", "wrong_types", "bomb", "strangers", "error_200", "garbage")
    simulated = simulate(faults="")
    ids = _ids(simulated)
    for name in names:
        simulated.order("faults", [{"fault": f"rest_{name}", "at": [2], "seconds": 0}])
        truth = _multi(simulated, ids).json()
        url = f"{simulated.server.rest_url}/odds/multi"
        query = {"apiKey": KEY, "eventIds": ",".join(map(str, ids)), "bookmakers": "M88,Bet365", "includeSeq": "true"}
        simulated.session.get(url, params=query, stream=True, timeout=10).close()
        assert _multi(simulated, ids).json() == truth, name
        assert simulated.control("stats")["faults"][f"rest_{name}"] == 1
