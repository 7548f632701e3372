"""Heartbeats: every process says that it lives, and notices peers that no longer do."""

from __future__ import annotations

import logging
import os
import socket
import threading
import uuid
from collections.abc import Callable
from datetime import datetime

import pymongo
from pymongo import ReturnDocument
from pymongo.errors import PyMongoError

from PROPPR.SharedServices.service.alerts import AlertEvent, AlertOutbox
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.components import Check, ThreadedComponent
from PROPPR.SharedServices.service.mongo_types import Document, MongoDatabase

log = logging.getLogger(__name__)

COLLECTION = "service_heartbeats"
INTERVAL = 10.0
LOOK = 0.5
"""Seconds between two looks whether the status is another one."""
SILENT_AFTER = 30.0
_KEPT_RUNNING, _KEPT_ENDED = 7 * 86_400, 86_400  # seconds until a document that nobody renews expires


class Heartbeat(ThreadedComponent):
    """Writes this process's heartbeat and watches the others', a Component.

    By the server's clock: a peer whose last beat is older than `silent_after` gets one alert
    `silent:<service>:<instance>` over the whole fleet, resolved when it beats again or when an instance of its service
    that started after that last beat does; such a successor that is there in time prevents the alert, and one that
    falls silent in its turn is told instead of the one it replaced. A clean stop is no silence. Nobody is judged until
    this process itself has reached MongoDB for `silent_after` without a gap: after an outage everybody looks silent.
    With the defaults a death is told 30 to 40 s after the last beat.

    The alert is stored before the peer is marked, by a change that is named after the peer's last beat: a watcher may
    die at any point, the next one finishes, and none of them tells a silence or its end twice. stop() marks this
    process as stopped on purpose, if MongoDB answers.

    `status`, if given, is asked twice a second: another answer than at the last beat makes the next one at once, so
    that a process that has just started does not say "starting" for ten seconds. None: nothing to say now.

    Stored: _id = "<service>:<instance>", service, instance, process, pid, host, version, started_at, beat_at, status,
    status_since, state (running, stopped, replaced), silent_since?, expires_at, and what `report` tells: at least the
    status, see beat_report.
    """

    def __init__(
        self,
        database: MongoDatabase,
        service: str,
        instance: str,
        alerts: AlertOutbox,
        *,
        version: str = "",
        report: Callable[[], Document] = lambda: {"status": "healthy"},
        status: Callable[[], str | None] = lambda: None,
        clock: Clock | None = None,
        interval: float = INTERVAL,
        silent_after: float = SILENT_AFTER,
    ) -> None:
        super().__init__("heartbeat", self._run, clock)
        self._collection = database[COLLECTION]
        self._service = service
        self._instance = instance
        self._alerts = alerts
        self._version = version
        self._report_of = report
        self._status_of = status
        self._told_status: str | None = None
        self._process = uuid.uuid4().hex  # in a container a restarted process has the name and pid of the one before
        self._interval = interval
        self._silent_after = silent_after
        self._last_beat: float | None = None
        self._good_since: float | None = None
        self._created = self._clock.monotonic()

    def _own_check(self) -> Check:
        """Say when the last beat was stored."""
        last = self._last_beat
        age = self._clock.monotonic() - (self._created if last is None else last)
        detail = "no beat yet" if last is None else "last beat"
        return Check(age < self._silent_after, detail, age, "degraded")

    def _run(self, stop: threading.Event) -> None:
        try:
            while not stop.is_set():
                try:
                    with pymongo.timeout(min(3.0, self._interval)):
                        self._beat()
                        self._watch()
                except PyMongoError as error:
                    self._good_since = None
                    log.warning("heartbeat not stored", extra={"error": type(error).__name__})
                self._wait(stop)
        finally:
            self._say_stopped()

    def _wait(self, stop: threading.Event) -> None:
        """Wait for the next beat: the interval, or until the status is another one than the last beat told."""
        looks = max(1, round(self._interval / LOOK))
        for _ in range(looks):
            if stop.wait(self._interval / looks):
                return
            status = self._status_of()
            if self._told_status is not None and status not in (None, self._told_status):
                return

    def _beat(self) -> None:
        key = f"{self._service}:{self._instance}"
        fields = {
            "service": self._service, "instance": self._instance, "pid": os.getpid(), "host": socket.gethostname(),
            "version": self._version, "state": "running", "process": self._process, **self._report_of(),
        }  # fmt: skip
        self._told_status = None  # not stored yet: what fails is tried again after the interval
        literal: Document = {name: {"$literal": value} for name, value in fields.items()}
        is_ours = {"$eq": [{"$ifNull": ["$process", None]}, self._process]}
        is_same = {"$and": [is_ours, {"$eq": ["$status", {"$literal": fields["status"]}]}]}
        beat = {
            **literal, "started_at": {"$cond": [is_ours, "$started_at", "$$NOW"]}, "beat_at": "$$NOW",
            "status_since": {"$cond": [is_same, {"$ifNull": ["$status_since", "$$NOW"]}, "$$NOW"]},
            "expires_at": _in(_KEPT_RUNNING), "silent_since": "$$REMOVE",
        }  # fmt: skip
        before = self._collection.find_one_and_update(
            {"_id": key}, [{"$set": beat}], upsert=True, return_document=ReturnDocument.BEFORE
        )
        self._told_status = fields["status"]
        # At every beat, not only where the mark was found: a watcher may have alerted a moment after an earlier one.
        if before is not None:
            self._resolve(before, "beats again")
        now = self._clock.monotonic()
        # A gap means that we slept or were cut off, and then so may our picture of the others be old.
        if self._good_since is None or self._last_beat is None or now - self._last_beat > 2 * self._interval + 5:
            self._good_since = now
        self._last_beat = now

    def _watch(self) -> None:
        if self._good_since is None or self._clock.monotonic() - self._good_since < self._silent_after:
            return
        for peer in self._silent_peers():
            if peer["successors"]:
                self._replace(peer)
            elif not peer.get("silent_since"):
                self._report(peer)

    def _silent_peers(self) -> list[Document]:
        silent = {"$lt": ["$beat_at", _in(-self._silent_after)]}
        # One that has fallen silent itself as well: a service that dies twice is one alert, not two.
        is_successor = {"$and": [{"$eq": ["$service", "$$service"]}, {"$gt": ["$started_at", "$$beat_at"]}]}
        return list(
            self._collection.aggregate([
                {"$match": {"state": "running", "$expr": silent}},
                {"$limit": 1000},
                {"$lookup": {
                    "from": COLLECTION, "as": "successors", "let": {"service": "$service", "beat_at": "$beat_at"},
                    "pipeline": [{"$match": {"$expr": is_successor}}, {"$limit": 1}, {"$project": {"_id": 1}}],
                }},
            ])
        )  # fmt: skip

    def _report(self, peer: Document) -> None:
        last: datetime = peer["beat_at"]
        detail = f"last heartbeat {last:%Y-%m-%d %H:%M:%S} UTC, pid {peer.get('pid')} on {peer.get('host')}"
        event = AlertEvent(_alert_key(peer), "failed", "critical", f"{peer['service']} is silent", detail)
        self._alerts.record(event, f"silent:{last.isoformat()}")
        unchanged = {"_id": peer["_id"], "beat_at": last, "silent_since": {"$exists": False}}
        self._collection.update_one(unchanged, [{"$set": {"silent_since": "$$NOW"}}])

    def _replace(self, peer: Document) -> None:
        self._resolve(peer, f"replaced by {peer['successors'][0]['_id']}")
        unchanged = {"_id": peer["_id"], "beat_at": peer["beat_at"], "state": "running"}
        replaced = {"state": "replaced", "expires_at": _in(_KEPT_ENDED), "silent_since": "$$REMOVE"}
        self._collection.update_one(unchanged, [{"$set": replaced}])

    def _resolve(self, peer: Document, detail: str) -> None:
        event = AlertEvent(_alert_key(peer), "recovered", "info", "", detail)
        self._alerts.record(event, f"back:{peer['beat_at'].isoformat()}")

    def _say_stopped(self) -> None:
        stopped: Document = {
            "state": "stopped", "status": "stopped", "status_since": "$$NOW", "beat_at": "$$NOW",
            "expires_at": _in(_KEPT_ENDED),
        }  # fmt: skip
        try:
            with pymongo.timeout(1.0):
                self._collection.update_one({"_id": f"{self._service}:{self._instance}"}, [{"$set": stopped}])
        except PyMongoError as error:
            log.warning("heartbeat not marked as stopped", extra={"error": type(error).__name__})


def _alert_key(document: Document) -> str:
    return f"silent:{document['_id']}"


def _in(seconds: float) -> Document:
    return {"$dateAdd": {"startDate": "$$NOW", "unit": "millisecond", "amount": round(seconds * 1000)}}
