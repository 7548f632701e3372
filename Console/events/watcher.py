"""Sees every commit in the collections that pages show, by one change stream over the database."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from typing import Any, Final

from pymongo.errors import PyMongoError

from PROPPR.Console.events.topics import TOPIC_OF, TOPICS
from PROPPR.SharedServices.service.backoff import Backoff
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.components import Check, ThreadedComponent
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


class Watcher(ThreadedComponent):
    """Publishes the topic of every commit, a Component.

    After every interruption all topics are published once: nobody knows what was missed.
    """

    def __init__(
        self, database: MongoDatabase, publish: Callable[[Iterable[str]], object], clock: Clock | None = None
    ) -> None:
        # Failures are no news here: MongoDB being away is told by its own monitor.
        super().__init__("change stream", self._watch, clock)
        self._database = database
        self._publish = publish
        self._began = self._clock.monotonic()
        self._answered: float | None = None

    def _own_check(self) -> Check:
        """Say how long ago MongoDB answered last."""
        now = self._clock.monotonic()
        if self._answered is None:
            return Check(False, "no answer of MongoDB yet", now - self._began, "degraded")
        age = now - self._answered
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
