"""Back-off, pacing and the judgement of silence, over any course of events."""

from __future__ import annotations

import random
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from PROPPR.WebsocketUpdater.core.policies import (
    Ending,
    Pacer,
    ReconnectPolicy,
    ReconnectTimes,
    StallJudge,
    StallTimes,
)

TIMES = ReconnectTimes()
endings = st.sampled_from(["lost", "evicted", "invalid", "denied", "rate_limited"])


@given(st.lists(endings, min_size=1, max_size=60), st.integers())
def test_waits_keep_to_their_bounds_however_often_they_repeat(course: list[Ending], seed: int) -> None:
    policy = ReconnectPolicy(TIMES, random.Random(seed))
    for ending in course:
        delay = policy.next_delay(ending)
        low, high = {
            "lost": (0, TIMES.cap),
            "evicted": (TIMES.eviction, 2 * TIMES.eviction_cap),
            "invalid": (TIMES.denied, 2 * TIMES.denied_cap),
            "denied": (TIMES.denied, 2 * TIMES.denied_cap),
            "rate_limited": (TIMES.rate_limited, 2 * TIMES.rate_limited_cap),
        }[ending]
        assert low <= delay <= high


@given(st.integers(0, 40), st.integers())
def test_the_ceiling_doubles_to_the_cap(attempts: int, seed: int) -> None:
    policy = ReconnectPolicy(TIMES, random.Random(seed))
    for attempt in range(attempts):
        assert policy.next_delay("lost") <= min(TIMES.cap, TIMES.base * 2**attempt)


def test_the_jitter_is_full() -> None:
    draws = []
    for seed in range(400):
        policy = ReconnectPolicy(TIMES, random.Random(seed))
        for _ in range(6):
            policy.next_delay("lost")
        draws.append(policy.next_delay("lost"))
    assert min(draws) < 0.05 * TIMES.cap
    assert max(draws) > 0.95 * TIMES.cap
    assert 0.4 * TIMES.cap < sum(draws) / len(draws) < 0.6 * TIMES.cap


@given(st.floats(0, 1e5), st.booleans(), st.integers(1, 20))
def test_only_a_healthy_minute_with_data_forgives(lived: float, had_data: bool, failures: int) -> None:
    policy = ReconnectPolicy(TIMES, random.Random(1))
    for _ in range(failures):
        policy.next_delay("lost")
        policy.next_delay("evicted")
    policy.connection_ended(lived, had_data)
    forgiven = lived >= TIMES.healthy_after and had_data
    assert (policy.evictions == 0) == forgiven
    if forgiven:
        assert policy.next_delay("lost") <= TIMES.base


@given(st.floats(0.01, 60), st.floats(0, 100), st.booleans())
def test_short_first_waits_are_forgiven_sooner_but_not_evictions(base: float, lived: float, had_data: bool) -> None:
    policy = ReconnectPolicy(ReconnectTimes(base=base), random.Random(1))
    for _ in range(20):
        policy.next_delay("lost")
    policy.next_delay("evicted")
    policy.connection_ended(lived, had_data)
    if had_data and lived >= min(60, 12 * base):
        assert policy.next_delay("lost") <= base
    assert (policy.evictions == 0) == (had_data and lived >= 60)


def test_a_server_that_names_a_wait_is_obeyed() -> None:
    policy = ReconnectPolicy(TIMES, random.Random(1))
    assert policy.next_delay("rate_limited", 5000) == 5000
    assert policy.next_delay("asked") == 0


@given(st.lists(st.floats(0, 30), min_size=1, max_size=80))
def test_remedies_are_spaced_and_none_is_forgotten(gaps: list[float]) -> None:
    pacer, now, done = Pacer(5, 60), 0.0, []
    for gap in gaps:
        now += gap
        pacer.want(now)
        assert pacer.due is not None
        assert pacer.due - now <= 60 + 1e-9  # sums of floats
        if pacer.is_due(now):
            pacer.done(now)
            done.append(now)
    assert done[0] == gaps[0]
    assert all(later - earlier >= 5 for earlier, later in pairwise(done))


def test_the_spacing_doubles_while_they_continue_and_is_forgotten_after() -> None:
    pacer, now, spacings = Pacer(5, 60), 0.0, []
    for _ in range(7):
        pacer.want(now)
        assert pacer.due is not None
        spacings.append(pacer.due - now)
        now = pacer.due
        pacer.done(now)
    assert spacings == [0, 5, 10, 20, 40, 60, 60]
    pacer.want(now + 200)
    assert pacer.is_due(now + 200)
    pacer.done(now + 200)
    pacer.want(now + 201)
    assert pacer.due == now + 205


def test_a_quiet_night_is_no_stall() -> None:
    judge = StallJudge(StallTimes())
    judge.connected(0)
    judge.expect(False, 0)
    assert not judge.is_stalled(100_000)
    assert not judge.unhealthy(100_000)


def test_silence_counts_from_the_moment_that_data_is_expected() -> None:
    judge = StallJudge(StallTimes())
    judge.connected(0)
    judge.data(10)
    judge.expect(True, 20_000)
    assert not judge.is_stalled(20_090)
    assert judge.is_stalled(20_091)


def test_a_connection_that_never_brings_data_is_a_stall_and_is_tried_less_and_less_often() -> None:
    judge, now, waits = StallJudge(StallTimes()), 0.0, []
    judge.expect(True, now)
    for _ in range(6):
        judge.connected(now)
        started = now
        while not judge.is_stalled(now):
            now += 1
        waits.append(now - started)
        judge.reconnected()
    assert waits == [91, 181, 361, 721, 901, 901]
    assert judge.unhealthy(now)
    judge.data(now)
    assert not judge.unhealthy(now)
    assert judge.is_stalled(now + 91)


@given(st.lists(st.tuples(st.sampled_from(["data", "connected", "expect", "quiet", "wait"]), st.floats(0, 200))))
def test_recent_data_is_never_a_stall(course: list[tuple[str, float]]) -> None:
    judge, now, last = StallJudge(StallTimes()), 0.0, None
    for event, wait in course:
        now += wait
        if event == "data":
            judge.data(now)
            last = now
        elif event == "connected":
            judge.connected(now)
        elif event != "wait":
            judge.expect(event == "expect", now)
        if last is not None and now - last <= 90:
            assert not judge.is_stalled(now)
            assert not judge.unhealthy(now)
