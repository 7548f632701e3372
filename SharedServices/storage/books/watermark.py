"""Up to which provider sequence everything received has been stored."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

from PROPPR.SharedServices.service.clock import Clock


@dataclass(slots=True)
class _Outstanding:
    ticket: int
    sequence: int | None
    done: bool = False


class SequenceWatermark:
    """Tracks which received messages are stored, and the sequence it is safe to resume from.

    Messages are numbered by tickets in the order received. `safe` is the highest sequence such that every message
    received up to it is done, as it was `lag` seconds ago: a message that the provider sends a little late then still
    comes again after a crash. Replaying too much is harmless, too little is a loss. Thread-safe; as large as the
    intake it stands beside.
    """

    def __init__(self, clock: Clock, lag: float = 2.0) -> None:
        self._clock = clock
        self._lag = lag
        self._lock = threading.Lock()
        self._queue: deque[_Outstanding] = deque()
        self._by_ticket: dict[int, _Outstanding] = {}
        self._reached: int | None = None
        self._marks: deque[tuple[float, int]] = deque()
        self._safe: int | None = None

    def received(self, ticket: int, sequence: int | None) -> None:
        """Note a message; tickets must increase."""
        entry = _Outstanding(ticket, sequence)
        with self._lock:
            self._queue.append(entry)
            self._by_ticket[ticket] = entry

    def done(self, ticket: int) -> None:
        """Note that a message is stored, or needs no storing."""
        with self._lock:
            entry = self._by_ticket.pop(ticket, None)
            if entry is None:
                return
            entry.done = True
            while self._queue and self._queue[0].done:
                self._reach(self._queue.popleft().sequence)

    def reset(self, sequence: int | None) -> None:
        """Start anew from a sequence that is known to be stored (a resumed connection, a snapshot)."""
        with self._lock:
            self._queue.clear()
            self._by_ticket.clear()
            self._marks.clear()
            self._reached = self._safe = sequence

    @property
    def outstanding(self) -> int:
        """Messages received and not done."""
        return len(self._by_ticket)

    @property
    def safe(self) -> int | None:
        """The sequence to resume from; None while there is none."""
        with self._lock:
            self._settle(self._clock.monotonic())
            return self._safe

    def _settle(self, now: float) -> None:
        while self._marks and self._marks[0][0] <= now - self._lag:
            self._safe = self._marks.popleft()[1]

    def _reach(self, sequence: int | None) -> None:
        if sequence is None or (self._reached is not None and sequence <= self._reached):
            return
        self._reached = sequence
        now = self._clock.monotonic()
        self._settle(now)
        # A tenth of the lag is resolution enough, and bounds the marks however many messages come.
        if len(self._marks) > 1 and now - self._marks[-2][0] < self._lag / 10:
            self._marks[-1] = (now, sequence)
        else:
            self._marks.append((now, sequence))
