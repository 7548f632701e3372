"""The log of REST requests: what was asked, when, and what became of it."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.simulator.endpoints import ENDPOINTS, OTHER, endpoint_of
from PROPPR.SharedServices.simulator.http import Request
from PROPPR.SharedServices.simulator.request_log import KEPT, RequestLog


def test_every_request_is_told_with_what_became_of_it(simulate: Any) -> None:
    simulated = simulate(faults="rest_500@4,rest_disconnect@5")
    ids = [event["id"] for event in simulated.get("/events", sport="football").json()[:3]]
    simulated.step(50)
    since = SystemClock().now_ms() // 1000 - 5
    updated = simulated.get("/odds/updated", bookmaker="M88", sport="football", since=since)
    multi = simulated.get("/odds/multi", eventIds=",".join(map(str, ids)), bookmakers="M88,Bet365")
    simulated.get(f"/events/{ids[0]}")
    with pytest.raises(requests.ConnectionError):
        simulated.get("/odds/nowhere")
    told = simulated.control("requests")
    sequence = simulated.control("stats")["sequence"]
    assert [entry["n"] for entry in told] == [1, 2, 3, 4, 5]
    assert told[0]["sequence"] < sequence == told[1]["sequence"]
    assert told[0]["at"] <= told[1]["at"]
    expected = {
        "endpoint": "/odds/updated", "bookmaker": "M88", "sport": "football", "since": since, "event_ids": 0,
        "status": 200, "bytes": len(updated.content), "fault": None,
    }  # fmt: skip
    assert {name: told[1][name] for name in expected} == expected
    assert (told[2]["event_ids"], told[2]["bookmaker"], told[2]["bytes"]) == (3, "M88,Bet365", len(multi.content))
    assert (told[3]["endpoint"], told[3]["status"], told[3]["fault"]) == ("/events/{id}", 500, "rest_500")
    assert (told[4]["endpoint"], told[4]["status"], told[4]["fault"]) == ("other", None, "rest_disconnect")
    assert simulated.control("requests", after=2, limit=2) == told[2:4]
    rest = simulated.control("stats")["rest"]
    assert (rest["total"], rest["busiest"]) == (5, 5)
    assert rest["answers"] == {
        "/events": {"200": 1}, "/odds/updated": {"200": 1}, "/odds/multi": {"200": 1}, "/events/{id}": {"500": 1},
        "other": {"none": 1},
    }  # fmt: skip


def test_refusals_are_counted_by_their_status(simulate: Any) -> None:
    simulated = simulate(request_limit=1)
    for key in ("k", "k", None):
        simulated.get("/events/live", key=key)
    rest = simulated.control("stats")["rest"]
    assert rest["answers"] == {"/events/live": {"200": 1, "429": 1, "401": 1}}
    assert rest["busiest"] == 2, "requests without a key are nobody's"


def _request(key: str = "k") -> Request:
    return Request("GET", "/v3/sports", {"apiKey": key}, {}, b"", "")


def test_the_log_is_bounded() -> None:
    log = RequestLog(3600)
    for number in range(KEPT + 500):
        log.answered(log.arrived(_request(), "/sports", number, 0))
    kept = log.after(0, KEPT * 2)
    assert len(kept) == KEPT and kept[0]["n"] == 501 and kept[-1]["n"] == log.total == KEPT + 500


@given(st.lists(st.integers(0, 2000), max_size=80), st.integers(1, 5))
def test_the_busiest_window_is_the_busiest(pauses: list[int], window: int) -> None:
    log = RequestLog(window)
    now, times = 1_000_000, []
    for pause in pauses:
        now += pause
        times.append(now)
        log.arrived(_request(), "/sports", now, 0)
    length = window * 1000
    assert log.busiest == max((sum(1 for t in times if at - length < t <= at) for at in times), default=0)


def test_every_path_has_an_endpoint() -> None:
    assert [endpoint_of(name) for name in ENDPOINTS] == list(ENDPOINTS)
    assert endpoint_of("/events/70100000") == "/events/{id}"
    assert endpoint_of("/events/7/8") == endpoint_of("/nothing") == OTHER
