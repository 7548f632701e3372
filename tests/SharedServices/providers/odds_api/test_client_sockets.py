"""The REST client on real sockets with the real budget: slow, cut off, refusing, endless and redirecting servers."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from pymongo import MongoClient
from pymongo.database import Database
from pytest_httpserver import HTTPServer
from raw_server import Script, raw_server
from support import PATIENCE
from werkzeug import Request, Response

from PROPPR.SharedServices.odds.times import format_iso_seconds
from PROPPR.SharedServices.providers.odds_api.client import OddsApiClient
from PROPPR.SharedServices.providers.odds_api.config import RestConfig
from PROPPR.SharedServices.providers.odds_api.models import Sport
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.service.errors import RateLimited, SourceChanged, TransientError
from PROPPR.SharedServices.tracking.request_tracker import GlobalRequestTracker

KEY = "k3y-of-the-account"
FOOTBALL = [{"name": "Football", "slug": "football"}]


@pytest.fixture
def tracker(database: Database[dict[str, Any]]) -> GlobalRequestTracker:
    return GlobalRequestTracker(50, database=database)


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    with HTTPServer(threaded=True) as running:
        yield running


def client_of(url: str, tracker: GlobalRequestTracker, **options: Any) -> OddsApiClient:
    patience = {"first_wait": 0.01, "longest_wait": 0.02, "attempts": 2, "read_timeout": 0.3, "total_timeout": 1.0}
    config = RestConfig(url, SecretStr(KEY), **(patience | options))
    return OddsApiClient(config, tracker, service="unified_poller")


def test_a_server_that_does_not_answer_is_given_up(server: HTTPServer, tracker: GlobalRequestTracker) -> None:
    release = threading.Event()

    def silent(_: Request) -> Response:
        release.wait(10)
        return Response("[]")

    server.expect_request("/v3/leagues").respond_with_handler(silent)
    try:
        with pytest.raises(TransientError, match="ReadTimeout"):
            client_of(server.url_for("/v3"), tracker).leagues("football")
    finally:
        release.set()
    assert tracker.usage().used == 2


def test_an_answer_after_a_timeout_is_taken(server: HTTPServer, tracker: GlobalRequestTracker) -> None:
    release = threading.Event()
    calls: list[str] = []

    def slow_once(request: Request) -> Response:
        calls.append(request.args["apiKey"])
        if len(calls) == 1:
            release.wait(10)
        return Response(json.dumps(FOOTBALL), content_type="application/json")

    server.expect_request("/v3/leagues").respond_with_handler(slow_once)
    try:
        client = client_of(server.url_for("/v3"), tracker)
        assert [league.slug for league in client.leagues("football")] == ["football"]
    finally:
        release.set()
    assert calls == [KEY, KEY]


def test_a_429_is_waited_out_by_the_whole_fleet(server: HTTPServer, tracker: GlobalRequestTracker) -> None:
    reset = format_iso_seconds(int((SystemClock().now() + timedelta(seconds=2.5)).timestamp() * 1000))
    headers = {"x-ratelimit-limit": "50", "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset}
    server.expect_ordered_request("/v3/sports").respond_with_json({"error": "Rate limit exceeded."}, 429, headers)
    server.expect_ordered_request("/v3/sports").respond_with_json(FOOTBALL)
    client = client_of(server.url_for("/v3"), tracker)
    with pytest.raises(RateLimited) as caught:
        client.sports()
    assert 0 < (caught.value.retry_after or 0) <= 3
    with pytest.raises(RateLimited, match="parked"):
        client_of(server.url_for("/v3"), tracker).sports()
    assert len(server.log) == 1
    wait = threading.Event()
    while True:
        try:
            assert client.sports() == [Sport("Football", "football")]
            break
        except RateLimited as error:
            wait.wait(min(1.0, error.retry_after or 0.1))
    assert len(server.log) == 2


def test_a_refused_connection_costs_no_budget(tracker: GlobalRequestTracker) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(TransientError, match="ConnectionError"):
        client_of(f"http://127.0.0.1:{port}/v3", tracker).sports()
    assert tracker.usage().used == 0


def test_a_redirect_is_not_followed(server: HTTPServer, tracker: GlobalRequestTracker) -> None:
    headers = {"Location": server.url_for("/elsewhere")}
    server.expect_request("/v3/leagues").respond_with_data("", 301, headers)
    with pytest.raises(SourceChanged, match="redirects"):
        client_of(server.url_for("/v3"), tracker).leagues("football")
    assert [request.path for request, _ in server.log] == ["/v3/leagues"]


def test_without_mongodb_nothing_is_sent(server: HTTPServer) -> None:
    with MongoClient[dict[str, Any]]("mongodb://127.0.0.1:1/", serverSelectionTimeoutMS=100) as unreachable:
        tracker = GlobalRequestTracker(50, database=unreachable["none"], timeout=0.3)
        with pytest.raises(TransientError, match="budget"):
            client_of(server.url_for("/v3"), tracker).sports()
    assert not server.log


def sends(*parts: bytes, then: threading.Event | None = None) -> Script:
    """Send the parts and end the connection, or keep it open until the event."""

    def script(stream: socket.socket, _: str) -> None:
        for part in parts:
            stream.sendall(part)
        if then is not None:
            then.wait(10)
        stream.shutdown(socket.SHUT_RDWR)

    return script


def drips(stop: threading.Event) -> Script:
    """Send a body byte by byte, each in time, for ever."""

    def script(stream: socket.socket, _: str) -> None:
        stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while not stop.wait(0.05):
            stream.sendall(b" ")

    return script


def http_of(websocket_url: str) -> str:
    return websocket_url.replace("ws://", "http://").removesuffix("/ws")


WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]"


@pytest.mark.parametrize(
    "broken",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[1, 2",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[1, 2\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-",
        b"",
        b"\x16\x03\x01 what is this\r\n\r\n",
    ],
)
def test_a_cut_off_answer_is_asked_for_again(
    broken: bytes, tracker: GlobalRequestTracker, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    with raw_server(sends(broken), sends(WHOLE)) as url:
        assert client_of(http_of(url), tracker).leagues("football") == []
    assert tracker.usage().used == 2
    assert "/v3/leagues" in caplog.text
    assert KEY not in caplog.text


@pytest.mark.parametrize("length", [b"Content-Length: 1000000000000\r\n", b""])
def test_an_endless_answer_is_left(length: bytes, tracker: GlobalRequestTracker) -> None:
    done = threading.Event()
    head = b"HTTP/1.1 200 OK\r\n" + length + b"\r\n"
    try:
        with raw_server(sends(head, b"x" * 300_000, then=done)) as url:
            with pytest.raises(SourceChanged, match="larger than 200000 bytes"):
                client_of(http_of(url), tracker, max_bytes=200_000).sports()
            done.set()
    finally:
        done.set()


def test_an_answer_that_trickles_in_is_left_at_the_deadline(tracker: GlobalRequestTracker) -> None:
    stop = threading.Event()
    clock = SystemClock()
    with raw_server(drips(stop)) as url:
        started = clock.monotonic()
        with pytest.raises(TransientError, match="took too long"):
            client_of(http_of(url), tracker, total_timeout=0.5, attempts=1).sports()
        assert clock.monotonic() - started < 3 * PATIENCE
        stop.set()


def test_a_connection_is_used_again_and_replaced_when_the_server_closed_it(
    server: HTTPServer, tracker: GlobalRequestTracker
) -> None:
    ports: list[int] = []

    def note(request: Request) -> Response:
        ports.append(int(request.environ["REMOTE_PORT"]))
        return Response(json.dumps(FOOTBALL), content_type="application/json")

    server.expect_request("/v3/sports").respond_with_handler(note)
    client = client_of(server.url_for("/v3"), tracker)
    for _ in range(3):
        assert client.sports() == [Sport("Football", "football")]
    assert len(ports) == 3
    client.close()
