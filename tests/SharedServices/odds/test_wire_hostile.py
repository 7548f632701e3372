"""Hostile and broken frames: refused, counted, and without effect on what is good."""

from __future__ import annotations

import importlib.util
import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from PROPPR.SharedServices.odds.loose import read_loose_message
from PROPPR.SharedServices.odds.messages import OddsMessage
from PROPPR.SharedServices.odds.rejects import REASONS, redacted_excerpt
from PROPPR.SharedServices.odds.wire import MAX_FRAME_BYTES, DecodedFrame, decode_frame

RECEIVED_AT = 1_779_855_700_000
STAMP = "2026-05-27T04:21:16.001Z"
GOOD = {"name": "ML", "updatedAt": STAMP, "odds": [{"home": "1.66", "away": "2.28"}]}
ROW = {"hdp": 2.5, "over": "1.9", "under": "1.9"}


def message(*markets: object, **fields: object) -> dict[str, object]:
    return {"type": "updated", "seq": 9, "id": "5", "bookie": "M88", "markets": list(markets), **fields}


def decode(value: object) -> DecodedFrame:
    return decode_frame(json.dumps(value).encode(), RECEIVED_AT)


def outcome(decoded: DecodedFrame) -> tuple[list[str], list[tuple[str, str, bool]]]:
    """Return the names of the markets kept, and the rejects."""
    kept = [update.market for read in decoded.messages if isinstance(read, OddsMessage) for update in read.updates]
    return kept, [(reject.reason, reject.field, reject.lossy) for reject in decoded.rejects]


@pytest.mark.parametrize(
    ("row", "reason", "field"),
    [
        ({"over": {"$gt": 1}}, "wrong_type", "over"),
        ({"over": ["1.9"]}, "wrong_type", "over"),
        ({"hdp": {}}, "wrong_type", "hdp"),
        ({"hdp": "two"}, "bad_number", "hdp"),
        ({"hdp": True}, "bad_number", "hdp"),
        ({"hdp": math.nan}, "bad_number", "hdp"),
        ({"hdp": math.inf}, "bad_number", "hdp"),
        ({"hdp": 10**400}, "bad_number", "hdp"),
        ({"hdp": 2e6}, "bad_number", "hdp"),
        ({"over": math.nan}, "bad_number", "over"),
        ({"over": 10**400}, "bad_number", "over"),
        ({"over": 10**4000}, "bad_number", "over"),
        ({"layOver": []}, "wrong_type", "layOver"),
        ({"max": {}}, "wrong_type", "max"),
        ({"label": 5}, "wrong_type", "label"),
        ({"label": "x" * 201}, "too_long", "label"),
        ({"label": "a\x00b"}, "control_character", "label"),
        ({"label": "a\u2028b"}, "control_character", "label"),
        ({"label": "a\u202eb"}, "control_character", "label"),
        ({"label": "a\ud800"}, "control_character", "label"),
        ({"label": "   "}, "empty", "label"),
        ({"$where": "1"}, "dollar_key", ""),
        (None, "missing", ""),
        ([], "wrong_type", ""),
        ("row", "wrong_type", ""),
    ],
)
def test_a_bad_row_costs_its_market_only(row: Any, reason: str, field: str) -> None:
    bad = {**ROW, **row} if isinstance(row, dict) else row
    decoded = decode(message({"name": "Totals", "updatedAt": STAMP, "odds": [ROW, bad]}, GOOD))
    path = "markets[0].odds[1]" + (f".{field}" if field else "")
    assert outcome(decoded) == (["ML"], [(reason, path, True)])
    assert decoded.rejects[0].fixture_id == 5


@pytest.mark.parametrize(
    ("market", "reason", "field"),
    [
        ({"name": ""}, "empty", "name"),
        ({"name": None}, "missing", "name"),
        ({"name": "x" * 201}, "too_long", "name"),
        ({"name": "a\x07"}, "control_character", "name"),
        ({"name": ["ML"]}, "wrong_type", "name"),
        ({"updatedAt": None}, "missing", "updatedAt"),
        ({"updatedAt": 1779855680}, "wrong_type", "updatedAt"),
        ({"updatedAt": "soon"}, "bad_time", "updatedAt"),
        ({"updatedAt": "2026-05-27T04:21:16"}, "bad_time", "updatedAt"),
        ({"updatedAt": "1999-12-31T23:59:59Z"}, "implausible_time", "updatedAt"),
        ({"updatedAt": "2026-05-28T04:21:41Z"}, "implausible_time", "updatedAt"),
        ({"updatedAt": "9999-12-31T23:59:59Z"}, "implausible_time", "updatedAt"),
        ({"odds": {}}, "wrong_type", "odds"),
        ({"odds": [{}] * 5001}, "too_many", "odds"),
        ({"$set": {}}, "dollar_key", ""),
    ],
)
def test_a_bad_market_costs_itself_only(market: dict[str, object], reason: str, field: str) -> None:
    bad = {"name": "Totals", "updatedAt": STAMP, "odds": [ROW], **market}
    path = "markets[1]" + (f".{field}" if field else "")
    assert outcome(decode(message(GOOD, bad))) == (["ML"], [(reason, path, True)])


def test_a_market_without_rows_is_not_an_empty_one() -> None:
    assert outcome(decode(message({"name": "ML", "updatedAt": STAMP}))) == ([], [("missing", "markets[0].odds", True)])


def test_all_parts_of_a_market_fall_with_one() -> None:
    bad = {"name": "ML", "updatedAt": STAMP, "odds": [{"home": []}]}
    assert outcome(decode(message(GOOD, bad)))[0] == []


@pytest.mark.parametrize(
    ("fields", "reason", "field"),
    [
        ({"id": None}, "missing", "id"),
        ({"id": "0"}, "bad_id", "id"),
        ({"id": -5}, "bad_id", "id"),
        ({"id": 2**63}, "bad_id", "id"),
        ({"id": "9" * 19}, "bad_id", "id"),
        ({"id": "9" * 5000}, "bad_id", "id"),
        ({"id": "٥"}, "bad_id", "id"),
        ({"id": 5.5}, "wrong_type", "id"),
        ({"id": True}, "wrong_type", "id"),
        ({"id": 10**400}, "wrong_type", "id"),
        ({"bookie": ""}, "empty", "bookie"),
        ({"bookie": "x" * 201}, "too_long", "bookie"),
        ({"bookie": "a\nb"}, "control_character", "bookie"),
        ({"bookie": None}, "missing", "bookie"),
        ({"markets": {}}, "wrong_type", "markets"),
        ({"markets": "ML"}, "wrong_type", "markets"),
        ({"markets": [GOOD] * 501}, "too_many", "markets"),
        ({"$where": "1"}, "dollar_key", ""),
    ],
)
def test_a_message_without_a_head_is_lost(fields: dict[str, object], reason: str, field: str) -> None:
    assert outcome(decode(message(GOOD, **fields))) == ([], [(reason, field, True)])


def test_a_message_without_markets_is_lost() -> None:
    assert outcome(decode({"type": "updated", "id": "5", "bookie": "M88"})) == ([], [("missing", "markets", True)])


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"seq": -1}, "seq"),
        ({"seq": 2**63}, "seq"),
        ({"seq": []}, "seq"),
        ({"timestamp": 1e30}, "timestamp"),
        ({"timestamp": "now"}, "timestamp"),
        ({"timestamp": 5}, "timestamp"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"url": "https://a.example/\x00"}, "url"),
        ({"url": 5}, "url"),
    ],
)
def test_what_is_not_needed_costs_nothing_else(fields: dict[str, object], field: str) -> None:
    kept, rejects = outcome(decode(message(GOOD, **fields)))
    assert kept == ["ML"]
    assert [(path, lossy) for _, path, lossy in rejects] == [(field, False)]


@pytest.mark.parametrize("name", ["BC.Game", "$mart Bet", "Bet & Co", "Ünïcode", "a\u00a0b"])
def test_odd_names_are_names(name: str) -> None:
    (read,) = decode(message(GOOD, bookie=name)).messages
    assert isinstance(read, OddsMessage) and read.feed == name


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (b'{"type":"updated","x":' + b"[" * 100_000, "too_deep"),
        (b'{"type":"updated","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "too_deep"),
        (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "too_deep"),
        (b"{" * 1000, "invalid_json"),
        (b"not json", "invalid_json"),
        (b"[]", "not_an_object"),
        (b"1" * 5000, "not_an_object"),
        (b'"updated"', "not_an_object"),
        (b"NaN", "not_an_object"),
        (b"{}", "missing"),
        (b'{"type":null}', "missing"),
        (b'{"type":["updated"]}', "wrong_type"),
        (b'{"type":"a\x00"}', "wrong_type"),
        (b"\xff\xfe{}", "invalid_json"),
        (b"\xef\xbb\xbf{}", "invalid_json"),
        (b'{"type":"updated"}{"type":"updated"}', "invalid_json"),
        (b" " * (MAX_FRAME_BYTES + 1), "oversized"),
        (b'{"type":"updated","markets":[' + b"{}," * 400_000 + b"{}]}", "too_many"),
    ],
)
def test_a_line_that_is_no_message(frame: bytes, reason: str) -> None:
    decoded = decode_frame(frame, RECEIVED_AT)
    assert decoded.messages == ()
    assert [(reject.reason, reject.lossy) for reject in decoded.rejects] == [(reason, True)]


@pytest.mark.parametrize(
    "literal", [b"NaN", b"Infinity", b"-Infinity", b"1e400", b"-1e999", b'"\\ud800"', b'"\xff"', b'"\x01"']
)
def test_a_literal_that_json_lacks_costs_its_market_only(literal: bytes) -> None:
    bad = {"name": "Totals", "updatedAt": STAMP, "odds": [{**ROW, "label": "HERE"}]}
    frame = json.dumps(message(GOOD, bad)).encode()
    field = b'"hdp"' if literal[:1] != b'"' else b'"label"'
    frame = (
        frame.replace(b'"hdp": 2.5', b'"hdp": ' + literal) if field == b'"hdp"' else frame.replace(b'"HERE"', literal)
    )
    kept, rejects = outcome(decode_frame(frame, RECEIVED_AT))
    assert kept == ["ML"]
    assert [(path, lossy) for _, path, lossy in rejects] == [(f"markets[1].odds[0].{field.decode()[1:-1]}", True)]


def test_a_flood_of_bad_lines_is_bounded() -> None:
    decoded = decode_frame(b"{\n" * 200_000, RECEIVED_AT)
    assert len(decoded.rejects) < 1100
    assert decoded.rejects[-1].reason == "too_many"
    assert decoded.rejects[-1].lossy


def test_excerpts_hold_no_secret() -> None:
    text = '{"user_id":"some.one@mail.example","url":"https://h/v3/ws?apiKey=SECRET","apiKey":"SECRET","token=SECRET"'
    excerpt = redacted_excerpt(text, 300)
    assert "some.one" not in excerpt
    assert "SECRET" not in excerpt
    assert redacted_excerpt(b"\x00\x1b[31m\xff") == "??[31m\ufffd"
    assert len(redacted_excerpt("x" * 10**6)) == 80


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["1.9", "N/A", STAMP]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "odds", "home", "$x", "hdp"]), inner)
    ),
    max_leaves=8,
)
MAYBE = st.just(True) | JSON


@settings(max_examples=300)
@given(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["updated", "created", "deleted", "no_markets", "score", "status", "welcome"]) | JSON},
        optional={
            "id": st.sampled_from(["5", 5]) | JSON,
            "bookie": st.just("M88") | JSON,
            "seq": st.just(3) | JSON,
            "timestamp": st.just(1779855680) | JSON,
            "markets": st.lists(st.just(GOOD) | JSON, max_size=4) | JSON,
            "scores": JSON,
            "clock": JSON,
            "status": JSON,
            "bookmakers": JSON,
        },
    )
)
def test_any_json_is_decoded_or_refused(value: dict[str, object]) -> None:
    decoded = decode(value)
    assert all(reject.reason in REASONS - {"internal"} for reject in decoded.rejects)
    markets = value.get("markets")
    given_good = isinstance(markets, list) and GOOD in markets
    if given_good and decoded.messages and isinstance(decoded.messages[0], OddsMessage):
        assert "ML" in outcome(decoded)[0] or any(reject.lossy for reject in decoded.rejects)


@settings(max_examples=300)
@given(st.binary(max_size=300) | st.text(max_size=300))
def test_any_bytes_and_any_text(data: bytes | str) -> None:
    decoded = decode_frame(data, RECEIVED_AT)
    assert all(reject.reason in REASONS - {"internal"} for reject in decoded.rejects)


ROWS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "hdp": st.sampled_from([0, 0.5, -1, 2.75]),
            "label": st.sampled_from(["1", "Ivo Marsh (1)", "Both Teams (Points)", "Over 3 goals", "A (Points)"]),
            "home": st.sampled_from(["1.9", "N/A", 2, 2.5, None]),
            "over": st.sampled_from(["1.9", "-", "3.123456789"]),
            "under": st.sampled_from(["1.004", "1.0", ""]),
            "max": st.sampled_from([5, 10.5, None]),
            "layOver": st.sampled_from(["2.2", "N/A"]),
            "depthHome": st.sampled_from(["19", "0"]),
        },
    ),
    max_size=5,
)
NAMES = st.sampled_from(["ML", "Totals", "Player Props", "Total Corners", "Specials", "Card Handicap", "Multi Scorers"])
STAMPS = st.sampled_from([STAMP, "2026-05-27T04:00:00Z", "2026-05-27T04:21:16.1Z"])


@settings(max_examples=300)
@given(st.lists(st.fixed_dictionaries({"name": NAMES, "updatedAt": STAMPS, "odds": ROWS}), max_size=6))
def test_the_fast_and_the_tolerant_way_agree(markets: list[object]) -> None:
    line = json.dumps(message(*markets)).encode()
    assert decode_frame(line, RECEIVED_AT) == read_loose_message(line, RECEIVED_AT)


def test_the_fuzzer_finds_nothing() -> None:
    path = Path(__file__).parents[3] / "benchmarks" / "fuzz_frames.py"
    spec = importlib.util.spec_from_file_location("fuzz_frames", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    counts = module.fuzz(5000, seed=20260527)
    assert counts["messages"] > 1000
