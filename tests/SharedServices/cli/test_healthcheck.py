"""The question that a container engine asks, against real answers."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest
from pytest_httpserver import HTTPServer
from support import PATIENCE

from PROPPR.SharedServices.cli import healthcheck


def test_well_is_exactly_200(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/well").respond_with_json({"status": "degraded"})
    httpserver.expect_request("/unwell").respond_with_json({"status": "unhealthy"}, status=503)
    is_well, words = healthcheck.ask(httpserver.url_for("/well"))
    assert is_well and "degraded" in words
    is_well, words = healthcheck.ask(httpserver.url_for("/unwell"))
    assert not is_well
    assert words.startswith("503: ") and "unhealthy" in words


def test_nobody_listens() -> None:
    is_well, words = healthcheck.ask("http://127.0.0.1:9/health")
    assert not is_well
    assert "no answer" in words


@pytest.mark.parametrize("url", ["http://127.0.0.1:/health", "nonsense", "http://127.0.0.1:99999/health"])
def test_a_wrong_address_is_no_answer_and_no_traceback(url: str) -> None:
    assert not healthcheck.ask(url, timeout=0.5)[0]


@pytest.mark.parametrize(
    ("host", "asked"),
    [("", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::", "[::1]"), ("10.0.0.5", "10.0.0.5")],
)
def test_it_asks_where_the_service_listens(monkeypatch: pytest.MonkeyPatch, host: str, asked: str) -> None:
    monkeypatch.setenv("HEALTH_HOST", host)
    monkeypatch.setenv("HEALTH_PORT", "8081")
    assert healthcheck.own_url() == f"http://{asked}:8081/health"


def test_as_a_process_it_is_small_and_ignores_a_proxy(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/health").respond_with_json({"status": "healthy"})
    code = (
        "import sys; from PROPPR.SharedServices.cli import healthcheck as h; code = h.main([]);"
        "assert not {'flask', 'pymongo', 'click', 'requests'} & set(sys.modules); sys.exit(code)"
    )
    environment = {**os.environ, "HEALTH_PORT": str(httpserver.port), "http_proxy": "http://127.0.0.1:9"}
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "healthy" in done.stdout
    assert time.monotonic() - began < healthcheck.TIMEOUT * PATIENCE
