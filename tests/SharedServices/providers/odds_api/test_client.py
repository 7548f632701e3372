"""The REST client's calls: what is asked, and what is read. No sockets."""

from __future__ import annotations

import gzip
import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import responses
from responses import matchers
from rest_rig import EVENT, KEY, NOW, ODDS, Rig

from PROPPR.SharedServices.odds.rest import OddsElement
from PROPPR.SharedServices.providers.odds_api.models import Bookmaker, League, Sport
from PROPPR.SharedServices.service.errors import ConfigError, SourceChanged


def test_events_are_asked_for_by_time_and_status(rig: Rig) -> None:
    rig.answers("events", [EVENT])
    slug = "international-world-cup-qualification-asia-&-oceania"
    zone = timezone(timedelta(hours=2))
    (fixture,) = rig.client.events("football", ["pending", "live"], NOW, datetime(2026, 6, 10, tzinfo=zone), slug)
    assert (fixture.id, fixture.home, fixture.league) == (7291391184, "Brentford", "Premier League")
    assert rig.asked() == [
        {
            "sport": "football",
            "status": "pending,live",
            "league": slug,
            "from": "2026-05-27T04:20:00.000Z",
            "to": "2026-06-09T22:00:00.000Z",
            "limit": "5000",
            "apiKey": KEY,
        }
    ]
    url = str(rig.mock.calls[0].request.url)
    assert "asia-%26-oceania" in url
    assert "k3y-Of+%26The%2FAccount" in url
    assert rig.tracker.services == ["unified_poller"]


def test_events_come_by_pages(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("PROPPR.SharedServices.providers.odds_api.client.PAGE", 2)
    pages = [[EVENT | {"id": 1}, EVENT | {"id": 2}], [EVENT | {"id": 2}, {"id": "broken"}], [EVENT | {"id": 4}]]
    for number, page in enumerate(pages):
        skip = {"skip": str(2 * number)} if number else {}
        rig.answers("events", page, match=[matchers.query_param_matcher(skip | {"limit": "2"}, strict_match=False)])
    fixtures = rig.client.events("football", [], NOW, NOW)
    assert [fixture.id for fixture in fixtures] == [1, 2, 4]
    assert len(rig.rejects) == 1
    assert len(rig.tracker.services) == 3


@pytest.mark.parametrize("call", ["events", "odds_updated"])
def test_a_time_needs_its_zone(rig: Rig, call: str) -> None:
    naive = datetime(2026, 5, 27)  # noqa: DTZ001 - what must be refused
    with pytest.raises(ValueError, match="zone"):
        if call == "events":
            rig.client.events("football", [], naive, NOW)
        else:
            rig.client.odds_updated("Bet365", "football", naive)
    assert not rig.tracker.services


def test_one_event(rig: Rig) -> None:
    rig.answers("events/7291391184", EVENT)
    rig.answers("events/5", {"error": "Event not found"}, status=404)
    fixture = rig.client.event(7291391184)
    assert fixture is not None
    assert fixture.home_id == 1
    assert rig.client.event(5) is None


def test_books_of_several_events_with_the_feeds_position(rig: Rig) -> None:
    rig.answers("odds/multi", [ODDS], headers={"X-OddsAPI-Seq": "55711659"})
    answer = rig.client.odds_multi([7291391184, 5], ["Bet365", "BC.Game"])
    assert answer.sequence == 55711659
    (snapshot,) = answer.snapshots
    assert (snapshot.fixture_id, snapshot.feed, snapshot.sequence) == (7291391184, "Bet365", 55711659)
    assert snapshot.markets[0].lines[0].home == 2.1
    assert snapshot.source == "api_poller"
    assert [fixture.id for fixture in answer.fixtures] == [7291391184]
    asked = rig.asked()[0]
    assert (asked["eventIds"], asked["bookmakers"], asked["includeSeq"]) == ("7291391184,5", "Bet365,BC.Game", "true")
    assert answer.received_at == rig.clock.now_ms()


def test_without_the_header_there_is_no_position(rig: Rig) -> None:
    rig.answers("odds/multi", [], headers={"X-OddsAPI-Seq": "soon"})
    answer = rig.client.odds_multi([5], ["Bet365"], include_sequence=False)
    assert (answer.snapshots, answer.sequence) == ((), None)
    assert "includeSeq" not in rig.asked()[0]


@pytest.mark.parametrize(("ids", "bookmakers"), [([], ["A"]), (range(11), ["A"]), ([1], []), ([1], ["A"] * 31)])
def test_calls_beyond_the_providers_maxima_are_not_made(rig: Rig, ids: Any, bookmakers: list[str]) -> None:
    with pytest.raises(ValueError, match="a call"):
        rig.client.odds_multi(list(ids), bookmakers)
    assert not rig.tracker.services


def test_one_bad_market_never_loses_the_others(rig: Rig) -> None:
    market = ODDS["bookmakers"]["Bet365"][0]  # type: ignore[index]
    rig.answers("odds/multi", [ODDS | {"bookmakers": {"Bet365": [market, {"name": 5}]}}, {"id": None}])
    answer = rig.client.odds_multi([1], ["Bet365"])
    assert answer.snapshots == ()
    assert [update.market for update in answer.partial] == ["ML"]
    assert len(answer.rejects) == 2
    assert tuple(rig.rejects) == answer.rejects


def test_changes_since(rig: Rig) -> None:
    rig.answers("odds/updated", [ODDS])
    answer = rig.client.odds_updated("Bet365", "football", NOW - timedelta(seconds=50, milliseconds=1))
    (element,) = answer.elements()
    assert isinstance(element, OddsElement)
    assert [snapshot.feed for snapshot in element.snapshots] == ["Bet365"]
    assert (answer.count, answer.asked_at, answer.provider_time) == (1, rig.clock.now_ms(), None)
    asked = rig.asked()[0]
    assert asked["bookmaker"] == "Bet365"
    assert int(asked["since"]) == int(NOW.timestamp()) - 51


def test_the_catalogue(rig: Rig) -> None:
    rig.answers("sports", [{"name": "Football", "slug": "football"}, {"name": 7}])
    rig.answers("bookmakers", [{"name": "Bet365", "active": True}, {"name": "Old", "active": False}, "strange"])
    rig.answers("leagues", [{"name": "Spain - La Liga", "slug": "spain-la-liga", "eventsCount": 90}])
    rig.answers("bookmakers/selected", {"bookmakers": ["Bet365", "BC.Game"], "count": 2})
    assert rig.client.sports() == [Sport("Football", "football")]
    assert rig.client.bookmakers() == [Bookmaker("Bet365", True), Bookmaker("Old", False)]
    assert rig.client.leagues("football") == [League("Spain - La Liga", "spain-la-liga", 90)]
    assert rig.client.selected_bookmakers() == ["Bet365", "BC.Game"]
    assert ["apiKey" in asked for asked in rig.asked()] == [False, False, True, True]


def test_without_a_key_only_the_open_catalogue_is_read() -> None:
    with responses.RequestsMock() as mock:
        rig = Rig(mock, key=None)
        rig.answers("sports", [])
        assert rig.client.sports() == []
        with pytest.raises(ConfigError, match="ODDS_API_KEY"):
            rig.client.leagues("football")


def test_gzip_is_read_with_and_without_its_header(rig: Rig) -> None:
    packed = gzip.compress(json.dumps([{"name": "Football", "slug": "football"}]).encode())
    rig.answers("sports", packed, headers={"Content-Encoding": "gzip"})
    rig.answers("sports", packed)
    assert rig.client.sports() == rig.client.sports() == [Sport("Football", "football")]
    assert rig.mock.calls[0].request.headers["Accept-Encoding"] == "gzip"


@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_that_is_too_large_is_refused(packed: bool) -> None:
    with responses.RequestsMock() as mock:
        rig = Rig(mock, max_bytes=100_000)
        body = json.dumps(["x" * 99] * 2000).encode()
        rig.answers("sports", gzip.compress(body) if packed else body)
        with pytest.raises(SourceChanged, match="larger than 100000 bytes"):
            rig.client.sports()
        assert len(mock.calls) == 1


def test_broken_compression_is_tried_again(rig: Rig) -> None:
    packed = gzip.compress(b"[]" + b" " * 1000)
    rig.answers("sports", packed[:-12])
    rig.answers("sports", packed[:10] + b"\xff" * 20)
    rig.answers("sports", packed)
    assert rig.client.sports() == []


def test_the_real_payloads(rig: Rig, real_data: Path) -> None:
    def payload(name: str) -> Any:
        return json.loads((real_data / "odds_api" / name).read_text(encoding="utf-8"))

    rig.answers("events", payload("rest_events_epl_2026-03-16.json"))
    rig.answers("bookmakers/selected", payload("rest_bookmakers_selected_2026-05-27.json"))
    rig.answers("odds/updated", payload("rest_odds_updated_polymarket_2026-05-27.json"))
    rig.answers("odds/updated", payload("rest_odds_updated_empty_bet365_2026-05-27.json"))
    assert rig.client.events("football", ["pending"], NOW, NOW)
    assert "Polymarket" in rig.client.selected_bookmakers()
    assert rig.client.odds_updated("Polymarket", "Basketball", NOW).whole().snapshots
    assert rig.client.odds_updated("Bet365", "basketball", NOW).count == 0
    assert not rig.rejects
