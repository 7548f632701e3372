"""Tells the browsers that are connected which topics have changed: coalesced, bounded, waiting for none of them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from PROPPR.Console.events.coalescer import Coalescer
from PROPPR.Console.events.topics import TOPICS
from PROPPR.SharedServices.service.clock import Clock, SystemClock
from PROPPR.SharedServices.service.components import Check, Worker
from PROPPR.SharedServices.service.metrics import Metrics

log = logging.getLogger(__name__)

INTERVAL: Final = 0.5
"""Seconds between two events of one topic."""

MOST_LISTENERS: Final = 64
ALIVE_EVERY: Final = 15.0
"""Seconds of silence after which a comment is sent: proxies drop silent connections, and so we find the dead."""

KEEP_ALIVE: Final = b": nothing new\n\nevent: alive\ndata: alive\n\n"
"""A comment for proxies, and an event by which the page knows that it is still connected."""

LONGEST_STREAM: Final = 3600.0
"""Seconds after which a stream ends: its browser connects again, and its session is looked at again."""


class Listener(Protocol):
    """A browser's connection. Neither method waits."""

    def send(self, data: bytes) -> bool:
        """Send; False if the connection is gone or takes too little, and then it is dropped."""

    def close(self) -> None:
        """End in order."""


@dataclass(slots=True)
class _Joined:
    listener: Listener
    owner: str
    since: float
    sent: float


class Broker:
    """Keeps the listeners and tells them what was published, a Component.

    Each topic is told at most once per INTERVAL, its first change at once, its last one always. Who joins is told of
    all topics: what it slept through is read anew. All methods may be called from any thread.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        metrics: Metrics | None = None,
        interval: float = INTERVAL,
        most: int = MOST_LISTENERS,
        alive_every: float = ALIVE_EVERY,
        longest: float = LONGEST_STREAM,
    ) -> None:
        self.name = "event broker"
        self.most = most
        self._clock = clock or SystemClock()
        self._alive_every = alive_every
        self._longest = longest
        self._changes = Coalescer(interval)
        self._joined: dict[int, _Joined] = {}
        self._lock = threading.Condition()
        self._closed = False
        self._worker = Worker(self.name, self._run, clock=self._clock)
        metrics = metrics or Metrics()
        metrics.observe_gauge(
            "proppr_console_streams", "Browsers that are connected for live updates", lambda: self.listeners
        )
        self._told = metrics.counter("proppr_console_events_total", "Events told, by topic", ["topic"])
        self._dropped = metrics.counter(
            "proppr_console_streams_dropped_total", "Browsers dropped for taking too little"
        )

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._joined)

    @property
    def alive(self) -> bool:
        """True while the thread runs."""
        return self._worker.alive

    @property
    def is_full(self) -> bool:
        """Whether nobody else may join."""
        return self._closed or len(self._joined) >= self.most

    def start(self) -> None:
        """Begin to tell."""
        self._worker.start()

    def stop(self, deadline: float) -> None:
        """End all streams, then the thread."""
        self._worker.request_stop()
        with self._lock:
            self._closed = True
            leaving = [each.listener for each in self._joined.values()]
            self._joined.clear()
            self._lock.notify_all()
        for listener in leaving:
            listener.close()
        self._worker.stop(deadline)

    def check(self) -> Check:
        """Say whether the thread runs, and how many listen."""
        worker = self._worker.check()
        return Check(True, f"{self.listeners} browsers listen", worker.age_s) if worker.ok else worker

    def publish(self, topics: Iterable[str]) -> None:
        """Say that these topics have changed. Cheap: nothing is sent in here."""
        with self._lock:
            if self._changes.note(topics):
                self._lock.notify_all()

    def join(self, listener: Listener, owner: str = "") -> bool:
        """Add a listener and tell it of all topics; False if there are too many. `owner` is a session's key."""
        with self._lock:
            if self.is_full:
                return False
            now = self._clock.monotonic()
            self._joined[id(listener)] = _Joined(listener, owner, now, now)
            self._lock.notify_all()
        if not listener.send(b"".join(message(topic) for topic in TOPICS)):
            self.leave(listener)
        return True

    def leave(self, listener: Listener) -> None:
        """Forget a listener whose connection has ended."""
        with self._lock:
            self._joined.pop(id(listener), None)

    def end(self, owner: str) -> None:
        """End the streams of a session that is over."""
        with self._lock:
            theirs = [each.listener for each in self._joined.values() if owner and each.owner == owner]
            for listener in theirs:
                del self._joined[id(listener)]
        for listener in theirs:
            listener.close()

    def _run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            with self._lock:
                now = self._clock.monotonic()
                due = self._changes.due(now)
                if not due and not self._waited_for(now):
                    self._lock.wait(self._patience(now))
                    continue
                joined = list(self._joined.values())
            self._tell(due, joined, now)

    def _tell(self, topics: Iterable[str], joined: Iterable[_Joined], now: float) -> None:
        data = b"".join(map(message, topics))
        for topic in topics:
            self._told.labels(topic).inc()
        for each in joined:
            if now - each.since >= self._longest:
                self.leave(each.listener)
                each.listener.close()
            elif data or now - each.sent >= self._alive_every:
                each.sent = now
                if not each.listener.send(data or KEEP_ALIVE):
                    self.leave(each.listener)
                    self._dropped.inc()

    def _waited_for(self, now: float) -> bool:
        """Whether somebody has heard nothing for too long, or has listened for long enough."""
        return any(
            now - each.sent >= self._alive_every or now - each.since >= self._longest for each in self._joined.values()
        )

    def _patience(self, now: float) -> float:
        ends = [
            min(each.sent + self._alive_every, each.since + self._longest) - now for each in self._joined.values()
        ]  # fmt: skip
        next_change = self._changes.wait(now)
        return max(0.0, min([1.0, *ends, *([] if next_change is None else [next_change])]))


def message(topic: str) -> bytes:
    """An event as it goes over the wire. There is nothing in it but that its topic has changed."""
    return f"event: {topic}\ndata: {topic}\n\n".encode()
