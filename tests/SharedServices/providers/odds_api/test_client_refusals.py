"""The REST client and a provider that refuses or fails: which error says what, and what the fleet is told."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import responses
from pydantic import SecretStr
from rest_rig import BASE, KEY, NOW, RATES, Rig, Tracker

from PROPPR.SharedServices.providers.odds_api.client import OddsApiClient
from PROPPR.SharedServices.providers.odds_api.config import RestConfig
from PROPPR.SharedServices.providers.odds_api.errors import (
    AccessRefused,
    BookmakerRefused,
    BookmakerUnknown,
    KeyRefused,
    LookbackRefused,
    NotFound,
    RequestRefused,
)
from PROPPR.SharedServices.service.errors import ProPprError, RateLimited, SourceChanged, TransientError


def test_rate_headers_go_to_the_tracker(rig: Rig) -> None:
    rig.answers("sports", [], headers=RATES)
    rig.client.sports()
    assert rig.tracker.observed == [(5000, 4972, datetime(2026, 5, 27, 5, 11, 37, tzinfo=UTC), 1)]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, []),
        ({"x-ratelimit-limit": "many", "x-ratelimit-remaining": "-1"}, []),
        ({"x-ratelimit-remaining": "4967"}, [(None, 4967, None, 1)]),
        ({"x-ratelimit-limit": "100", "x-ratelimit-reset": "tomorrow"}, [(100, None, None, 1)]),
        ({"x-ratelimit-remaining": "9" * 400, "x-ratelimit-limit": "²"}, []),
    ],
)
def test_rate_headers_are_optional_and_checked(rig: Rig, headers: dict[str, str], expected: list[Any]) -> None:
    rig.answers("sports", [], headers=headers)
    rig.client.sports()
    assert rig.tracker.observed == expected


def test_without_budget_nothing_is_sent(rig: Rig) -> None:
    rig.tracker.budget = 0
    with pytest.raises(RateLimited, match="window") as caught:
        rig.client.sports()
    assert caught.value.retry_after == 77
    assert not rig.mock.calls


def test_a_429_parks_the_fleet_until_the_reset(rig: Rig) -> None:
    body = {"error": "Rate limit exceeded. Please try again later."}
    rig.answers("sports", body, status=429, headers=RATES | {"x-ratelimit-remaining": "0"})
    with pytest.raises(RateLimited, match="Rate limit exceeded") as caught:
        rig.client.sports()
    assert rig.tracker.parked == [datetime(2026, 5, 27, 5, 11, 37, tzinfo=UTC)]
    assert caught.value.retry_after == 51 * 60 + 37
    assert len(rig.mock.calls) == 1


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, None),
        ({"retry-after": "30"}, 30.0),
        ({"x-ratelimit-reset": "2026-05-27T04:00:00Z"}, 1.0),
        ({"x-ratelimit-reset": "2099-05-27T04:00:00Z"}, 3600.0),
    ],
)
def test_a_429_without_a_useful_reset(rig: Rig, headers: dict[str, str], wait: float | None) -> None:
    rig.answers("sports", "<html>slow down</html>", status=429, headers=headers)
    with pytest.raises(RateLimited) as caught:
        rig.client.sports()
    assert caught.value.retry_after == wait
    assert rig.tracker.parked == [None if wait is None else NOW + timedelta(seconds=wait)]


DENIED = (
    "Access denied. You're allowed max 2 bookmakers. Allowed: Bet365, BC.Game. To reset your selections, use PUT "
    f"/bookmakers/selected/clear?apiKey={KEY} or visit the documentation. Upgrade your plan at the site"
)


@pytest.mark.parametrize("status", [403, 200])
def test_a_refused_bookmaker_names_those_that_are_allowed(rig: Rig, status: int) -> None:
    rig.answers("odds/multi", {"error": DENIED}, status=status)
    with pytest.raises(BookmakerRefused, match="Access denied") as caught:
        rig.client.odds_multi([1], ["M88"])
    assert caught.value.allowed == ("Bet365", "BC.Game")
    assert KEY not in str(caught.value)
    assert "apiKey=[redacted]" in str(caught.value)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, {"error": "Missing eventIds"}, RequestRefused),
        (400, {"error": "Missing bookmakers"}, BookmakerUnknown),
        (401, {"error": "Invalid API key"}, KeyRefused),
        (403, {"error": "Your plan does not include this endpoint"}, AccessRefused),
        (403, {"error": "Access denied. Bookmaker not in your selection"}, BookmakerRefused),
        (404, {"error": "no such thing"}, NotFound),
        (200, {"error": "Missing bookmakers"}, BookmakerUnknown),
        (200, {"error": "since must be within the last 60 seconds"}, LookbackRefused),
        (200, {"error": "Invalid API key"}, KeyRefused),
        (200, {"error": "Rate limit exceeded. Please try again later."}, RateLimited),
        (302, "", SourceChanged),
        (418, "no JSON", RequestRefused),
        (200, {"data": []}, SourceChanged),
        (200, 5, SourceChanged),
    ],
)
def test_refusals_are_told_apart_and_not_repeated(rig: Rig, status: int, body: Any, error: type[ProPprError]) -> None:
    headers = {"Location": "https://elsewhere.example.test/"} if status == 302 else {}
    rig.answers("odds/multi", body, status=status, headers=headers)
    with pytest.raises(ProPprError) as caught:
        rig.client.odds_multi([1], ["M88"])
    assert type(caught.value) is error
    assert len(rig.mock.calls) == 1


@pytest.mark.parametrize("body", ["<html>", "", "[1, 2", "[{}] {}", "[{},]", '{"error": NaN}', "[" * 100_000])
def test_what_stays_unreadable_is_a_changed_source(rig: Rig, body: str) -> None:
    rig.answers("odds/multi", body)
    with pytest.raises(SourceChanged, match="no JSON"):
        rig.client.odds_multi([1], ["M88"])
    assert len(rig.mock.calls) == 3


def test_server_errors_are_tried_again_each_time_within_the_budget(rig: Rig) -> None:
    rig.answers("sports", "<html>bad gateway</html>", status=502)
    rig.answers("sports", {"error": "Internal"}, status=500)
    rig.answers("sports", [])
    assert rig.client.sports() == []
    assert len(rig.tracker.services) == 3


def test_retries_end(rig: Rig) -> None:
    rig.answers("sports", {"error": "Internal"}, status=503)
    with pytest.raises(TransientError, match="503: Internal"):
        rig.client.sports()
    assert len(rig.mock.calls) == 3
    rig.tracker.budget = 4
    with pytest.raises(RateLimited):
        rig.client.sports()
    assert len(rig.mock.calls) == 4


def test_a_stop_ends_the_wait_for_another_attempt() -> None:
    stop = threading.Event()
    with responses.RequestsMock() as mock:
        mock.add(responses.GET, f"{BASE}/sports", status=500)
        tracker: Any = Tracker()
        config = RestConfig(BASE, SecretStr(KEY), first_wait=500, longest_wait=1000)
        client = OddsApiClient(config, tracker, service="unified_poller", stop=stop)
        stop.set()
        with pytest.raises(TransientError, match="stopped"):
            client.sports()
        assert len(mock.calls) == 1


def test_the_real_error_bodies(rig: Rig, real_data: Path) -> None:
    expected: dict[Any, type[ProPprError]] = {403: BookmakerRefused, 429: RateLimited, None: BookmakerUnknown}
    for body in json.loads((real_data / "odds_api" / "error_bodies_observed.json").read_text(encoding="utf-8")):
        rig.mock.reset()
        rig.answers("odds/multi", body["body"], status=body["status"] or 400)
        with pytest.raises(ProPprError) as caught:
            rig.client.odds_multi([1], ["M88"])
        assert type(caught.value) is expected[body["status"]]
        if isinstance(caught.value, BookmakerRefused):
            assert caught.value.allowed == ("Bet365", "1xbet")
