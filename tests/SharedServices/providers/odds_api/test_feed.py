"""Answers of odds as a whole: how old they are, what was asked for, what was refused. No sockets."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
import responses
from pydantic import SecretStr

from PROPPR.SharedServices.odds.rejects import Reject
from PROPPR.SharedServices.odds.rest import OddsElement
from PROPPR.SharedServices.odds.times import format_iso_ms
from PROPPR.SharedServices.providers.http.session import new_session
from PROPPR.SharedServices.providers.odds_api.client import OddsApiClient
from PROPPR.SharedServices.providers.odds_api.config import RestConfig
from PROPPR.SharedServices.providers.odds_api.errors import BookmakerUnknown, LookbackRefused
from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.service.errors import SourceChanged
from PROPPR.SharedServices.tracking.request_tracker import Grant

BASE = "https://api.example.test/v3"
NOW = datetime(2026, 5, 27, 4, 20, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)


class Tracker:
    """Grants everything."""

    def acquire(self, service: str | None = None, cost: int = 1) -> Grant:
        return Grant(True, "others", sequence=1)

    def observe(self, *_: Any) -> None:
        pass


class Rig:
    def __init__(self, mock: responses.RequestsMock) -> None:
        self.mock = mock
        self.rejects: list[Reject] = []
        tracker: Any = Tracker()
        self.client = OddsApiClient(
            RestConfig(BASE, SecretStr("key"), first_wait=0.001, longest_wait=0.002, large_bytes=100_000),
            tracker,
            service="unified_poller",
            clock=ManualClock(NOW),
            on_reject=self.rejects.append,
        )

    def answers(self, path: str, body: object, **options: Any) -> None:
        self.mock.add(responses.GET, f"{BASE}/{path}", body=json.dumps(body), **options)

    def updated(self, bookmaker: str = "M88", sport: str = "football") -> list[OddsElement | Reject]:
        return list(self.client.odds_updated(bookmaker, sport, NOW - timedelta(seconds=50)).elements())


@pytest.fixture
def rig() -> Any:
    with responses.RequestsMock() as mock:
        yield Rig(mock)


def element(number: int, books: dict[str, list[int]], sport: str = "football") -> dict[str, Any]:
    """An element whose bookmakers quoted markets so many ms before now."""
    return {
        "id": number,
        "home": "Ashton Town",
        "away": "Burwell FC",
        "date": "2026-05-29T00:30:00Z",
        "sport": {"name": sport, "slug": sport},
        "league": {"name": "England - Cup", "slug": "x"},
        "status": "pending",
        "bookmakers": {
            name: [
                {"name": f"Market {index}", "updatedAt": format_iso_ms(NOW_MS - age), "odds": [{"home": "2.1"}]}
                for index, age in enumerate(ages)
            ]
            for name, ages in books.items()
        },
    }


def test_an_answer_is_as_old_as_its_newest_quote_less_two_seconds(rig: Rig) -> None:
    rig.answers("odds/updated", [element(1, {"M88": [60_000, 9_000]}), element(2, {"M88": [1_000, 70_000]})])
    feed = rig.client.odds_updated("M88", "football", NOW)
    assert feed.as_of == NOW_MS - 3_000
    ages = [
        NOW_MS - (snapshot.as_of or 0)
        for one in feed.elements()
        if isinstance(one, OddsElement)
        for snapshot in one.snapshots
    ]
    assert ages == [3_000, 1_000], "the second holds the newest quote itself"


def test_a_quote_dated_ahead_makes_no_answer_newer(rig: Rig) -> None:
    rig.answers("odds/updated", [element(1, {"M88": [30_000, -5_000]}), element(2, {"M88": [40_000]})])
    first, second = rig.updated()
    assert isinstance(first, OddsElement) and isinstance(second, OddsElement)
    assert first.snapshots[0].as_of == NOW_MS - 30_000
    assert second.snapshots[0].as_of == NOW_MS - 32_000


def test_an_answer_without_quotes_has_no_age(rig: Rig) -> None:
    rig.answers("odds/updated", [element(1, {"M88": []})])
    feed = rig.client.odds_updated("M88", "football", NOW)
    assert feed.as_of is None
    (only,) = feed.elements()
    assert isinstance(only, OddsElement) and only.snapshots[0].as_of is None


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("Wed, 27 May 2026 04:19:58 GMT", NOW_MS - 2_000),
        ("Wed, 27 May 2026 06:19:58 +0200", NOW_MS - 2_000),
        ("Wed, 27 May 2026 04:19:58", None),
        ("Wed, 27 May 1926 04:19:58 GMT", None),
        ("yesterday", None),
        ("27 " * 200, None),
        ("Wed, 99 May 2026 04:19:58 GMT", None),
        (None, None),
    ],
)
def test_the_senders_time_is_optional_and_checked(rig: Rig, date: str | None, expected: int | None) -> None:
    headers = {} if date is None else {"Date": date}
    rig.answers("odds/updated", [], headers=headers)
    rig.answers("odds/multi", [], headers=headers)
    assert rig.client.odds_updated("M88", "football", NOW).provider_time == expected
    assert rig.client.odds_multi([1], ["M88"]).provider_time == expected


def test_books_and_sports_that_nobody_asked_for_are_refused_and_counted(rig: Rig) -> None:
    rig.answers(
        "odds/updated",
        [
            element(1, {"M88": [1], "M88 (no latency)": [1], "Bet365": [1], "FB Sports": [1]}),
            element(2, {"M88": [1]}, "tennis"),
            element(3, {"M88": [1]}),
        ],
    )
    first, second, third = rig.updated()
    assert isinstance(first, OddsElement) and isinstance(third, OddsElement)
    assert [one.feed for one in (*first.snapshots, *third.snapshots)] == ["M88", "M88 (no latency)", "M88"]
    assert isinstance(second, Reject)
    assert [(one.reason, one.fixture_id, one.lossy, one.excerpt) for one in rig.rejects] == [
        ("unasked_bookmaker", 1, False, "2 not asked for"),
        ("unasked_sport", 2, False, ""),
    ]


def test_the_books_of_several_events_are_of_the_bookmakers_asked_for_and_of_any_sport(rig: Rig) -> None:
    rig.answers("odds/multi", [element(1, {"M88": [1], "Bet365": [1], "Sbobet": [1]}, "tennis")])
    answer = rig.client.odds_multi([1], ["M88", "Bet365"])
    assert [one.feed for one in answer.snapshots] == ["M88", "Bet365"]
    assert [one.reason for one in answer.rejects] == ["unasked_bookmaker"]


def test_one_bad_element_of_many_is_refused_alone(rig: Rig) -> None:
    good = [element(number, {"M88": [1]}) for number in (1, 2)]
    body = json.dumps(good)[:-1] + ', {"id": 3, "home": NaN}, 5, "text", null]'
    rig.mock.add(responses.GET, f"{BASE}/odds/updated", body=body)
    read = rig.updated()
    assert [isinstance(one, OddsElement) for one in read] == [True, True, False, False, False, False]
    assert [one.fixture_id for one in rig.rejects] == [3, None, None, None]
    assert all(one.lossy for one in rig.rejects)


def test_the_limit_of_large_answers_is_their_own(rig: Rig) -> None:
    rig.answers("odds/updated", [" " * 100_000])
    with pytest.raises(SourceChanged, match="larger than 100000 bytes"):
        rig.updated()
    rig.answers("odds/multi", [{"id": 1, "home": " " * 100_000}])
    assert len(rig.client.odds_multi([1], ["M88"]).rejects) == 1


@pytest.mark.parametrize("status", [400, 200])
def test_what_the_provider_does_not_remember_or_know(rig: Rig, status: int) -> None:
    rig.answers("odds/updated", {"error": "since must be within the last 60 seconds"}, status=status)
    with pytest.raises(LookbackRefused):
        rig.updated()
    rig.mock.reset()
    rig.answers("odds/updated", {"error": "Invalid bookmaker: FB Sports"}, status=status)
    with pytest.raises(BookmakerUnknown) as caught:
        rig.updated("FB Sports")
    assert caught.value.bookmaker == "FB Sports"
    assert len(rig.mock.calls) == 1


def test_a_refusal_in_a_large_page_is_told_by_its_status(rig: Rig) -> None:
    page = gzip.compress(b"<html>" + b" " * 3_000_000)
    rig.mock.add(responses.GET, f"{BASE}/odds/updated", body=page, status=400)
    with pytest.raises(Exception, match="400: no reason given"):
        rig.updated()


def test_no_cookie_is_kept() -> None:
    session = new_session()
    with responses.RequestsMock() as mock:
        mock.add(responses.GET, f"{BASE}/sports", body="[]", headers={"Set-Cookie": "one=1; Path=/"})
        assert isinstance(session.get(f"{BASE}/sports", timeout=1), requests.Response)
        session.get(f"{BASE}/sports", timeout=1)
        assert "Cookie" not in mock.calls[1].request.headers
    assert not list(session.cookies)
