"""Alerts that are neither lost nor repeated: an outbox in MongoDB and one sender in the fleet."""

from __future__ import annotations

import logging
import threading
import uuid
from collections import deque

import pymongo
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError, OperationFailure, PyMongoError

from PROPPR.SharedServices.service import alert_documents as documents
from PROPPR.SharedServices.service.alert_documents import AlertEvent, AlertSeverity
from PROPPR.SharedServices.service.alert_sender import TelegramSender
from PROPPR.SharedServices.service.backoff import Backoff
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.components import Check, ThreadedComponent
from PROPPR.SharedServices.service.metrics import Metrics
from PROPPR.SharedServices.service.mongo_types import MongoDatabase
from PROPPR.SharedServices.service.redact import Redactor

__all__ = ["AlertEvent", "AlertOutbox", "AlertSeverity", "TelegramSender"]

log = logging.getLogger(__name__)

BOUND = 500
_LONGEST_KEY, _LONGEST_TEXT = 200, 2000
_PATIENCE = 2.0
_PERMANENT = {121, 2, 9, 14, 16, 17, 40, 52, 10334}  # MongoDB's codes for documents that no retry makes valid


class AlertOutbox(ThreadedComponent):
    """Takes alerts from any thread and keeps them in `alerts`, a Component.

    Never blocks and never raises into the caller: events wait in a buffer of at most 500 (more are dropped, counted
    and logged) and are stored in order by a thread of its own, also after MongoDB was away. A key that fails already
    is only counted; a key that does not fail can't recover. Texts are redacted. With `deliver` False alerts are stored
    and logged, but nobody will send them.
    """

    def __init__(
        self,
        database: MongoDatabase,
        clock: Clock | None = None,
        *,
        service: str = "",
        deliver: bool = True,
        redactor: Redactor | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        super().__init__("alert outbox", self._run, clock)
        self.dropped = 0
        self._collection = database[documents.COLLECTION]
        self._service = service
        self._deliver = deliver
        self._redactor = redactor or Redactor()
        self._waiting: deque[tuple[str, AlertEvent]] = deque()
        self._raised: set[str] = set()
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._idle = threading.Event()
        self._idle.set()
        self._away = False
        metrics = metrics or Metrics()
        self._counted = metrics.counter("proppr_alerts_total", "Alert events taken", ["kind"])
        self._count_dropped = metrics.queue_dropped.labels("alerts")
        metrics.watch_queue("alerts", lambda: len(self._waiting))

    def raise_alert(self, key: str, title: str, detail: str = "", severity: AlertSeverity = "warning") -> None:
        """Say that `key` fails. Repeat it as often as convenient: one message is sent until it recovers."""
        self.put(AlertEvent(key, "failed", severity, title, detail))

    def resolve(self, key: str, detail: str = "") -> None:
        """Say that `key` works. Repeat it as often as convenient: nothing is sent unless it failed before."""
        self.put(AlertEvent(key, "recovered", "info", "", detail))

    def notify(self, key: str, title: str, detail: str = "", severity: AlertSeverity = "info") -> None:
        """Send a message that has no state, once per call."""
        self.put(AlertEvent(key, "notice", severity, title, detail))

    def put(self, event: AlertEvent) -> None:
        """Take any event."""
        try:
            self._put(self._clean(event))
        except Exception:
            log.exception("alert not taken", extra={"key": str(event.key)[:_LONGEST_KEY]})

    def record(self, event: AlertEvent, change_id: str) -> None:
        """Store an event at once, in the caller's thread: for what must be stored before the caller goes on.

        The same `change_id` again changes nothing, whoever records it. Raises PyMongoError.
        """
        cleaned = self._clean(event)
        with pymongo.timeout(_PATIENCE):
            found = self._store(change_id, cleaned)
        if found:
            log.log(_level(cleaned), "alert %s", cleaned.kind, extra={"key": cleaned.key, "title": cleaned.title,
                    "detail": cleaned.detail})  # fmt: skip

    def stop(self, deadline: float) -> None:
        """Store what waits, if MongoDB answers before `deadline`, and end."""
        self._idle.wait(max(0.0, min(2.0, deadline - self._clock.monotonic() - 0.5)))
        self._worker.request_stop()
        self._wake.set()
        self._worker.stop(deadline)
        if self._waiting:
            log.error("alerts were not stored", extra={"keys": [event.key for _, event in self._waiting][:20]})

    def _own_check(self) -> Check:
        """Say whether alerts get stored."""
        waiting = len(self._waiting)
        return Check(not self._away, f"{waiting} to be stored, {self.dropped} dropped", None, "degraded")

    def flushed(self, timeout: float) -> bool:
        """Wait until everything taken so far is stored; False after `timeout` seconds."""
        return self._idle.wait(timeout)

    def _clean(self, event: AlertEvent) -> AlertEvent:
        text = self._redactor.text
        return AlertEvent(
            text(event.key)[:_LONGEST_KEY], event.kind, event.severity,
            text(event.title)[:_LONGEST_KEY], text(event.detail)[:_LONGEST_TEXT],
        )  # fmt: skip

    def _put(self, event: AlertEvent) -> None:
        with self._lock:
            if self._is_repetition(event):
                return
            if len(self._waiting) >= BOUND:
                self.dropped += 1
                self._count_dropped.inc()
                dropped = True
            else:
                self._waiting.append((uuid.uuid4().hex, event))
                self._idle.clear()
                dropped = False
        self._counted.labels(event.kind).inc()
        if event.kind != "recovered":  # of these most are about nothing: what did fail is known when it is stored
            log.log(_level(event), "alert %s", event.kind, extra={"key": event.key, "title": event.title,
                    "detail": event.detail, "dropped": dropped})  # fmt: skip
        self._wake.set()

    def _is_repetition(self, event: AlertEvent) -> bool:
        """True if the newest waiting event of the key says the same: a caller in a loop must not fill the buffer."""
        if event.kind == "notice":
            return False
        newest = next((waiting for _, waiting in reversed(self._waiting) if waiting.key == event.key), None)
        return newest is not None and newest.kind == event.kind

    def _run(self, stop: threading.Event) -> None:
        backoff = Backoff(first=0.25, cap=5.0, floor=0.1)
        while not stop.is_set():
            self._wake.wait()
            self._wake.clear()
            while self._waiting and not stop.is_set():
                if self._store_first():
                    backoff.reset()
                else:
                    stop.wait(backoff.next())

    def _store_first(self) -> bool:
        change_id, event = self._waiting[0]
        try:
            with pymongo.timeout(_PATIENCE):
                found = self._store(change_id, event)
            self._away = False
            if found and event.kind == "recovered":
                log.info("alert recovered", extra={"key": event.key, "detail": event.detail})
        except OperationFailure as error:
            if error.code not in _PERMANENT:
                return self._failed(error)
            self.dropped += 1
            log.exception("alert refused by MongoDB", extra={"key": event.key})
        except PyMongoError as error:
            return self._failed(error)
        except Exception:
            # For example text that BSON can't hold; kept, it would block all alerts behind it.
            self.dropped += 1
            log.exception("alert can't be stored", extra={"key": event.key})
        with self._lock:
            self._waiting.popleft()
            if not self._waiting:
                self._idle.set()
        return True

    def _store(self, change_id: str, event: AlertEvent) -> bool:
        """Store the event; False if it was about nothing: a recovery of what does not fail, a known change."""
        pipeline = documents.change(event, change_id, self._service, self._deliver)
        for attempt in (1, 2):
            try:
                before = self._collection.find_one_and_update(
                    documents.target(event), pipeline, upsert=event.kind != "recovered",
                    return_document=ReturnDocument.BEFORE, projection={"recent": 1},
                )  # fmt: skip
            except DuplicateKeyError:  # another process made the document at the same moment
                if attempt == 2:
                    raise
                continue
            if before is None:
                return event.kind != "recovered"
            return change_id not in (before.get("recent") or ())
        return False

    def _failed(self, error: PyMongoError) -> bool:
        if not self._away:
            log.warning("alerts wait for MongoDB", extra={"error": type(error).__name__})
        self._away = True
        return False


def _level(event: AlertEvent) -> int:
    if event.kind != "failed":
        return logging.INFO
    return logging.ERROR if event.severity == "critical" else logging.WARNING
