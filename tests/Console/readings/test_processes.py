"""Who lives and what is wrong with whom, out of heartbeats as the services write them and as others may have."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.database import Database
from support import eventually

from PROPPR.Console.readings.processes import Process, Service, read_services
from PROPPR.SharedServices.service.alerts import AlertOutbox
from PROPPR.SharedServices.service.beat_report import BeatReport
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.service.components import Check
from PROPPR.SharedServices.service.health import HealthState
from PROPPR.SharedServices.service.heartbeat import Heartbeat
from PROPPR.SharedServices.service.latency import Latency
from PROPPR.SharedServices.service.redact import Redactor

Documents = Database[dict[str, Any]]
CLOCK = SystemClock()


def beat(database: Documents, service: str, instance: str, age: float = 1, **values: Any) -> None:
    now = CLOCK.now()
    at = now - timedelta(seconds=age)
    database["service_heartbeats"].insert_one(
        {"_id": f"{service}:{instance}", "service": service, "instance": instance, "state": "running", "pid": 7,
         "host": "host-1", "version": "1", "status": "healthy", "beat_at": at, "started_at": at - timedelta(hours=2),
         "expires_at": now + timedelta(days=7), **values}
    )  # fmt: skip


def service(database: Documents, name: str) -> Service:
    return next(each for each in read_services(database) if each.name == name)


def only(found: Service) -> Process:
    assert len(found.processes) == 1
    return found.processes[0]


def test_nothing_runs(database: Documents) -> None:
    services = read_services(database)
    assert [each.name for each in services] == [
        "websocket-updater", "unified-poller", "stats-pipeline", "grading-scheduler",
    ]  # fmt: skip
    assert {each.state for each in services} == {"absent"} and all(each.entry == "processdown" for each in services)


def test_a_heartbeat_of_an_older_version_is_enough(database: Documents) -> None:
    beat(database, "unified-poller", "a")
    process = only(service(database, "unified-poller"))
    assert (process.state, process.queue, process.latency, process.failing) == ("healthy", None, None, ())
    assert process.uptime == pytest.approx(7200)
    assert not process.standby


def test_silent_by_the_servers_clock(database: Documents) -> None:
    beat(database, "unified-poller", "dead", age=45)
    beat(database, "unified-poller", "alive", age=25)
    found = service(database, "unified-poller")
    assert found.state == "silent" and found.entry == "processdown"
    assert [(each.instance, each.state) for each in found.processes] == [("dead", "silent"), ("alive", "healthy")]
    assert found.since == found.processes[0].beat_at


def test_what_ended_is_shown_only_while_nothing_runs(database: Documents) -> None:
    for number in range(5):
        beat(database, "stats-pipeline", str(number), age=60 * number, state="stopped", status="stopped")
    found = service(database, "stats-pipeline")
    assert found.state == "stopped" and [each.instance for each in found.processes] == ["0", "1", "2"]
    beat(database, "stats-pipeline", "new")
    assert only(service(database, "stats-pipeline")).instance == "new"


def test_the_worst_process_makes_the_state_and_a_standby_comes_last(database: Documents) -> None:
    standby = [{"name": "lease", "ok": True, "detail": "standby: poller is held by b"}]
    active = [{"name": "lease", "ok": True, "detail": "active: holds poller, token 3"}]
    beat(database, "unified-poller", "a", checks=standby)
    beat(database, "unified-poller", "b", checks=active)
    found = service(database, "unified-poller")
    assert [(each.instance, each.standby) for each in found.processes] == [("b", False), ("a", True)]
    beat(database, "unified-poller", "c", status="degraded", status_since=datetime(2026, 11, 21, tzinfo=UTC))
    found = service(database, "unified-poller")
    assert (found.state, found.since) == ("degraded", datetime(2026, 11, 21, tzinfo=UTC))


def test_others_that_beat_come_behind(database: Documents) -> None:
    beat(database, "console", "a")
    assert read_services(database)[-1].title == "This console"


def test_nonsense_is_not_healthy(database: Documents) -> None:
    beat(database, "unified-poller", "a", status="<b>fine</b>", checks=[{"name": "<i>", "ok": False}, "x"])
    process = only(service(database, "unified-poller"))
    assert process.state == "unhealthy" and process.failing[0].name == "<i>"


@pytest.fixture
def outbox(database: Documents) -> Iterator[AlertOutbox]:
    made = AlertOutbox(database, service="unified-poller")
    made.start()
    yield made
    made.stop(CLOCK.monotonic() + 5)


def test_what_a_service_tells_in_its_heartbeat(database: Documents, outbox: AlertOutbox) -> None:
    """From a HealthState through a real heartbeat to the page: why it is not well, since when, how it works."""
    stored = CLOCK.now() - timedelta(seconds=3)
    checks = {
        "lag": Check(False, "M88 is 400 s behind, key=hunter2hunter2", None, "unhealthy"),
        "source": Check(False, "503", None, "degraded"),
        "mongodb": Check(True, "answers"),
    }
    health = HealthState("unified-poller", "1", CLOCK)
    for name in checks:
        health.add_check(name, lambda name=name: checks[name])
    health.set_queue_size(lambda: 12)
    health.set_last_update(lambda: stored)
    health.set_latency(lambda: Latency(0.004, 0.023, 900, 60.0))
    report = BeatReport(health, Redactor(["hunter2hunter2"]), CLOCK)
    heart = Heartbeat(database, "unified-poller", "a", outbox, version="1", report=report, interval=0.05)
    heart.start()
    try:
        eventually(lambda: service(database, "unified-poller").state == "unhealthy", what="a heartbeat")
        process = only(service(database, "unified-poller"))
        began = process.since
        assert began is not None and began == service(database, "unified-poller").since
        assert (process.queue, process.latency) == (12, Latency(0.004, 0.023, 900, 60.0))
        assert process.last_update is not None and abs(process.last_update - stored) < timedelta(milliseconds=2)
        lag, source = process.failing
        assert (lag.name, lag.severity, lag.words) == ("lag", "unhealthy", "How far the books are behind")
        assert "hunter2" not in lag.detail and "400 s behind" in lag.detail
        assert (lag.entry, source.entry) == ("pollerlate", "pollersourceaway")
        first = lag.since
        checks["lag"] = Check(True, "current")
        checks["source"] = Check(False, "504", None, "degraded")
        eventually(lambda: service(database, "unified-poller").state == "degraded", what="the next heartbeats")
        process = only(service(database, "unified-poller"))
        (source_later,) = process.failing
        assert (source_later.since, source_later.detail) == (source.since, "504")
        assert first is not None and process.since is not None and process.since > began
    finally:
        heart.stop(CLOCK.monotonic() + 5)
    assert service(database, "unified-poller").state == "stopped"
