"""REST v3 of the stand-in, against the reference of the provider."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from simulator_clients import KEY


def _ids(simulated: Any, count: int = 5) -> str:
    return ",".join(str(event["id"]) for event in simulated.get("/events", sport="football").json()[:count])


def test_catalogue_needs_no_key_and_has_the_providers_size(simulate: Any) -> None:
    simulated = simulate()
    books = {row["name"]: row["active"] for row in simulated.get("/bookmakers", key=None).json()}
    assert len(books) == 265
    assert {"Bet365", "M88", "FB Sports", "BetOnline.ag", "BC.Game"} <= books.keys()
    assert "Bet365 (no latency)" not in books and books["BookMaker.eu"] is False
    sports = simulated.get("/sports", key=None).json()
    assert len(sports) == 34 and {"name": "Football", "slug": "football"} in sports
    assert simulated.get("/bookmakers/selected").json()["count"] == 15


def test_leagues_count_their_events_and_slugs_may_hold_an_ampersand(simulate: Any) -> None:
    simulated = simulate(fixtures=300)
    leagues = simulated.get("/leagues", sport="football").json()
    assert sum(league["eventsCount"] for league in leagues) == 300
    assert any("&" in league["slug"] for league in leagues)
    slug = next(league["slug"] for league in leagues if "&" in league["slug"])
    assert all(
        event["league"]["slug"] == slug for event in simulated.get("/events", sport="football", league=slug).json()
    )


def test_events_are_filtered_by_status_time_and_page(simulate: Any) -> None:
    simulated = simulate(fixtures=200)
    events = simulated.get("/events", sport="football").json()
    assert len(events) == 200 and isinstance(events[0]["id"], int)
    assert any(event["id"] > 2**31 for event in events)
    assert {event["status"] for event in events} == {"pending", "live"}
    live = simulated.get("/events", sport="football", status="live").json()
    assert live and all(event["clock"] for event in live)
    assert simulated.get("/events/live", sport="football").json() == live
    begin = datetime.now(UTC) + timedelta(hours=3)  # noqa: TID251 - what a client would ask
    late = simulated.get("/events", sport="football", from_=begin.strftime("%Y-%m-%dT%H:%M:%SZ")).json()
    assert 0 < len(late) < 200
    assert simulated.get("/events", sport="football", limit=7, skip=190).json() == events[190:197]
    assert simulated.get(f"/events/{events[3]['id']}").json() == events[3]
    assert simulated.get("/events/search", query=events[3]["home"]).json()[0] == events[3]


@pytest.mark.parametrize(
    ("path", "query", "status", "text"),
    [
        ("/events", {}, 400, "Missing sport"),
        ("/events", {"sport": "quidditch"}, 400, "Invalid sport"),
        ("/events", {"sport": "football", "from_": "2026-05-01"}, 400, "Invalid from"),
        ("/events/1", {}, 404, "Event not found"),
        ("/events/abc", {}, 400, "Invalid event ID"),
        ("/events/upcoming", {}, 400, "Invalid event ID"),
        ("/odds", {"eventId": 1}, 400, "Missing bookmakers"),
        ("/odds/multi", {"bookmakers": "Bet365"}, 400, "Missing eventIds"),
        ("/odds/multi", {"bookmakers": "Nobody", "eventIds": "1"}, 400, "Invalid bookmaker: Nobody"),
        ("/odds/multi", {"bookmakers": "Bet365 (no latency)", "eventIds": "1"}, 400, "Invalid bookmaker"),
        ("/odds/multi", {"bookmakers": "Bet365", "eventIds": ",".join(map(str, range(11)))}, 400, "Maximum 10"),
        ("/odds/updated", {"bookmaker": "Bet365", "sport": "football", "since": 0}, 400, "since must be within"),
        ("/nothing", {}, 404, "Not found"),
    ],
)
def test_wrong_requests_get_the_error_body(
    simulate: Any, path: str, query: dict[str, Any], status: int, text: str
) -> None:
    answer = simulate().get(path, **query)
    assert answer.status_code == status
    assert answer.json()["error"].startswith(text) or text in answer.json()["error"]


def test_an_unselected_bookmaker_refuses_the_whole_call(simulate: Any) -> None:
    simulated = simulate(selected=("Bet365", "1xbet"), max_bookmakers=2)
    answer = simulated.get("/odds/multi", bookmakers="Bet365,M88", eventIds=_ids(simulated))
    assert answer.status_code == 403
    assert answer.json()["error"].startswith(
        "Access denied. You're allowed max 2 bookmakers. Allowed: Bet365, 1xbet. To reset your selections, use PUT "
        f"/bookmakers/selected/clear?apiKey={KEY}"
    )


def test_changing_the_selection_is_counted_and_refused(simulate: Any) -> None:
    simulated = simulate()
    for path in ("select", "clear"):
        url = f"{simulated.server.rest_url}/bookmakers/selected/{path}"
        assert simulated.session.put(url, params={"apiKey": KEY, "bookmakers": "Unibet"}).status_code == 403
    assert simulated.control("stats")["rest"]["calls"]["selection_changes"] == 2


def test_odds_multi_brings_the_second_feed_and_omits_events_without_odds(simulate: Any) -> None:
    simulated = simulate()
    answer = simulated.get("/odds/multi", bookmakers="Bet365,M88", eventIds=_ids(simulated) + ",999", includeSeq="true")
    documents = answer.json()
    assert len(documents) == 5
    assert int(answer.headers["X-OddsAPI-Seq"]) == simulated.control("stats")["sequence"]
    document = documents[0]
    assert set(document["bookmakers"]) == {"Bet365", "Bet365 (no latency)", "M88"}
    assert "Bet365 (no latency)" not in document["urls"] and "homeId" not in document
    assert {market["name"] for market in document["bookmakers"]["Bet365 (no latency)"]} == {
        "ML", "Spread", "Totals", "Goals Over/Under", "Bookings Totals",
    }  # fmt: skip
    row = document["bookmakers"]["M88"][0]["odds"][0]
    assert all(isinstance(price, str) for price in row.values())
    assert "X-OddsAPI-Seq" not in simulated.get("/odds", bookmakers="Bet365", eventId=document["id"]).headers


def test_odds_updated_tells_the_full_book_of_every_event_that_changed(simulate: Any) -> None:
    simulated = simulate()
    now = int(datetime.now(UTC).timestamp())  # noqa: TID251 - what a client would ask
    assert simulated.get("/odds/updated", bookmaker="M88", sport="football", since=now).json() == []
    simulated.step(300)
    documents = simulated.get("/odds/updated", bookmaker="M88", sport="Football", since=now).json()
    touched = simulated.control("truth", feeds="M88", touched="true")["fixtures"]
    priced = {event_id for event_id, feeds in touched.items() if feeds["M88"]["markets"]}
    assert {str(document["id"]) for document in documents} == priced
    for document in documents:
        names = {market["name"] for market in document["bookmakers"]["M88"]}
        assert names == set(touched[str(document["id"])]["M88"]["markets"])


def test_the_budget_is_counted_announced_and_enforced(simulate: Any) -> None:
    simulated = simulate(request_limit=3)
    remaining = []
    for _ in range(3):
        headers = simulated.get("/events/live").headers
        assert headers["x-ratelimit-limit"] == "3"
        remaining.append(headers["x-ratelimit-remaining"])
    assert remaining == ["2", "1", "0"]
    refused = simulated.get("/events/live")
    assert refused.status_code == 429
    assert refused.json() == {"error": "Rate limit exceeded. Please try again later."}
    reset = datetime.fromisoformat(refused.headers["x-ratelimit-reset"])
    assert timedelta(0) < reset - datetime.now(UTC) < timedelta(hours=1, seconds=2)  # noqa: TID251 - the reset is real
    assert simulated.get("/events/live", key="another").ok
    assert "x-ratelimit-limit" not in simulated.get("/sports").headers
    accounts = simulated.control("stats")["rest"]["accounts"]
    assert accounts[0] == {"allowed": 3, "refused": 1, "busiest": 3, "foreign": 0, "limit": 3}


def test_keys_are_required_and_checked(simulate: Any) -> None:
    simulated = simulate(api_keys=("good",))
    assert simulated.get("/events/live", key=None).status_code == 401
    assert simulated.get("/events/live", key="bad").json() == {"error": "Invalid API key"}
    assert simulated.get("/events/live", key="good").ok


@pytest.mark.parametrize("hidden", [False, True])
def test_markets_without_rows_are_listed_empty_or_left_out(simulate: Any, hidden: bool) -> None:
    simulated = simulate(hide_empty_markets=hidden, start=1_760_000_000_000, fixtures=3)
    empty = 0
    for _ in range(30):
        simulated.step(100)
        truth = simulated.control("truth")["fixtures"]
        for document in simulated.get("/odds/multi", bookmakers="M88,Unibet", eventIds=_ids(simulated)).json():
            for feed, markets in document["bookmakers"].items():
                told = {market["name"]: market["odds"] for market in markets}
                known = {name: m["odds"] for name, m in truth[str(document["id"])][feed]["markets"].items()}
                empty += sum(rows == [] for rows in known.values())
                assert told == {name: rows for name, rows in known.items() if rows or not hidden}
    assert empty
