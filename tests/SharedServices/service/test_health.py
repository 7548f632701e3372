"""The health server: the exact shape, the right status codes, nothing secret, a clean close."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests
from support import PATIENCE

from PROPPR.SharedServices.service.clock import ManualClock, SystemClock
from PROPPR.SharedServices.service.components import Check
from PROPPR.SharedServices.service.errors import ConfigError
from PROPPR.SharedServices.service.health import HealthServer, HealthState
from PROPPR.SharedServices.service.metrics import Metrics
from PROPPR.SharedServices.service.redact import Redactor


@pytest.fixture
def state() -> HealthState:
    return HealthState("toy", "1.2", ManualClock())


@pytest.fixture
def server(state: HealthState) -> Iterator[HealthServer]:
    server = HealthServer("127.0.0.1", 0, state, Metrics("toy", "1.2"), redactor=Redactor(["s3cret-value"]))
    server.start()
    yield server
    server.stop(SystemClock().monotonic() + 5)


def get(server: HealthServer, path: str) -> requests.Response:
    return requests.get(f"http://127.0.0.1:{server.port}{path}", timeout=5)


def test_the_shape_of_health(server: HealthServer, state: HealthState) -> None:
    state.add_check("one", lambda: Check(True, "fine", 1.23456))
    state.add_check("two", lambda: Check(True, "no age"))
    state.set_last_update(lambda: datetime(2026, 5, 27, 4, 11, 0, 532000, tzinfo=UTC))
    state.set_queue_size(lambda: 7)
    response = get(server, "/health")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    assert response.json() == {
        "service": "toy", "version": "1.2", "status": "healthy", "uptime": 0.0,
        "last_update": "2026-05-27T04:11:00.532000Z", "queue_size": 7,
        "checks": {"one": {"ok": True, "age_s": 1.235, "detail": "fine"}, "two": {"ok": True, "detail": "no age"}},
    }  # fmt: skip
    assert list(response.json()) == ["service", "version", "status", "uptime", "last_update", "queue_size", "checks"]


@pytest.mark.parametrize(
    ("checks", "status", "code"),
    [
        ([], "healthy", 200),
        ([Check(True), Check(True, severity="degraded")], "healthy", 200),
        ([Check(True), Check(False, severity="degraded")], "degraded", 200),
        ([Check(False, severity="unhealthy"), Check(False, severity="degraded")], "unhealthy", 503),
    ],
)
def test_the_status_is_that_of_the_worst_check(
    server: HealthServer, state: HealthState, checks: list[Check], status: str, code: int
) -> None:
    for number, check in enumerate(checks):
        state.add_check(str(number), lambda check=check: check)  # type: ignore[misc]
    response = get(server, "/health")
    assert (response.json()["status"], response.status_code) == (status, code)


def test_a_check_that_raises_is_not_ok(server: HealthServer, state: HealthState) -> None:
    def broken() -> Check:
        raise KeyError("s3cret-value")

    def unreadable() -> int:
        raise OSError

    state.add_check("broken", broken)
    state.set_queue_size(unreadable)
    response = get(server, "/health")
    assert response.status_code == 503
    assert response.json()["checks"]["broken"]["ok"] is False
    assert "s3cret-value" not in response.text


def test_live_and_ready(server: HealthServer, state: HealthState) -> None:
    assert get(server, "/live").status_code == 200
    assert get(server, "/ready").json() == {"ready": True, "checks": {}}
    state.set_live(lambda: Check(False, "stuck", 30.0))
    state.add_ready("synced", lambda: Check(False, "first snapshot missing"))
    assert get(server, "/live").status_code == 503
    assert get(server, "/live").json() == {"live": False, "ok": False, "age_s": 30.0, "detail": "stuck"}
    ready = get(server, "/ready")
    assert ready.status_code == 503
    assert ready.json()["checks"]["synced"]["ok"] is False
    assert get(server, "/health").status_code == 200, "readiness is no health check"


def test_details_are_redacted(server: HealthServer, state: HealthState) -> None:
    state.add_check("feed", lambda: Check(False, "GET https://x/?apiKey=s3cret-value by someone@example.com"))
    text = get(server, "/health").text
    assert "s3cret-value" not in text
    assert "someone" not in text


def test_metrics_and_other_paths(server: HealthServer) -> None:
    response = get(server, "/metrics")
    assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert 'proppr_service_info{service="toy",version="1.2"} 1.0' in response.text
    assert get(server, "/other").status_code == 404
    assert requests.post(f"http://127.0.0.1:{server.port}/health", timeout=5).status_code == 405


def test_a_taken_port_and_a_foreign_host_are_configuration_errors(state: HealthState) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ConfigError, match="HEALTH_PORT"):
            HealthServer("127.0.0.1", taken.getsockname()[1], state, Metrics()).start()
    with pytest.raises(ConfigError, match="HEALTH_HOST"):
        HealthServer("192.0.2.1", 0, state, Metrics()).start()
    with pytest.raises(ConfigError, match="HEALTH_HOST"):
        HealthServer("no such host", 0, state, Metrics()).start()


def test_a_running_request_ends_before_the_port_closes(state: HealthState) -> None:
    entered, go_on = threading.Event(), threading.Event()

    def slow() -> Check:
        entered.set()
        go_on.wait(5)
        return Check(True)

    state.add_check("slow", slow)
    server = HealthServer("127.0.0.1", 0, state, Metrics())
    server.start()
    assert server.check().ok
    codes: list[int] = []
    asking = threading.Thread(target=lambda: codes.append(get(server, "/health").status_code))
    asking.start()
    entered.wait(5)
    stopping = threading.Thread(target=lambda: server.stop(SystemClock().monotonic() + 5))
    stopping.start()
    go_on.set()
    asking.join(5)
    stopping.join(6)
    assert codes == [200]
    assert not server.check().ok
    with pytest.raises(requests.ConnectionError):
        get(server, "/live")


def test_a_server_never_started_stops(state: HealthState) -> None:
    HealthServer("127.0.0.1", 0, state, Metrics()).stop(0)


def test_a_client_that_keeps_its_connection_does_not_delay_the_stop(state: HealthState) -> None:
    server = HealthServer("127.0.0.1", 0, state, Metrics())
    server.start()
    with requests.Session() as session:
        assert session.get(f"http://127.0.0.1:{server.port}/live", timeout=5).status_code == 200
        began = SystemClock().monotonic()
        server.stop(began + 60)
        assert SystemClock().monotonic() - began < 3 * PATIENCE


def test_a_host_name_with_several_addresses_is_served(state: HealthState) -> None:
    server = HealthServer("localhost", 0, state, Metrics())
    server.start()
    assert requests.get(f"http://127.0.0.1:{server.port}/live", timeout=5).status_code == 200
    server.stop(SystemClock().monotonic() + 5)
