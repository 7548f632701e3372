"""The WebSocket's filters: maxima, the texts of refusals, and what passes."""

from __future__ import annotations

from typing import Any

import pytest
from simulator_clients import read, read_until


def _many(count: int) -> str:
    return ",".join(f"x{number}" for number in range(count))


@pytest.mark.parametrize(
    ("query", "status", "text"),
    [
        ({"sport": _many(11)}, 400, "Too many sports. Maximum 10 allowed."),
        ({"leagues": _many(21)}, 400, "Too many leagues. Maximum 20 allowed."),
        ({"eventIds": _many(51)}, 400, "Too many event IDs. Maximum 50 allowed."),
        ({"markets": _many(21)}, 400, "Too many markets. Maximum 20 allowed."),
        ({"leagues": "a", "eventIds": "1"}, 400, "Cannot use both 'leagues' and 'eventIds' filters together."),
        ({"status": "pending"}, 400, "Invalid status filter. Use 'prematch' or 'live'"),
        ({"channels": "everything"}, 400, "Invalid channels. Use 'odds', 'scores' or 'status'"),
        ({"markets": ""}, 400, "Missing markets"),
        ({"lastSeq": "abc"}, 400, "Invalid lastSeq"),
        ({"key": ""}, 401, "Missing API key"),
        ({"key": "bad"}, 401, "Invalid API key"),
    ],
)
def test_a_refused_handshake_has_the_documented_text(
    simulate: Any, query: dict[str, str], status: int, text: str
) -> None:
    simulated = simulate(api_keys=("a-key",))
    assert simulated.refusal(**query) == (status, text)
    assert simulated.control("stats")["stream"]["refused_handshakes"] == 1


def test_the_maxima_themselves_are_accepted(simulate: Any) -> None:
    simulated = simulate()
    for query in ({"sport": _many(10)}, {"leagues": _many(20)}, {"eventIds": _many(50)}, {"markets": _many(20)}):
        assert read(simulated.connect(**query))[0]["type"] == "welcome"


def test_the_welcome_tells_the_account_and_the_filters(simulate: Any) -> None:
    simulated = simulate(selected=("Bet365", "BC.Game"))
    ids = [str(event["id"]) for event in simulated.get("/events", sport="football").json()[:2]]
    [welcome] = read(
        simulated.connect(
            sport="football",
            eventIds=",".join(ids),
            markets="ML,Player Props",
            status="prematch",
            channels="odds,scores",
        )
    )
    assert welcome["message"] == "Connected to OddsAPI WebSocket"
    assert "@" in welcome["user_id"]
    assert welcome["bookmakers"] == ["Bet365", "BC.Game"]
    assert welcome["sport_filter"] == ["Football"] and welcome["event_id_filter"] == ids
    assert welcome["market_filter"] == ["ML", "PLAYER PROPS"]
    assert welcome["status_filter"] == "prematch" and welcome["channels"] == ["odds", "scores"]
    assert len(welcome["connected_at"].rsplit(".")[1]) == 10
    assert "warning" not in welcome


def test_filters_that_match_nothing_are_warned_of(simulate: Any) -> None:
    [welcome] = read(simulate().connect(sport="curling"))
    assert welcome["warning"]


def test_only_what_was_asked_for_arrives(simulate: Any) -> None:
    simulated = simulate(selected=("Bet365", "M88"), joined_share=0.0)
    event = simulated.get("/events", sport="football").json()[0]
    socket = simulated.connect(eventIds=event["id"], markets="ml,TOTALS")
    read(socket)
    head = simulated.step(1500)
    messages = read_until(socket, head["sequence"])
    odds = [message for message in messages if message["type"] in ("updated", "created")]
    assert odds
    assert {message["id"] for message in messages} == {str(event["id"])}
    assert {message["bookie"] for message in odds} <= {"Bet365", "Bet365 (no latency)", "M88"}
    assert {market["name"] for message in odds for market in message["markets"]} == {"ML", "Totals"}
    assert {message["type"] for message in messages} <= {"updated", "created", "deleted", "no_markets"}
    assert all(isinstance(message["timestamp"], int) and message["timestamp"] < 10**11 for message in messages)


def test_leagues_and_status_select_fixtures(simulate: Any) -> None:
    simulated = simulate(fixtures=60)
    events = {str(event["id"]): event for event in simulated.get("/events", sport="football").json()}
    slug = next(event["league"]["slug"] for event in events.values() if event["status"] == "live")
    socket = simulated.connect(leagues=slug, status="live")
    read(socket)
    head = simulated.step(1500)
    seen = {message["id"] for message in read_until(socket, head["sequence"])}
    assert seen
    assert all(events[event_id]["league"]["slug"] == slug for event_id in seen)
    assert all(events[event_id]["status"] == "live" for event_id in seen)


def test_scores_and_status_come_on_their_channels(simulate: Any) -> None:
    simulated = simulate(fixtures=60)
    socket = simulated.connect(channels="scores,status", markets="")
    read(socket)
    head = simulated.step(3000)
    messages = read_until(socket, head["sequence"])
    assert {message["type"] for message in messages} <= {"score", "status"}
    scores = [message for message in messages if message["type"] == "score"]
    assert scores and all({"home", "away"} <= message["scores"].keys() for message in scores)
    assert all("bookie" not in message for message in messages)
