"""The budget and the poller on the terminal."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console, RenderableType

from PROPPR.SharedServices.cli.poller_picture import (
    budget_notes,
    budget_table,
    counted,
    pairs_table,
    poller_line,
    poller_notes,
    seconds_words,
)
from PROPPR.SharedServices.ingest.poller_readings import PairReading, PollerReading
from PROPPR.SharedServices.storage.stream_coverage import Coverage
from PROPPR.SharedServices.tracking.usage import ServiceUsage, Usage

AT = int(datetime(2026, 11, 21, 6, 19, 10, tzinfo=UTC).timestamp() * 1000)
SERVICES = (
    ServiceUsage("websocket_updater", 12, 1500, 4776),
    ServiceUsage("unified_poller", 1900, 3000, 1100),
    ServiceUsage("others", 0, 500, 500),
)
USAGE = Usage(5000, 5000, 1912, 3088, SERVICES, None, AT, None)
STREAM = Coverage(frozenset({"M88", "Bet365"}), frozenset(), ("ML", "Totals"), False)
PAIRS = (
    PairReading("Bet365", "football", 8.2, by_stream=True),
    PairReading("M88", "football", 400.0, 31, has_hole=True),
    PairReading("BC.Game", "football", None, refusal="403: Access denied"),
)
READING = PollerReading(PAIRS, 31, (STREAM,))


def drawn(picture: RenderableType, width: int = 130) -> str:
    output = io.StringIO()
    Console(width=width, markup=False, highlight=False, file=output).print(picture)
    return output.getvalue()


def test_the_budget_per_service() -> None:
    text = drawn(budget_table(USAGE))
    assert "1,912 of 5,000 requests used in the last hour, 3,088 free" in text
    row = next(line.split() for line in text.splitlines() if line.startswith("unified_poller"))
    assert row == ["unified_poller", "1,900", "3,000", "1,100"]


@pytest.mark.parametrize(
    ("lowered", "reset", "expected"),
    [
        (None, AT, "the next part returns at 06:19:10 UTC"),
        ("a refusal (429) of the provider", AT, "lowered by a refusal (429) of the provider, until 06:19:10 UTC"),
        ("the provider's limit of 100", None, "lowered by the provider's limit of 100"),
        (None, None, ""),
    ],
)
def test_what_lowers_the_budget_and_when_it_returns(lowered: str | None, reset: int | None, expected: str) -> None:
    assert budget_notes(Usage(5000, 5000, 0, 0, (), lowered, reset, None)) == expected


def test_each_pair_with_what_is_to_know() -> None:
    lines = drawn(pairs_table(READING)).splitlines()
    bet365, m88, bc_game = (next(line for line in lines if line.startswith(pair.bookmaker)) for pair in PAIRS)
    assert "8 s" in bet365 and "by WebSocket" in bet365
    assert "7 min" in m88 and "31" in m88 and "a hole is being closed" in m88
    assert "never read" in bc_game and "set aside, tried hourly: 403" in bc_game
    notes = " ".join(poller_notes(READING))
    assert "31 fixtures to be read again" in notes
    assert "WebSocket: all sports at Bet365, M88, 2 markets, in part only" in notes


def test_all_of_it_in_one_line() -> None:
    line = poller_line(READING)
    assert "at most 7 min behind (M88, football)" in line and "31 re-reads to do" in line
    assert "set aside: BC.Game" in line and "1 of 3 also by WebSocket" in line
    assert poller_line(PollerReading()) == ""
    assert "never read: M88" in poller_line(PollerReading((PairReading("M88", "football", None),)))
    many = PollerReading(tuple(PairReading(f"B{number}", "football", None, refusal="403") for number in range(9)))
    assert "set aside: B0, B1, B2 and 6 more" in poller_line(many)


@given(st.text(max_size=60), st.text(max_size=60), st.integers(80, 160))
def test_names_and_reasons_can_not_disturb_the_terminal(name: str, reason: str, width: int) -> None:
    pairs = (PairReading(name, name, 1.0, refusal=reason), PairReading("M88", "football", 3.0))
    text = drawn(pairs_table(PollerReading(pairs)), width) + poller_line(PollerReading(pairs))
    assert "\x1b" not in text and "3 s" in text
    assert len(drawn(pairs_table(PollerReading(pairs)), width).splitlines()) == 4


@pytest.mark.parametrize(
    ("seconds", "words"), [(None, "never read"), (0.4, "0 s"), (119.0, "119 s"), (180.0, "3 min"), (9000.0, "2.5 h")]
)
def test_seconds_in_words(seconds: float | None, words: str) -> None:
    assert seconds_words(seconds) == words


def test_counting() -> None:
    assert [counted(number, "request") for number in (0, 1, 1234)] == ["0 requests", "1 request", "1,234 requests"]
