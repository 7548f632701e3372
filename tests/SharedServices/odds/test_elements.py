"""Odds elements from bytes: the quick way and the tolerant one agree, and what was not asked for costs nothing."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from PROPPR.SharedServices.odds.elements import read_element
from PROPPR.SharedServices.odds.loose import parse_json
from PROPPR.SharedServices.odds.rejects import REASONS, Reject, WireError
from PROPPR.SharedServices.odds.rest import AnswerFacts, OddsElement, Question, read_odds
from PROPPR.SharedServices.odds.times import parse_iso_ms

STAMP = "2026-05-27T04:21:16.001Z"
AT = parse_iso_ms(STAMP)
RECEIVED_AT = AT + 10_000
ML = {"name": "ML", "updatedAt": STAMP, "odds": [{"home": "1.66", "away": "2.28"}]}
TOTALS = {"name": "Totals", "updatedAt": "2026-05-27T04:21:10Z", "odds": [{"hdp": 2.5, "over": "1.9", "under": "N/A"}]}
LAY = {"name": "Spread", "updatedAt": STAMP, "odds": [{"hdp": -1, "home": "2.0", "layHome": "2.1", "depthHome": "40"}]}
PROPS = {
    "name": "Player Shots",
    "updatedAt": STAMP,
    "odds": [{"label": "A. Player (1) (1.5)", "hdp": 1.5, "over": "2"}],
}
HEAD: dict[str, Any] = {
    "id": 7291391184,
    "home": "Ashton Town",
    "away": "Burwell FC",
    "date": "2026-05-29T00:30:00Z",
    "sport": {"name": "Ice Hockey", "slug": "ice-hockey"},
    "league": {"name": "Norway - Eliteserien", "slug": "x"},
    "status": "pending",
    "urls": {"M88": "https://example.test/"},
}
FACTS = AnswerFacts(77, received_at=RECEIVED_AT)


def element(books: object, **fields: object) -> bytes:
    return json.dumps({**HEAD, "bookmakers": books, **fields}).encode()


def read(data: bytes, facts: AnswerFacts = FACTS) -> OddsElement | Reject:
    return read_element(data, 3, facts)


def good(data: bytes, facts: AnswerFacts = FACTS) -> OddsElement:
    found = read(data, facts)
    assert isinstance(found, OddsElement)
    return found


def loosely(data: bytes, facts: AnswerFacts = FACTS) -> OddsElement | tuple[str, str]:
    try:
        return read_odds(parse_json(data), facts)
    except WireError as error:
        located = error.under("[3]")
        return located.reason, located.field


def test_an_element_is_read() -> None:
    found = good(element({"M88": [ML, TOTALS], "Betfair Exchange": [LAY], "M88 (no latency)": [PROPS]}))
    assert found.fixture.sport == "ice-hockey"
    assert [(one.bookmaker, one.feed, len(one.markets)) for one in found.snapshots] == [
        ("M88", "M88", 2),
        ("Betfair Exchange", "Betfair Exchange", 1),
        ("M88", "M88 (no latency)", 1),
    ]
    assert found.snapshots[1].markets[0].lines[0].lay == (("home", 2.1),)
    assert found.rejects == ()


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(["$x", STAMP, "2.5"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def changed(value: Any, path: list[int], new: Any) -> Any:
    """The value with one of its parts, found by walking down a path of positions, replaced."""
    if not path or not isinstance(value, dict | list) or not value:
        return new
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    key = keys[path[0] % len(keys)]
    copy = value.copy()
    copy[key] = changed(value[key], path[1:], new)
    return copy


@given(path=st.lists(st.integers(0, 12), min_size=1, max_size=7), new=VALUES, ascii_only=st.booleans())
@example([8], None, True)
@example([8], [], True)
@example([8], "", True)
@example([8, 0, 0, 1], "2026-05-28T05:00:00Z", True)
def test_both_ways_of_reading_agree(path: list[int], new: Any, ascii_only: bool) -> None:
    whole = {**HEAD, "bookmakers": {"M88": [ML, TOTALS], "Betfair Exchange": [LAY, PROPS]}}
    data = json.dumps(changed(whole, path, new), ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    for facts in (FACTS, AnswerFacts(received_at=RECEIVED_AT, question=Question.of(["m88"], "Ice Hockey"))):
        found, expected = read(data, facts), loosely(data, facts)
        if isinstance(found, Reject):
            assert (found.reason, found.field) == expected
            assert found.reason in REASONS
        else:
            assert found == expected


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_bytes_break_it(data: bytes) -> None:
    found = read(data)
    assert isinstance(found, Reject) and found.reason in REASONS


@given(st.integers(0, 2_000), st.binary(max_size=4))
def test_no_damage_breaks_it(position: int, damage: bytes) -> None:
    data = element({"M88": [ML, TOTALS], "Betfair Exchange": [LAY, PROPS]})
    position %= len(data)
    found = read(data[:position] + damage + data[position + len(damage) :])
    for reject in (found,) if isinstance(found, Reject) else found.rejects:
        assert reject.reason in REASONS


def test_a_value_that_is_no_json_costs_its_book_only() -> None:
    data = element({"M88": [ML], "FB Sports": [ML, TOTALS]}).replace(b'"hdp": 2.5', b'"hdp": NaN')
    found = good(data)
    assert [one.feed for one in found.snapshots] == ["M88"]
    assert [one.market for one in found.partial] == ["ML"]
    assert [(one.reason, one.field) for one in found.rejects] == [("bad_number", "bookmakers.*[1].odds[0].hdp")]


ASKED = AnswerFacts(received_at=RECEIVED_AT, question=Question.of(["Bet365", "BC.Game"]))


def test_only_books_that_were_asked_for_are_taken() -> None:
    books = {"M88": [ML], "Bet365": [ML], "Bet365 (no latency)": [TOTALS], "bc.game": [ML], "$set": [ML], "\x00": 5}
    found = good(element(books), ASKED)
    assert [one.feed for one in found.snapshots] == ["Bet365", "Bet365 (no latency)", "bc.game"]
    assert found.rejects == (Reject("unasked_bookmaker", "bookmakers", False, 7291391184, "3 not asked for"),)


def test_ten_thousand_strangers_cost_one_reject_and_are_not_decoded() -> None:
    strangers: dict[str, object] = {f"Book {number}": [ML] * 10 for number in range(10_000)}
    data = element({**strangers, "Bet365": [ML]})
    tracemalloc.start()
    try:
        found = good(data, ASKED)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [one.feed for one in found.snapshots] == ["Bet365"]
    assert [(one.reason, one.excerpt) for one in found.rejects] == [("unasked_bookmaker", "10000 not asked for")]
    assert peak < 5_000_000 < len(data)


def test_without_a_question_too_many_books_are_refused() -> None:
    found = read(element({f"Book {number}": [ML] for number in range(501)}))
    assert isinstance(found, Reject) and (found.reason, found.field) == ("too_many", "[3].bookmakers")


@pytest.mark.parametrize("asked", ["ice-hockey", "Ice Hockey", "ICE-HOCKEY"])
def test_a_sport_is_asked_for_by_slug_or_name(asked: str) -> None:
    facts = AnswerFacts(question=Question.of(["M88"], asked))
    assert good(element({"M88": [ML]}), facts).snapshots
    assert good(element({"M88": [ML]}, sport="Ice Hockey"), facts).snapshots


def test_an_element_of_another_sport_is_refused() -> None:
    found = read(element({"M88": [ML]}), AnswerFacts(question=Question.of(["M88"], "football")))
    assert found == Reject("unasked_sport", "[3].sport", False, 7291391184)


def test_a_flood_of_values_is_refused_before_it_fills_the_memory() -> None:
    data = element({"M88": [ML]}, scores=[]).replace(b'"scores": []', b'"scores": [' + b"[]," * 2_000_000 + b"1]")
    tracemalloc.start()
    try:
        found = read(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert isinstance(found, Reject) and found.reason == "too_many"
    assert peak < 1_000_000


@pytest.mark.parametrize(
    ("as_of", "received_at", "expected"),
    [
        (None, RECEIVED_AT, AT),
        (AT - 500, RECEIVED_AT, AT),
        (AT + 500, RECEIVED_AT, AT + 500),
        (AT - 9_000, AT - 1, AT - 6_001),
        (None, AT - 9_000, None),
    ],
)
def test_a_book_is_as_old_as_its_own_newest_quote_or_its_answer(
    as_of: int | None, received_at: int, expected: int | None
) -> None:
    found = good(element({"M88": [ML, TOTALS]}), AnswerFacts(None, received_at=received_at, as_of=as_of))
    assert [one.as_of for one in found.snapshots] == [expected]
