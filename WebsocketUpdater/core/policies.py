"""When to connect again, when to recover a loss, when silence is a fault. Pure: time and chance are handed in."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final, Literal

from PROPPR.SharedServices.service.backoff import Backoff

Ending = Literal["asked", "lost", "evicted", "invalid", "denied", "rate_limited"]
CLEAN_CLOSE: Final = 1000
HEALTHY_WAITS: Final = 12
"""After a life of so many first waits with data, the back-off starts anew: the minute of the usual five seconds."""


@dataclass(frozen=True, slots=True)
class ReconnectTimes:
    """Seconds. `base` and `cap` bound the usual back-off; the others are first waits, which double to their maximum."""

    base: float = 5.0
    cap: float = 60.0
    healthy_after: float = 60.0
    eviction: float = 30.0
    eviction_cap: float = 300.0
    denied: float = 300.0
    denied_cap: float = 3600.0
    rate_limited: float = 60.0
    rate_limited_cap: float = 900.0


class ReconnectPolicy:
    """Draws the wait before the next connection. It never gives up.

    `lost`: full jitter between 0 and a ceiling that doubles from `base` to `cap`. `evicted` (a clean close that nobody
    asked for), `invalid`, `denied` and `rate_limited` wait at least their first wait, with up to as much again as
    jitter, and grow. A server that names a longer wait is obeyed. Everything starts anew after a connection that lived
    `healthy_after` seconds and brought data at its end, the back-off after twelve of its first waits if that is less; a
    connection that only opened forgives nothing.
    """

    def __init__(self, times: ReconnectTimes, rng: random.Random) -> None:
        self._times = times
        self._rng = rng
        self._backoff = Backoff(times.base, max(times.base, times.cap), rng=rng)
        self._repeats: dict[Ending, int] = {}

    @property
    def evictions(self) -> int:
        """Evictions since the last healthy connection."""
        return self._repeats.get("evicted", 0)

    def connection_ended(self, lived: float, had_data: bool) -> None:
        """Note how long a connection lived, and whether data came on it."""
        times = self._times
        if had_data and lived >= min(times.healthy_after, HEALTHY_WAITS * times.base):
            self._backoff.reset()
        if had_data and lived >= times.healthy_after:
            self._repeats.clear()

    def next_delay(self, ending: Ending, retry_after: float | None = None) -> float:
        """The seconds to wait after this ending."""
        if ending == "asked":
            return 0.0
        if ending == "lost":
            delay = self._backoff.next()
        else:
            repeats = self._repeats.get(ending, 0)
            self._repeats[ending] = repeats + 1
            first, cap = self._first_and_cap(ending)
            delay = min(cap, first * 2.0 ** min(repeats, 30)) * self._rng.uniform(1.0, 2.0)
        return max(delay, retry_after or 0.0)

    def _first_and_cap(self, ending: Ending) -> tuple[float, float]:
        times = self._times
        if ending == "evicted":
            return times.eviction, max(times.eviction, times.eviction_cap)
        if ending == "rate_limited":
            return times.rate_limited, times.rate_limited_cap
        return times.denied, times.denied_cap


class Pacer:
    """Spaces out a repeated remedy: at once if the last was longer ago than the spacing, else when it has passed.

    The spacing doubles from `first` to `longest` seconds while the remedies follow each other closely, and is forgotten
    after twice its length without one.
    """

    def __init__(self, first: float, longest: float) -> None:
        self._first = first
        self._longest = longest
        self._spacing = first
        self._last: float | None = None
        self._due: float | None = None

    @property
    def due(self) -> float | None:
        """When the wanted remedy may be done (monotonic seconds); None if none is wanted."""
        return self._due

    def want(self, now: float) -> None:
        """Ask for the remedy; asking twice is asking once."""
        if self._due is None:
            self._due = now if self._last is None else max(now, self._last + self._spacing)

    def is_due(self, now: float) -> bool:
        """Whether it is wanted and may be done now."""
        return self._due is not None and now >= self._due

    def done(self, now: float) -> None:
        """Note that it was done, wanted or not: the next one keeps its distance."""
        if self._last is not None and now - self._last < 2 * self._spacing:
            self._spacing = min(self._longest, 2 * self._spacing)
        else:
            self._spacing = self._first
        self._last, self._due = now, None


@dataclass(frozen=True, slots=True)
class StallTimes:
    """Seconds without data that count as a stall while data is expected; the wait doubles to `longest` in vain."""

    threshold: float = 90.0
    longest: float = 900.0


class StallJudge:
    """Tells a silent stall from a quiet night.

    Silence counts from the latest of: the last data, the connection's start, the moment since which data is expected.
    It never counts while nothing is expected; then the pong alone has to prove the connection.
    """

    def __init__(self, times: StallTimes) -> None:
        self._times = times
        self._expected_since: float | None = None
        self._last_data = float("-inf")
        self._connected = float("-inf")
        self._in_vain = 0

    def connected(self, now: float) -> None:
        """Note a new connection."""
        self._connected = now

    def data(self, now: float) -> None:
        """Note that odds arrived."""
        self._last_data = now
        self._in_vain = 0

    def expect(self, expected: bool, now: float) -> None:
        """Note whether the fixture calendar makes data likely now."""
        if not expected:
            self._expected_since = None
            self._in_vain = 0
        elif self._expected_since is None:
            self._expected_since = now

    @property
    def expecting(self) -> bool:
        """Whether data is expected."""
        return self._expected_since is not None

    def silence(self, now: float) -> float:
        """Seconds of unexplained silence; 0 while none is expected to end."""
        if self._expected_since is None:
            return 0.0
        return max(0.0, now - max(self._expected_since, self._last_data, self._connected))

    def unhealthy(self, now: float) -> bool:
        """Whether expected data is missing for longer than the threshold, reconnections included."""
        if self._expected_since is None:
            return False
        return now - max(self._expected_since, self._last_data) > self._times.threshold

    def is_stalled(self, now: float) -> bool:
        """Whether to connect anew because of the silence."""
        return self.silence(now) > min(self._times.longest, self._times.threshold * 2.0 ** min(self._in_vain, 10))

    def reconnected(self) -> None:
        """Note a connection made anew because of a stall; the next one waits longer unless data comes."""
        self._in_vain += 1
