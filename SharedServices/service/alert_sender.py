"""Delivers stored alerts to Telegram: one sender in the fleet, every message once, in order, however long it takes."""

from __future__ import annotations

import logging
import threading

import pymongo
from pymongo import ReturnDocument
from pymongo.errors import PyMongoError

from PROPPR.SharedServices.service import alert_documents as documents
from PROPPR.SharedServices.service.backoff import Backoff
from PROPPR.SharedServices.service.clock import Clock, SystemClock
from PROPPR.SharedServices.service.components import Check, Worker
from PROPPR.SharedServices.service.leases import Lease
from PROPPR.SharedServices.service.metrics import Metrics
from PROPPR.SharedServices.service.mongo_types import Document, MongoDatabase
from PROPPR.SharedServices.service.telegram import Delivery, TelegramClient

log = logging.getLogger(__name__)

CLAIM_SECONDS = 60.0
"""Longer than an attempt can take, so that a claim never ends under its holder."""

_PATIENCE = 3.0
_MARKS = {"failed": "FAILED", "recovered": "RECOVERED", "notice": "NOTICE"}


class TelegramSender:
    """Sends the messages of `alerts`, a Component. Start it in every process: a lease lets one of them work.

    Messages of a key go in order. 429 stops all sending for the `retry_after` that Telegram named; timeouts, broken
    connections and 5xx are retried with back-off for ever; 400, 401, 403 and 404 mark the message undeliverable. Two
    processes never send the same message; one that is killed between Telegram's answer and its note of it is the one
    case in which a message is repeated.
    """

    def __init__(
        self,
        database: MongoDatabase,
        client: TelegramClient,
        holder: str,
        clock: Clock | None = None,
        *,
        metrics: Metrics | None = None,
        poll: float = 1.0,
        spacing: float = 1.05,
        lease_ttl: float = 30.0,
    ) -> None:
        self.name = "telegram sender"
        self.sent = 0
        self._collection = database[documents.COLLECTION]
        self._client = client
        self._holder = holder
        self._clock = clock or SystemClock()
        self._poll = poll
        self._spacing = spacing  # Telegram allows a bot about one message a second in a chat
        self._lease = Lease(database, "telegram-sender", holder, lease_ttl, self._clock)
        self._last: Delivery | None = None
        self._not_before = 0.0
        self._away = False
        self._stop = threading.Event()
        self._worker = Worker(self.name, self._run, clock=self._clock)
        metrics = metrics or Metrics()
        self._attempts = metrics.counter("proppr_alert_deliveries_total", "Attempts to deliver", ["outcome"])

    @property
    def alive(self) -> bool:
        """True while the thread runs."""
        return self._worker.alive

    def start(self) -> None:
        """Begin to send, or wait as a standby."""
        self._worker.start()

    def stop(self, deadline: float) -> None:
        """End after the message that is on its way."""
        self._worker.stop(deadline)
        self._client.close()

    def check(self) -> Check:
        """Say whether the last message arrived."""
        worker = self._worker.check()
        if not worker.ok:
            return worker
        if self._away:
            return Check(False, "MongoDB does not answer", None, "degraded")
        if self._last is not None and self._last.outcome != "sent":
            return Check(False, f"{self._last.outcome}: {self._last.reason}", None, "degraded")
        return Check(True, f"{self.sent} sent" if self._lease.held else "standby")

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
                        log.warning("alerts are not sent", extra={"error": type(error).__name__})
                    self._away = True
                    wait = backoff.next()
                stop.wait(wait)
        finally:
            self._give_back()

    def _step(self) -> float:
        """Send one message if there is one; the seconds until the next step."""
        if self._lease.acquire() is None:
            return max(self._poll, 2.0)
        left = self._not_before - self._clock.monotonic()
        if left > 0:
            return min(left, self._lease.ttl / 3)
        alert = self._claim()
        if alert is None:
            return self._poll
        return self._deliver(alert)

    def _claim(self) -> Document | None:
        is_due, claim = documents.claiming(self._holder, CLAIM_SECONDS)
        with pymongo.timeout(_PATIENCE):
            return self._collection.find_one_and_update(
                is_due, claim, sort=[("next_attempt_at", 1)], return_document=ReturnDocument.AFTER
            )

    def _deliver(self, alert: Document) -> float:
        if not alert["messages"]:  # nothing left of it: only its label is wrong
            self._note(alert, documents.delivered(0))
            return 0.0
        message = alert["messages"][0]
        if message["kind"] == "recovered" and alert.get("undelivered"):
            self._note(alert, documents.skipped(message["n"]))
            return 0.0
        delivery = self._client.send(_text(alert, message))
        self._last = delivery
        self._attempts.labels(delivery.outcome).inc()
        details = {"key": alert["_id"], "kind": message["kind"], "reason": delivery.reason}
        if delivery.outcome == "sent":
            self.sent += 1
            self._note(alert, documents.delivered(message["n"]))
            log.info("alert sent", extra=details)
            return self._spacing
        if delivery.outcome == "refused":
            self._note(alert, documents.refused(message["n"], delivery.reason))
            log.error("alert undeliverable", extra=details)
            return self._spacing
        return self._postpone(alert, delivery, details)

    def _postpone(self, alert: Document, delivery: Delivery, details: Document) -> float:
        usual = Backoff(first=2.0, cap=300.0, floor=1.0)
        usual.attempts = int(alert.get("attempts") or 0)
        wait = usual.next() if delivery.retry_after is None else delivery.retry_after + 0.1
        if delivery.outcome == "rate_limited":
            self._not_before = self._clock.monotonic() + wait  # it is the bot that is limited, not the message
        self._note(alert, documents.postponed(delivery.reason, wait))
        log.warning("alert not sent yet", extra={**details, "next_in": round(wait, 1)})
        return self._spacing

    def _note(self, alert: Document, update: list[Document]) -> None:
        """Store what became of a message; insist, because a forgotten delivery would be repeated."""
        ours = {"_id": alert["_id"], "claim.holder": self._holder}
        until = self._clock.monotonic() + CLAIM_SECONDS - 20.0
        backoff = Backoff(first=0.25, cap=2.0, floor=0.1)
        while True:
            try:
                with pymongo.timeout(_PATIENCE):
                    self._collection.update_one(ours, update)
                return
            except PyMongoError:
                if self._clock.monotonic() > until or self._stop.is_set():
                    raise
                self._stop.wait(backoff.next())

    def _give_back(self) -> None:
        try:
            with pymongo.timeout(1.0):
                self._collection.update_many(*documents.released(self._holder))
            self._lease.release()
        except PyMongoError as error:
            log.warning("lease of the sender not released", extra={"error": type(error).__name__})


def _text(alert: Document, message: Document) -> str:
    """The message as people read it: what, since when, how often, by whom."""
    head = f"{_MARKS[message['kind']]}: {message['title']}"
    lines = [head, message["detail"], f"{message['at']:%Y-%m-%d %H:%M:%S} UTC, {alert.get('service') or 'service'}"]
    if message["kind"] == "recovered" and alert.get("raised_at") and alert["raised_at"] <= message["at"]:
        lines.append(f"after {_duration((message['at'] - alert['raised_at']).total_seconds())}")
    return "\n".join(line for line in lines if line)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
