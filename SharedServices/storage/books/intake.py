"""The bounded, conflating queue in front of the writers.

Updates wait per fixture, so that one write serves all that came meanwhile ("natural batching": nobody waits for a
timer). Above a soft limit a fixture keeps only the newest quote of each market, which loses nothing of the book's end
state and bounds the memory while MongoDB is away; above a hard limit the sender blocks, and with it the socket.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from PROPPR.SharedServices.odds.types import BookUpdate, FeedSnapshot, MarketUpdate

CONFLATE_FROM = 32
LINES_PER_UNIT = 8
"""The lines of an ordinary quote. Limits count these, so that a full book of 1,245 lines weighs as much as it takes."""


@dataclass(slots=True)
class Entry:
    """What waits for one fixture: updates in the order received, the tickets they came with, and since when.

    `attempted` are the markets, (segment, bookmaker, market), that were sent to MongoDB for it and may have been stored
    although the write has to be repeated.
    """

    fixture_id: int
    updates: list[BookUpdate] = field(default_factory=list)
    weight: int = 0
    tickets: list[int] = field(default_factory=list)
    received: list[float] = field(default_factory=list)
    attempted: set[tuple[str, str, str]] = field(default_factory=set)


class Intake:
    """Thread-safe; any number of senders and one taker."""

    def __init__(self, soft_limit: int = 20_000, hard_limit: int = 60_000) -> None:
        self._soft, self._hard = soft_limit, hard_limit
        self._condition = threading.Condition()
        self._entries: dict[int, Entry] = {}
        self._updates = 0
        self._tickets = 0
        self._closed = False
        self.conflated = 0
        self.blocked = 0

    def put(
        self, fixture_id: int, updates: Sequence[BookUpdate], ticket: int, received: float, stop: threading.Event
    ) -> bool:
        """Add a message's updates; waits while the queue is full. False if it was closed or stopped first."""
        weight = _weight_of(updates)
        with self._condition:
            if self.full:
                self.blocked += 1
                while self.full and not self._closed and not stop.is_set():
                    self._condition.wait(0.1)
            if self._closed or stop.is_set():
                return False
            entry = self._entries.get(fixture_id)
            if entry is None:
                entry = self._entries[fixture_id] = Entry(fixture_id)
            entry.updates.extend(updates)
            entry.tickets.append(ticket)
            entry.received.append(received)
            entry.weight += weight
            self._updates += weight
            self._tickets += 1
            if self._updates > self._soft and len(entry.updates) >= CONFLATE_FROM:
                self._conflate(entry)
            self._condition.notify_all()
            return True

    def take(self, limit: int, timeout: float) -> list[Entry]:
        """The entries waiting longest, about `limit` quotes of them; empty after `timeout` seconds without any."""
        with self._condition:
            if not self._entries and not self._closed:
                self._condition.wait(timeout)
            taken: list[Entry] = []
            count = 0
            for fixture_id in list(self._entries):
                if taken and count >= limit:
                    break
                entry = self._entries.pop(fixture_id)
                count += entry.weight
                self._tickets -= len(entry.tickets)
                taken.append(entry)
            self._updates -= count
            self._condition.notify_all()
            return taken

    def put_back(self, entries: Sequence[Entry]) -> None:
        """Return entries whose write has to be repeated, before what came for them meanwhile. Never blocks."""
        with self._condition:
            waiting = self._entries
            self._entries = {entry.fixture_id: entry for entry in entries}
            for entry in entries:
                entry.weight = _weight_of(entry.updates)
                self._updates += entry.weight
                self._tickets += len(entry.tickets)
            for fixture_id, later in waiting.items():
                first = self._entries.get(fixture_id)
                if first is None:
                    self._entries[fixture_id] = later
                    continue
                first.updates.extend(later.updates)
                first.weight += later.weight
                first.tickets.extend(later.tickets)
                first.received.extend(later.received)
                first.attempted |= later.attempted
                if self._updates > self._soft:
                    self._conflate(first)
            self._condition.notify_all()

    def close(self) -> None:
        """Take nothing more in; what waits can still be taken."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()

    @property
    def depth(self) -> int:
        """Quotes waiting, counted by their lines."""
        return self._updates

    @property
    def oldest(self) -> float | None:
        """When the message waiting longest was received (monotonic seconds), None while nothing waits."""
        with self._condition:
            return next((entry.received[0] for entry in self._entries.values() if entry.received), None)

    @property
    def closed(self) -> bool:
        return self._closed

    @property
    def full(self) -> bool:
        """Whether a sender has to wait now."""
        return self._updates >= self._hard or self._tickets >= self._hard

    def _conflate(self, entry: Entry) -> None:
        """Keep the newest quote of each market; clears and snapshots keep their place, and bar quotes from crossing."""
        kept: list[BookUpdate] = []
        newest: dict[tuple[str, str], tuple[tuple[int, int], int]] = {}
        for update in entry.updates:
            if not isinstance(update, MarketUpdate):
                newest.clear()
                kept.append(update)
                continue
            key, version = (update.feed, update.market), _version(update)
            known = newest.get(key)
            if known is None or version == known[0]:
                newest[key] = (version, len(kept))
                kept.append(update)
            elif version > known[0]:
                newest[key] = (version, known[1])
                kept[known[1]] = update
        self.conflated += len(entry.updates) - len(kept)
        self._updates -= entry.weight
        entry.updates, entry.weight = kept, _weight_of(kept)
        self._updates += entry.weight


def _weight_of(updates: Sequence[BookUpdate]) -> int:
    weight = 0
    for update in updates:
        if isinstance(update, FeedSnapshot):
            weight += 1 + sum(len(quote.lines) for quote in update.markets) // LINES_PER_UNIT
        elif isinstance(update, MarketUpdate):
            weight += 1 + len(update.lines) // LINES_PER_UNIT
        else:
            weight += 1
    return weight


def _version(update: MarketUpdate) -> tuple[int, int]:
    return (update.updated_at, -1 if update.sequence is None else update.sequence)
