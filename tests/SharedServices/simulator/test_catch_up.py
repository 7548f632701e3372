"""A simulator that was killed goes on, where its start is fixed, as if it had not been away."""

from __future__ import annotations

from typing import Any

from support import eventually

from PROPPR.SharedServices.service.clock import SystemClock


def test_it_begins_with_all_that_would_have_been_said(simulate: Any) -> None:
    start = SystemClock().now_ms() - 20_000
    again = simulate(start=start, rate=50.0, catch_up=True)
    stats = again.control("stats")
    assert 1_000 <= stats["messages"] < 50 * 60, "20 seconds of 50 a second, and those that the start took"
    first = simulate(start=start, rate=50.0)
    first.step(stats["messages"])
    assert first.control("digest") == again.control("digest")
    again.connect(lastSeq=stats["sequence"] - 5)
    counts = lambda: again.control("stats")["stream"]  # noqa: E731
    eventually(lambda: counts().get("replays") == 1, 5.0, "a position from before the kill to be good")
    assert "resyncs" not in counts()


def test_without_a_fixed_start_it_begins_anew(simulate: Any) -> None:
    assert simulate(rate=50.0, catch_up=True).control("stats")["messages"] == 0
