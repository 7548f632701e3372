"""Where feed and clients meet: paces the source, hands every message to the streams, replays, evicts and counts."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter, deque
from typing import Protocol

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.simulator.config import ACCOUNT_EMAIL, SimulatorConfig
from PROPPR.SharedServices.simulator.faults import FaultPlan
from PROPPR.SharedServices.simulator.filters import Filters, sport_names
from PROPPR.SharedServices.simulator.messages import (
    Book,
    Message,
    compact,
    encode_cleared,
    encode_event,
    encode_odds,
    iso,
)
from PROPPR.SharedServices.simulator.stream import FeedStream
from PROPPR.SharedServices.simulator.truth import Truth

BATCH = 64
SHORTEST_PAUSE = 0.002
LONGEST_NAP = 0.05
LONGEST_LAG = 0.5
REPLAY_STEPS = 1000  # how finely the replay window is known
REPLAY_BATCH = 32
REPLAY_BUFFER = 1024 * 1024
FLOW_LIMIT = 512 * 1024

_log = logging.getLogger(__name__)


class FeedSource(Protocol):
    """What feeds a simulator: the generator, a recording, a table of ticks."""

    count: int

    @property
    def truth(self) -> Truth:
        """What the messages so far add up to."""

    @property
    def bookmakers(self) -> tuple[str, ...]:
        """The bookmakers it speaks of."""

    def next(self) -> Message | None:
        """Make the next message and apply it to the truth; None at the end."""

    def due(self) -> float | None:
        """Seconds after the first message at which the next one is due; None where the rate alone decides."""


class Hub:
    """One feed, any number of clients, one connection per key."""

    def __init__(self, config: SimulatorConfig, source: FeedSource, faults: FaultPlan, clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self.source = source
        self.faults = faults
        self.rate = config.rate
        self.paused = config.paused
        self.finished = False
        self.remaining = config.messages
        self.counts: Counter[str] = Counter()
        self.first_sequence = source.truth.sequence
        self._streams: dict[str, FeedStream] = {}
        self._wake = asyncio.Event()
        self._sequences: deque[tuple[float, int]] = deque([(clock.monotonic(), self.first_sequence)], maxlen=4096)
        self._tasks: set[asyncio.Task[None]] = set()

    # ---- control

    @property
    def truth(self) -> Truth:
        return self.source.truth

    @property
    def streams(self) -> list[FeedStream]:
        return list(self._streams.values())

    @property
    def idle(self) -> bool:
        """Whether no message is going to come by itself."""
        return self.paused or self.finished or self.remaining == 0

    def set_paused(self, paused: bool) -> None:
        """Let the feed fall silent, or go on."""
        self.paused = paused
        self._wake.set()

    def set_rate(self, rate: float) -> None:
        """Messages a second from now on; 0 = as fast as clients read."""
        self.rate = rate
        self._wake.set()

    def allow(self, messages: int | None) -> None:
        """Let the feed make so many more messages (None = endless) and then fall silent."""
        self.remaining = messages
        self.paused = False
        self._wake.set()

    def run_now(self, messages: int) -> int:
        """Make messages at once, whatever the pace; returns how many there were."""
        made = 0
        for _ in range(messages):
            if not self._make():
                break
            made += 1
        self._flush()
        return made

    # ---- the feed

    async def run(self) -> None:
        """Make messages at their pace for ever."""
        loop = asyncio.get_running_loop()
        begun, made = loop.time(), 0
        rate = self.rate
        while True:
            self._wake.clear()
            if self.idle:
                await self._wake.wait()
                begun, made = loop.time(), 0
                continue
            if rate != self.rate or (
                self.source.due() is None and rate and loop.time() - begun - made / rate > LONGEST_LAG
            ):
                begun, made, rate = loop.time(), 0, self.rate
            batch = 0
            while batch < BATCH and not self.idle and self._is_due(loop.time() - begun, made) and self._make():
                made += 1
                batch += 1
            self._flush()
            await self._pause(begun, made, batch)

    def _is_due(self, elapsed: float, made: int) -> bool:
        due = self.source.due()
        if due is not None:
            return elapsed >= due
        if self.rate <= 0:
            return all(stream.buffered < FLOW_LIMIT for stream in self._streams.values())
        return made <= elapsed * self.rate

    async def _pause(self, begun: float, made: int, batch: int) -> None:
        loop = asyncio.get_running_loop()
        if batch == BATCH:
            await asyncio.sleep(0)
            return
        due = self.source.due()
        if due is None:
            due = made / self.rate if self.rate > 0 else 0.0
        wait = max(SHORTEST_PAUSE, begun + due - loop.time())
        if wait < LONGEST_NAP:
            await asyncio.sleep(wait)  # cheaper than an interruptible wait, a thousand times a second
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), wait)

    def _make(self) -> bool:
        message = self.source.next()
        if message is None:
            self.finished = True
            return False
        if self.remaining is not None:
            self.remaining -= 1
        now = self._clock.monotonic()
        if now - self._sequences[-1][0] >= self._config.replay_window / REPLAY_STEPS:
            self._sequences.append((now, message.sequence))
        for stream in self._streams.values():
            if stream.open and stream.filters.wants(message):
                self._deliver(stream, message)
        return True

    def _deliver(self, stream: FeedStream, message: Message) -> None:
        if message.kind in ("created", "updated"):
            if stream.replaying:
                self._mark(stream, message)
                return
            payload = encode_odds(message, stream.filters.markets)
        elif message.kind in ("score", "status"):
            payload = encode_event(message)
        else:
            if stream.replaying:
                self._mark(stream, message)
                return
            payload = encode_cleared(message)
        if payload is not None:
            stream.offer(payload)

    def _mark(self, stream: FeedStream, message: Message) -> None:
        """While a replay runs, remember what has changed meanwhile: it is replayed in turn."""
        if message.book is not None:
            stream.dirty[message.fixture.id, message.book.feed] = None
        else:
            for feed in stream.filters.feeds:
                stream.dirty[message.fixture.id, feed] = None

    def _flush(self) -> None:
        for stream in self._streams.values():
            stream.flush()

    # ---- clients

    def join(self, stream: FeedStream) -> None:
        """Welcome a client whose handshake is done; the older connection of the same key is closed with 1000."""
        older = self._streams.pop(stream.key, None)
        if older is not None and older.open:
            self.counts["evicted"] += 1
            older.close(1000)
        self._streams[stream.key] = stream
        self.counts["connections"] += 1
        stream.push(self._welcome(stream.filters))
        stream.flush()
        last = stream.filters.last_sequence
        if last is None:
            return
        reason = self._cannot_replay(last)
        if reason is not None:
            self.counts["resyncs"] += 1
            stream.push(compact({"type": "resync_required", "reason": reason}))
            stream.flush()
            return
        self.counts["replays"] += 1
        stream.replaying = True
        task = asyncio.get_running_loop().create_task(self._replay(stream, last))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def left(self, stream: FeedStream) -> None:
        """Forget a client whose connection is gone."""
        self.counts["sent"] += stream.sent
        self.counts["sent_bytes"] += stream.sent_bytes
        self.counts["slow_clients"] += stream.too_slow
        if self._streams.get(stream.key) is stream:
            del self._streams[stream.key]

    def _welcome(self, filters: Filters) -> bytes:
        body: dict[str, object] = {
            "type": "welcome",
            "message": "Connected to OddsAPI WebSocket",
            "user_id": ACCOUNT_EMAIL,
            "bookmakers": list(self._config.allowed),
        }
        optional: dict[str, object] = {
            "sport_filter": sport_names(filters),
            "leagues_filter": list(filters.leagues),
            "event_id_filter": list(filters.event_ids),
            "market_filter": list(filters.market_list),
            "status_filter": filters.status,
            "channels": list(filters.channels) if filters.channels != ("odds",) else None,
        }
        body.update({name: value for name, value in optional.items() if value})
        if not any(filters.wants_fixture(fixture) for fixture in self.truth.fixtures.values()):
            body["warning"] = "No events match your filters"
        body["connected_at"] = iso(self._clock.now_ms()).decode()[:19] + ".896058179Z"
        return compact(body)

    # ---- replay

    def _cannot_replay(self, last: int) -> str | None:
        if last > self.truth.sequence:
            return "lastSeq is ahead of the stream"
        horizon = self._clock.monotonic() - self._config.replay_window
        while len(self._sequences) > 1 and self._sequences[1][0] <= horizon:
            self._sequences.popleft()
        return "lastSeq is outside the replay window" if last < self._sequences[0][1] else None

    async def _replay(self, stream: FeedStream, after: int) -> None:
        """Send the latest state of every book that spoke after `after`, oldest first; then go live.

        Books that speak during a round are left to the next one, so that sequence numbers only rise.
        """
        books = [book for book in self.truth.all_books() if book.sequence > after]
        while books and stream.open:
            head = self.truth.sequence
            stream.dirty.clear()
            books.sort(key=lambda book: (book.sequence, book.fixture.id, book.feed))
            for start in range(0, len(books), REPLAY_BATCH):
                self._replay_batch(stream, books[start : start + REPLAY_BATCH], head)
                await asyncio.sleep(0)
                while stream.open and stream.buffered > REPLAY_BUFFER:
                    await asyncio.sleep(SHORTEST_PAUSE)
            fixtures = self.truth.fixtures
            again = (self.truth.book(fixtures[event], feed) for event, feed in stream.dirty if event in fixtures)
            books = [book for book in again if book is not None]
        stream.dirty.clear()
        stream.replaying = False

    def _replay_batch(self, stream: FeedStream, books: list[Book], head: int) -> None:
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
                self.counts["replayed"] += 1
                stream.offer(payload)
        stream.flush()
