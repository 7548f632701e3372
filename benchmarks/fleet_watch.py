"""Watches the books as a reader does: how old the newest stored quote is at every moment of a soak.

A change stream tells of every majority-committed change of a book, with the quotes' own times. Two ages follow: since
something new was stored, and since the newest stored quote was made by the provider's own time. Meanwhile the stand-in
is asked four times a second whether it holds messages back (slow, stall, silent), which ages quotes before we can have
them.
"""

from __future__ import annotations

import threading
import time
from array import array
from collections.abc import Sequence
from typing import Any

from fleet_figures import Age, Stretch, merged
from harness import SimulatorControl
from pymongo import MongoClient
from pymongo.errors import PyMongoError

LOOK_EVERY = 0.25
CATCHING_UP = 2.0
"""Seconds after a slow stretch in which what was held back is worked off."""
_JOURNAL = "journal.timestamp"
PIPELINE = [
    {"$match": {"operationType": {"$in": ["insert", "update", "replace"]}}},
    {"$project": {"made": {"$ifNull": [f"$updateDescription.updatedFields.{_JOURNAL}", f"$fullDocument.{_JOURNAL}"]}}},
]


class Freshness(threading.Thread):
    """Follows the books from its start, or since it began anew, until `end`; times are seconds since the epoch."""

    def __init__(self, uri: str, database: str) -> None:
        super().__init__(name="freshness", daemon=True)
        client: MongoClient[dict[str, Any]] = MongoClient(uri, tz_aware=True)
        self._books = client[database]["odds_books"]
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self.begin_anew()

    def run(self) -> None:
        resume: Any = None
        while not self._ended.is_set():
            try:
                with self._books.watch(PIPELINE, max_await_time_ms=250, batch_size=1000, resume_after=resume) as stream:
                    while not self._ended.is_set():
                        change = stream.try_next()
                        if change is not None:
                            self._take(change)
                        resume = stream.resume_token
            except PyMongoError:
                self._ended.wait(0.2)

    def begin_anew(self) -> None:
        """Forget all that was seen so far."""
        with self._lock:
            self.begin = time.time_ns() / 1e9
            self.stored = Age(self.begin)
            self.made = Age(self.begin)
            self.commits = 0
            self.delays = array("f")

    def end(self) -> None:
        """Stop looking."""
        self._ended.set()
        self.join(10)

    def now(self) -> dict[str, float]:
        """The age of what was stored last and of the newest quote, and how long it was too old by now: for a sample."""
        at = time.time_ns() / 1e9
        with self._lock:
            found = {"since_stored": at - self.stored.newest, "since_made": at - self.made.newest}
            return found | {"stored_old": self.stored.stale_seconds, "made_old": self.made.stale_seconds}

    def _take(self, change: dict[str, Any]) -> None:
        at = time.time_ns() / 1e9
        made = [moment.timestamp() for moment in change.get("made") or ()]
        with self._lock:
            self.commits += 1
            self.stored.seen(at, at)
            if made:
                newest = max(made)
                self.delays.append(at - newest)
                self.made.seen(at, newest)


class Withheld(threading.Thread):
    """Notes when the stand-in held messages back, and when its feed fell silent."""

    def __init__(self, simulator: SimulatorControl) -> None:
        super().__init__(name="withheld", daemon=True)
        self._simulator = simulator
        self._ended = threading.Event()
        self._found: list[tuple[str, Stretch]] = []
        self.silent_at: float | None = None

    def run(self) -> None:
        before = time.time_ns() / 1e9
        while not self._ended.wait(LOOK_EVERY):
            try:
                told = self._simulator.get("withheld")
            except OSError:
                continue
            now = time.time_ns() / 1e9
            self._found += [(fault, (before - LOOK_EVERY, now)) for fault in told["withheld"]]
            if told["idle"] and self.silent_at is None:
                self.silent_at = before
            before = now

    def end(self) -> None:
        """Stop looking."""
        self._ended.set()
        self.join(10)

    def stretches(self, faults: Sequence[str] = ("slow", "stall", "silent"), after: float = 0.0) -> list[Stretch]:
        """When these faults held messages back, each with so many seconds after it."""
        return merged((begin, end + after) for fault, (begin, end) in self._found if fault in faults)
