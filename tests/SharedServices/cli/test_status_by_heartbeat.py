"""`proppr status` where no /health can be reached, as from a container beside the services: by their heartbeats."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from click.testing import CliRunner
from pymongo.database import Database

from PROPPR.SharedServices.cli.main import main
from PROPPR.SharedServices.cli.plan import SERVICES, free_port
from PROPPR.SharedServices.cli.readings import HealthReading
from PROPPR.SharedServices.cli.status import by_heartbeat, speed_of
from PROPPR.SharedServices.service.clock import SystemClock

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def beat(service: str, silent: float = 3, status: str = "degraded", **more: Any) -> dict[str, Any]:
    at = NOW - timedelta(seconds=silent)
    return {
        "service": service, "status": status, "beat_at": at, "started_at": at - timedelta(hours=1), "version": "1",
        "silent_for": NOW - at, **more,
    }  # fmt: skip


def test_a_fresh_heartbeat_stands_for_a_health_that_cannot_be_reached() -> None:
    check = {"name": "source", "ok": False, "detail": "refuses", "severity": "degraded", "failing_since": None}
    beats = [
        beat("grading-scheduler", checks=[check], queue_size=4, last_update=NOW), beat("unified-poller", silent=31),
        beat("stats-pipeline", status="healthy"), beat("grading-scheduler", silent=20, status="healthy"),
    ]  # fmt: skip
    health = [HealthReading(name, "down") for name in SERVICES]
    told, notes = by_heartbeat(health, beats)
    found = {reading.service: reading for reading in told}
    assert {name: reading.status for name, reading in found.items()} == {
        "websocket-updater": "down", "unified-poller": "down", "stats-pipeline": "healthy",
        "grading-scheduler": "degraded",
    }  # fmt: skip
    grader = found["grading-scheduler"]
    assert (grader.complaint, grader.queue_size, grader.uptime) == ("source: refuses", 4, 3600.0)
    assert len(notes) == 1 and notes[0].endswith("stats-pipeline, grading-scheduler")
    assert by_heartbeat(health, []) == (health, [])


def test_where_one_answers_another_that_does_not_is_down() -> None:
    health = [HealthReading(name, "healthy" if name == "unified-poller" else "down") for name in SERVICES]
    assert by_heartbeat(health, [beat(name) for name in SERVICES]) == (health, [])


def test_the_speed_is_what_the_heartbeat_tells() -> None:
    latency = {"p50_s": 0.0025, "p99_s": 0.013, "count": 4500, "window_s": 60.0}
    speed = speed_of(beat("websocket-updater", latency=latency))
    assert (speed.messages, speed.latency_p50, speed.latency_p99) == (75.0, 2.5, 13.0)
    assert speed_of(beat("grading-scheduler", latency=None)).messages is None
    assert speed_of(beat("older")).messages is None


def test_the_command_is_content_with_heartbeats(mongo_uri: str, database: Database[dict[str, Any]]) -> None:
    environment = {"MONGO_URI": mongo_uri, "MONGO_DATABASE": database.name, "HEALTH_PORT": str(free_port(0))}
    now = SystemClock().now()
    for name in SERVICES:
        database["service_heartbeats"].insert_one({
            "_id": f"{name}:a", "service": name, "state": "running", "status": "healthy", "beat_at": now,
            "started_at": now,
        })  # fmt: skip
    told = CliRunner().invoke(main, ["status", "--env-file", "no-such-file"], env=environment)
    assert told.exit_code == 0 and "by their heartbeats" in told.output, told.output
