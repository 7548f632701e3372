"""Every type of WebSocket message, in every form that the provider has used."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.odds.messages import (
    Cleared,
    OddsMessage,
    ResyncRequired,
    ScoreMessage,
    StatusMessage,
    Unknown,
    Welcome,
    WireMessage,
)
from PROPPR.SharedServices.odds.types import FeedCleared
from PROPPR.SharedServices.odds.wire import DecodedFrame, decode_frame

RECEIVED_AT = 1_779_855_700_000
STAMP = "2026-05-27T04:21:16.001Z"
STAMP_MS = 1_779_855_676_001
ML = {"name": "ML", "updatedAt": STAMP, "odds": [{"home": "1.66", "away": "2.28"}]}
UPDATED: dict[str, Any] = {
    "type": "updated",
    "seq": 55711830,
    "timestamp": 1779855680,
    "id": "70505028",
    "bookie": "Bet365 (no latency)",
    "date": "2026-05-29T00:40:00Z",
    "url": "https://bookmaker.example/event/1",
    "markets": [ML],
}


def decode(message: object) -> DecodedFrame:
    return decode_frame(json.dumps(message).encode(), RECEIVED_AT)


def only(message: object) -> WireMessage:
    decoded = decode(message)
    assert decoded.rejects == ()
    (read,) = decoded.messages
    return read


@pytest.mark.parametrize("kind", ["created", "updated"])
@pytest.mark.parametrize("event_id", ["7291391184", 7291391184])
def test_odds(kind: str, event_id: object) -> None:
    message = only({**UPDATED, "type": kind, "id": event_id})
    assert isinstance(message, OddsMessage)
    assert (message.kind, message.sequence, message.timestamp) == (kind, 55711830, 1_779_855_680_000)
    assert (message.fixture_id, message.feed, message.url) == (7291391184, UPDATED["bookie"], UPDATED["url"])
    (update,) = message.updates
    assert (update.bookmaker, update.feed, update.market) == ("Bet365", "Bet365 (no latency)", "ML")
    assert (update.updated_at, update.sequence, update.source) == (STAMP_MS, 55711830, "websocket")
    assert (update.lines[0].home, update.lines[0].away, update.lines[0].draw) == (1.66, 2.28, None)


def test_early_documentation_shape() -> None:
    message = only(
        {
            "type": "updated",
            "timestamp": "2025-08-18T14:52:52.983Z",
            "id": "63017989",
            "bookie": "Book",
            "markets": [ML],
        }
    )
    assert isinstance(message, OddsMessage)
    assert (message.sequence, message.url, message.timestamp) == (None, None, 1_755_528_772_983)


def test_text_frames_are_the_same_as_bytes() -> None:
    text = json.dumps(UPDATED, ensure_ascii=False)
    assert decode_frame(text, RECEIVED_AT) == decode_frame(text.encode(), RECEIVED_AT)


def test_no_markets_at_all_is_no_loss() -> None:
    nothing: tuple[object, ...] = ([], None)
    for markets in nothing:
        message = only({**UPDATED, "markets": markets})
        assert isinstance(message, OddsMessage)
        assert message.updates == ()


def test_duplicate_markets_are_one() -> None:
    older = {"name": "Totals", "updatedAt": "2026-05-27T04:00:00Z", "odds": [{"hdp": 1.5, "over": "1.2"}]}
    newer = {"name": "Totals", "updatedAt": STAMP, "odds": [{"hdp": 2.5, "over": "1.9"}, {"hdp": 1.5, "over": "1.3"}]}
    for markets in ([older, ML, newer], [newer, older, ML]):
        message = only({**UPDATED, "markets": markets})
        assert isinstance(message, OddsMessage)
        by_name = {update.market: update for update in message.updates}
        assert len(message.updates) == len(by_name) == 2
        assert by_name["Totals"].updated_at == STAMP_MS
        assert {line.hdp: line.over for line in by_name["Totals"].lines} == {1.5: 1.3, 2.5: 1.9}


def test_skipped_markets_are_counted_and_no_loss() -> None:
    decoded = decode({**UPDATED, "markets": [ML, {**ML, "name": "Card Handicap"}]})
    assert (decoded.skipped_markets, decoded.rejects) == (1, ())


@pytest.mark.parametrize("reason", ["deleted", "no_markets"])
def test_cleared(reason: Any) -> None:
    message = only({"type": reason, "id": "5", "bookie": "Bet365 (no latency)", "seq": 9, "timestamp": 1779855680})
    assert message == Cleared(FeedCleared(5, "Bet365", "Bet365 (no latency)", 1_779_855_680_000, 9, reason), 9)


def test_cleared_without_a_time_is_as_old_as_its_receipt() -> None:
    message = only({"type": "deleted", "id": 5, "bookie": "M88"})
    assert message == Cleared(FeedCleared(5, "M88", "M88", RECEIVED_AT, None, "deleted"), None)


def test_deleted_by_every_book() -> None:
    message = only({"type": "deleted", "id": 5})
    assert message == Cleared(FeedCleared(5, None, None, RECEIVED_AT, None, "deleted"), None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"bookie": ""},
        {"bookie": 5},
        {"timestamp": "yesterday"},
        {"timestamp": 10**12},
        {"type": "no_markets", "bookie": None},
    ],
)
def test_a_clearing_that_is_not_understood_clears_nothing(wrong: dict[str, object]) -> None:
    decoded = decode({"type": "deleted", "id": 5, "bookie": "M88", **wrong})
    assert decoded.messages == ()
    assert [(reject.lossy, reject.fixture_id) for reject in decoded.rejects] == [(True, 5)]


def test_welcome_without_the_account() -> None:
    message = only(
        {
            "type": "welcome",
            "user_id": "someone@mail.example",
            "bookmakers": ["Bet365", "M88"],
            "event_id_filter": ["5", 6],
            "status_filter": "live",
            "channels": ["odds"],
            "warning": "no match for someone@mail.example",
            "connected_at": "2026-05-27T04:21:20.896058179Z",
        }
    )
    assert isinstance(message, Welcome)
    assert (message.bookmakers, message.event_id_filter) == (("Bet365", "M88"), ("5", "6"))
    assert (message.status_filter, message.channels) == (("live",), ("odds",))
    assert message.connected_at == 1_779_855_680_896
    assert "someone" not in repr(message)


def test_welcome_survives_what_is_wrong_in_it() -> None:
    decoded = decode({"type": "welcome", "bookmakers": ["Bet365"], "sport_filter": [None], "connected_at": "now"})
    (message,) = decoded.messages
    assert isinstance(message, Welcome) and message.bookmakers == ("Bet365",)
    assert [(reject.field, reject.lossy) for reject in decoded.rejects] == [
        ("sport_filter", False),
        ("connected_at", False),
    ]


def test_scores_with_both_spellings_of_periods() -> None:
    scores = {"home": 2, "away": 1, "periods": {"p1": {"home": 1, "away": 0}, "fulltime": {"home": 2, "away": 1}}}
    message = only(
        {"type": "score", "id": "5", "seq": 3, "scores": scores, "clock": {"minute": 90}, "statusDetail": "2nd"}
    )
    assert isinstance(message, ScoreMessage)
    assert message.scores == {
        "home": 2,
        "away": 1,
        "periods": {"p1": {"home": 1, "away": 0}, "ft": {"home": 2, "away": 1}},
    }
    assert (message.clock, message.status_detail, message.sequence) == ({"minute": 90}, "2nd", 3)


def test_status_and_its_score() -> None:
    settled = only({"type": "status", "id": "5", "status": "settled", "scores": {"home": 0, "away": 0}})
    assert isinstance(settled, StatusMessage)
    assert (settled.status, settled.scores, settled.sequence) == ("settled", {"home": 0, "away": 0}, None)
    pending = only({"type": "status", "id": "5", "status": "pending", "scores": {"home": 0, "away": 0}})
    assert isinstance(pending, StatusMessage) and pending.scores is None


def test_resync_and_unknown_types() -> None:
    assert only({"type": "resync_required", "reason": "too old"}) == ResyncRequired("too old")
    assert only({"type": "resync_required"}) == ResyncRequired("")
    assert only({"type": "weather", "seq": 4}) == Unknown("weather", 4)


def test_an_unknown_type_with_markets_may_be_a_loss() -> None:
    decoded = decode({**UPDATED, "type": "refreshed"})
    assert decoded.messages == (Unknown("refreshed", 55711830),)
    assert [(reject.reason, reject.lossy) for reject in decoded.rejects] == [("unknown_type", True)]


GOOD = [json.dumps({**UPDATED, "seq": number}).encode() for number in range(1, 6)]
BAD = [
    b"",
    b"  ",
    b"\r",
    b"{",
    b"null",
    b"[]",
    b"1",
    b'"x"',
    b"\xff\xfe",
    b'{"type":1}',
    GOOD[0][:-7],
    b"{}{}",
    b"\x00",
]


@given(st.lists(st.sampled_from(GOOD + BAD), max_size=20), st.booleans())
def test_a_bad_line_never_harms_the_others(lines: list[bytes], newline_at_end: bool) -> None:
    frame = b"\n".join(lines) + (b"\n" if newline_at_end else b"")
    decoded = decode_frame(frame, RECEIVED_AT)
    one_by_one = [decode_frame(line, RECEIVED_AT) for line in lines]
    assert decoded.messages == tuple(message for part in one_by_one for message in part.messages)
    assert decoded.rejects == tuple(reject for part in one_by_one for reject in part.rejects)
    assert [message.sequence for message in decoded.messages] == [
        GOOD.index(line) + 1 for line in lines if line in GOOD
    ]
    assert all(reject.lossy for reject in decoded.rejects)
