"""The account changes at run time: its bookmakers, names out of service, and requests that somebody else makes."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from simulator_clients import read

from PROPPR.SharedServices.simulator.limits import RequestBudget

HOUR = 3_600_000
NOW = 1_700_000_000_000


def _odds(simulated: Any, bookmaker: str) -> requests.Response:
    event_id = simulated.get("/events", sport="football").json()[0]["id"]
    answer: requests.Response = simulated.get("/odds/multi", eventIds=event_id, bookmakers=bookmaker)
    return answer


def test_bookmakers_can_be_selected_at_run_time(simulate: Any) -> None:
    simulated = simulate()
    assert _odds(simulated, "M88").ok
    told = simulated.order("account", {"selected": ["Bet365", "Unibet"]})
    assert told == {"selected": ["Bet365", "Unibet"], "inactive": []}
    refused = _odds(simulated, "M88")
    assert refused.status_code == 403 and "Allowed: Bet365, Unibet." in refused.json()["error"]
    assert simulated.get("/bookmakers/selected").json() == {"bookmakers": ["Bet365", "Unibet"], "count": 2}
    socket = simulated.connect()
    assert read(socket)[0]["bookmakers"] == ["Bet365", "Unibet"]
    simulated.order("account", {"selected": ["M88"]})
    assert _odds(simulated, "M88").ok


def test_a_name_can_go_out_of_service(simulate: Any) -> None:
    simulated = simulate()
    simulated.order("account", {"inactive": ["M88"]})
    refused = _odds(simulated, "M88")
    assert refused.status_code == 400 and refused.json() == {"error": "Invalid bookmaker: M88"}
    books = {row["name"]: row["active"] for row in simulated.get("/bookmakers").json()}
    assert books["M88"] is False and books["Bet365"] is True
    assert _odds(simulated, "Bet365").ok
    simulated.order("account", {"inactive": []})
    assert _odds(simulated, "M88").ok


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("account", {"selected": ["Nobody"]}),
        ("account", {"selected": "M88"}),
        ("account", {"inactive": [7]}),
        ("consume", {"requests": 3}),
        ("consume", {"requests": -1, "key": "k"}),
        ("consume", {}),
    ],
)
def test_impossible_changes_are_refused(simulate: Any, name: str, body: object) -> None:
    simulated = simulate()
    url = f"{simulated.server.control_url}/{name}"
    assert requests.post(url, json=body, timeout=5).status_code == 400


def test_somebody_else_uses_the_same_account(simulate: Any) -> None:
    simulated = simulate(request_limit=10)
    assert simulated.get("/events/live").headers["x-ratelimit-remaining"] == "9"
    assert simulated.order("consume", {"requests": 5}) == {"taken": 5}
    assert simulated.get("/events/live").headers["x-ratelimit-remaining"] == "3"
    assert simulated.order("consume", {"requests": 99}) == {"taken": 3}
    assert simulated.get("/events/live").status_code == 429
    [account] = simulated.control("stats")["rest"]["accounts"]
    assert account == {"allowed": 2, "refused": 1, "busiest": 2, "foreign": 8, "limit": 10}
    assert simulated.order("consume", {"requests": 4, "key": "new"}) == {"taken": 4}
    assert simulated.get("/events/live", key="new").headers["x-ratelimit-remaining"] == "5"


def test_somebody_else_can_do_so_steadily(simulate: Any) -> None:
    simulated = simulate(request_limit=5000, foreign_per_hour=3600, time_factor=1000.0)
    before = simulated.control("seed")["now"]
    simulated.get("/events/live")
    for _ in range(20):
        simulated.get("/events/live")
    passed = (simulated.control("seed")["now"] - before) / 1000
    [account] = simulated.control("stats")["rest"]["accounts"]
    assert 0 < account["foreign"] <= passed + 1
    assert account["allowed"] == 21


@given(
    st.integers(1, 40),
    st.booleans(),
    st.floats(0, 200),
    st.lists(st.tuples(st.integers(0, HOUR // 4), st.integers(0, 9)), max_size=60),
)
def test_all_requests_together_stay_within_the_limit(
    limit: int, sliding: bool, per_hour: float, moves: list[tuple[int, int]]
) -> None:
    budget = RequestBudget("key", limit, 3600, sliding, per_hour)
    now, own = NOW, []
    for pause, foreign in moves:
        now += pause
        budget.consume(foreign, now)
        verdict = budget.request(now)
        remaining = int(verdict.headers["x-ratelimit-remaining"])
        assert 0 <= remaining <= limit - verdict.allowed
        if verdict.allowed:
            own.append(now)
        assert len(own) == budget.allowed
        assert budget.busiest >= sum(1 for at in own if at > now - HOUR)
    if sliding:
        assert len(budget._times) <= limit
    assert budget.busiest <= (limit if sliding else 2 * limit)
