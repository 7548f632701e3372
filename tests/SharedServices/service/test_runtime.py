"""The whole chassis as real processes: start, health, signals, wrong settings, MongoDB away."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from support import PATIENCE, eventually
from toys import SECRET, Toy

from PROPPR.SharedServices.storage.embedded import EmbeddedServer

pytestmark = pytest.mark.processes

Start = Callable[..., Toy]


@pytest.fixture
def start(mongo_uri: str, database: Any, tmp_path: Path) -> Iterator[Start]:
    toys: list[Toy] = []

    def begin(how: str = "good", uri: str = mongo_uri, **env: str) -> Toy:
        toys.append(Toy(how, uri, tmp_path, database.name, **env))
        return toys[-1]

    yield begin
    for toy in toys:
        toy.close()


def ready(toy: Toy) -> bool:
    return bool(toy.get("/ready")[0] == 200)


def test_health_live_ready_and_metrics(start: Start, database: Any) -> None:
    toy = start()
    eventually(lambda: ready(toy), 20, "the service to be ready")
    status, body = toy.get("/health")
    assert status == 200
    assert set(body) == {"service", "version", "status", "uptime", "last_update", "queue_size", "checks"}
    assert (body["service"], body["status"], body["last_update"], body["queue_size"]) == ("toy", "healthy", None, 0)
    assert {"mongodb", "heartbeat", "alert outbox", "first", "last"} <= set(body["checks"])
    assert all(set(check) <= {"ok", "age_s", "detail"} for check in body["checks"].values())
    assert toy.get("/live")[0] == 200
    assert "proppr_mongo_up 1.0" in toy.get("/metrics")[1]
    beat = eventually(lambda: database.service_heartbeats.find_one({"service": "toy"}), what="a heartbeat")
    assert (beat["pid"], beat["state"]) == (toy.process.pid, "running")
    toy.signal(signal.SIGTERM)
    assert toy.exit_code() == 0
    assert database.service_heartbeats.find_one({"service": "toy"})["state"] == "stopped"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_in_reverse_order_with_exit_code_0(start: Start, number: signal.Signals) -> None:
    toy = start()
    eventually(lambda: ready(toy), 20)
    began = time.monotonic()
    toy.signal(number)
    assert toy.exit_code() == 0
    assert time.monotonic() - began < 8 * PATIENCE
    assert toy.said == ["start first", "start last", "stop last", "stop first"]
    assert "stopped" in toy.log()


def test_a_component_that_hangs_is_named_and_the_others_get_their_turn(start: Start) -> None:
    toy = start("hang-stop")
    eventually(lambda: ready(toy), 20)
    began = time.monotonic()
    toy.signal(signal.SIGTERM)
    assert toy.exit_code() == 0
    assert time.monotonic() - began < 8 * PATIENCE
    assert toy.said[-3:] == ["stop last", "stop middle", "stop first"]
    assert '"components": ["middle"]' in toy.log()


def test_a_second_signal_exits_at_once(start: Start) -> None:
    toy = start("hang-stop")
    eventually(lambda: ready(toy), 20)
    toy.signal(signal.SIGINT)
    toy.wait_for("stop middle")
    began = time.monotonic()
    toy.signal(signal.SIGINT)
    assert toy.exit_code() == 128 + signal.SIGINT
    assert time.monotonic() - began < 2 * PATIENCE


def test_a_signal_during_a_start_that_hangs_is_obeyed(start: Start) -> None:
    toy = start("hang-start")
    toy.wait_for("start middle")
    assert toy.get("/ready")[0] == 503
    began = time.monotonic()
    toy.signal(signal.SIGTERM)
    assert toy.exit_code() == 0
    assert time.monotonic() - began < 8 * PATIENCE
    assert "stop first" in toy.said


@pytest.mark.parametrize(
    ("key", "env"),
    [
        ("POLL_INTERVAL", {"POLL_INTERVAL": "soon"}),
        ("PROPPR_NO_SUCH_THING", {"PROPPR_NO_SUCH_THING": "1"}),
        ("ODDS_API_KEY", {"ODDS_API_KEY": ""}),
        ("MONGO_URI", {"MONGO_URI": ""}),
    ],
)
def test_wrong_settings_exit_2_and_name_the_key(start: Start, key: str, env: dict[str, str]) -> None:
    toy = start(**env)
    assert toy.exit_code(20) == 2
    assert key in "".join(toy.errors)
    assert toy.said == []


def test_a_log_directory_that_cant_be_written_exits_2(start: Start, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    toy = Toy("good", "mongodb://127.0.0.1:1", tmp_path / "file" / "logs")
    assert toy.exit_code(20) == 2
    assert "LOG_DIR" in "".join(toy.errors)
    toy.close()


def test_wrong_settings_found_while_building_exit_2(start: Start) -> None:
    toy = start("bad-build")
    assert toy.exit_code(20) == 2
    assert "BOOKMAKERS" in "".join(toy.errors)


def test_a_taken_port_exits_2_and_names_it(start: Start) -> None:
    first = start()
    eventually(lambda: ready(first), 20)
    second = start(HEALTH_PORT=str(first.port))
    assert second.exit_code(20) == 2
    assert "HEALTH_PORT" in "".join(second.errors)
    assert second.said == []


def test_a_worker_that_gives_up_ends_the_process_with_1(start: Start) -> None:
    toy = start("fatal")
    assert toy.exit_code(20) == 1
    assert "stop first" in toy.said
    assert "no way on" in toy.log()


def test_a_failing_worker_is_restarted_seen_and_leaks_nothing(start: Start, database: Any) -> None:
    toy = start("failing")

    def unhealthy_because_of_it() -> Any:
        status, body = toy.get("/health")
        failing = (body or {}).get("checks", {}).get("failing", {"ok": True})
        return body if status == 503 and not failing["ok"] else None

    body = eventually(unhealthy_because_of_it, 20)
    assert body["status"] == "unhealthy"
    assert toy.get("/ready")[0] == 503
    eventually(lambda: database.service_logs.find_one({"message": "worker failed"}), what="the stored error")
    toy.signal(signal.SIGTERM)
    assert toy.exit_code() == 0
    stored = str(list(database.service_logs.find()))
    shown = f"{body} {toy.log()} {''.join(toy.errors)} {stored}"
    assert SECRET not in shown
    assert "[redacted]" in shown
    assert "ValueError" in stored


def test_mongodb_away_at_the_start_is_waited_for(start: Start) -> None:
    toy = start(uri="mongodb://127.0.0.1:1/", PROPPR_MONGO_UNHEALTHY_AFTER="2")
    eventually(lambda: toy.get("/health")[0] == 200 and toy.get("/health")[1]["status"] == "degraded", 20, "degraded")
    assert toy.get("/ready")[0] == 503
    assert toy.get("/live")[0] == 200
    eventually(lambda: toy.get("/health")[0] == 503, 20, "unhealthy")
    assert toy.process.poll() is None
    began = time.monotonic()
    toy.signal(signal.SIGTERM)
    assert toy.exit_code() == 0
    assert time.monotonic() - began < 8 * PATIENCE


def test_a_killed_holder_of_a_lease_is_replaced_within_10_seconds(start: Start, tmp_path: Path) -> None:
    first = start("lease", PROPPR_INSTANCE="a")
    old = int(first.wait_for("acquired").split()[1])
    second = start("lease", PROPPR_INSTANCE="b")
    eventually(lambda: ready(second), 20)
    eventually(lambda: "held by a" in second.get("/health")[1]["checks"]["lease toy"]["detail"], what="a standby")
    assert second.get("/health")[0] == 200
    began = time.monotonic()
    first.process.kill()
    new = int(second.wait_for("acquired", 12).split()[1])
    assert time.monotonic() - began < 10 * PATIENCE
    assert new > old
    assert len(list(tmp_path.glob("proppr-toy*.log"))) == 2, "two instances on one machine do not share a log file"


def test_a_lease_is_handed_over_at_once_by_a_clean_stop(start: Start) -> None:
    first = start("lease")
    first.wait_for("acquired")
    second = start("lease")
    eventually(lambda: ready(second), 20)
    began = time.monotonic()
    first.signal(signal.SIGTERM)
    second.wait_for("acquired", 10)
    assert time.monotonic() - began < 3.5 * PATIENCE
    assert first.exit_code() == 0
    assert "lost" in first.said


def test_a_frozen_holder_notices_that_it_was_replaced(start: Start) -> None:
    first = start("lease")
    first.wait_for("acquired")
    second = start("lease")
    eventually(lambda: ready(second), 20)
    first.signal(signal.SIGSTOP)
    second.wait_for("acquired", 12)
    first.signal(signal.SIGCONT)
    first.wait_for("lost", 5)


def test_an_outage_of_mongodb_is_survived_reported_and_no_reason_to_stop_late(start: Start, tmp_path: Path) -> None:
    server = EmbeddedServer(tmp_path / "mongo", cache_bytes=256 * 2**20, oplog_bytes=256 * 2**20)
    server.start()
    try:
        toy = start("lease", uri=server.uri, PROPPR_MONGO_UNHEALTHY_AFTER="3")
        toy.wait_for("acquired")
        eventually(lambda: ready(toy), 20)
        os.kill(server.pid, signal.SIGKILL)
        toy.wait_for("lost", 12)
        eventually(lambda: toy.get("/health")[0] == 503, 20, "unhealthy")
        assert toy.get("/ready")[0] == 503
        assert toy.get("/live")[0] == 200
        server.ensure_running()
        toy.wait_for("acquired", 30)
        eventually(lambda: ready(toy) and toy.get("/health")[1]["status"] == "healthy", 30, "healthy again")
        with MongoClient[dict[str, Any]](server.uri) as client:
            alerts = client[toy.database].alerts
            found = eventually(lambda: alerts.find_one({"_id": "mongo_down:toy", "state": "recovered"}))
        assert found is not None
        assert found["count"] == 1
        os.kill(server.pid, signal.SIGKILL)
        eventually(lambda: not ready(toy), 10)
        began = time.monotonic()
        toy.signal(signal.SIGTERM)
        assert toy.exit_code() == 0
        assert time.monotonic() - began < 8 * PATIENCE
    finally:
        server.discard()
