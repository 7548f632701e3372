"""REST elements: fixtures, books, and what one bad part may cost."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from odds_answers import elements_of

from PROPPR.SharedServices.odds.rejects import REASONS, WireError
from PROPPR.SharedServices.odds.rest import (
    AnswerFacts,
    OddsElement,
    expect_list,
    read_event,
    read_event_list,
    read_odds,
    split_league,
)

RECEIVED_AT = 1_779_855_700_000
STAMP = "2026-05-27T04:21:16.001Z"
ML = {"name": "ML", "updatedAt": STAMP, "odds": [{"home": "1.66", "away": "2.28"}]}
BAD = {"name": "Totals", "updatedAt": STAMP, "odds": [{"hdp": 2.5, "over": {}}]}
EVENT: dict[str, Any] = {
    "id": 7291391184,
    "home": "Ashton Town",
    "away": "Burwell FC",
    "homeId": 50,
    "awayId": "3",
    "date": "2026-05-29T00:30:00Z",
    "sport": {"name": "Football", "slug": "football"},
    "league": {"name": "International - World Cup Qualification, Asia & Oceania", "slug": "x-&-y"},
    "status": "pending",
    "scores": {"home": 0, "away": 0},
}
FACTS = AnswerFacts(77, received_at=RECEIVED_AT)
HEAD = {key: value for key, value in EVENT.items() if key not in ("homeId", "awayId", "scores")}


def odds(books: object, **fields: object) -> OddsElement:
    return read_odds({**HEAD, "bookmakers": books, **fields}, FACTS)


def test_an_event() -> None:
    fixture = read_event(EVENT)
    assert (fixture.id, fixture.home, fixture.away) == (7291391184, "Ashton Town", "Burwell FC")
    assert (fixture.home_id, fixture.away_id, fixture.sport) == (50, 3, "football")
    assert (fixture.country, fixture.league) == ("International", "World Cup Qualification, Asia & Oceania")
    assert (fixture.date, fixture.kickoff, fixture.status) == ("2026-05-29T00:30:00Z", 1_780_014_600_000, "pending")


@pytest.mark.parametrize("status", ["pending", "cancelled", "postponed", "Cancelled"])
def test_nil_nil_before_the_match_is_no_score(status: str) -> None:
    assert read_event({**EVENT, "status": status}).scores is None


@pytest.mark.parametrize(
    ("given_names", "names"),
    [
        (("p1", "p2", "fulltime", "overtime", "ap"), ("p1", "p2", "ft", "ot", "ap")),
        (("p1", "ft", "ot"), ("p1", "ft", "ot")),
    ],
)
def test_both_spellings_of_periods(given_names: tuple[str, ...], names: tuple[str, ...]) -> None:
    periods = {name: {"home": number, "away": 0} for number, name in enumerate(given_names)}
    fixture = read_event({**EVENT, "status": "settled", "scores": {"home": 3, "away": 1, "periods": periods}})
    assert fixture.scores == {
        "home": 3,
        "away": 1,
        "periods": {name: {"home": number, "away": 0} for number, name in enumerate(names)},
    }


def test_a_missing_goal_is_not_zero() -> None:
    fixture = read_event({**EVENT, "status": "live", "scores": {"home": 3, "away": None, "periods": {"p1": None}}})
    assert fixture.scores == {"home": 3, "periods": {}}


@pytest.mark.parametrize("status", ["abandoned", "something new"])
def test_any_status_and_any_name(status: str) -> None:
    fixture = read_event({**EVENT, "status": status, "home": "Winner of Wc", "scores": None, "homeId": None})
    assert (fixture.status, fixture.home, fixture.scores, fixture.home_id) == (status, "Winner of Wc", None, None)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("England - Premier League", ("England", "Premier League")),
        ("Australia - Big V, Women", ("Australia", "Big V, Women")),
        ("England Amateur - National League North", ("England Amateur", "National League North")),
        ("Spain - Copa - Qualification", ("Spain", "Copa - Qualification")),
        ("Friendlies", ("", "Friendlies")),
        (" - Odd", ("", "- Odd")),
        ("Saint-Denis - Cup", ("Saint-Denis", "Cup")),
    ],
)
def test_league_names(name: str, parts: tuple[str, str]) -> None:
    assert split_league(name) == parts


@given(st.text(max_size=60))
def test_league_parts_are_parts(name: str) -> None:
    country, league = split_league(name)
    assert country in name and league in name


@pytest.mark.parametrize(
    ("change", "reason", "field"),
    [
        ({"id": None}, "missing", "id"),
        ({"id": 2**70}, "bad_id", "id"),
        ({"home": ""}, "empty", "home"),
        ({"away": 5}, "wrong_type", "away"),
        ({"date": "2026-05-29"}, "bad_time", "date"),
        ({"date": None}, "missing", "date"),
        ({"sport": {}}, "missing", "sport.slug"),
        ({"league": None}, "missing", "league"),
        ({"status": None}, "missing", "status"),
        ({"homeId": "x"}, "bad_id", "homeId"),
        ({"scores": []}, "wrong_type", "scores"),
        ({"scores": {"home": -1}}, "bad_number", "scores.home"),
        ({"scores": {"periods": {"a.b": {}}}}, "bad_key", "scores.periods"),
        ({"scores": {"$inc": 1}}, "dollar_key", "scores"),
        ({"$where": 1}, "dollar_key", ""),
    ],
)
def test_a_wrong_event_names_its_field(change: dict[str, object], reason: str, field: str) -> None:
    with pytest.raises(WireError) as caught:
        read_event({**EVENT, **change})
    assert (caught.value.reason, caught.value.field) == (reason, field)
    read = read_event_list([EVENT, {**EVENT, **change}, EVENT])
    assert len(read.fixtures) == 2
    assert [(reject.reason, reject.field) for reject in read.rejects] == [(reason, f"[1].{field}" if field else "[1]")]


@pytest.mark.parametrize(
    "payload",
    [{"error": "Rate limit exceeded."}, {"data": [EVENT]}, None, "[]", 5, {"error": {"message": "no"}, "events": []}],
)
def test_a_list_endpoint_must_answer_a_list(payload: object) -> None:
    for read in (expect_list, read_event_list):
        with pytest.raises(WireError):
            read(payload)


def test_an_error_object_is_no_element() -> None:
    for read in (read_event, lambda value: read_odds(value, FACTS)):
        with pytest.raises(WireError) as caught:
            read({"error": "Access denied. Allowed: Bet365"})
        assert caught.value.reason == "error_body"
        assert "Bet365" not in str(caught.value)


def test_books_become_snapshots() -> None:
    element = odds({"Bet365": [ML], "Bet365 (no latency)": [ML], "BC.Game": []})
    assert [(book.bookmaker, book.feed, len(book.markets)) for book in element.snapshots] == [
        ("Bet365", "Bet365", 1),
        ("Bet365", "Bet365 (no latency)", 1),
        ("BC.Game", "BC.Game", 0),
    ]
    update = element.snapshots[0].markets[0]
    assert (update.sequence, update.source, update.fixture_id) == (77, "api_poller", 7291391184)
    assert element.snapshots[0].sequence == 77
    assert (element.fixture.home_id, element.fixture.scores, element.rejects) == (None, None, ())


@pytest.mark.parametrize("books", [{}, None])
def test_a_settled_event_has_no_books(books: object) -> None:
    element = odds(books, status="settled")
    assert (element.snapshots, element.rejects, element.fixture.status) == ((), (), "settled")


@pytest.mark.parametrize("books", [[], "none", [ML], {"$set": [ML]}])
def test_no_object_of_books_is_an_error(books: object) -> None:
    if books == []:
        assert odds(books).snapshots == ()
        return
    with pytest.raises(WireError):
        odds(books)


def test_without_bookmakers_it_is_no_odds_element() -> None:
    with pytest.raises(WireError) as caught:
        read_odds(HEAD, FACTS)
    assert (caught.value.reason, caught.value.field) == ("missing", "bookmakers")


def test_a_bad_book_loses_no_other() -> None:
    element = odds({"M88": [ML], "Broken": {"error": "no"}, "\x00": [ML], "Half": [ML, BAD], "FB Sports": [ML]})
    assert [book.feed for book in element.snapshots] == ["M88", "FB Sports"]
    assert [(update.feed, update.market) for update in element.partial] == [("Half", "ML")]
    assert [(reject.reason, reject.field, reject.lossy, reject.fixture_id) for reject in element.rejects] == [
        ("wrong_type", "bookmakers", True, 7291391184),
        ("control_character", "bookmakers", True, 7291391184),
        ("wrong_type", "bookmakers.*[1].odds[0].over", True, 7291391184),
    ]
    assert element.rejects[2].excerpt == "Half: Totals"


def test_a_bad_element_loses_no_other() -> None:
    good = {**HEAD, "bookmakers": {"M88": [ML]}}
    elements, rejects = elements_of([good, {"id": 5}, good], AnswerFacts(3, "websocket", RECEIVED_AT))
    assert len(elements) == 2
    assert [(reject.reason, reject.field, reject.fixture_id) for reject in rejects] == [("missing", "[1].date", 5)]
    assert elements[0].snapshots[0].source == "websocket"


def test_unreliable_markets_do_not_make_a_snapshot_partial() -> None:
    element = odds({"M88": [ML, {**ML, "name": "1st Half Handicap"}]})
    assert (len(element.snapshots), element.skipped_markets, element.partial) == (1, 1, ())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from([*sorted(EVENT), "bookmakers"]), JSON)
def test_nothing_but_wire_errors(field: str, value: object) -> None:
    element = {**EVENT, "bookmakers": {"M88": [ML]}, field: value}
    try:
        read = read_odds(element, FACTS)
    except WireError as error:
        assert error.reason in REASONS
    else:
        assert all(reject.reason in REASONS for reject in read.rejects)
