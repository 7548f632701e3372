"""What all senders of alerts do alike: one works in the whole fleet, waits out refusals, and forgets no delivery."""

from __future__ import annotations

import logging
import threading
import uuid
from abc import abstractmethod
from collections.abc import Callable

import pymongo
from pymongo.errors import PyMongoError

from PROPPR.SharedServices.service import alert_documents as documents
from PROPPR.SharedServices.service.alerting.control import AlertControl
from PROPPR.SharedServices.service.backoff import Backoff
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.components import Check, ThreadedComponent
from PROPPR.SharedServices.service.leases import Lease
from PROPPR.SharedServices.service.metrics import Metrics
from PROPPR.SharedServices.service.mongo_types import Document, MongoDatabase
from PROPPR.SharedServices.service.telegram import Delivery

log = logging.getLogger(__name__)

PATIENCE = 3.0
"""Seconds that a query of a sender may take."""


class AlertSender(ThreadedComponent):
    """Sends through one channel, a Component. Start it in every process: a lease lets one of them work.

    A subclass says what is due and delivers it. A channel that refuses for a while (429) is left alone for that time
    also by a process that takes over; one that fails is tried again with back-off, for ever.
    """

    def __init__(
        self,
        database: MongoDatabase,
        channel: str,
        holder: str,
        clock: Clock | None,
        *,
        metrics: Metrics | None,
        poll: float,
        lease_ttl: float,
        longest_wait: float,
        close: Callable[[], object],
    ) -> None:
        super().__init__(f"{channel} sender", self._run, clock)
        self.sent = 0
        self._collection = database[documents.COLLECTION]
        self._channel_name = channel
        self._holder = f"{holder}:{uuid.uuid4().hex[:8]}"  # a restarted process is another one
        self._poll = poll
        self._lease = Lease(database, f"{channel}-sender", holder, lease_ttl, self._clock)
        self._control = AlertControl(database)
        self._close = close
        self._token: int | None = None
        self._last: Delivery | None = None
        self._not_before = 0.0
        self._retry = Backoff(first=2.0, cap=longest_wait, floor=0.5)
        self._away = False
        self._stop = threading.Event()
        self._attempts = (metrics or Metrics()).counter(
            "proppr_alert_deliveries_total", "Attempts to deliver alerts", ["channel", "outcome"]
        )

    def stop(self, deadline: float) -> None:
        """End after the delivery that is on its way."""
        super().stop(deadline)
        self._close()

    def _own_check(self) -> Check:
        """Say whether the last delivery was taken."""
        if self._away:
            return Check(False, "MongoDB does not answer", None, "degraded")
        if self._last is not None and self._last.outcome != "sent":
            return Check(False, f"{self._last.outcome}: {self._last.reason}", None, "degraded")
        return Check(True, f"{self.sent} sent" if self._lease.held else "standby")

    @abstractmethod
    def _send_what_is_due(self) -> float:
        """Make one delivery if there is one; the seconds until the next step."""

    @abstractmethod
    def _claims(self) -> tuple[Document, Document]:
        """Return filter and update that give back every claim of ours."""

    @abstractmethod
    def _keep_up(self) -> None:
        """Do what else the one that works has to do, before each step."""

    def _conclude(self, delivery: Delivery, details: Document, note: Callable[[float], object]) -> None:
        """Take note of what became of a delivery; `note` stores it, told in how many seconds the next attempt is."""
        details = {"channel": self._channel_name, **details, "reason": delivery.reason}
        self._last = delivery
        self._attempts.labels(self._channel_name, delivery.outcome).inc()
        if delivery.outcome == "sent":
            self.sent += 1
            self._retry.reset()
            note(0.0)
            log.info("alert sent", extra=details)
        elif delivery.outcome == "refused":
            note(0.0)
            log.error("alert undeliverable", extra=details)
        else:
            wait = self._retry.next() if delivery.retry_after is None else delivery.retry_after + 0.1
            # It is the channel that fails, not the message: nothing else is tried meanwhile.
            self._not_before = self._clock.monotonic() + wait
            note(wait)
            log.warning("alert not sent yet", extra={**details, "next_in": round(wait, 1)})
            if delivery.outcome == "rate_limited":
                self._control.hold(self._channel_name, wait, delivery.reason)

    def _insist(self, write: Callable[[], object], seconds: float) -> None:
        """Store what became of a delivery, because one that is forgotten would be repeated. Raises PyMongoError."""
        until = self._clock.monotonic() + seconds
        backoff = Backoff(first=0.25, cap=2.0, floor=0.1)
        while True:
            try:
                with pymongo.timeout(PATIENCE):
                    write()
                return
            except PyMongoError:
                if self._clock.monotonic() > until or self._stop.is_set():
                    raise
                self._stop.wait(backoff.next())

    def _run(self, stop: threading.Event) -> None:
        self._stop = stop
        backoff = Backoff(first=1.0, cap=15.0, floor=0.5)
        try:
            while not stop.is_set():
                try:
                    wait = self._step()
                    self._away = False
                    backoff.reset()
                except PyMongoError as error:
                    if not self._away:
                        details = {"channel": self._channel_name, "error": type(error).__name__}
                        log.warning("alerts are not sent", extra=details)
                    self._away = True
                    wait = backoff.next()
                stop.wait(wait)
        finally:
            self._give_back()

    def _step(self) -> float:
        """Work if it is ours to work; the seconds until the next step."""
        token = self._lease.acquire()
        if token is None:
            self._last = None  # what became of our last delivery is history: somebody else sends now
            return max(self._poll, 1.0)
        if token != self._token:
            self._not_before = self._clock.monotonic() + self._control.held_for(self._channel_name)
            self._token = token
        self._keep_up()
        left = self._not_before - self._clock.monotonic()
        if left > 0:
            return min(left, self._lease.ttl / 3)
        return self._send_what_is_due()

    def _give_back(self) -> None:
        try:
            with pymongo.timeout(1.0):
                self._collection.update_many(*self._claims())
            self._lease.release()
        except PyMongoError as error:
            log.warning("lease of the sender not released", extra={"error": type(error).__name__})
