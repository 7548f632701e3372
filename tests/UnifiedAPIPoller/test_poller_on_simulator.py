"""The poller against the simulator's REST API and a real MongoDB: complete, within the budget, through trouble."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from poller_rig import BOOKMAKERS, PollerRig
from pymongo.database import Database
from stream_rig import simulator
from support import eventually

from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.service.errors import RateLimited
from PROPPR.SharedServices.service.leases import LeaseLost
from PROPPR.SharedServices.simulator.server import SimulatorServer
from PROPPR.UnifiedAPIPoller.core import poller_status, polling

Documents = Database[dict[str, Any]]
CLOCK = SystemClock()


@pytest.fixture
def database(collections: Documents) -> Documents:
    return collections


@pytest.fixture
def scratch(database: Documents) -> Iterator[Documents]:
    other = database.client[f"{database.name}_expected"]
    yield other
    other.client.drop_database(other.name)


@pytest.fixture
def provider() -> Iterator[SimulatorServer]:
    server = simulator(fixtures=15, rate=40.0, bookmakers=(*BOOKMAKERS, "Unibet"))
    yield server
    server.stop()


def silence(rig: PollerRig) -> None:
    """Let the feed fall silent and wait until a whole cycle has been made after it."""
    rig.steer("pause")
    made = len(rig.poller.metrics.recent_seconds)
    eventually(lambda: len(rig.poller.metrics.recent_seconds) >= made + 3 and rig.synced(), 30, "three cycles")


def test_what_the_provider_says_is_stored_within_a_cycle(
    database: Documents, scratch: Documents, provider: SimulatorServer
) -> None:
    with PollerRig(database, provider, proppr_presence_interval=1.0) as rig:
        eventually(rig.synced, 30, "the first reading")
        rig.steer("step", {"messages": 200})
        silence(rig)
        eventually(lambda: not rig.differences(scratch), 30, "the books to be right")
        assert database["odds_books"].count_documents({"source": "api_poller", "last_api_sync": {"$exists": True}}) > 0
        fixtures = {one["id"]: one for one in database["fixtures"].find()}
        assert len(fixtures) >= 10
        assert rig.ask("stats")["rest"]["calls"].get("selection_changes", 0) == 0


def test_one_call_makes_one_cycle(database: Documents, provider: SimulatorServer) -> None:
    rig = PollerRig(database, provider)
    rig.steer("step", {"messages": 100})
    try:
        report = rig.poller.fetch_updated_odds(lookback_seconds=50)
        assert report.complete
        assert report.asked == len(BOOKMAKERS)
        assert report.books > 0
        assert rig.poller.pending == 0
        assert database["team_odds"].count_documents({}) > 0
        with pytest.raises(LeaseLost):
            PollerRig(database, provider, instance="two").poller.fetch_updated_odds()
    finally:
        rig.poller.close()


def test_a_refused_bookmaker_is_set_aside_and_the_rest_goes_on(database: Documents, provider: SimulatorServer) -> None:
    with PollerRig(database, provider, bookmakers=("Bet365", "Pinnacle", "M88")) as rig:
        eventually(lambda: "poller.bookmaker:Pinnacle" in rig.alerts.raised, 20, "the alert")
        eventually(lambda: database["odds_books"].count_documents({"bookmaker": "M88"}) > 0, 20, "the others' books")
        eventually(lambda: len(rig.poller.metrics.recent_seconds) >= 3, 20, "three cycles")
        assert rig.alerts.log.count("poller.bookmaker:Pinnacle") == 1
        assert not rig.parts.status.bookmakers().ok
        stored = database["poller_state"].find_one({"bookmaker": "Pinnacle"})
        assert stored is not None
        assert stored["refusal"]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """People are told soon."""
    monkeypatch.setattr(polling, "TELL", 0.1)
    monkeypatch.setattr(poller_status, "SOURCE_PATIENCE", 0.3)


def test_a_key_that_is_refused_from_the_start_is_told(database: Documents, impatient: None) -> None:
    server = simulator(fixtures=5, bookmakers=BOOKMAKERS, api_keys=("another",))
    try:
        with PollerRig(database, server) as rig:
            eventually(lambda: "poller.source" in rig.alerts.raised, 20, "the alert")
            assert not rig.parts.registry.listed.is_set()
    finally:
        server.stop()


def test_a_poller_that_is_parked_tells_that_it_falls_behind(
    database: Documents, provider: SimulatorServer, impatient: None
) -> None:
    with PollerRig(database, provider) as rig:
        eventually(rig.synced, 30, "the first reading")

        def told() -> bool:
            if rig.parts.gate.closed_for() == 0:  # an answer that was on its way opens it again
                rig.parts.gate.failed(RateLimited("the hour's requests are used up", 600.0))
            return {"poller.source", "poller.lag"} <= rig.alerts.raised.keys()

        eventually(told, 20, "the alerts")


def test_an_outage_longer_than_the_look_back_is_made_up_for(
    database: Documents, scratch: Documents, provider: SimulatorServer
) -> None:
    with PollerRig(database, provider) as rig:
        eventually(rig.synced, 30, "the first reading")
    # Away for longer than the provider looks back, by its own watermark.
    old = {"$dateSubtract": {"startDate": "$complete_until", "unit": "minute", "amount": 30}}
    database["poller_state"].update_many({"bookmaker": {"$exists": True}}, [{"$set": {"complete_until": old}}])
    rig.steer("step", {"messages": 300})
    with PollerRig(database, provider, instance="two", proppr_presence_interval=1.0) as rig:
        eventually(lambda: rig.poller.metrics.last_cycle is not None, 20, "a cycle")
        eventually(rig.synced, 30, "the re-reads")
        silence(rig)
        eventually(lambda: not rig.differences(scratch), 30, "the books to be right")
        lags = rig.parts.watch.lags()
        assert all(lag is not None and lag < 60 for lag in lags.values())


def test_who_was_not_read_is_tried_again_before_the_next_cycle(database: Documents, provider: SimulatorServer) -> None:
    rig = PollerRig(database, provider, poll_interval=60.0)
    rig.steer("faults", [{"fault": "rest_500", "endpoint": "/odds/updated", "at": [1, 2]}])
    with rig:
        eventually(lambda: rig.ask("stats")["faults"].get("rest_500") == 2, 20, "the failures")
        eventually(lambda: rig.parts.status.synced().ok, 20, "everybody to be read")
        answers = rig.ask("stats")["rest"]["answers"]["/odds/updated"]
        assert answers == {"500": 2, "200": len(BOOKMAKERS)}


def test_a_second_poller_waits_and_takes_over(database: Documents, provider: SimulatorServer) -> None:
    first, second = PollerRig(database, provider, "one"), PollerRig(database, provider, "two")
    with second:
        with first:
            eventually(
                lambda: (first.parts.status.standby is None and first.poller.lease.held) or second.poller.lease.held
            )
            active, standby = (first, second) if first.poller.lease.held else (second, first)
            eventually(lambda: standby.parts.status.standby is not None, 10, "the standby")
            assert standby.parts.status.lag().ok
            eventually(lambda: active.poller.metrics.last_cycle is not None, 20, "a cycle")
        eventually(lambda: second.poller.lease.held, 15, "the takeover")


def test_rest_faults_do_not_stop_it(database: Documents, scratch: Documents, provider: SimulatorServer) -> None:
    with PollerRig(database, provider, proppr_presence_interval=1.0) as rig:
        eventually(rig.synced, 30, "the first reading")
        rig.steer("faults", {"plan": "rest_500=0.1,rest_garbage=0.1,rest_disconnect=0.05,rest_truncated=0.05"})
        eventually(lambda: len(rig.poller.metrics.recent_seconds) >= 6, 40, "cycles under faults")
        rig.steer("faults", [])
        silence(rig)
        eventually(lambda: not rig.differences(scratch), 40, "the books to be right")


def test_it_stops_while_a_request_hangs(database: Documents, provider: SimulatorServer) -> None:
    rig = PollerRig(database, provider)
    with rig:
        eventually(rig.synced, 30, "the first reading")
        rig.steer("faults", {"plan": [{"fault": "rest_slow", "rate": 1.0, "seconds": 15}]})
        eventually(lambda: rig.ask("stats")["faults"].get("rest_slow", 0) > 0, 20, "a hanging request")
        asked = CLOCK.monotonic()
    assert CLOCK.monotonic() - asked < 14
    eventually(lambda: not [one for one in threading.enumerate() if one.name in ("cycles", "registry")], 20, "the ends")
