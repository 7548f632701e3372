"""The watermarks of all pairs: read at the start, moved after each cycle, told to people as lag."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.storage.poller_state import PairState, PollerState
from PROPPR.UnifiedAPIPoller.core.plan import Candidate, Pair
from PROPPR.UnifiedAPIPoller.core.watermarks import (
    SAFETY,
    SECOND,
    ProviderClock,
    Window,
    longest_cycle,
    shorter_limit,
    window_of,
)


class PairWatch:
    """Thread-safe. A watermark moves in memory only when it is stored. Raises what `PollerState` raises."""

    def __init__(self, state: PollerState, clock: Clock, pairs: Iterable[Pair], max_lookback: float) -> None:
        self._state = state
        self._clock = clock
        self._lock = threading.Lock()
        self._pairs = {pair: PairState(pair.bookmaker, pair.sport) for pair in pairs}
        self._provider = ProviderClock()
        self._doubted_offset = 0
        self._is_wary = False
        self.limit = round(max_lookback * SECOND)

    def load(self) -> None:
        """Continue from what is stored."""
        stored = self._state.load()
        limit = self._state.lookback_limit()
        with self._lock:
            for pair in self._pairs:
                self._pairs[pair] = stored.get((pair.bookmaker, pair.sport), self._pairs[pair])
            if limit is not None:
                self.limit = min(self.limit, limit)

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """All that is polled."""
        return tuple(self._pairs)

    def states(self) -> list[PairState]:
        """All pairs as they are stored."""
        with self._lock:
            return list(self._pairs.values())

    def candidates(self, pairs: Iterable[Pair], covered: Mapping[Pair, bool]) -> list[Candidate]:
        """The pairs with what their place in a cycle depends on."""
        with self._lock:
            return [Candidate(pair, covered[pair], self._pairs[pair].complete_until) for pair in pairs]

    def longest_cycle(self) -> float:
        """Seconds that may pass between two requests for a pair without a hole."""
        return longest_cycle(self.limit)

    def window(self, pair: Pair, lookback: float) -> Window:
        """What to ask for now."""
        with self._lock:
            now = self._clock.now_ms() + self._provider.offset
            least = round(lookback * SECOND)
            limit = min(self.limit, least + SAFETY) if self._is_wary else self.limit
            return window_of(self._pairs[pair].complete_until, now, least, limit)

    def provider_time_of(self, asked_at: int, received_at: int, provider_time: int | None) -> int:
        """When a request was made by the provider's clock, given its answer's `Date`."""
        with self._lock:
            self._is_wary = False
            self._provider = self._provider.noted(asked_at, received_at, provider_time)
            return self._provider.asked(asked_at, provider_time)

    def refuse_lookback(self, fence: int) -> None:
        """The provider refused the look-back: what we believe of its clock is wrong, or its limit is a shorter one.

        Three answers in a row from a cache may have set the clock. So it is forgotten, and until an answer comes no
        more is asked for than has to be; if the same clock is learnt and refused again, it is the limit.
        """
        with self._lock:
            offset, self._provider, self._is_wary = self._provider.offset, ProviderClock(), True
            is_new, self._doubted_offset = abs(offset - self._doubted_offset) > SAFETY, offset
        if not is_new or offset == 0:
            self.limit = shorter_limit(self.limit)
            self._state.save_lookback_limit(self.limit, fence)

    def advance(self, read: Sequence[tuple[Pair, int, int | None]], fence: int) -> None:
        """Move watermarks to when their requests were made; a hole is remembered until `close_holes`."""
        with self._lock:
            moved = [
                replace(
                    self._pairs[pair],
                    complete_until=asked_at,
                    hole_since=_earlier(self._pairs[pair].hole_since, asked_at if hole_from == 0 else hole_from),
                    refusal=None,
                )
                for pair, asked_at, hole_from in read
            ]
        self._store(moved, fence)

    def close_holes(self, waiting: Mapping[tuple[str, str], int], fence: int) -> None:
        """Forget the holes of the pairs for which no fixture waits any more."""
        self._store(
            [
                replace(state, hole_since=None)
                for state in self.states()
                if state.hole_since is not None and not waiting.get((state.bookmaker, state.sport))
            ],
            fence,
        )

    def note(self, refusals: Mapping[str, str], covered: Mapping[Pair, bool], fence: int) -> None:
        """Store who is set aside and who is covered, where that changed: for people."""
        changed = []
        for state in self.states():
            pair = Pair(state.bookmaker, state.sport)
            noted = replace(state, refusal=refusals.get(state.bookmaker), covered=covered.get(pair, False))
            if noted != state:
                changed.append(noted)
        self._store(changed, fence)

    def lags(self) -> dict[Pair, float | None]:
        """Seconds behind per pair; None where it was never read."""
        now = self._clock.now_ms() + self._provider.offset
        found: dict[Pair, float | None] = {}
        for state in self.states():
            lag = state.lag_ms(now)
            found[Pair(state.bookmaker, state.sport)] = None if lag is None else lag / SECOND
        return found

    def _store(self, states: Sequence[PairState], fence: int) -> None:
        if not states:
            return
        self._state.save(states, fence)
        with self._lock:
            for state in states:
                self._pairs[Pair(state.bookmaker, state.sport)] = state


def _earlier(first: int | None, second: int | None) -> int | None:
    if first is None or second is None:
        return second if first is None else first
    return min(first, second)
