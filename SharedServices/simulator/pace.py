"""When the next message is due: by the rate, or by the times of a recording. Seconds are simulated ones."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

SHORTEST_PAUSE = 0.002
LONGEST_NAP = 0.05
LONGEST_LAG = 0.5


class Pace:
    """Counts the messages made since it began. A feed that lags by more than half a real second starts afresh.

    `seconds` is the machine's time in seconds; `factor` simulated seconds pass in each of its seconds.
    """

    def __init__(self, factor: float, rate: float, seconds: Callable[[], float]) -> None:
        self._factor = factor
        self._seconds = seconds
        self.rate = rate
        self._begun_rate = rate
        self._made = 0
        self._begun = seconds()

    def restart(self) -> None:
        """Count from here."""
        self._begun, self._made, self._begun_rate = self._seconds(), 0, self.rate

    def refresh(self) -> None:
        """Count from here if the rate has changed, or if the messages are hopelessly late."""
        lag = self._elapsed() - self._made / self.rate if self.rate else 0.0
        if self.rate != self._begun_rate or lag > LONGEST_LAG * self._factor:
            self.restart()

    def count(self) -> None:
        """A message was made."""
        self._made += 1

    def is_due(self, due: float | None) -> bool:
        """Whether the next message is due: after `due` seconds, or where that is None by the rate (not 0)."""
        elapsed = self._elapsed()
        return elapsed >= due if due is not None else self._made <= elapsed * self.rate

    async def wait(self, due: float | None, wake: asyncio.Event) -> None:
        """Wait until the next message is due, or `wake` is set."""
        if due is None:
            due = self._made / self.rate if self.rate > 0 else 0.0
        pause = max(SHORTEST_PAUSE, (due - self._elapsed()) / self._factor)
        if pause < LONGEST_NAP:
            await asyncio.sleep(pause)  # cheaper than an interruptible wait, a thousand times a second
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(wake.wait(), pause)

    def _elapsed(self) -> float:
        return (self._seconds() - self._begun) * self._factor
