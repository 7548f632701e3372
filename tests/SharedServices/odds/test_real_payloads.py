"""Every captured payload through the code (beside the repository; skipped where it is absent)."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from odds_answers import elements_of

from PROPPR.SharedServices.odds.markets import market_family
from PROPPR.SharedServices.odds.messages import OddsMessage, Unknown, Welcome
from PROPPR.SharedServices.odds.rest import (
    AnswerFacts,
    OddsElement,
    WireError,
    expect_list,
    read_event,
    read_event_list,
    read_odds,
)
from PROPPR.SharedServices.odds.times import parse_iso_ms
from PROPPR.SharedServices.odds.types import SIDES, Line, MarketUpdate
from PROPPR.SharedServices.odds.wire import decode_frame

FULL_BOOK = "rest_odds_bet365_nolatency_betfairexchange_2026-03-16.json"
TRIMMED_BOOK = "rest_odds_all_markets_first3rows_2026-03-16.trimmed.json"
LABEL_ODDS = {
    "Double Chance",
    "Half Time Result",
    "Exact Total Goals",
    "Number of Goals In Match",
    "Total Corners",
    "Multi Scorers",
    "Goal Method",
}
NO_BOOKS = {  # what is no event, odds or WebSocket payload
    "error_bodies_observed.json",
    "http_response_headers_2026-05-27.json",
    "rest_bookmakers_selected_2026-05-27.json",
    "rest_leagues_basketball_2026-05-27.trimmed.json",
    "rest_leagues_football_2026-08-04.trimmed.json",
    "rest_value_bets_stoiximan_2026-06-25.json",
}
EVENTS = {"rest_events_epl_2026-03-16.json": 5, "rest_events_nba_2026-05-27.json": 8}
ODDS_LISTS = {
    "rest_odds_multi_nba_includeSeq_2026-05-27.trimmed.json",
    "rest_odds_updated_draftkings_nba_2026-05-27.trimmed.json",
    "rest_odds_updated_empty_bet365_2026-05-27.json",
    "rest_odds_updated_polymarket_2026-05-27.json",
}
WITHOUT_TIMES = {  # fragments: their markets have no updatedAt, so they can't be ordered
    "rest_odds_bet365_markets_football_2026-08-04.partial.json",
    "rest_player_props_bet365_worldcup_2026-06.partial.json",
}
FRAMES = {"ws_frames_nba_fanduel_2026-05-27.trimmed.json", "ws_updated_docs_example_2025-08.json"}
SINGLE = {"rest_event_pending_football_2026-08-04.json", FULL_BOOK, TRIMMED_BOOK}
RECEIVED_AT = parse_iso_ms("2026-08-05T00:00:00Z")


def load(real_data: Path, name: str) -> Any:
    return json.loads((real_data / "odds_api" / name).read_text())


@pytest.fixture
def full_book(real_data: Path) -> OddsElement:
    (element,), _ = elements_of(load(real_data, FULL_BOOK), AnswerFacts(5, received_at=RECEIVED_AT))
    return element


def markets_of(element: OddsElement, feed: str) -> dict[str, MarketUpdate]:
    (snapshot,) = (book for book in element.snapshots if book.feed == feed)
    return {update.market: update for update in snapshot.markets}


def test_every_payload_has_a_test(real_data: Path) -> None:
    names = {path.name for path in (real_data / "odds_api").glob("*.json")}
    assert names == NO_BOOKS | set(EVENTS) | ODDS_LISTS | WITHOUT_TIMES | FRAMES | SINGLE


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_events(real_data: Path, name: str) -> None:
    read = read_event_list(load(real_data, name))
    assert (len(read.fixtures), read.rejects) == (EVENTS[name], ())
    for fixture in read.fixtures:
        assert fixture.country and fixture.league and fixture.home_id and fixture.away_id
        assert fixture.scores is None  # all pending: 0-0 is no result
        assert parse_iso_ms(fixture.date) == fixture.kickoff


def test_single_event(real_data: Path) -> None:
    fixture = read_event(load(real_data, "rest_event_pending_football_2026-08-04.json"))
    assert (fixture.country, fixture.league, fixture.sport) == ("Scotland", "League One", "football")
    assert fixture.date == "2026-08-08T14:00:00Z"


@pytest.mark.parametrize("name", sorted(ODDS_LISTS))
def test_lists_of_odds_without_a_reject(real_data: Path, name: str) -> None:
    payload = load(real_data, name)
    elements, rejects = elements_of(payload, AnswerFacts(55711659, received_at=RECEIVED_AT))
    assert (len(elements), rejects) == (len(payload), [])
    for element, source in zip(elements, payload, strict=True):
        assert (element.rejects, element.partial, element.skipped_markets) == ((), (), 0)
        assert {book.feed for book in element.snapshots} == set(source["bookmakers"])
        for book in element.snapshots:
            assert_rows_landed(source["bookmakers"][book.feed], book.markets)


@pytest.mark.parametrize("name", [FULL_BOOK, TRIMMED_BOOK])
def test_single_odds_without_a_reject(real_data: Path, name: str) -> None:
    source = load(real_data, name)
    (element,), _ = elements_of(source, AnswerFacts(received_at=RECEIVED_AT))
    assert element == read_odds(source, AnswerFacts(received_at=RECEIVED_AT)), "both ways of reading agree"
    assert (element.rejects, element.partial, element.skipped_markets) == ((), (), 4)
    assert {book.feed for book in element.snapshots} == set(source["bookmakers"])
    for book in element.snapshots:
        assert_rows_landed(source["bookmakers"][book.feed], book.markets)


def assert_rows_landed(sources: list[dict[str, Any]], markets: tuple[MarketUpdate, ...]) -> None:
    """Check every market against its source: name, time, count of lines, and the numbers of the prices."""
    by_name = {update.market: update for update in markets}
    assert set(by_name) == {source["name"] for source in sources if not market_family(source["name"]).skip}
    for source in sources:
        update = by_name.get(source["name"])
        if update is None:
            continue
        assert update.updated_at == parse_iso_ms(source["updatedAt"])
        assert len(update.lines) == len(source["odds"])
        for row, line in zip(source["odds"], update.lines, strict=True):
            assert_same_prices(row, line, source["name"])


def assert_same_prices(row: dict[str, Any], line: Line, market: str) -> None:
    given = {side: float(row[side]) for side in SIDES if side in row and row[side] != "N/A"}
    read = {side: getattr(line, side) for side in SIDES if getattr(line, side) is not None}
    if market in LABEL_ODDS:
        assert list(given.values()) == [read.pop("odds")]
        assert read == {}
    else:
        assert read == given
    for key, pairs in (("lay", line.lay), ("depthLay", line.depth_lay), ("depth", line.depth)):
        sides = {side: float(row[f"{key}{side.capitalize()}"]) for side in SIDES if f"{key}{side.capitalize()}" in row}
        assert dict(pairs or ()) == sides
    assert line.max == row.get("max")


def test_the_whole_book_of_bet365(full_book: OddsElement) -> None:
    markets = markets_of(full_book, "Bet365")
    assert len(markets) == 63 - 4
    assert {update.market for update in markets.values() if update.is_player} == {
        "Anytime Goalscorer",
        "Player Shots",
        "Player Tackles",
        "Player Passes",
        "Player Shots Over/Under",
        "Player Shots On Target Over/Under",
        "Player To Score or Assist",
        "Team Goalscorer",
        "Multi Scorers",
        "Goal Method",
    }
    assert {update.bookmaker for update in markets.values()} == {"Bet365"}
    kinds = Counter(market_family(name).kind for name in markets)
    assert kinds["other"] == 0
    lines = {name: [line.label for line in update.lines] for name, update in markets.items() if not update.is_player}
    assert lines["Half Time Result"] == ["1", "Draw", "2"]
    assert lines["Double Chance"] == ["Brentford or Draw", "Draw or Wolverhampton", "Brentford or Wolverhampton"]
    assert all(line.hdp is None for line in markets["Half Time Result"].lines + markets["Specials"].lines)
    assert [line.hdp for line in markets["European Handicap"].lines] == [-1, 1, -3, -2, 2, 3]


def test_players_of_bet365(full_book: OddsElement) -> None:
    markets = markets_of(full_book, "Bet365")
    for name, update in markets.items():
        if not update.is_player:
            continue
        teams = [line for line in update.lines if line.player_name is None]
        expected = 4 if name == "Team Goalscorer" else 0
        assert len(teams) == expected, name
        for line in update.lines:
            assert (line.label is None) == (line.player_name is not None)
            assert line.player_name is None or "(" not in line.player_name
    assert {line.stat for line in markets["Goal Method"].lines} == {"Header", "Outside the Box"}
    assert {line.stat for line in markets["Multi Scorers"].lines} == {"2 or More", "3 or More"}
    assert {line.stat for line in markets["Player To Score or Assist"].lines} == {"Score", "Assist", "Score or Assist"}
    assert {line.stat for line in markets["Team Goalscorer"].lines if line.player_name} == {"First", "Last"}
    for name in ("Player Shots", "Player Tackles", "Player Passes", "Multi Scorers", "Player Shots Over/Under"):
        assert {line.team_side for line in markets[name].lines} == {"home", "away"}
        assert all(line.stat is None or name == "Multi Scorers" for line in markets[name].lines)


def test_the_fast_feed_and_the_exchange(full_book: OddsElement) -> None:
    fast = markets_of(full_book, "Bet365 (no latency)")
    assert set(fast) == {"ML", "Spread", "Totals", "Goals Over/Under", "Bookings Totals"}
    assert {(update.bookmaker, update.feed) for update in fast.values()} == {("Bet365", "Bet365 (no latency)")}
    exchange = markets_of(full_book, "Betfair Exchange")
    assert exchange["Draw No Bet"].lines[0].hdp is None
    assert exchange["Both Teams To Score"].lines[0].hdp is None
    assert exchange["Spread"].lines[0].hdp == -4
    assert all(line.lay for line in exchange["Totals"].lines)


def test_player_props_and_the_team_labels_among_them(real_data: Path) -> None:
    payload = load(real_data, "rest_odds_updated_draftkings_nba_2026-05-27.trimmed.json")
    (element,), _ = elements_of(payload, AnswerFacts(received_at=RECEIVED_AT))
    lines = markets_of(element, "DraftKings")["Player Props"].lines
    assert [line.label for line in lines if line.player_name is None] == [
        "SA Spurs Alternate (Points)",
        "Both Teams (Points)",
    ]
    assert all(line.stat and line.hdp for line in lines if line.player_name)


def test_websocket_frames(real_data: Path) -> None:
    frames = load(real_data, "ws_frames_nba_fanduel_2026-05-27.trimmed.json")
    lines = "\n".join(json.dumps(frame) for frame in frames)
    decoded = decode_frame(lines, RECEIVED_AT)
    assert (decoded.rejects, decoded.skipped_markets) == ((), 0)
    assert not [message for message in decoded.messages if isinstance(message, Unknown)]
    welcome, first, last = decoded.messages
    assert isinstance(welcome, Welcome) and welcome.market_filter == ("ML", "SPREAD", "TOTALS", "PLAYER PROPS")
    for message, source in zip((first, last), frames[1:], strict=True):
        assert isinstance(message, OddsMessage)
        assert (message.sequence, message.fixture_id, message.feed) == (source["seq"], 70505028, "FanDuel")
        assert message.timestamp == source["timestamp"] * 1000
        assert_rows_landed(source["markets"], message.updates)
        props = {update.market: update for update in message.updates}["Player Props"]
        assert all(line.player_name and line.stat for line in props.lines)


def test_early_example(real_data: Path) -> None:
    source = load(real_data, "ws_updated_docs_example_2025-08.json")
    decoded = decode_frame(json.dumps(source), RECEIVED_AT)
    (message,) = decoded.messages
    assert decoded.rejects == ()
    assert isinstance(message, OddsMessage)
    assert (message.sequence, message.url) == (None, None)
    assert_rows_landed(source["markets"], message.updates)


@pytest.mark.parametrize("name", sorted(WITHOUT_TIMES))
def test_fragments_without_times(real_data: Path, name: str) -> None:
    """Each market of them is refused for the missing time alone; with a time they are read."""
    source = load(real_data, name)
    books = source.get("bookmakers") or {"Bet365": source["markets"]}
    for feed, markets in books.items():
        message = {"type": "updated", "id": 5, "bookie": feed, "markets": markets}
        decoded = decode_frame(json.dumps(message), RECEIVED_AT)
        assert [(reject.reason, reject.field) for reject in decoded.rejects] == [
            ("missing", f"markets[{index}].updatedAt") for index in range(len(markets))
        ]
        for market in markets:
            market["updatedAt"] = "2026-08-04T10:00:00Z"
        again = decode_frame(json.dumps(message), RECEIVED_AT)
        assert again.rejects == ()
        (read,) = again.messages
        assert isinstance(read, OddsMessage)
        assert_rows_landed(markets, read.updates)


def test_error_bodies_are_errors(real_data: Path) -> None:
    for observed in load(real_data, "error_bodies_observed.json"):
        with pytest.raises(WireError):
            expect_list(observed["body"])
        with pytest.raises(WireError):
            read_odds(observed["body"], AnswerFacts())
