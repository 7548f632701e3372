"""Where feed and clients meet: paces the source, hands every message to the streams, replays, evicts and counts."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable
from typing import Protocol

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.simulator.account import Account
from PROPPR.SharedServices.simulator.config import ACCOUNT_EMAIL, SimulatorConfig
from PROPPR.SharedServices.simulator.faults import FaultPlan
from PROPPR.SharedServices.simulator.filters import Filters, sport_names
from PROPPR.SharedServices.simulator.messages import (
    Message,
    compact,
    encode_cleared,
    encode_event,
    encode_odds,
    iso,
)
from PROPPR.SharedServices.simulator.pace import Pace
from PROPPR.SharedServices.simulator.replays import ReplayWindow, mark, replay
from PROPPR.SharedServices.simulator.stream import FeedStream
from PROPPR.SharedServices.simulator.truth import Truth

BATCH = 64
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

    def __init__(
        self, config: SimulatorConfig, source: FeedSource, faults: FaultPlan, account: Account, clock: Clock
    ) -> None:
        self._account = account
        self._clock = clock
        self.source = source
        self.faults = faults
        self._pace = Pace(config.time_factor, config.rate, asyncio.get_running_loop().time)
        self.paused = config.paused
        self.finished = False
        self.remaining = config.messages
        self.counts: Counter[str] = Counter()
        self.first_sequence = source.truth.sequence
        self._streams: dict[str, FeedStream] = {}
        self._wake = asyncio.Event()
        self._window = ReplayWindow(config.replay_window, clock, self.first_sequence)
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

    @property
    def rate(self) -> float:
        """Messages a simulated second; 0 = as fast as clients read."""
        return self._pace.rate

    def set_rate(self, rate: float) -> None:
        """Change the rate from now on."""
        self._pace.rate = rate
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

    def say(self, messages: Iterable[Message]) -> None:
        """Hand out messages that were made out of turn."""
        for message in messages:
            self._announce(message)
        self._flush()

    # ---- the feed

    async def run(self) -> None:
        """Make messages at their pace for ever."""
        pace = self._pace
        pace.restart()
        while True:
            self._wake.clear()
            if self.idle:
                await self._wake.wait()
                pace.restart()
                continue
            if self.source.due() is None:
                pace.refresh()
            batch = 0
            while batch < BATCH and not self.idle and self._is_due() and self._make():
                pace.count()
                batch += 1
            self._flush()
            if batch == BATCH:
                await asyncio.sleep(0)
            else:
                await pace.wait(self.source.due(), self._wake)

    def _is_due(self) -> bool:
        due = self.source.due()
        if due is None and self.rate <= 0:
            return all(stream.buffered < FLOW_LIMIT for stream in self._streams.values())
        return self._pace.is_due(due)

    def _make(self) -> bool:
        message = self.source.next()
        if message is None:
            self.finished = True
            return False
        if self.remaining is not None:
            self.remaining -= 1
        self._announce(message)
        return True

    def _announce(self, message: Message) -> None:
        self._window.note(message.sequence)
        for stream in self._streams.values():
            if stream.open and stream.filters.wants(message):
                self._deliver(stream, message)

    def _deliver(self, stream: FeedStream, message: Message) -> None:
        if message.kind in ("created", "updated"):
            if stream.replaying:
                mark(stream, message)
                return
            payload = encode_odds(message, stream.filters.markets)
        elif message.kind in ("score", "status"):
            payload = encode_event(message)
        else:
            if stream.replaying:
                mark(stream, message)
                return
            payload = encode_cleared(message)
        if payload is not None:
            stream.offer(payload)

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
        reason = self._window.refusal(last, self.truth.sequence)
        if reason is not None:
            self.counts["resyncs"] += 1
            stream.push(compact({"type": "resync_required", "reason": reason}))
            stream.flush()
            return
        self.counts["replays"] += 1
        stream.replaying = True
        task = asyncio.get_running_loop().create_task(replay(stream, self.truth, last, self.counts))
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
            "bookmakers": list(self._account.selected),
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
