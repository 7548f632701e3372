"""The replay after a `lastSeq`: the latest state of every book that has spoken since, then the live feed."""

from __future__ import annotations

import asyncio
from collections import Counter, deque

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.simulator.messages import Book, Message, encode_cleared, encode_odds
from PROPPR.SharedServices.simulator.stream import FeedStream
from PROPPR.SharedServices.simulator.truth import Truth

STEPS = 1000  # how finely the replay window is known
BATCH = 32
BUFFER = 1024 * 1024
PAUSE = 0.002


class ReplayWindow:
    """Which sequence numbers can still be replayed; `seconds` long by the clock handed in."""

    def __init__(self, seconds: float, clock: Clock, first_sequence: int) -> None:
        self._seconds = seconds
        self._clock = clock
        self._sequences: deque[tuple[float, int]] = deque([(clock.monotonic(), first_sequence)], maxlen=4096)

    def note(self, sequence: int) -> None:
        """A message was made."""
        now = self._clock.monotonic()
        if now - self._sequences[-1][0] >= self._seconds / STEPS:
            self._sequences.append((now, sequence))

    def refusal(self, last: int, newest: int) -> str | None:
        """Why a replay from `last` is impossible; None where it is not."""
        if last > newest:
            return "lastSeq is ahead of the stream"
        horizon = self._clock.monotonic() - self._seconds
        while len(self._sequences) > 1 and self._sequences[1][0] <= horizon:
            self._sequences.popleft()
        return "lastSeq is outside the replay window" if last < self._sequences[0][1] else None


def mark(stream: FeedStream, message: Message) -> None:
    """While a replay runs, remember what has changed meanwhile: it is replayed in turn."""
    if message.book is not None:
        stream.dirty[message.fixture.id, message.book.feed] = None
    else:
        for feed in stream.filters.feeds:
            stream.dirty[message.fixture.id, feed] = None


async def replay(stream: FeedStream, truth: Truth, after: int, counts: Counter[str]) -> None:
    """Send the latest state of every book that spoke after `after`, oldest first; then go live.

    Books that speak during a round are left to the next one, so that sequence numbers only rise.
    """
    books = [book for book in truth.all_books() if book.sequence > after]
    while books and stream.open:
        head = truth.sequence
        stream.dirty.clear()
        books.sort(key=lambda book: (book.sequence, book.fixture.id, book.feed))
        for start in range(0, len(books), BATCH):
            _send(stream, books[start : start + BATCH], head, counts)
            await asyncio.sleep(0)
            while stream.open and stream.buffered > BUFFER:
                await asyncio.sleep(PAUSE)
        fixtures = truth.fixtures
        again = (truth.book(fixtures[event], feed) for event, feed in stream.dirty if event in fixtures)
        books = [book for book in again if book is not None]
    stream.dirty.clear()
    stream.replaying = False


def _send(stream: FeedStream, books: list[Book], head: int, counts: Counter[str]) -> None:
    for book in books:
        if book.sequence > head or book.feed not in stream.filters.feeds:
            continue
        if not stream.filters.wants_fixture(book.fixture) or "odds" not in stream.filters.channels:
            continue
        kind = "updated" if book.state == "priced" else book.state
        message = Message(kind, book.sequence, book.changed_at, book.fixture, book, (), True)
        priced = book.state == "priced"
        payload = encode_odds(message, stream.filters.markets) if priced else encode_cleared(message)
        if payload is not None:
            counts["replayed"] += 1
            stream.offer(payload)
    stream.flush()
