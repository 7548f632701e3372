"""Sees every commit in the collections that pages show, by one change stream over the database."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from typing import Any, Final

from pymongo.errors import PyMongoError

from PROPPR.Console.events.topics import TOPIC_OF, TOPICS
from PROPPR.SharedServices.service.backoff import Backoff
from PROPPR.SharedServices.service.clock import Clock, SystemClock
from PROPPR.SharedServices.service.components import Check, Worker
from PROPPR.SharedServices.service.errors import TransientError
from PROPPR.SharedServices.service.mongo_types import MongoDatabase

log = logging.getLogger(__name__)

SILENT_AFTER: Final = 10.0
"""Seconds without an answer of MongoDB after which the pages are told to be late."""

_TURN_MS: Final = 250  # how long MongoDB holds an answer back while there is nothing to tell
# Of each commit only where it was: 500 books a second are 500 times a hundred bytes.
_PIPELINE: Final[list[dict[str, Any]]] = [
    {"$match": {"ns.coll": {"$in": sorted(TOPIC_OF)}}},
    {"$project": {"ns.coll": 1}},
]


class Watcher:
    """Publishes the topic of every commit, a Component.

    After every interruption all topics are published once: nobody knows what was missed.
    """

    def __init__(
        self, database: MongoDatabase, publish: Callable[[Iterable[str]], object], clock: Clock | None = None
    ) -> None:
        self.name = "change stream"
        self._database = database
        self._publish = publish
        self._clock = clock or SystemClock()
        self._answered: float | None = None
        # Failures are no news here: MongoDB being away is told by its own monitor.
        self._worker = Worker(self.name, self._watch, clock=self._clock)

    @property
    def alive(self) -> bool:
        """True while the thread runs."""
        return self._worker.alive

    def start(self) -> None:
        """Begin to watch."""
        self._worker.start()

    def stop(self, deadline: float) -> None:
        """End."""
        self._worker.stop(deadline)

    def check(self) -> Check:
        """Say how long ago MongoDB answered last."""
        worker = self._worker.check()
        if not worker.ok:
            return worker
        if self._answered is None:
            return Check(False, "no answer of MongoDB yet", worker.age_s, "degraded")
        age = self._clock.monotonic() - self._answered
        return Check(age < SILENT_AFTER, "last answer of the change stream", age, "degraded")

    def _watch(self, stop: threading.Event) -> None:
        backoff = Backoff(first=0.2, cap=2.0, floor=0.1)
        while not stop.is_set():
            try:
                self._follow(stop, backoff)
            except (PyMongoError, TransientError) as error:
                log.warning("the change stream broke", extra={"error": f"{type(error).__name__}: {error}"[:300]})
                stop.wait(backoff.next())

    def _follow(self, stop: threading.Event, backoff: Backoff) -> None:
        with self._database.watch(_PIPELINE, max_await_time_ms=_TURN_MS, batch_size=1000) as stream:
            self._publish(TOPICS)
            while not stop.is_set():
                change = stream.try_next()
                self._answered = self._clock.monotonic()
                backoff.reset()
                if change is not None:
                    self._publish((TOPIC_OF[change["ns"]["coll"]],))
                elif not stream.alive:
                    raise TransientError("the stream has ended: the database was dropped, or the history is too short")
