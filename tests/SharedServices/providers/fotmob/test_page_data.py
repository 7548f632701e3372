"""Matches from the site's pages, while the api path refuses them."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest
from fotmob_rig import (
    API,
    CHALLENGE,
    NOT_FOUND_PAGE,
    MemoryCache,
    Site,
    WaitingClock,
    client_of,
    match_body,
    paths_of,
)
from pytest_httpserver import HTTPServer

from PROPPR.SharedServices.football.reading import read_match
from PROPPR.SharedServices.providers.fotmob.cache import match_key
from PROPPR.SharedServices.providers.fotmob.errors import NotFound, OtherAnswer, SourceRefused
from PROPPR.SharedServices.service.errors import SourceChanged

DETAILS = f"{API}/matchDetails"
ADDRESS = "/matches/chelsea-vs-manchester-city/2d55kw"


@pytest.fixture
def site(server: HTTPServer) -> Site:
    """Pages on the server, with one match; the api path refuses."""
    site = Site()
    site.add(5315746, ADDRESS)
    server.expect_request(DETAILS).respond_with_data(CHALLENGE, 403, content_type="text/html")
    server.expect_request("/").respond_with_handler(site)
    for build in ("build-1", "build-2"):
        for each in (5315746, 77):
            server.expect_request(f"/_next/data/{build}/match/{each}.json").respond_with_handler(site)
        for address in (ADDRESS, "/matches/other/abc"):
            server.expect_request(f"/_next/data/{build}{address}.json").respond_with_handler(site)
    return site


def test_a_match_is_read_from_its_page(server: HTTPServer, site: Site) -> None:
    cache = MemoryCache()
    client = client_of(server.url_for("/"), cache=cache)
    fetched = client.match(5315746)
    assert fetched.source == "page"
    assert fetched.payload == match_body(5315746)
    assert json.loads(fetched.raw) == fetched.payload
    assert paths_of(server) == [
        DETAILS, "/", "/_next/data/build-1/match/5315746.json", f"/_next/data/build-1{ADDRESS}.json",
    ]  # fmt: skip
    kept = client.last_good(match_key(5315746))
    assert kept is not None
    assert (kept.source, kept.payload) == ("page", fetched.payload)
    assert client.state().refused == {"matchDetails": "403, refused, proof of a human visitor is asked for"}


def test_neither_the_refused_path_nor_what_is_known_is_asked_for_again(server: HTTPServer, site: Site) -> None:
    clock = WaitingClock()
    client = client_of(server.url_for("/"), clock)
    client.match(5315746)
    server.clear_log()
    client.match(5315746)
    assert paths_of(server) == [f"/_next/data/build-1{ADDRESS}.json"]
    clock.advance(61)
    server.clear_log()
    client.match(5315746)
    assert paths_of(server) == [DETAILS, f"/_next/data/build-1{ADDRESS}.json"]


def test_the_api_path_is_used_again_when_it_answers(server: HTTPServer, site: Site) -> None:
    clock = WaitingClock()
    cache = MemoryCache()
    client = client_of(server.url_for("/"), clock, cache=cache)
    client.match(5315746)
    server.clear()
    server.expect_request(DETAILS).respond_with_json(match_body(5315746))
    clock.advance(61)
    assert client.match(5315746).source == "api"
    assert client.state().healthy
    assert "If-None-Match" not in server.log[-1][0].headers


def test_404_as_a_page_is_such_a_refusal_and_others_are_not(server: HTTPServer) -> None:
    site = Site()
    site.add(77, ADDRESS)
    server.expect_request(DETAILS).respond_with_data(NOT_FOUND_PAGE, 404, content_type="text/html")
    for path in ("/", "/_next/data/build-1/match/77.json", f"/_next/data/build-1{ADDRESS}.json"):
        server.expect_request(path).respond_with_handler(site)
    assert client_of(server.url_for("/")).match(77).source == "page"
    server.clear()
    server.expect_request(DETAILS).respond_with_data("", 401)
    with pytest.raises(SourceRefused):
        client_of(server.url_for("/")).match(77)
    assert paths_of(server) == [DETAILS]


def test_a_new_build_of_the_site_is_asked_for_once(server: HTTPServer, site: Site) -> None:
    client = client_of(server.url_for("/"))
    client.match(5315746)
    site.build = "build-2"
    server.clear_log()
    assert client.match(5315746).payload == match_body(5315746)
    assert paths_of(server) == [
        f"/_next/data/build-1{ADDRESS}.json", "/", f"/_next/data/build-2{ADDRESS}.json",
    ]  # fmt: skip
    server.clear_log()
    client.match(5315746)
    assert paths_of(server) == [f"/_next/data/build-2{ADDRESS}.json"]


def test_a_home_page_that_names_a_build_no_longer_served_makes_no_storm(server: HTTPServer, site: Site) -> None:
    client = client_of(server.url_for("/"))
    client.match(5315746)
    site.build, site.named = "build-2", "build-1"
    server.clear_log()
    for _ in range(2):
        with pytest.raises(NotFound):
            client.match(5315746)
    for _ in range(10):
        with pytest.raises(SourceRefused):
            client.match(5315746)
    assert paths_of(server) == 3 * [f"/_next/data/build-1{ADDRESS}.json", "/", f"/_next/data/build-1{ADDRESS}.json"]
    assert set(client.state().refused or {}) == {"matchDetails", "page"}


def test_the_other_meeting_of_the_two_teams_is_not_taken(server: HTTPServer, site: Site) -> None:
    site.add(77, "/matches/other/abc", serves=78)
    cache = MemoryCache()
    client = client_of(server.url_for("/"), cache=cache)
    with pytest.raises(OtherAnswer):
        client.match(77)
    assert cache.kept == {}
    site.add(77, ADDRESS)
    assert client.match(77).payload == match_body(77)


def test_a_match_without_a_page_is_not_known(server: HTTPServer, site: Site) -> None:
    client = client_of(server.url_for("/"))
    with pytest.raises(NotFound):
        client.match(77)
    assert "page" not in (client.state().refused or {})


def test_matches_that_nobody_knows_leave_the_source_well(server: HTTPServer) -> None:
    site = Site()
    server.expect_request("/").respond_with_handler(site)
    server.expect_request(DETAILS, query_string="matchId=1").respond_with_json(match_body(1))
    server.expect_request(re.compile(".*")).respond_with_data(NOT_FOUND_PAGE, 404, content_type="text/html")
    client = client_of(server.url_for("/"))
    for match_id in (2, 1, 3, 1):
        try:
            assert client.match(match_id).payload == match_body(1)
        except NotFound:
            assert match_id != 1
    assert client.state().healthy


@pytest.mark.parametrize(
    "target",
    [None, 7, "", "/leagues/47", "https://elsewhere.invalid/matches/a/b#77", "//x/matches/a/b", "/matches/../../x/a/b"],
)
def test_a_short_address_that_leads_elsewhere_is_not_followed(server: HTTPServer, target: object) -> None:
    server.expect_request(DETAILS).respond_with_data(CHALLENGE, 403, content_type="text/html")
    server.expect_request("/").respond_with_handler(Site())
    answer = {"pageProps": {"__N_REDIRECT": target, "__N_REDIRECT_STATUS": 308}}
    server.expect_request("/_next/data/build-1/match/77.json").respond_with_json(answer)
    with pytest.raises(SourceChanged, match="short address"):
        client_of(server.url_for("/")).match(77)
    assert len(server.log) == 3


@pytest.mark.parametrize(
    "home",
    [
        "<html></html>",
        '<script id="__NEXT_DATA__">{}</script>',
        '<script id="__NEXT_DATA__">no json</script>',
        '<script id="__NEXT_DATA__">{"buildId": 7}</script>',
        '<script id="__NEXT_DATA__">{"buildId": "../../x"}</script>',
    ],
    ids=["nothing", "empty", "no_json", "a_number", "a_path"],
)
def test_a_home_page_without_a_build_is_a_change(server: HTTPServer, home: str) -> None:
    server.expect_request(DETAILS).respond_with_data(CHALLENGE, 403, content_type="text/html")
    server.expect_request("/").respond_with_data(home, content_type="text/html")
    with pytest.raises(SourceChanged, match="build"):
        client_of(server.url_for("/")).match(77)
    assert len(server.log) == 2


def test_without_pages_the_refusal_stands(server: HTTPServer, site: Site) -> None:
    client = client_of(server.url_for("/"), base_url=server.url_for("/other"))
    server.expect_request("/other/matchDetails").respond_with_data("", 403)
    with pytest.raises(SourceRefused):
        client.match(77)
    assert paths_of(server) == ["/other/matchDetails"]


def test_a_real_page_is_the_match_that_the_api_path_would_answer(server: HTTPServer, real_data: Path) -> None:
    def captured(name: str) -> bytes:
        return gzip.decompress((real_data / "fotmob" / "misc" / "fotmob" / f"{name}.json.gz").read_bytes())

    server.expect_request(DETAILS).respond_with_data(CHALLENGE, 403, content_type="text/html")
    server.expect_request("/").respond_with_handler(Site())
    for address, name in (
        ("/match/5315746", "next_data_redirect_match_5315746"),
        (ADDRESS, "next_data_match_5315746"),
    ):
        body = captured(name)
        server.expect_request(f"/_next/data/build-1{address}.json").respond_with_data(
            body, content_type="application/json"
        )
    fetched = client_of(server.url_for("/")).match(5315746)
    assert fetched.source == "page"
    assert set(fetched.payload) == {"general", "header", "nav", "ongoing", "hasPendingVAR", "content", "seo"}
    assert read_match(fetched.payload).match_id == 5315746
    assert len(fetched.raw) < len(captured("next_data_match_5315746"))
