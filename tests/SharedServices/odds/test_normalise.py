"""Every row shape of the provider to lines (golden files), by both ways of reading."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.odds.messages import OddsMessage
from PROPPR.SharedServices.odds.normalise import line_key, normalise_rows
from PROPPR.SharedServices.odds.rest import AnswerFacts, read_odds
from PROPPR.SharedServices.odds.rows import Row
from PROPPR.SharedServices.odds.types import SIDES, Line, MarketUpdate
from PROPPR.SharedServices.odds.wire import decode_frame

RECEIVED_AT = 1_779_855_700_000
STAMP = "2026-05-27T04:21:16.001Z"
GOLDEN = Path(__file__).parent / "golden"
CASES = [
    pytest.param(case, id=f"{path.stem}-{number}-{case['market']}")
    for path in sorted(GOLDEN.glob("*.json"))
    for number, case in enumerate(json.loads(path.read_text()))
]


def line_of(expected: dict[str, Any]) -> Line:
    pairs = {
        key: tuple((side, number) for side, number in expected[key]) for key in expected if key[:3] in ("lay", "dep")
    }
    return Line(**{**expected, **pairs})


def over_websocket(case: dict[str, Any], **extra: object) -> tuple[tuple[MarketUpdate, ...], int]:
    markets = [{"name": case["market"], "updatedAt": STAMP, "odds": case["odds"]}]
    message = {"type": "updated", "id": "1", "bookie": "Book", "markets": markets, **extra}
    frame = decode_frame(json.dumps(message).encode(), RECEIVED_AT)
    assert [reject for reject in frame.rejects if reject.lossy] == []
    (decoded,) = frame.messages
    assert isinstance(decoded, OddsMessage)
    return decoded.updates, frame.skipped_markets


def over_rest(case: dict[str, Any]) -> tuple[tuple[MarketUpdate, ...], int]:
    element = {
        "id": 1,
        "home": "Ashton",
        "away": "Burwell",
        "date": "2026-05-29T00:30:00Z",
        "status": "pending",
        "sport": {"name": "Football", "slug": "football"},
        "league": {"name": "England - League", "slug": "england-league"},
        "bookmakers": {"Book": [{"name": case["market"], "updatedAt": STAMP, "odds": case["odds"]}]},
    }
    read = read_odds(element, AnswerFacts(received_at=RECEIVED_AT))
    assert read.rejects == ()
    return read.snapshots[0].markets, read.skipped_markets


@pytest.mark.parametrize("case", CASES)
def test_golden(case: dict[str, Any]) -> None:
    fast = over_websocket(case)
    slow = over_websocket(case, seq="not a number")
    rest = over_rest(case)
    for updates, skipped in (fast, slow, rest):
        assert skipped == bool(case.get("skipped"))
        if skipped:
            assert updates == ()
            continue
        assert updates[0].lines == tuple(line_of(expected) for expected in case["lines"])
        assert updates[0].is_player is case.get("is_player", False)
        assert updates[0].updated_at == 1_779_855_676_001


QUOTES = st.none() | st.sampled_from(["N/A", "1.5", "2.00", "1.004", "", 3.25, "0.9"])
PLAIN_ROWS = st.builds(
    Row,
    hdp=st.none() | st.sampled_from([0.0, 0.5, 2.5]),
    label=st.sampled_from([None, None, "A", "B (1)"]),
    home=QUOTES,
    away=QUOTES,
    over=QUOTES,
    under=QUOTES,
)
MARKETS = st.sampled_from(["ML", "Totals", "Double Chance", "Player Shots", "Specials", "Something New"])


@given(st.lists(PLAIN_ROWS, max_size=12), MARKETS)
def test_lines_are_distinct_and_priced(rows: list[Row], market: str) -> None:
    lines = normalise_rows(rows, market)
    assert len({line_key(line) for line in lines}) == len(lines) <= len(rows)
    for line in lines:
        prices = [getattr(line, side) for side in SIDES]
        assert any(price is not None for price in prices)
        assert all(price is None or price > 1 for price in prices)


@given(st.lists(PLAIN_ROWS, max_size=12), MARKETS)
def test_reading_again_what_was_read_changes_nothing(rows: list[Row], market: str) -> None:
    if market == "Player Shots":
        return  # a player's label has been read away
    lines = normalise_rows(rows, market)
    again = [Row(**{name: getattr(line, name) for name in Row.__struct_fields__}) for line in lines]
    assert normalise_rows(again, market) == lines


def test_the_last_of_two_quotes_counts_and_halves_are_joined() -> None:
    rows = [Row(hdp=1.0, over="1.5"), Row(hdp=1.0, under="2.5"), Row(hdp=1.0, under="2.6")]
    (line,) = normalise_rows(rows, "Totals")
    assert (line.over, line.under) == (None, 2.6)  # the third row is a newer quote of the whole line
    assert msgspec.structs.asdict(line)["hdp"] == 1.0
