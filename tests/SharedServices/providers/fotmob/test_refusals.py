"""The client and a source that refuses, fails, or points elsewhere: what it sends then, and what it says."""

from __future__ import annotations

import json
import threading
from datetime import date

import pytest
from fotmob_rig import (
    API,
    CHALLENGE,
    NOT_FOUND_PAGE,
    Site,
    WaitingClock,
    client_of,
    match_body,
    paths_of,
)
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from PROPPR.SharedServices.providers.fotmob.errors import NotFound, SourceRefused
from PROPPR.SharedServices.service.errors import SourceChanged, TransientError

DETAILS = f"{API}/matchDetails"
DAY = date(2026, 5, 16)


@pytest.mark.parametrize("status", [401, 403, 410, 451])
def test_a_refusal_is_not_repeated_and_leaves_the_path_alone(server: HTTPServer, status: int) -> None:
    server.expect_request(f"{API}/leagues").respond_with_data(NOT_FOUND_PAGE, status, content_type="text/html")
    server.expect_request(f"{API}/teams").respond_with_json({"details": {"id": 1}})
    clock = WaitingClock()
    client = client_of(server.url_for("/"), clock, attempts=5)
    for _ in range(4):
        with pytest.raises(SourceRefused) as caught:
            client.league(47)
        assert caught.value.status == status
        assert 0 < caught.value.retry_after <= 60
        clock.advance(10)
    assert len(server.log) == 1
    client.team(1)
    assert client.state().refused == {"leagues": f"{status}, refused"}
    clock.advance(30)
    with pytest.raises(SourceRefused) as caught:
        client.league(47)
    assert caught.value.retry_after > 100
    assert len(server.log) == 3


def test_the_third_404_page_in_a_row_is_a_refusal(server: HTTPServer) -> None:
    def answer(request: Request) -> Response:
        team_id = int(request.args["id"])
        if team_id < 100:
            return Response(json.dumps({"details": {"id": team_id}}), content_type="application/json")
        return Response(NOT_FOUND_PAGE, 404, content_type="text/html")

    server.expect_request(f"{API}/teams").respond_with_handler(answer)
    client = client_of(server.url_for("/"))
    for team_id in (100, 101, 7, 102, 103):
        try:
            client.team(team_id)
        except NotFound as missing:
            assert missing.is_page
    assert client.state().healthy
    for team_id in range(104, 110):
        with pytest.raises(SourceRefused) as caught:
            client.team(team_id)
        assert caught.value.status == 404
    assert len(server.log) == 6
    assert client.state().refused == {"teams": "404, refused"}


def test_a_page_instead_of_data_is_a_refusal(server: HTTPServer) -> None:
    server.expect_request(f"{API}/matches").respond_with_data(CHALLENGE, 200, content_type="text/html; charset=utf-8")
    with pytest.raises(SourceRefused) as caught:
        client_of(server.url_for("/")).day(DAY)
    assert caught.value.turnstile
    assert caught.value.status == 200


def test_429_stops_everything_for_as_long_as_it_says(server: HTTPServer) -> None:
    server.expect_oneshot_request(DETAILS).respond_with_data("", 429, {"Retry-After": "600"})
    server.expect_request(f"{API}/teams").respond_with_json({"details": {"id": 1}})
    clock = WaitingClock()
    client = client_of(server.url_for("/"), clock)
    for ask in (lambda: client.match(7), lambda: client.team(1), lambda: client.match(7)):
        with pytest.raises(SourceRefused) as caught:
            ask()
        assert caught.value.retry_after == 600
    assert len(server.log) == 1
    clock.advance(600)
    client.team(1)
    assert client.state().healthy


def test_json_with_404_says_that_it_is_not_known(server: HTTPServer) -> None:
    server.expect_request(DETAILS).respond_with_json({"error": True}, 404)
    client = client_of(server.url_for("/"))
    for _ in range(2):
        with pytest.raises(NotFound):
            client.match(7)
    assert len(server.log) == 2
    assert client.state().healthy


def test_failures_are_tried_again_with_waits_and_then_given_up(server: HTTPServer) -> None:
    server.expect_oneshot_request(DETAILS).respond_with_data("", 502)
    server.expect_oneshot_request(DETAILS).respond_with_data("", 500)
    server.expect_oneshot_request(DETAILS).respond_with_json(match_body(7))
    client = client_of(server.url_for("/"), attempts=3)
    assert client.match(7).payload == match_body(7)
    assert len(server.log) == 3


def test_a_source_that_is_down_is_left_alone(server: HTTPServer) -> None:
    server.expect_request(DETAILS).respond_with_data("", 500)
    clock = WaitingClock()
    client = client_of(server.url_for("/"), clock, attempts=3)
    for match_id in range(1, 51):
        with pytest.raises(TransientError):
            client.match(match_id)
    assert len(server.log) == 9  # three matches, three attempts each, then silence
    assert not client.state().healthy
    assert client.state().refused == {"host": "fails"}


def test_a_redirect_within_the_host_is_followed_and_no_other(server: HTTPServer) -> None:
    server.expect_request(f"{API}/teams").respond_with_data("", 308, {"Location": "/api/v2/teams?id=1"})
    server.expect_request("/api/v2/teams", query_string="id=1").respond_with_json({"details": {"id": 1}})
    server.expect_request(f"{API}/leagues").respond_with_data("", 302, {"Location": f"{API}/leagues?id=47"})
    client = client_of(server.url_for("/"))
    assert client.team(1).payload == {"details": {"id": 1}}
    with pytest.raises(SourceChanged, match="without end"):
        client.league(47)
    assert len(server.log) == 5


@pytest.mark.parametrize(
    "location",
    ["http://elsewhere.invalid/api", "https://{host}/x", "//elsewhere.invalid/x", "http://u@{host}/x", ""],
)
def test_a_redirect_to_another_place_is_not_followed(server: HTTPServer, location: str) -> None:
    where = location.replace("{host}", f"{server.host}:{server.port}")
    server.expect_request(f"{API}/teams").respond_with_data("", 302, {"Location": where} if where else {})
    with pytest.raises(SourceChanged, match="redirect"):
        client_of(server.url_for("/")).team(1)
    assert len(server.log) == 1


def test_many_threads_ask_a_refusing_source_once(server: HTTPServer) -> None:
    site = Site()
    server.expect_request(DETAILS).respond_with_data("", 429)
    server.expect_request("/").respond_with_handler(site)
    client = client_of(server.url_for("/"))
    with pytest.raises(SourceRefused):
        client.match(1)
    failures: list[type[Exception]] = []

    def ask(match_id: int) -> None:
        try:
            client.match(match_id)
        except TransientError as error:
            failures.append(type(error))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(2, 12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert failures == [SourceRefused] * 10
    assert paths_of(server) == [DETAILS]
