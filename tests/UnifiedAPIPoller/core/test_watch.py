"""The poller finds its way back when it is wrong about the provider's clock: a cache may have told it so."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.storage.poller_state import PollerState
from PROPPR.UnifiedAPIPoller.core.plan import Pair
from PROPPR.UnifiedAPIPoller.core.watch import PairWatch

PAIR = Pair("Bet365", "football")
LOOKBACK = 50.0


class Provider:
    """Its clock is `ahead` of ours by so many ms; it refuses what is older than its `limit` (s)."""

    def __init__(self, watch: PairWatch, clock: ManualClock, ahead: int, limit: int) -> None:
        self._watch, self._clock, self._ahead, self._limit = watch, clock, ahead, limit

    def ask(self, stale: int = 0) -> bool:
        """One request a minute after the last; `stale` are the ms by which its answer's date is too old."""
        self._clock.advance(60)
        at = self._clock.now_ms()
        since = self._watch.window(PAIR, LOOKBACK).since
        if since < (at + self._ahead) // 1000 * 1000 - self._limit * 1000:
            self._watch.refuse_lookback(1)
            return False
        date = (at + self._ahead - stale) // 1000 * 1000
        asked = self._watch.provider_time_of(at, at + 200, date)
        self._watch.advance([(PAIR, asked, None)], 1)
        return True


class State(PollerState):
    """In memory: what is stored has tests of its own."""

    def __init__(self) -> None:
        self.limits: list[int] = []

    def save(self, *_: object) -> None:
        pass

    def save_lookback_limit(self, limit: int, fence: int) -> None:
        self.limits.append(limit)


def provider(ahead: int = 0, limit: int = 90) -> tuple[Provider, PairWatch, State]:
    clock, state = ManualClock(), State()
    watch = PairWatch(state, clock, [PAIR], 90.0)
    return Provider(watch, clock, ahead, limit), watch, state


def test_a_clock_that_a_cache_told_is_forgotten_when_a_request_is_refused() -> None:
    asked, watch, state = provider()
    assert asked.ask()
    assert all(asked.ask(stale=60_000) for _ in range(3))  # the third is believed
    assert not asked.ask()
    assert asked.ask()
    assert asked.ask()
    assert (watch.limit, state.limits) == (90_000, [])


def test_a_shorter_limit_is_learnt_in_spite_of_another_clock() -> None:
    asked, watch, state = provider(ahead=-20_000, limit=60)
    found = [asked.ask() for _ in range(8)]
    assert found[-3:] == [True] * 3
    assert (watch.limit, state.limits) == (60_000, [60_000])


@given(
    st.integers(-300_000, 8_000),
    st.sampled_from([60, 90]),
    st.lists(st.sampled_from([0, 0, 0, 5_000, 60_000, 61_000, 120_000]), max_size=20),
)
def test_whatever_was_believed_it_asks_successfully_again(ahead: int, limit: int, stale: list[int]) -> None:
    asked, _, _ = provider(ahead, limit)
    for each in stale:
        asked.ask(each)
    found = [asked.ask() for _ in range(16)]
    assert all(found[-6:])
