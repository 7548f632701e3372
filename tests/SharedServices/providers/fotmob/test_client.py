"""The client on a real local server: addresses, conditional requests, copies, pace, budget."""

from __future__ import annotations

import json
import threading
from datetime import date
from typing import Any

import pytest
from fotmob_rig import (
    API,
    MemoryCache,
    WaitingClock,
    client_of,
    match_body,
)
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from PROPPR.SharedServices.providers.fotmob.cache import day_key, league_key, match_key, player_key, team_key
from PROPPR.SharedServices.providers.fotmob.config import FotMobConfig
from PROPPR.SharedServices.providers.fotmob.errors import OtherAnswer, SourceRefused
from PROPPR.SharedServices.service.errors import ConfigError, RateLimited, SourceChanged, TransientError
from PROPPR.SharedServices.service.metrics import Metrics
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.source_cache import CachedResponse

DETAILS = f"{API}/matchDetails"
DAY = date(2026, 5, 16)


def test_each_call_asks_its_own_path(server: HTTPServer) -> None:
    server.expect_request(f"{API}/matches").respond_with_json({"leagues": [], "date": "20260516"})
    details = {"details": {"id": 47, "selectedSeason": "2024/2025"}}
    server.expect_request(f"{API}/leagues").respond_with_json(details)
    server.expect_request(DETAILS).respond_with_json(match_body(4813374))
    server.expect_request(f"{API}/teams").respond_with_json({"details": {"id": 9825}})
    server.expect_request(f"{API}/playerData").respond_with_json({"id": 961995})
    client = client_of(server.url_for("/"))
    assert client.day(DAY).payload["date"] == "20260516"
    assert client.league(47).payload == client.league(47, "2024/2025").payload == details
    fetched = client.match(4813374)
    assert json.loads(fetched.raw) == fetched.payload == match_body(4813374)
    assert (fetched.source, fetched.not_modified) == ("api", False)
    assert client.team(9825).payload["details"]["id"] == 9825
    assert client.player(961995).payload == {"id": 961995}
    assert [dict(request.args) for request, _ in server.log] == [
        {"date": "20260516", "timezone": "UTC"},
        {"id": "47"},
        {"id": "47", "season": "2024/2025"},
        {"matchId": "4813374"},
        {"id": "9825"},
        {"id": "961995"},
    ]
    assert client.state().healthy
    client.close()


def test_it_says_who_it_is_and_keeps_no_cookies(server: HTTPServer) -> None:
    server.expect_request(f"{API}/teams").respond_with_json(
        {"details": {"id": 1}}, headers={"Set-Cookie": "turnstile_verified=1; Path=/"}
    )
    client = client_of(server.url_for("/"))
    client.team(1)
    client.team(1)
    for request, _ in server.log:
        assert request.headers["User-Agent"].startswith("proppr/")
        assert "Cookie" not in request.headers
        assert request.headers["Accept"] == "application/json"


def test_what_holds_still_is_not_sent_again(server: HTTPServer) -> None:
    def answer(request: Request) -> Response:
        if request.headers.get("If-None-Match") == 'W/"a1"':
            assert request.headers["If-Modified-Since"] == "Sat, 16 May 2026 10:00:00 GMT"
            return Response(status=304)
        headers = {"ETag": 'W/"a1"', "Last-Modified": "Sat, 16 May 2026 10:00:00 GMT"}
        return Response(json.dumps(match_body(7)), headers=headers, content_type="application/json")

    server.expect_request(DETAILS).respond_with_handler(answer)
    cache, clock = MemoryCache(), WaitingClock()
    client = client_of(server.url_for("/"), clock, cache=cache)
    first = client.match(7)
    clock.advance(3600)
    second = client.match(7)
    assert (first.not_modified, second.not_modified) == (False, True)
    assert second.payload == first.payload == match_body(7)
    assert second.raw == first.raw
    assert (second.fetched_at - first.fetched_at).total_seconds() == 3600
    assert cache.confirmed == [match_key(7)]
    kept = client.last_good(match_key(7))
    assert kept is not None
    assert kept.fetched_at == second.fetched_at
    assert client.last_good(match_key(8)) is None


@pytest.mark.parametrize(
    "body",
    [b"no json", b"[]", json.dumps(match_body(8)).encode(), b"{}"],
    ids=["no_json", "a_list", "another_match", "nothing"],
)
def test_a_copy_that_is_no_answer_is_not_asked_about(server: HTTPServer, body: bytes) -> None:
    server.expect_request(DETAILS).respond_with_json(match_body(7))
    cache = MemoryCache()
    cache.kept[match_key(7)] = CachedResponse(body, WaitingClock().now(), etag='"x"')
    client_of(server.url_for("/"), cache=cache).match(7)
    assert "If-None-Match" not in server.log[0][0].headers
    assert json.loads(cache.kept[match_key(7)].body) == match_body(7)


def test_304_for_an_unconditional_request_is_not_understood(server: HTTPServer) -> None:
    server.expect_request(DETAILS).respond_with_data("", 304)
    with pytest.raises(SourceChanged):
        client_of(server.url_for("/")).match(7)


def test_a_cache_out_of_reach_stops_nothing(server: HTTPServer) -> None:
    class Away(MemoryCache):
        def get(self, key: str) -> CachedResponse | None:
            raise TransientError("away")

        def put(self, key: str, response: CachedResponse) -> bool:
            raise TransientError("away")

    server.expect_request(DETAILS).respond_with_json(match_body(7))
    client = client_of(server.url_for("/"), cache=Away())
    assert client.match(7).payload == match_body(7)
    with pytest.raises(TransientError):
        client.last_good(match_key(7))


def test_another_match_is_refused_and_never_kept(server: HTTPServer) -> None:
    server.expect_request(DETAILS).respond_with_json(match_body(8))
    cache = MemoryCache()
    with pytest.raises(OtherAnswer):
        client_of(server.url_for("/"), cache=cache).match(7)
    assert cache.kept == {}
    assert len(server.log) == 1


def test_requests_are_a_pause_apart(server: HTTPServer) -> None:
    server.expect_request(f"{API}/teams").respond_with_json({"details": {"id": 1}})
    clock = WaitingClock()
    client = client_of(server.url_for("/"), clock, pause=2.0)
    for _ in range(4):
        client.team(1)
    assert len(clock.waits) == 3
    assert all(2.0 <= wait <= 3.0 for wait in clock.waits)


def test_a_stop_ends_the_waits(server: HTTPServer) -> None:
    stop = threading.Event()
    client = client_of(server.url_for("/"), stop=stop, pause=60.0)
    stop.set()
    with pytest.raises(TransientError, match="stopped"):
        client.team(1)
    assert not server.log


def test_requests_are_counted(server: HTTPServer) -> None:
    server.expect_request(f"{API}/teams").respond_with_json({"details": {"id": 1}})
    server.expect_request(f"{API}/leagues").respond_with_data("", 418)
    metrics = Metrics()
    client = client_of(server.url_for("/"), metrics=metrics)
    client.team(1)
    assert b"proppr_fotmob_degraded 0.0" in metrics.exposition()
    with pytest.raises(SourceChanged):
        client.league(47)
    server.expect_request(f"{API}/playerData").respond_with_data("", 403)
    with pytest.raises(SourceRefused):
        client.player(1)
    shown = metrics.exposition()
    assert b'proppr_fotmob_requests_total{outcome="200",path="teams"} 1.0' in shown
    assert b'proppr_fotmob_requests_total{outcome="4xx",path="leagues"} 1.0' in shown
    assert b'proppr_fotmob_requests_total{outcome="403",path="playerData"} 1.0' in shown
    assert b"proppr_fotmob_degraded 1.0" in shown


def test_the_budget_is_asked_before_each_request(server: HTTPServer, database: Any) -> None:
    from PROPPR.SharedServices.tracking.fotmob_budget import fotmob_budget

    settings = Settings(proppr_fotmob_requests_per_day=20)
    budget = fotmob_budget(settings, database, service="stats-pipeline")
    server.expect_request(f"{API}/teams").respond_with_data("", 500)
    client = client_of(server.url_for("/"), budget=budget, attempts=2)
    with pytest.raises(TransientError):
        client.team(1)
    assert budget.usage().used == 2
    usage = {service.service: service.used for service in budget.usage().services}
    assert usage["stats_pipeline"] == 2
    for _ in range(18):
        if not budget.acquire():
            break
    with pytest.raises(RateLimited) as caught:
        client.team(1)
    assert (caught.value.retry_after or 0) > 0
    assert len(server.log) == 2
    assert database["api_requests"].find_one({"_id": "fotmob:86400000"}) is not None


def test_the_settings_make_the_configuration() -> None:
    settings = Settings(
        fotmob_base_url="http://127.0.0.1:9/fotmob/api/data",
        proppr_fotmob_pause=0.5,
        proppr_fotmob_requests_per_day=7,
    )
    config = FotMobConfig.of(settings)
    assert (config.pause, config.requests_per_day) == (0.5, 7)
    assert config.site_url == "http://127.0.0.1:9/fotmob"
    assert FotMobConfig("http://x/other").site_url is None
    for bad in ({"base_url": "ftp://x"}, {"base_url": "http://x/?a=b"}, {"pause": -1.0}, {"pause": float("nan")}):
        with pytest.raises(ConfigError):
            FotMobConfig(**bad)  # type: ignore[arg-type] # whichever field


def test_keys_differ() -> None:
    keys = {day_key(DAY), league_key(7), league_key(7, "2025/2026"), match_key(7), team_key(7), player_key(7)}
    assert len(keys) == 6
