"""The outbox: one alert a key, failed before recovered, nothing lost while MongoDB is away, no caller ever bothered."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pymongo import MongoClient
from support import PATIENCE, eventually

from PROPPR.SharedServices.service import alert_documents as documents
from PROPPR.SharedServices.service.alerting import queue
from PROPPR.SharedServices.service.alerts import BOUND, AlertEvent, AlertOutbox
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.service.redact import Redactor

Make = Callable[..., AlertOutbox]


def soon() -> float:
    return SystemClock().monotonic() + 5


@pytest.fixture
def outbox(database: Any) -> Iterator[Make]:
    made: list[AlertOutbox] = []

    def make(**options: Any) -> AlertOutbox:
        made.append(AlertOutbox(options.pop("database", database), service="toy", **options))
        made[-1].start()
        return made[-1]

    yield make
    for each in made:
        each.stop(soon())


def kinds(database: Any, key: str) -> list[str]:
    return [message["kind"] for message in database.alerts.find_one({"_id": key})["messages"]]


def test_a_failure_is_stored_once_and_counted(database: Any, outbox: Make) -> None:
    alerts = outbox()
    for number in range(5):
        alerts.raise_alert("feed", "The feed is silent", f"for {number} min", "critical")
        assert alerts.flushed(5)
    stored = database.alerts.find_one({"_id": "feed"})
    assert (stored["state"], stored["severity"], stored["title"]) == ("failing", "critical", "The feed is silent")
    assert (stored["count"], stored["episode"], stored["detail"]) == (5, 1, "for 0 min")
    assert stored["last_detail"] == "for 4 min"
    assert (stored["delivery"], stored["service"]) == ("pending", "toy")
    assert kinds(database, "feed") == ["failed"]
    assert stored["expires_at"] > stored["raised_at"]


def test_recovered_follows_failed_in_order(database: Any, outbox: Make) -> None:
    alerts = outbox()
    alerts.raise_alert("feed", "Silent")
    alerts.resolve("feed", "moves again")
    alerts.resolve("feed", "moves again")
    alerts.raise_alert("feed", "Silent")
    assert alerts.flushed(5)
    stored = database.alerts.find_one({"_id": "feed"})
    assert kinds(database, "feed") == ["failed", "recovered", "failed"]
    assert [message["n"] for message in stored["messages"]] == [1, 2, 3]
    assert stored["messages"][1]["title"] == "Silent"
    assert (stored["state"], stored["episode"], stored["count"]) == ("failing", 2, 1)


def test_the_log_tells_only_of_recoveries_from_something(outbox: Make, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    alerts = outbox()
    alerts.resolve("feed", "moves")
    alerts.resolve("other", "moves")
    alerts.raise_alert("feed", "Silent")
    alerts.resolve("feed", "moves again")
    assert alerts.flushed(5)
    told = [(record.message, record.__dict__.get("key")) for record in caplog.records]
    assert told == [("alert failed", "feed"), ("alert recovered", "feed")]


def test_there_is_no_recovered_without_a_failed(database: Any, outbox: Make) -> None:
    alerts = outbox()
    alerts.resolve("feed")
    assert alerts.flushed(5)
    assert database.alerts.find_one() is None


def test_notices_are_sent_each(database: Any, outbox: Make) -> None:
    alerts = outbox()
    alerts.notify("started", "Started", "one")
    alerts.notify("started", "Started", "two")
    assert alerts.flushed(5)
    stored = database.alerts.find_one({"_id": "started"})
    assert stored["state"] == "notice"
    assert [message["detail"] for message in stored["messages"]] == ["one", "two"]


def test_texts_are_redacted_bounded_and_never_read_as_expressions(database: Any, outbox: Make) -> None:
    alerts = outbox(redactor=Redactor(["s3cret-key"]))
    alerts.raise_alert("$key", "$title", "$$ROOT apiKey=s3cret-key " + "x" * 5000)
    alerts.resolve("$key", "$detail")
    alerts.raise_alert("nul\0key", "bad\0")
    assert alerts.flushed(5)
    stored = database.alerts.find_one({"_id": "$key"})
    assert (stored["key"], stored["title"]) == ("$key", "$title")
    assert stored["detail"].startswith("$$ROOT apiKey=[redacted]")
    assert len(stored["detail"]) <= 2000
    assert stored["messages"][1]["title"] == "$title"
    assert "s3cret-key" not in str(list(database.alerts.find()))


def test_many_processes_make_one_alert(database: Any, outbox: Make) -> None:
    alerts = [outbox() for _ in range(6)]
    barrier = threading.Barrier(6)

    def both(mine: AlertOutbox) -> None:
        barrier.wait()
        mine.raise_alert("feed", "Silent")

    threads = [threading.Thread(target=both, args=(each,)) for each in alerts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(each.flushed(5) for each in alerts)
    assert kinds(database, "feed") == ["failed"]
    assert database.alerts.find_one()["count"] == 6


def test_while_mongodb_is_away_alerts_wait_in_order(database: Any, outbox: Make) -> None:
    with MongoClient[dict[str, Any]]("mongodb://127.0.0.1:1", serverSelectionTimeoutMS=50) as nowhere:
        alerts = outbox(database=nowhere.x)
        alerts.raise_alert("feed", "Silent")
        alerts.resolve("feed")
        alerts.raise_alert("feed", "Silent")
        alerts.raise_alert("feed", "Silent")
        eventually(lambda: not alerts.check().ok)
        assert alerts.check().severity == "degraded"
        alerts._collection = database.alerts
        assert alerts.flushed(15)
    assert kinds(database, "feed") == ["failed", "recovered", "failed"]
    assert alerts.check().ok


def test_the_buffer_is_bounded_and_nobody_waits(outbox: Make) -> None:
    with MongoClient[dict[str, Any]]("mongodb://127.0.0.1:1", serverSelectionTimeoutMS=50) as nowhere:
        alerts = outbox(database=nowhere.x)
        began = SystemClock().monotonic()
        for number in range(BOUND + 100):
            alerts.raise_alert(f"key {number}", "x")
            alerts.raise_alert("same", "x")
        assert SystemClock().monotonic() - began < 5 * PATIENCE
        assert len(alerts._waiting) == BOUND
        assert alerts.dropped == 101
        alerts.raise_alert(None, object())  # type: ignore[arg-type]  # a caller's mistake must not hurt it
        alerts.stop(soon())


def test_without_a_channel_alerts_are_stored_only(database: Any, outbox: Make) -> None:
    alerts = outbox(deliver=False)
    alerts.raise_alert("feed", "Silent")
    alerts.resolve("feed")
    assert alerts.flushed(5)
    stored = database.alerts.find_one()
    assert (stored["state"], stored["delivery"], stored["messages"]) == ("recovered", "stored", [])


EVENTS = st.lists(
    st.tuples(st.sampled_from(["failed", "recovered", "deliver", "deliver all", "refuse", "again"])), max_size=60
)


@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(events=EVENTS)
def test_what_people_read_alternates_whatever_happens(database: Any, events: list[tuple[Any]]) -> None:
    """What is delivered goes failed, recovered, failed; nothing grows without bound; repeats change nothing."""
    database.alerts.delete_many({})
    read: list[str] = []
    is_failing = False
    last: tuple[AlertEvent, str] | None = None
    for number, (what,) in enumerate(events):
        if what in ("failed", "recovered"):
            last = (AlertEvent("k", what, "warning", "t", "d"), str(number))
            apply(database, *last)
            is_failing = what == "failed"
        elif what == "again" and last is not None:
            before = database.alerts.find_one()
            apply(database, *last)
            assert database.alerts.find_one() == before
        else:
            attempt(database, what != "refuse", read, whole=what == "deliver all")
        stored = database.alerts.find_one()
        assert stored is None or len(stored["messages"]) <= documents.MOST_MESSAGES
        assert stored is None or (stored["state"] == "failing") == is_failing
    while attempt(database, True, read):
        pass
    before_each = ["", *read]
    assert all(before == "failed" for before, kind in zip(before_each, read, strict=False) if kind == "recovered"), read
    if ("refuse",) not in events:
        assert all(before != kind for before, kind in zip(before_each, read, strict=False)), read
        assert (read[-1:] == ["failed"]) == is_failing


def test_a_worse_failure_is_told_while_it_lasts(database: Any, outbox: Make) -> None:
    alerts = outbox()
    alerts.raise_alert("feed", "Slow")
    assert alerts.flushed(5)
    alerts.raise_alert("feed", "Silent", severity="critical")
    assert alerts.flushed(5)
    assert kinds(database, "feed") == ["failed"], "the message that waits tells the new severity"
    assert database.alerts.find_one()["severity"] == "critical"
    database.alerts.update_one({}, {"$set": {"messages": [], "severity": "warning"}})
    alerts.raise_alert("feed", "Silent", severity="critical")
    alerts.raise_alert("feed", "Slow", severity="info")
    assert alerts.flushed(5)
    assert kinds(database, "feed") == ["worse"]
    assert database.alerts.find_one()["severity"] == "critical"


def test_what_is_recorded_is_stored_before_the_call_returns_and_once(database: Any, outbox: Make) -> None:
    alerts = outbox()
    alerts.record(AlertEvent("k", "recovered", "info", "", "never failed"), "1")
    assert database.alerts.find_one() is None
    for _ in range(3):
        alerts.record(AlertEvent("k", "failed", "critical", "t", "d"), "2")
    assert database.alerts.find_one()["count"] == 1
    alerts.record(AlertEvent("k", "recovered", "info", "", "well"), "3")
    alerts.record(AlertEvent("k", "failed", "critical", "t", "d"), "2")
    assert kinds(database, "k") == ["failed", "recovered"]


def apply(database: Any, event: AlertEvent, change_id: str) -> None:
    pipeline = documents.change(event, change_id, "toy", True)
    database.alerts.update_one(documents.target(event), pipeline, upsert=event.kind != "recovered")


def attempt(database: Any, arrives: bool, read: list[str], whole: bool = False) -> bool:
    """Do what the sender does with the first message, or with all."""
    claim = queue.claiming("me", "batch", 60, whole)
    alert = database.alerts.find_one_and_update(queue.due(), claim, return_document=True)
    if alert is None:
        return False
    messages = [message["kind"] for message in queue.of_claim(alert)]
    assert len(messages) == (len(alert["messages"]) if whole else 1)
    if messages[0] == "recovered" and alert.get("undelivered"):
        messages = messages[1:]
    if not messages:
        update = queue.skipped()
    elif arrives:
        read += messages
        update = queue.delivered()
    else:
        update = queue.refused("HTTP 400")
    database.alerts.update_many(queue.claimed("batch", "me"), update)
    return True
