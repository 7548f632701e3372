"""How long the source is left alone, and who may ask again."""

from __future__ import annotations

import itertools
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.providers.fotmob.circuit import HOST, Circuits
from PROPPR.SharedServices.providers.fotmob.errors import Refusal, SourceRefused
from PROPPR.SharedServices.service.clock import ManualClock


def circuits_of(clock: ManualClock, seed: int = 0) -> Circuits:
    return Circuits(60.0, 3600.0, 30.0, clock, Random(seed))


def admitted(circuits: Circuits, path: str) -> bool:
    try:
        circuits.admit(path)
    except SourceRefused:
        return False
    return True


def test_a_refused_path_is_left_alone_and_others_are_not() -> None:
    clock = ManualClock()
    circuits = circuits_of(clock)
    circuits.admit("matchDetails")
    error = circuits.refused("matchDetails", Refusal("403, refused", 403, turnstile=True))
    assert (error.retry_after, error.status, error.turnstile) == (60.0, 403, True)
    assert not admitted(circuits, "matchDetails")
    assert admitted(circuits, "leagues")
    clock.advance(59)
    with pytest.raises(SourceRefused) as caught:
        circuits.admit("matchDetails")
    assert caught.value.retry_after == pytest.approx(1.0)
    assert caught.value.status == 403


def test_one_request_at_a_time_finds_out_whether_it_is_over() -> None:
    clock = ManualClock()
    circuits = circuits_of(clock)
    circuits.refused("teams", Refusal("401", 401))
    clock.advance(60)
    assert [admitted(circuits, "teams") for _ in range(3)] == [True, False, False]
    clock.advance(30)  # nothing was heard of it
    assert [admitted(circuits, "teams") for _ in range(2)] == [True, False]
    circuits.succeeded("teams")
    assert all(admitted(circuits, "teams") for _ in range(3))
    assert circuits.state().healthy


@given(refusals=st.integers(1, 40), seed=st.integers(0, 10**6))
def test_the_wait_grows_to_an_hour_and_no_further(refusals: int, seed: int) -> None:
    clock = ManualClock()
    circuits = circuits_of(clock, seed)
    waits = []
    for _ in range(refusals):
        circuits.admit("page")
        waits.append(circuits.refused("page", Refusal("403", 403)).retry_after)
        clock.advance(waits[-1])
    assert waits[0] == 60.0
    assert all(60.0 <= wait <= 3600.0 for wait in waits)
    assert all(later > 1.5 * earlier or later >= 3240.0 for earlier, later in itertools.pairwise(waits))
    circuits.succeeded("page")
    assert circuits.refused("page", Refusal("403", 403)).retry_after == 60.0


def test_requests_that_were_under_way_count_as_one_refusal() -> None:
    clock = ManualClock()
    circuits = circuits_of(clock)
    for _ in range(5):
        circuits.admit("page")
    waits = []
    for _ in range(5):
        waits.append(circuits.refused("page", Refusal("403", 403)).retry_after)
        clock.advance(1)
    assert waits == [60.0, 59.0, 58.0, 57.0, 56.0]
    clock.advance(60)
    circuits.admit("page")
    assert circuits.refused("page", Refusal("403", 403)).retry_after > 100


@pytest.mark.parametrize(("asked", "kept"), [(None, 60.0), (5.0, 60.0), (900.0, 900.0), (10.0**9, 86_400.0)])
def test_a_longer_wait_that_is_asked_for_is_kept(asked: float | None, kept: float) -> None:
    circuits = circuits_of(ManualClock())
    error = circuits.refused("matches", Refusal("429", 429, retry_after=asked, everywhere=True))
    assert error.retry_after == kept


def test_429_holds_for_the_whole_host() -> None:
    clock = ManualClock()
    circuits = circuits_of(clock)
    circuits.refused("matches", Refusal("429", 429, everywhere=True))
    assert not any(admitted(circuits, path) for path in ("matches", "leagues", "page"))
    clock.advance(60)
    assert admitted(circuits, "leagues")
    circuits.succeeded("leagues")
    assert admitted(circuits, "matches")


def test_three_failures_in_a_row_close_the_host() -> None:
    clock = ManualClock()
    circuits = circuits_of(clock)
    circuits.failed("matches", "fails")
    circuits.failed("leagues", "fails")
    circuits.succeeded("teams")
    for path in ("matches", "leagues"):
        circuits.failed(path, "fails")
        assert circuits.state().healthy
    circuits.failed("matches", "fails")
    with pytest.raises(SourceRefused) as caught:
        circuits.admit("playerData")
    assert caught.value.status is None
    clock.advance(60)
    circuits.admit("playerData")
    circuits.failed("playerData", "fails")
    clock.advance(100)
    assert not admitted(circuits, "playerData")  # the second wait is the longer one


def test_a_failing_try_of_a_refused_path_waits_longer() -> None:
    clock = ManualClock()
    circuits = circuits_of(clock)
    circuits.refused("page", Refusal("403", 403))
    clock.advance(60)
    circuits.admit("page")
    circuits.failed("page", "fails")
    clock.advance(100)
    assert not admitted(circuits, "page")


def test_the_state_tells_what_is_refused_since_when_and_until_when() -> None:
    clock = ManualClock()
    circuits = circuits_of(clock)
    assert circuits.state().detail == "answers"
    began = clock.now()
    circuits.refused("page", Refusal("403, refused", 403))
    clock.advance(20)
    circuits.refused("teams", Refusal("a page instead of data", 200))
    state = circuits.state()
    assert not state.healthy
    assert state.since == began
    assert state.next_try is not None
    assert (state.next_try - began).total_seconds() == pytest.approx(60)
    assert state.refused == {"page": "403, refused", "teams": "a page instead of data"}
    assert state.detail == "source degraded: page (403, refused), teams (a page instead of data)"
    circuits.refused("page", Refusal("429", 429, everywhere=True))
    assert HOST in (circuits.state().refused or {})
