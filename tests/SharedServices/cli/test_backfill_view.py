"""What a backfill shows: the numbers, why it waits, and nothing that could disturb a terminal."""

from __future__ import annotations

import io
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from PROPPR.SharedServices.cli.backfill_view import LiveView, PlainView, Warnings, figures, render, waiting_words
from PROPPR.SharedServices.ingest.backfill_progress import Progress
from PROPPR.SharedServices.service.redact import Redactor

HALF = Progress(total=400, before=100, read=190, absent=10, requests=1234)


@pytest.mark.parametrize(
    ("progress", "elapsed", "expected"),
    [
        (HALF, 50.0, "200 of 400 fixtures, 1,234 requests, 2.0 fixtures/s, 1:40 left"),
        (Progress(total=1, requests=1), 50.0, "0 of 1 fixture, 1 request"),
        (Progress(lookups=7, requests=3), 1.0, "7 unknown fixtures to look up, 3 requests"),
        (Progress(total=9000, read=10, failed={1: "x"}), 10.0, "10 of 9,000 fixtures, 0 requests, 1 failed, "),
        (Progress(total=9000, read=1), 10.0, "0.1 fixtures/s, 24:59:50 left"),
        (Progress(), 0.0, "0 of 0 fixtures, 0 requests"),
    ],
)
def test_the_numbers_in_words(progress: Progress, elapsed: float, expected: str) -> None:
    assert expected in figures(progress, elapsed)


def test_why_it_waits_and_how_long() -> None:
    waiting = Progress(waiting="the budget of requests is used up (reserved)", until=100.0)
    words = "waits: the budget of requests is used up (reserved), again in "
    assert waiting_words(waiting, 25.5) == f"{words}1:14"
    assert waiting_words(waiting, 200.0) == f"{words}0:00"
    assert waiting_words(HALF, 0.0) == ""


def drawn(progress: Progress, width: int = 100) -> str:
    output = io.StringIO()
    Console(width=width, markup=False, highlight=False, file=output).print(render(progress, 50.0, 0.0))
    return output.getvalue()


@given(st.text(max_size=200), st.integers(60, 200))
def test_no_reason_breaks_the_picture(reason: str, width: int) -> None:
    text = drawn(Progress(total=400, read=200, waiting=reason or "x"), width)
    assert "200 of 400 fixtures" in text and "\x1b" not in text
    assert len(text.splitlines()) == 2


def test_plain_lines_come_in_time_and_when_the_waiting_changes(capsys: pytest.CaptureFixture[str]) -> None:
    with PlainView() as view:
        for second in range(7):
            view.show(HALF, 50.0, float(second))
        view.show(Progress(total=400, waiting="MongoDB: AutoReconnect", until=9.0), 50.0, 6.5)
        view.show(HALF, 50.0, 6.6)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert "waits: MongoDB: AutoReconnect, again in 0:02" in lines[2]


def test_warnings_stand_above_the_bar_without_secrets() -> None:
    output = io.StringIO()
    console = Console(width=100, file=output, force_terminal=True, markup=False, highlight=False)
    handler = Warnings(Redactor(["hidden-key"]))
    with LiveView(console) as view:
        handler.view = view
        view.show(HALF, 50.0, 0.0)
        record = logging.LogRecord("any", logging.WARNING, "", 0, "books wait", (), None)
        record.reason = "hidden-key\x1b[2J"
        handler.handle(record)
        lease = "PROPPR.SharedServices.service.leases"
        handler.handle(logging.LogRecord(lease, logging.WARNING, "", 0, "lease given up", (), None))
    assert "books wait: [redacted] [2J" in output.getvalue()
    assert "lease given up" not in output.getvalue()
