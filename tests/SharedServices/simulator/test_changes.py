"""The change log tells an oracle all that must be stored after a request, and says so where it can't."""

from __future__ import annotations

from typing import Any

import requests
from hypothesis import given
from hypothesis import strategies as st
from simulator_clients import instant

from PROPPR.SharedServices.simulator.changes import ChangeLog, ChangesLostError, MarketChange


def _url(simulated: Any) -> str:
    return f"{simulated.server.control_url}/changes"


def test_changes_carry_what_an_oracle_needs(simulate: Any) -> None:
    simulated = simulate()
    before = simulated.control("stats")["sequence"]
    begin = simulated.control("seed")["now"]
    simulated.step(2000)
    changes = simulated.control("changes", after=before, limit=100_000)
    end = simulated.control("seed")["now"]
    assert {change["kind"] for change in changes} >= {"quote", "no_markets", "deleted"}
    assert all(begin <= change["at"] <= end for change in changes)
    assert all(change["after"] == [] for change in changes if change["kind"] != "quote")
    assert [change["sequence"] for change in changes] == sorted(change["sequence"] for change in changes)
    truth = simulated.control("truth")["fixtures"]
    last: dict[Any, Any] = {}
    for change in changes:
        last[change["fixture_id"], change["feed"], change["market"]] = change
    for (fixture_id, feed, market), change in last.items():
        known = truth[str(fixture_id)][feed]["markets"].get(market)
        assert (known["odds"] if known is not None else []) == change["after"]
        assert known is None or instant(known["updatedAt"]) >= instant(change["updatedAt"])
    lean = simulated.control("changes", after=before, limit=100_000, before="false")
    assert lean == [{name: value for name, value in change.items() if name != "before"} for change in changes]


def test_pages_never_cut_a_message(simulate: Any) -> None:
    simulated = simulate()
    after = simulated.control("stats")["sequence"]
    simulated.step(200)
    whole = simulated.control("changes", after=after, limit=100_000)
    pages: list[Any] = []
    while page := simulated.control("changes", after=after, limit=7):
        pages += page
        after = page[-1]["sequence"]
    assert pages == whole


def test_lost_changes_are_told(simulate: Any) -> None:
    simulated = simulate(change_log_size=100)
    before = simulated.control("stats")["sequence"]
    simulated.step(200)
    figures = simulated.control("stats")["changes"]
    assert figures["kept"] == 100 < figures["total"] and figures["lost_until"] > before
    answer = requests.get(_url(simulated), params={"after": str(before)}, timeout=5)
    assert answer.status_code == 410 and str(figures["lost_until"]) in answer.json()["error"]
    assert simulated.control("changes", after=figures["lost_until"], limit=1000)
    assert len(simulated.control("changes", limit=1000)) == 100


def test_the_sequence_of_a_request_divides_what_it_must_have_seen(simulate: Any) -> None:
    """What is logged up to the sequence of a request's arrival is in the answer to it, or gone again since."""
    simulated = simulate()
    first = simulated.control("seed")["now"] // 1000
    start = simulated.control("stats")["sequence"]
    simulated.step(300)
    documents = simulated.get("/odds/updated", bookmaker="M88", sport="football", since=first).json()
    told = {
        (document["id"], market["name"]): market["odds"]
        for document in documents
        for market in document["bookmakers"]["M88"]
    }
    [request] = simulated.control("requests")
    simulated.step(100)
    due: dict[Any, Any] = {}
    for change in simulated.control("changes", after=start, limit=100_000):
        if change["feed"] == "M88" and change["sequence"] <= request["sequence"]:
            due[change["fixture_id"], change["market"]] = change["after"]
    assert len(due) > 20
    for key, rows in due.items():
        assert told.get(key, []) == rows, key


def _change(sequence: int) -> MarketChange:
    return MarketChange(sequence, sequence, "quote", 1, "M88", "ML", sequence, b"[]", b"[]")


@given(st.lists(st.integers(0, 2), max_size=60), st.integers(0, 30), st.integers(0, 60), st.integers(1, 20))
def test_the_log_gives_all_or_says_what_is_lost(steps: list[int], size: int, after: int, limit: int) -> None:
    log, sequence, everything = ChangeLog(size), 1, []
    for step in steps:
        sequence += step
        everything.append(_change(sequence))
        log.append(everything[-1])
    assert len(log) == min(size, len(everything)) and log.total == len(everything)
    wanted = [change for change in everything if change.sequence > after]
    try:
        assert log.complete(after) == wanted
    except ChangesLostError:
        assert len(log.newest(after)) < len(wanted) or len(everything) > size
        return
    page = log.complete(after, limit)
    assert page == wanted[: len(page)]
    assert len(page) >= min(limit, len(wanted))
    assert len(page) == len(wanted) or wanted[len(page)].sequence != page[-1].sequence
