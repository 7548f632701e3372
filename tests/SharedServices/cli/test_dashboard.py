"""The picture: what it says, and that nothing in the data can change how it is drawn."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from PROPPR.SharedServices.cli.children import ChildState
from PROPPR.SharedServices.cli.dashboard import Picture, ServiceRow, Speed, render, summary_line
from PROPPR.SharedServices.cli.readings import (
    ArbitrageReading,
    Board,
    CheckReading,
    DropReading,
    HealthReading,
    ValueReading,
)
from PROPPR.SharedServices.cli.stats_readings import RunReading, StatsReading
from PROPPR.SharedServices.ingest.poller_readings import PairReading, PollerReading
from PROPPR.SharedServices.tracking.usage import ServiceUsage, Usage

DROP = DropReading(
    datetime(2026, 6, 13, 18, 4, 5, tzinfo=UTC), "Home [red] - Away", "BC.Game", "ML home", 2.1, 1.95, 7.1428
)
VALUE = ValueReading("Home - Away", "Bet365", "Totals 2.5 over", 2.1, "M88", 108.8, 104.1)
HEALTH = HealthReading(
    "updater", "degraded", "0.1", 3723.0, None, 7, {"stream": CheckReading(False, "no data for 40 s")}
)

RUN = RunReading(
    "daily@2026-06-13T06:00:00Z", DROP.at - timedelta(hours=3), DROP.at - timedelta(hours=2), {"leagues": 7}
)
STATS = StatsReading(RUN, RUN, {"predicted_lines": 1234}, 40, 3, None, DROP.at)
FAST = Speed(12_345.0, 2_471.0, 1_574.9, 4_730.4)


def drawn(picture: Picture, width: int = 140) -> str:
    output = io.StringIO()
    Console(width=width, markup=False, highlight=False, file=output).print(render(picture))
    return output.getvalue()


def picture(**changes: object) -> Picture:
    row = ServiceRow("updater", ChildState("updater", "running", 17, 2, None, ""), HEALTH, Speed(81.0, 9.0, 3.21, 12.3))
    whole = {"title": "PROPPR", "rows": [row], "board": Board((DROP,), (VALUE,), {"fixtures": 1200})}
    return Picture(**{**whole, **changes})  # type: ignore[arg-type]


def test_everything_a_person_needs_is_there() -> None:
    text = drawn(picture())
    for part in (
        "degraded, restarted 2x",
        "1:02:03",
        "81",
        "3.2",
        "12.3",
        "no data for 40 s",
        "Home [red] - Away",
        "7.14 %",
        "108.8",
        "104.1",
        "1,200",
    ):
        assert part in text, part


def test_the_poller_and_the_budget_take_a_line_or_a_table() -> None:
    services = (ServiceUsage("unified_poller", 7, 3000, 2993),)
    usage = Usage(5000, 5000, 7, 4993, services, None, None, None)
    poller = PollerReading((PairReading("Sbobet", "football", 42.0),))
    compact = drawn(picture(poller=poller, budget=usage))
    assert "at most 42 s behind (Sbobet, football)" in compact
    assert "7 of 5000 requests this hour (unified_poller 7)" in compact and "guaranteed" not in compact
    detailed = drawn(picture(poller=poller, budget=usage, detailed=True))
    assert "guaranteed" in detailed and "books by REST" in detailed and "this hour" not in detailed
    assert "at most 42 s behind" in summary_line(picture(poller=poller))
    assert "the poller has not worked yet" in drawn(picture(detailed=True))


def test_arbitrages_stand_beside_value_bets() -> None:
    bet = ArbitrageReading("Home vs Away", "Totals 2.5", "over BC.Game 2.1, under M88 2.06", 0.0712, True)
    board = Board((DROP,), (VALUE,), {}, (bet,))
    text = drawn(picture(board=board))
    assert "over BC.Game 2.1" in text and "7.12 % (price error?)" in text
    assert "newest arbitrage Home vs Away, Totals 2.5" in summary_line(picture(board=board))


def test_a_common_terminal_is_wide_enough() -> None:
    row = ServiceRow(
        "websocket-updater",
        ChildState("x", "running", 1, 0, None, ""),
        msgspec.structs.replace(HEALTH, status="healthy"),
        FAST,
    )
    text = drawn(picture(rows=[row]), 80)
    for part in ("websocket-updater", "healthy", "messages/s", "1,574.9", "12,345"):
        assert part in text, text


def test_the_line_says_it_in_short() -> None:
    line = summary_line(picture())
    assert "updater degraded (81 messages/s, p50 3.2 ms, p99 12.3 ms)" in line
    assert "2.1 to 1.95 (7.14 %)" in line and "108.8" in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("state", "health", "status"),
    [
        ("running", None, "running"),
        ("running", HealthReading("updater", "down"), "starting"),
        ("running", HealthReading("updater", "healthy"), "healthy"),
        ("restarting", HealthReading("updater", "healthy"), "restarting"),
        ("failed", HealthReading("updater", "down"), "failed"),
    ],
)
def test_the_process_speaks_before_its_health_does(state: str, health: HealthReading | None, status: str) -> None:
    assert ServiceRow("updater", ChildState("updater", state, None, 0, None, ""), health).status == status


def test_the_last_words_of_a_dead_process_are_shown() -> None:
    row = ServiceRow("updater", ChildState("updater", "failed", None, 0, 2, "WS_STATUS: must be live"), None)
    assert "WS_STATUS: must be live" in drawn(picture(rows=[row]))


@settings(deadline=None)
@given(st.integers(20, 80), st.integers(0, 30), st.integers(1, 7))
def test_the_picture_fits_the_terminal(height: int, found: int, services: int) -> None:
    row = ServiceRow("updater", ChildState("updater", "running", 17, 0, None, ""), None, Speed(81.0, 9.0, 3.21, 12.3))
    bet = ArbitrageReading("Home vs Away", "Totals 2.5", "over BC.Game 2.1, under M88 2.06", 0.01, False)
    board = Board((DROP,) * found, (VALUE,) * found, {"fixtures": 1200}, (bet,) * found)
    poller = PollerReading((PairReading("Sbobet", "football", 42.0),))
    whole = picture(rows=[row] * services, board=board, poller=poller, notes=["one", "two"], stats=STATS)
    output = io.StringIO()
    Console(width=140, markup=False, highlight=False, file=output).print(render(whole, height))
    lines = output.getvalue().splitlines()
    assert len(lines) <= max(height, 20 + services)
    assert found == 0 or all(heading in output.getvalue() for heading in ("7.14 %", "108.8", "1.00 %"))


@settings(deadline=None)
@given(st.text(max_size=40), st.text(max_size=40), st.integers(80, 200))
def test_no_name_breaks_the_picture(fixture: str, bookmaker: str, width: int) -> None:
    drop = DropReading(DROP.at, fixture, bookmaker, "ML home", 2.0, 1.5, 25.0)
    text = drawn(picture(board=Board((drop,), (VALUE,))), width)
    assert "25.00 %" in text
    assert "\x1b" not in text
    assert len(text.splitlines()) == len(drawn(picture(), width).splitlines())


def test_the_statistics_have_their_line() -> None:
    words = (
        "statistics: daily@2026-06-13T06:00:00Z, ended 2 h ago: 7 leagues; 1,234 fixtures predicted; 3 without a match"
    )
    assert words in drawn(picture(stats=STATS)) and words in summary_line(picture(stats=STATS))
    assert words in drawn(picture(stats=STATS, detailed=True))
    assert "no statistics yet" in drawn(picture(detailed=True)) and "statistics" not in drawn(picture())
