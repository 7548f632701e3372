"""Simulated time: a factor speeds up everything that has a time, and other processes can follow it."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import eventually

from PROPPR.SharedServices.service.clock import FastClock, ManualClock, SystemClock
from PROPPR.SharedServices.simulator.__main__ import _parser
from PROPPR.SharedServices.simulator.config import SimulatorConfig, SimulatorConfigError
from PROPPR.SharedServices.simulator.matchday import MATCH_MS
from PROPPR.SharedServices.simulator.pace import Pace
from PROPPR.SharedServices.simulator.times import simulated_time

START = 1_760_000_000_000


def test_another_process_can_follow_the_simulated_clock(simulate: Any) -> None:
    simulated = simulate(start=START, time_factor=60.0)
    seed = simulated.control("seed")
    assert (seed["start"], seed["time_factor"], seed["fixed_clock"]) == (START, 60.0, False)
    follower = FastClock(SystemClock(), seed["time_factor"], seed["start"], seed["anchor"])
    before = follower.now_ms()
    told = simulated.control("seed")["now"]
    assert before <= told <= follower.now_ms()
    assert abs(told - START) < 60_000 * 60


def test_the_anchor_can_be_given(simulate: Any) -> None:
    anchor = SystemClock().now_ms() - 1000
    simulated = simulate(start=START, time_factor=60.0, clock_anchor=anchor)
    seed = simulated.control("seed")
    assert seed["anchor"] == anchor and seed["now"] >= START + 60_000


def test_without_a_factor_times_are_the_machines(simulate: Any) -> None:
    seed = simulate().control("seed")
    assert seed["anchor"] == seed["start"] <= seed["now"] < seed["start"] + 60_000
    fixed = simulate(start=START).control("seed")
    assert (fixed["start"], fixed["anchor"], fixed["fixed_clock"]) == (START, None, True)


def test_headers_budget_and_since_go_by_simulated_time(simulate: Any) -> None:
    simulated = simulate(start=START, time_factor=60.0, request_limit=2)
    answer = simulated.get("/events/live")
    date = parsedate_to_datetime(answer.headers["Date"])
    begin = datetime.fromtimestamp(START // 1000, UTC)
    assert 0 <= (date - begin).total_seconds() < 3600
    reset = datetime.fromisoformat(answer.headers["x-ratelimit-reset"])
    assert 0 <= (reset - date).total_seconds() <= 3602
    since = simulated.control("seed")["now"] // 1000
    assert simulated.get("/odds/updated", bookmaker="M88", sport="football", since=since).json() == []
    assert simulated.get("/events/live").status_code == 429
    machine = SystemClock().now_ms() // 1000
    simulated = simulate(start=START, time_factor=60.0)
    late = simulated.get("/odds/updated", bookmaker="M88", sport="football", since=START // 1000 - 3600)
    assert late.status_code == 400
    assert machine > since


def test_the_rate_is_of_simulated_seconds_and_messages_carry_simulated_times(simulate: Any) -> None:
    simulated = simulate(start=START, time_factor=60.0, rate=2.0, paused=False)
    eventually(lambda: simulated.control("stats")["messages"] >= 120, what="a simulated minute of messages")
    seed, messages = simulated.control("seed"), simulated.control("stats")["messages"]
    assert messages <= 2.0 * (seed["now"] - START) / 1000 + 200
    changes = simulated.control("changes", limit=10_000)
    assert all(START <= change["updated_at"] <= seed["now"] + 60_000 for change in changes)


def test_matches_begin_and_end_by_simulated_time(simulate: Any) -> None:
    simulated = simulate(start=START, time_factor=5000.0, rate=0.05, paused=False, fixtures=40)
    events = simulated.get("/events", sport="football").json()
    first = next(event for event in events if event["status"] == "pending")

    def ended() -> bool:
        return simulated.get(f"/events/{first['id']}").json()["status"] == "settled"

    eventually(ended, 20.0, "the end of the first match")
    kickoff = datetime.fromisoformat(first["date"]).timestamp() * 1000
    assert simulated.control("seed")["now"] >= kickoff + MATCH_MS
    assert simulated.control("stats")["messages"] < 10_000


@pytest.mark.parametrize("factor", [0.0, -1.0, float("nan"), 1e9])
def test_impossible_factors_are_refused(factor: float) -> None:
    with pytest.raises(SimulatorConfigError, match="time_factor"):
        SimulatorConfig(time_factor=factor)


def test_a_slower_world_is_possible_too() -> None:
    real = ManualClock()
    times = simulated_time(SimulatorConfig(time_factor=0.5, start=START), real)
    real.advance(10)
    assert times.clock.now_ms() == START + 5000


@given(st.floats(0.5, 500), st.floats(0.1, 100), st.integers(1, 300))
def test_a_pace_makes_its_rate_of_simulated_seconds(factor: float, rate: float, steps: int) -> None:
    now = 0.0
    pace = Pace(factor, rate, lambda: now)
    made = 0
    for _ in range(steps):
        now += 0.01
        while pace.is_due(None):
            pace.count()
            made += 1
    assert made == pytest.approx(now * factor * rate, abs=1.01)


def test_a_pace_that_lags_hopelessly_starts_afresh() -> None:
    now = 0.0
    pace = Pace(60.0, 1.0, lambda: now)
    now = 10.0
    pace.refresh()
    assert pace.is_due(None)
    pace.count()
    assert not pace.is_due(None)
    pace.rate = 5.0
    pace.refresh()
    now += 0.011
    assert pace.is_due(None)


def test_every_setting_is_an_option_of_the_module() -> None:
    options = _parser().parse_args(["--time-factor", "60", "--bookmakers", "Bet365, M88", "--no-compress"])
    assert SimulatorConfig(**vars(options)) == SimulatorConfig(
        time_factor=60.0, bookmakers=("Bet365", "M88"), compress=False
    )
