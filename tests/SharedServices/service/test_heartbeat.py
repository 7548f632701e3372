"""Heartbeats: a silent peer is noticed once by the whole fleet, a stop or a successor is no alarm."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from support import eventually

from PROPPR.SharedServices.service.alerts import AlertOutbox
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.service.heartbeat import Heartbeat


def soon() -> float:
    return SystemClock().monotonic() + 5


@pytest.fixture
def outboxes(database: Any) -> Any:
    made: list[AlertOutbox] = []

    def make() -> AlertOutbox:
        made.append(AlertOutbox(database, service="watcher"))
        made[-1].start()
        return made[-1]

    yield make
    for outbox in made:
        outbox.stop(soon())


@pytest.fixture
def fleet(database: Any, outboxes: Any) -> Any:
    beats: list[Heartbeat] = []

    def join(service: str, instance: str) -> Heartbeat:
        beats.append(Heartbeat(database, service, instance, outboxes(), version="1", interval=0.1, silent_after=1.0))
        beats[-1].start()
        return beats[-1]

    yield join
    for beat in beats:
        beat.stop(soon())


def die(database: Any, service: str, instance: str, ago: float = 60.0) -> None:
    """Leave the document of a process that was killed `ago` seconds before."""
    past = {"$dateAdd": {"startDate": "$$NOW", "unit": "millisecond", "amount": round(-1000 * ago)}}
    database.service_heartbeats.update_one(
        {"_id": f"{service}:{instance}"},
        [{"$set": {"service": service, "instance": instance, "state": "running", "beat_at": past, "started_at": past}}],
        upsert=True,
    )


def alert(database: Any, key: str) -> Any:
    return database.alerts.find_one({"_id": f"silent:{key}"})


def test_a_beat_says_who_lives(database: Any, fleet: Any) -> None:
    beat = fleet("updater", "one")
    stored = eventually(lambda: database.service_heartbeats.find_one({"_id": "updater:one"}))
    assert {"pid", "host", "version", "status", "started_at", "beat_at", "expires_at"} <= set(stored)
    assert stored["state"] == "running"
    eventually(lambda: database.service_heartbeats.find_one()["beat_at"] > stored["beat_at"])
    assert database.service_heartbeats.find_one()["started_at"] == stored["started_at"]
    assert beat.check().ok
    beat.stop(soon())
    assert database.service_heartbeats.find_one()["state"] == "stopped"


def test_another_status_is_told_at_once_and_the_same_one_is_not(database: Any, outboxes: Any) -> None:
    status: dict[str, str | None] = {"now": "degraded"}
    reports: list[str | None] = []

    def report() -> dict[str, Any]:
        reports.append(status["now"])
        return {"status": status["now"] or "healthy"}

    beat = Heartbeat(database, "updater", "one", outboxes(), report=report, status=lambda: status["now"], interval=60.0)
    beat.start()
    try:
        eventually(lambda: database.service_heartbeats.find_one({"status": "degraded"}))
        status["now"] = "healthy"
        eventually(lambda: database.service_heartbeats.find_one({"status": "healthy"}), timeout=10)
        status["now"] = None  # it ends: nothing to say
        assert not threading.Event().wait(1.5)
        assert reports == ["degraded", "healthy"]
    finally:
        beat.stop(soon())


def test_a_silent_peer_is_reported_once_by_many_watchers(database: Any, fleet: Any) -> None:
    die(database, "poller", "p1")
    for name in ("a", "b", "c"):
        fleet("updater", name)
    found = eventually(lambda: alert(database, "poller:p1"), what="the alert")
    assert (found["state"], found["severity"], found["count"]) == ("failing", "critical", 1)
    before = database.service_heartbeats.find_one({"_id": "updater:a"})["beat_at"]
    eventually(lambda: (database.service_heartbeats.find_one({"_id": "updater:a"})["beat_at"] - before).seconds >= 1)
    assert alert(database, "poller:p1")["count"] == 1
    assert database.alerts.count_documents({}) == 1


def test_it_is_resolved_when_the_peer_beats_again(database: Any, fleet: Any) -> None:
    die(database, "poller", "p1")
    fleet("updater", "a")
    eventually(lambda: alert(database, "poller:p1"))
    fleet("poller", "p1")
    eventually(lambda: alert(database, "poller:p1")["state"] == "recovered")


def test_it_is_resolved_by_a_successor(database: Any, fleet: Any) -> None:
    die(database, "poller", "p1")
    fleet("updater", "a")
    eventually(lambda: alert(database, "poller:p1"))
    fleet("poller", "p2")
    eventually(lambda: alert(database, "poller:p1")["state"] == "recovered")
    eventually(lambda: database.service_heartbeats.find_one({"_id": "poller:p1"})["state"] == "replaced")


def test_a_successor_in_time_prevents_the_alert(database: Any, fleet: Any) -> None:
    die(database, "poller", "p1")
    fleet("poller", "p2")
    eventually(lambda: database.service_heartbeats.find_one({"_id": "poller:p1"})["state"] == "replaced")
    assert alert(database, "poller:p1") is None


def test_a_service_that_died_twice_is_told_once_and_by_its_last_process(database: Any, fleet: Any) -> None:
    """Killed, started again by its keeper, and killed for good before anybody had looked."""
    die(database, "poller", "p1", ago=60.0)
    die(database, "poller", "p2", ago=50.0)
    die(database, "poller", "p3", ago=40.0)
    fleet("updater", "a")
    eventually(lambda: alert(database, "poller:p3"), what="the alert")
    states = {found["_id"]: found["state"] for found in database.service_heartbeats.find({"service": "poller"})}
    assert states == {"poller:p1": "replaced", "poller:p2": "replaced", "poller:p3": "running"}
    assert [found["_id"] for found in database.alerts.find()] == ["silent:poller:p3"]


def test_a_standby_that_was_there_before_is_no_successor(database: Any, fleet: Any) -> None:
    standby = fleet("poller", "standby")
    eventually(lambda: standby.check().detail == "last beat")
    die(database, "poller", "active", ago=-0.2)  # its last beat is after the standby's start
    eventually(lambda: alert(database, "poller:active"), what="the alert by its own standby")


def test_a_stopped_peer_and_ourselves_are_no_news(database: Any, fleet: Any) -> None:
    die(database, "poller", "p1")
    database.service_heartbeats.update_one({}, {"$set": {"state": "stopped"}})
    die(database, "dead", "d")
    fleet("updater", "a")
    eventually(lambda: alert(database, "dead:d"))
    assert database.alerts.count_documents({}) == 1


def test_nobody_is_judged_before_we_have_watched_long_enough(database: Any, outboxes: Any) -> None:
    die(database, "poller", "p1")
    watcher = Heartbeat(database, "updater", "a", outboxes(), interval=0.1, silent_after=30.0)
    watcher.start()
    eventually(lambda: watcher.check().detail == "last beat")
    watcher.stop(soon())
    assert database.alerts.count_documents({}) == 0


def test_a_watcher_that_died_after_the_alert_is_no_second_alert(database: Any, fleet: Any, outboxes: Any) -> None:
    """As it is left by a kill between the stored alert and the mark at the peer."""
    die(database, "poller", "p1")
    peer = database.service_heartbeats.find_one({"_id": "poller:p1"})
    first = Heartbeat(database, "updater", "dead", outboxes())
    first._report(peer)
    database.service_heartbeats.update_one({"_id": "poller:p1"}, {"$unset": {"silent_since": 1}})
    fleet("updater", "a")
    eventually(lambda: "silent_since" in database.service_heartbeats.find_one({"_id": "poller:p1"}))
    stored = alert(database, "poller:p1")
    assert (stored["count"], stored["episode"], len(stored["messages"])) == (1, 1, 1)


def test_an_alert_that_comes_late_is_resolved_by_the_next_beat(database: Any, fleet: Any, outboxes: Any) -> None:
    """A watcher may have looked before the peer was back, and stored its alert after it."""
    die(database, "poller", "p1")
    peer = database.service_heartbeats.find_one({"_id": "poller:p1"})
    fleet("poller", "p1")
    eventually(lambda: database.service_heartbeats.find_one({"_id": "poller:p1"})["beat_at"] > peer["beat_at"])
    Heartbeat(database, "updater", "slow", outboxes())._report(peer)
    eventually(lambda: alert(database, "poller:p1")["state"] == "recovered")
    assert [message["kind"] for message in alert(database, "poller:p1")["messages"]] == ["failed", "recovered"]


def test_a_restarted_process_of_the_same_name_is_a_new_one(database: Any, fleet: Any) -> None:
    """In a container host name and process id are the same after a restart."""
    die(database, "updater", "one", ago=300)
    before = database.service_heartbeats.find_one({"_id": "updater:one"})
    fleet("updater", "one")
    after = eventually(lambda: database.service_heartbeats.find_one({"process": {"$exists": True}}))
    assert after["started_at"] == after["beat_at"] or after["started_at"] > before["started_at"]
    assert (after["started_at"] - before["started_at"]).total_seconds() > 200
