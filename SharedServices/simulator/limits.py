"""The request budget of an account: 5,000 an hour in a window that begins at the account's own minute."""

from __future__ import annotations

import zlib
from collections import deque
from dataclasses import dataclass

from PROPPR.SharedServices.simulator.messages import iso_seconds


@dataclass(frozen=True)
class Verdict:
    """Whether a request is within the budget, and the rate headers that go with the answer."""

    allowed: bool
    headers: dict[str, str]


class RequestBudget:
    """Counts one account's requests. Fixed windows as the provider has them, or a sliding one; ms throughout."""

    def __init__(self, key: str, limit: int, window: float, sliding: bool) -> None:
        self._limit = limit
        self._window = int(window * 1000)
        self._sliding = sliding
        self._offset = zlib.crc32(key.encode()) % self._window
        self._window_start = 0
        self._used = 0
        self._times: deque[int] = deque(maxlen=10 * limit)
        self.allowed = 0
        self.refused = 0
        self.busiest = 0

    def request(self, now: int) -> Verdict:
        """Count a request, refused ones aside."""
        start = (now - self._offset) // self._window * self._window + self._offset
        if start != self._window_start:
            self._window_start, self._used = start, 0
        while self._times and self._times[0] <= now - self._window:
            self._times.popleft()
        used = len(self._times) if self._sliding else self._used
        if used >= self._limit:
            self.refused += 1
            return Verdict(False, self._headers(0, now))
        self._used += 1
        self._times.append(now)
        self.allowed += 1
        self.busiest = max(self.busiest, len(self._times))
        return Verdict(True, self._headers(self._limit - used - 1, now))

    def _headers(self, remaining: int, now: int) -> dict[str, str]:
        reset = self._window_start + self._window
        if self._sliding and self._times:
            reset = self._times[0] + self._window
        return {
            "x-ratelimit-limit": str(self._limit),
            "x-ratelimit-remaining": str(remaining),
            "x-ratelimit-reset": iso_seconds(reset + 999),
        }

    def describe(self) -> dict[str, int]:
        """Figures for /_sim/stats; `busiest` is the most allowed in any sliding window of that length."""
        return {"allowed": self.allowed, "refused": self.refused, "busiest": self.busiest, "limit": self._limit}
