"""Knows whether MongoDB answers, so that nobody has to ask it to find out."""

from __future__ import annotations

import logging
import threading

import pymongo
from pymongo.errors import PyMongoError

from PROPPR.SharedServices.service.alerts import AlertOutbox
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.components import Check, ThreadedComponent
from PROPPR.SharedServices.service.metrics import Metrics
from PROPPR.SharedServices.service.mongo_types import MongoConnection

log = logging.getLogger(__name__)


class MongoMonitor(ThreadedComponent):
    """Pings MongoDB's primary every `interval` seconds from a thread of its own, a Component.

    Away for less than `unhealthy_after` seconds is degraded, longer is unhealthy and raises the alert
    `mongo_down:<service>`, which is resolved when it answers again.
    """

    def __init__(
        self,
        client: MongoConnection,
        alerts: AlertOutbox,
        service: str,
        *,
        unhealthy_after: float = 15.0,
        interval: float = 1.0,
        timeout: float = 1.0,
        clock: Clock | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        super().__init__("mongodb", self._run, clock)
        self._client = client
        self._alerts = alerts
        self._alert_key = f"mongo_down:{service}"
        self._unhealthy_after = unhealthy_after
        self._interval = interval
        self._timeout = timeout
        self._created = self._clock.monotonic()
        self._last_success: float | None = None
        self._ok = False
        self._raised = False
        self._error = "not asked yet"
        metrics = metrics or Metrics()
        self._up = metrics.gauge("proppr_mongo_up", "1 while MongoDB answers")
        self._latency = metrics.histogram("proppr_mongo_ping_seconds", "Duration of a ping of MongoDB")

    @property
    def last_success(self) -> float | None:
        """The monotonic time of the last answer."""
        return self._last_success

    def _own_check(self) -> Check:
        """Say how long ago MongoDB answered."""
        age = self._away_for()
        # The thread itself may hang in a call: then the last answer only gets older.
        if self._ok and age < self._interval + self._timeout + 2.0:
            return Check(True, "answers", age)
        detail = f"no answer for {age:.0f} s: {self._error}"
        return Check(False, detail, age, "degraded" if age < self._unhealthy_after else "unhealthy")

    def _away_for(self) -> float:
        since = self._created if self._last_success is None else self._last_success
        return max(0.0, self._clock.monotonic() - since)

    def _run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            self._ask()
            stop.wait(self._interval)

    def _ask(self) -> None:
        began = self._clock.monotonic()
        try:
            with pymongo.timeout(self._timeout):
                self._client.admin.command("ping")
        except PyMongoError as error:
            self._failed(error)
            return
        self._last_success = self._clock.monotonic()
        self._latency.observe(self._last_success - began)
        self._up.set(1)
        if not self._ok:
            log.info("MongoDB answers")
        self._ok = True
        if self._raised:
            self._raised = False
            self._alerts.resolve(self._alert_key, "MongoDB answers again")

    def _failed(self, error: PyMongoError) -> None:
        self._error = type(error).__name__
        self._up.set(0)
        if self._ok:
            log.warning("MongoDB does not answer", extra={"error": self._error})
        self._ok = False
        if self._away_for() >= self._unhealthy_after and not self._raised:
            self._raised = True
            detail = f"no answer for {self._away_for():.0f} s ({self._error}); updates are buffered within bounds"
            self._alerts.raise_alert(self._alert_key, "MongoDB is away", detail, "critical")
