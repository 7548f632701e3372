"""The request budget of an account: 5,000 an hour in a window that begins at the account's own minute."""

from __future__ import annotations

import zlib
from collections import deque
from dataclasses import dataclass

from PROPPR.SharedServices.simulator.messages import iso_seconds

_HOUR_MS = 3_600_000


@dataclass(frozen=True)
class Verdict:
    """Whether a request is within the budget, and the rate headers that go with the answer."""

    allowed: bool
    headers: dict[str, str]


class RequestBudget:
    """Counts one account's requests. Fixed windows as the provider has them, or a sliding one; ms throughout.

    `foreign_per_hour` requests of somebody else on the same account are counted steadily from the first request on.
    """

    def __init__(self, key: str, limit: int, window: float, sliding: bool, foreign_per_hour: float = 0.0) -> None:
        self._limit = limit
        self._window = int(window * 1000)
        self._sliding = sliding
        self._offset = zlib.crc32(key.encode()) % self._window
        self._window_start = 0
        self._used = 0
        self._times: deque[int] = deque(maxlen=10 * limit)
        self._own_times: deque[int] = deque(maxlen=10 * limit)
        self._foreign_step = _HOUR_MS / foreign_per_hour if foreign_per_hour > 0 else None
        self._next_foreign: float | None = None
        self.allowed = 0
        self.refused = 0
        self.busiest = 0
        self.foreign = 0

    def request(self, now: int) -> Verdict:
        """Count a request, refused ones aside."""
        self._count_foreign(now)
        if not self._take(now):
            self.refused += 1
            return Verdict(False, self._headers(0))
        while self._own_times and self._own_times[0] <= now - self._window:
            self._own_times.popleft()
        self._own_times.append(now)
        self.allowed += 1
        self.busiest = max(self.busiest, len(self._own_times))
        return Verdict(True, self._headers(self._limit - self._in_window()))

    def consume(self, requests: int, now: int) -> int:
        """Count requests of somebody else; returns how many were within the budget."""
        taken = 0
        while taken < requests and self._take(now):
            taken += 1
        self.foreign += taken
        return taken

    def _count_foreign(self, now: int) -> None:
        if self._foreign_step is None:
            return
        at = self._next_foreign if self._next_foreign is not None else now + self._foreign_step
        while at <= now:
            self.foreign += self._take(int(at))
            at += self._foreign_step
        self._next_foreign = at

    def _take(self, now: int) -> bool:
        start = (now - self._offset) // self._window * self._window + self._offset
        if start != self._window_start:
            self._window_start, self._used = start, 0
        while self._times and self._times[0] <= now - self._window:
            self._times.popleft()
        if self._in_window() >= self._limit:
            return False
        self._used += 1
        self._times.append(now)
        return True

    def _in_window(self) -> int:
        return len(self._times) if self._sliding else self._used

    def _headers(self, remaining: int) -> dict[str, str]:
        reset = self._window_start + self._window
        if self._sliding and self._times:
            reset = self._times[0] + self._window
        return {
            "x-ratelimit-limit": str(self._limit),
            "x-ratelimit-remaining": str(remaining),
            "x-ratelimit-reset": iso_seconds(reset + 999),
        }

    def describe(self) -> dict[str, int]:
        """Figures for /_sim/stats; `busiest` is the most allowed of our own in any sliding window of that length."""
        return {
            "allowed": self.allowed,
            "refused": self.refused,
            "busiest": self.busiest,
            "foreign": self.foreign,
            "limit": self._limit,
        }
