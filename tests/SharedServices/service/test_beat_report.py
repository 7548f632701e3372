"""What a heartbeat tells of a process's health."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from PROPPR.SharedServices.service.beat_report import LONGEST, MOST_CHECKS, BeatReport
from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.service.components import Check
from PROPPR.SharedServices.service.health import HealthState
from PROPPR.SharedServices.service.latency import Latency
from PROPPR.SharedServices.service.redact import Redactor

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_a_healthy_process() -> None:
    health = HealthState("toy", "1", ManualClock(NOW))
    health.add_check("mongodb", lambda: Check(True, "answers", 0.1))
    assert BeatReport(health, Redactor(), ManualClock(NOW))() == {
        "status": "healthy", "queue_size": 0, "last_update": None, "latency": None,
        "checks": [{"name": "mongodb", "ok": True, "detail": "answers", "severity": "unhealthy",
                    "failing_since": None}],
    }  # fmt: skip


def test_a_failing_check_keeps_the_time_of_its_beginning() -> None:
    clock = ManualClock(NOW)
    health = HealthState("toy", "1", clock)
    state = {"ok": False}
    health.add_check("lag", lambda: Check(state["ok"], "late", None, "degraded"))
    health.set_latency(lambda: Latency(0.00123456789, 0.5, 10, 59.99))
    report = BeatReport(health, Redactor(), clock)
    assert report()["checks"][0]["failing_since"] == NOW
    clock.advance(10)
    told = report()
    assert (told["status"], told["checks"][0]["failing_since"]) == ("degraded", NOW)
    assert told["latency"] == {"p50_s": 0.001235, "p99_s": 0.5, "count": 10, "window_s": 60.0}
    state["ok"] = True
    assert report()["checks"][0]["failing_since"] is None
    state["ok"] = False
    clock.advance(10)
    assert report()["checks"][0]["failing_since"] == NOW + timedelta(seconds=20)


def test_texts_are_cut_and_hold_no_secret_and_failing_checks_are_never_left_out() -> None:
    health = HealthState("toy", "1", ManualClock(NOW))
    for number in range(2 * MOST_CHECKS):
        health.add_check(f"check {number}", lambda: Check(True))
    health.add_check("last", lambda: Check(False, "secret-of-mine " + "x" * 1000))
    told = BeatReport(health, Redactor(["secret-of-mine"]), ManualClock(NOW))()
    assert len(told["checks"]) == MOST_CHECKS and told["checks"][0]["name"] == "last"
    assert "secret-of-mine" not in told["checks"][0]["detail"] and len(told["checks"][0]["detail"]) <= LONGEST


def test_a_check_that_raises_is_told_as_failing() -> None:
    health = HealthState("toy", "1", ManualClock(NOW))

    def broken() -> Check:
        raise ValueError("no")

    health.add_check("broken", broken)
    assert BeatReport(health, Redactor(), ManualClock(NOW))()["status"] == "unhealthy"
