"""The waits between attempts: exponential with full jitter, forgotten after a healthy while."""

from __future__ import annotations

import random


class Backoff:
    """Draws the next wait in seconds, for ever.

    The wait before retry n (from 0) is uniform in [floor, min(cap, first * 2**n)]: full jitter, so that a fleet that
    lost the same server doesn't come back as one. `floor` is 0 unless given.
    """

    def __init__(
        self, first: float = 1.0, cap: float = 60.0, *, floor: float = 0.0, rng: random.Random | None = None
    ) -> None:
        if not 0 < first <= cap or not 0 <= floor <= first:
            raise ValueError("needs 0 <= floor <= first <= cap and first > 0")
        self._first = first
        self._cap = cap
        self._floor = floor
        self._rng = rng or random.Random()
        self.attempts = 0

    def ceiling(self) -> float:
        """Return the longest wait that next() could draw now."""
        # The exponent is bounded because 2.0**1024 overflows, and this object lives as long as an outage.
        return min(self._cap, self._first * 2.0 ** min(self.attempts, 64))

    def next(self) -> float:
        """Return the wait before the next attempt and count the attempt."""
        wait = self._rng.uniform(self._floor, self.ceiling())
        self.attempts += 1
        return wait

    def reset(self) -> None:
        """Start again at the first wait. Call it after a healthy while, not at the first sign of life."""
        self.attempts = 0
