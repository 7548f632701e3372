"""How current the odds are and what is left of the budgets, out of what the services store of themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import PyMongoError

from PROPPR.Console.readings.budgets import read_budgets
from PROPPR.Console.readings.feed import Feed, read_feed
from PROPPR.Console.readings.fleet import read_fleet
from PROPPR.Console.readings.processes import Process, Service
from PROPPR.SharedServices.service.alert_documents import AlertEvent
from PROPPR.SharedServices.service.alerting.control import AlertControl
from PROPPR.SharedServices.service.alerts import AlertOutbox
from PROPPR.SharedServices.service.clock import ManualClock, SystemClock
from PROPPR.SharedServices.service.latency import Latency
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.poller_state import PairState, PollerState
from PROPPR.SharedServices.tracking.fotmob_budget import fotmob_budget
from PROPPR.SharedServices.tracking.request_tracker import GlobalRequestTracker

Documents = Database[dict[str, Any]]
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SETTINGS = Settings(bookmakers=("Bet365", "M88"), ws_sports=("football",), max_api_requests_per_hour=100)


def process(instance: str, *, age: float = 2, **values: Any) -> Process:
    usual: dict[str, Any] = {
        "service": "websocket-updater", "instance": instance, "host": "h", "pid": 1, "version": "1",
        "state": "healthy", "since": NOW, "started_at": NOW, "beat_at": NOW - timedelta(seconds=age), "queue": 0,
        "last_update": None, "latency": None, "standby": False, "failing": (),
    }  # fmt: skip
    return Process(**{**usual, **values})


def feed(database: Documents, *processes: Process) -> Feed:
    updater = Service("websocket-updater", "Live odds", "healthy", NOW, "", processes)
    return read_feed(database, SETTINGS, ManualClock(NOW), [updater, Service("x", "x", "healthy", NOW, "", ())])


def test_nothing_was_ever_stored(database: Documents) -> None:
    found = feed(database)
    assert (found.newest_quote, found.newest_change, found.poller.pairs) == (None, None, ())
    assert [(path.p50, path.last_update, path.is_late) for path in found.paths] == [(None, None, False)]


def test_the_newest_quote_is_that_of_any_service_or_of_the_history(database: Documents) -> None:
    stored = NOW - timedelta(seconds=9)
    works = process("a", last_update=stored, latency=Latency(0.004, 1.5, 900, 60.0))
    standby = process("b", age=0, standby=True, last_update=stored - timedelta(days=1))
    found = feed(database, standby, works)
    assert found.newest_quote == stored
    (path,) = found.paths
    assert (path.p50, path.p99, path.stored, path.window, path.is_late) == (0.004, 1.5, 900, 60.0, True)
    changed = NOW - timedelta(seconds=1)
    database["odds_history"].insert_many(
        [{"recorded_at": changed - timedelta(minutes=number)} for number in range(3)], ordered=False
    )
    found = feed(database, works)
    assert found.newest_quote == found.newest_change == changed


def test_a_silent_process_tells_no_latency(database: Documents) -> None:
    found = feed(database, process("a", state="silent", latency=Latency(0.004, 0.02, 900, 60.0)))
    assert found.paths[0].p50 is None


def test_lags_of_the_bookmakers(database: Documents) -> None:
    clock = ManualClock(NOW)
    states = [PairState("Bet365", "football", clock.now_ms() - 12_000), PairState("M88", "football", refusal="403")]
    PollerState(database, clock).save(states, 1)
    pairs = {pair.bookmaker: pair for pair in feed(database).poller.pairs}
    assert (pairs["Bet365"].lag, pairs["M88"].lag, pairs["M88"].refusal) == (12.0, None, "403")


def test_budgets_with_their_shares(database: Documents) -> None:
    clock = SystemClock()
    provider = GlobalRequestTracker(100, database=database, clock=clock)
    provider.acquire("unified-poller", 55)
    provider.acquire("websocket-updater", 5)
    fotmob_budget(SETTINGS, database, service="stats-pipeline").acquire(cost=7)
    first, second = read_budgets(database, SETTINGS, clock)
    assert (first.name, first.limit, first.used, first.free, first.state) == ("odds_api", 100, 60, 40, "ok")
    assert {share.title: (share.used, share.guaranteed) for share in first.shares} == {
        "Live odds (WebSocket)": (5, 30), "Odds by REST": (55, 60), "Everybody else": (0, 10),
    }  # fmt: skip
    assert first.returns_at is not None and first.returns_at > clock.now()
    assert (second.name, second.limit, second.used, second.window) == ("fotmob", 2000, 7, "24 hours")
    assert {share.title for share in second.shares} == {"Statistics", "Grading of bets", "Everybody else"}


@pytest.mark.parametrize(("used", "state"), [(89, "ok"), (95, "watch"), (100, "bad")])
def test_a_budget_that_runs_out(database: Documents, used: int, state: str) -> None:
    tracker = GlobalRequestTracker(100, database=database, shares={"unified_poller": 1.0})
    tracker.acquire("unified_poller", used)
    assert read_budgets(database, SETTINGS, SystemClock())[0].state == state


def test_a_refusal_of_the_provider(database: Documents) -> None:
    GlobalRequestTracker(100, database=database).park(SystemClock().now() + timedelta(minutes=5))
    first, _ = read_budgets(database, SETTINGS, SystemClock())
    assert first.state == "bad" and first.parked_until is not None and first.entry == "budgetparked"
    assert first.lowered_by == "a refusal (429) of the provider"


def test_a_database_that_is_away_is_told_as_such() -> None:
    uri = "mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=50"
    with MongoClient[dict[str, Any]](uri) as client, pytest.raises(PyMongoError):
        read_budgets(client["nothing"], SETTINGS, SystemClock())


def test_the_whole_page(database: Documents) -> None:
    outbox = AlertOutbox(database, service="unified-poller", deliver=False)
    for number in range(12):
        outbox.record(AlertEvent(f"poller.bookmaker:B{number}", "failed", "warning", f"B{number}", "403"), str(number))
    outbox.record(AlertEvent("silent:a:b", "failed", "critical", "a is silent", ""), "x")
    control = AlertControl(database)
    control.mute("silent:*", 60)
    control.acknowledge("poller.bookmaker:B3", "me")
    fleet = read_fleet(database, SETTINGS, SystemClock(), control)
    assert len(fleet.alerts) == 8 and "poller.bookmaker:B3" not in {alert.key for alert in fleet.alerts}
    assert "silent:a:b" not in {alert.key for alert in fleet.alerts}, "the muted come last"
    assert len(fleet.services) == len(fleet.unwell) == 4 and len(fleet.budgets) == 2
