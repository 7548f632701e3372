"""Delivers stored alerts to Telegram: one sender in the fleet, every message once, in order, however long it takes."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Sequence

import pymongo
from pymongo.errors import PyMongoError

from PROPPR.SharedServices.service import alert_documents as documents
from PROPPR.SharedServices.service.alerting import queue, texts
from PROPPR.SharedServices.service.alerting.control import AlertControl
from PROPPR.SharedServices.service.alerting.policy import AlertPolicy, Pace, Waiting
from PROPPR.SharedServices.service.alerting.texts import News
from PROPPR.SharedServices.service.alerting.upkeep import Upkeep
from PROPPR.SharedServices.service.backoff import Backoff
from PROPPR.SharedServices.service.clock import Clock, SystemClock
from PROPPR.SharedServices.service.components import Check, Worker
from PROPPR.SharedServices.service.leases import Lease
from PROPPR.SharedServices.service.metrics import Metrics
from PROPPR.SharedServices.service.mongo_types import Document, MongoDatabase
from PROPPR.SharedServices.service.telegram import LONGEST_MESSAGE, Delivery, TelegramClient

log = logging.getLogger(__name__)

CLAIM_SECONDS = 60.0
"""Longer than an attempt can take, so that a claim never ends under its holder."""

MOST_AT_ONCE = 100
_PATIENCE = 3.0


class TelegramSender:
    """Sends the messages of `alerts`, a Component. Start it in every process: a lease lets one of them work.

    Messages of a key go in order; many that are due together go as one. In quiet hours only what is critical goes, the
    rest after them. 429 stops all sending for the `retry_after` that Telegram named, also for a process that takes
    over; everything else but 400 is retried with back-off for ever; 400 marks the message undeliverable. Two processes
    never send the same message; one that is killed between Telegram's answer and its note of it is the one case in
    which a message is repeated, and then it says so.
    """

    def __init__(
        self,
        database: MongoDatabase,
        client: TelegramClient,
        holder: str,
        clock: Clock | None = None,
        *,
        policy: AlertPolicy | None = None,
        metrics: Metrics | None = None,
        poll: float = 1.0,
        pace: Pace | None = None,
        lease_ttl: float = 15.0,
        upkeep_every: float = 5.0,
        claim_seconds: float = CLAIM_SECONDS,
    ) -> None:
        self.name = "telegram sender"
        self.sent = 0
        self._collection = database[documents.COLLECTION]
        self._client = client
        self._holder = f"{holder}:{uuid.uuid4().hex[:8]}"  # a restarted process is another one
        self._clock = clock or SystemClock()
        self._policy = policy or AlertPolicy()
        self._poll = poll
        self._pace = pace or Pace()
        self._lease = Lease(database, "telegram-sender", holder, lease_ttl, self._clock)
        self._control = AlertControl(database)
        self._upkeep = Upkeep(database, self._policy)
        self._upkeep_every = upkeep_every
        self._claim_seconds = claim_seconds
        self._upkept_at: float | None = None
        self._muted: Document | None = None
        self._token: int | None = None
        self._last: Delivery | None = None
        self._not_before = 0.0
        self._retry = Backoff(first=2.0, cap=60.0, floor=0.5)
        self._away = False
        self._stop = threading.Event()
        self._worker = Worker(self.name, self._run, clock=self._clock)
        metrics = metrics or Metrics()
        self._attempts = metrics.counter(
            "proppr_alert_deliveries_total", "Attempts to deliver alerts", ["channel", "outcome"]
        )

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
        token = self._lease.acquire()
        if token is None:
            self._last = None  # what became of our last message is history: somebody else sends now
            return max(self._poll, 1.0)
        if token != self._token:
            self._not_before = self._clock.monotonic() + self._control.held_for("telegram")
            self._token = token
        self._keep_up()
        left = self._not_before - self._clock.monotonic()
        if left > 0:
            return min(left, self._lease.ttl / 3)
        return self._send_what_is_due()

    def _keep_up(self) -> None:
        now = self._clock.monotonic()
        if self._upkept_at is not None and now - self._upkept_at < self._upkeep_every:
            return
        self._muted = self._control.muted()
        self._upkeep.run(self._clock.now(), self._muted)
        self._upkept_at = now

    def _send_what_is_due(self) -> float:
        scope = self._scope()
        with pymongo.timeout(_PATIENCE):
            counted = list(self._collection.aggregate(queue.counting(scope)))
        if not counted:
            return self._poll
        now = self._clock.monotonic()
        waiting = Waiting(counted[0]["messages"], counted[0]["oldest"] / 1000, counted[0]["critical"])
        left = self._pace.wait(now, waiting)
        if left > 0:
            return min(left, self._poll)
        self._deliver(self._claim(scope, self._pace.as_one(now, waiting)))
        return 0.0

    def _scope(self) -> Document | None:
        parts: list[Document] = [{"$nor": [self._muted]}] if self._muted is not None else []
        if self._policy.is_quiet(self._clock.now()):
            parts.append({"severity": "critical"})
        return {"$and": parts} if parts else None

    def _claim(self, scope: Document | None, as_one: bool) -> list[Document]:
        batch, due = uuid.uuid4().hex, queue.due(scope)
        ours = queue.claimed(batch, self._holder)
        with pymongo.timeout(_PATIENCE):
            first = self._collection.find(due, {"_id": 1}).sort([("next_attempt_at", 1), ("raised_at", 1)])
            keys = [found["_id"] for found in first.limit(MOST_AT_ONCE if as_one else 1)]
            chosen = {"$and": [{"_id": {"$in": keys}}, due]}
            self._collection.update_many(chosen, queue.claiming(self._holder, batch, self._claim_seconds, as_one))
            return list(self._collection.find(ours).sort("raised_at", 1))

    def _deliver(self, alerts: Sequence[Document]) -> None:
        if not alerts:
            return
        ours = queue.claimed(alerts[0]["claim"]["batch"], self._holder)
        news = [one for alert in alerts for one in _news(alert)]
        if not news:  # nothing left to tell: only the labels are wrong
            self._note(ours, queue.skipped())
            return
        text = texts.alone(news[0]) if len(news) == 1 else texts.together(news, LONGEST_MESSAGE)
        delivery = self._client.send(text, silent=all(one.severity == "info" for one in news))
        self._last = delivery
        self._attempts.labels("telegram", delivery.outcome).inc()
        self._pace.sent(self._clock.monotonic())
        details = {"keys": [alert["_id"] for alert in alerts][:20], "messages": len(news), "reason": delivery.reason}
        if delivery.outcome == "sent":
            self.sent += 1
            self._retry.reset()
            self._note(ours, queue.delivered())
            log.info("alert sent", extra=details)
        elif delivery.outcome == "refused":
            self._note(ours, queue.refused(delivery.reason))
            log.error("alert undeliverable", extra=details)
        else:
            self._postpone(ours, delivery, details)

    def _postpone(self, ours: Document, delivery: Delivery, details: Document) -> None:
        wait = self._retry.next() if delivery.retry_after is None else delivery.retry_after + 0.1
        # It is the bot or the way there that fails, not the message: nothing else is tried meanwhile.
        self._not_before = self._clock.monotonic() + wait
        self._note(ours, queue.postponed(delivery.reason, wait))
        log.warning("alert not sent yet", extra={**details, "next_in": round(wait, 1)})
        if delivery.outcome == "rate_limited":
            self._control.hold("telegram", wait, delivery.reason)

    def _note(self, ours: Document, update: list[Document]) -> None:
        """Store what became of the batch; insist, because a forgotten delivery would be repeated."""
        until = self._clock.monotonic() + self._claim_seconds * 2 / 3
        backoff = Backoff(first=0.25, cap=2.0, floor=0.1)
        while True:
            try:
                with pymongo.timeout(_PATIENCE):
                    self._collection.update_many(ours, update)
                return
            except PyMongoError:
                if self._clock.monotonic() > until or self._stop.is_set():
                    raise
                self._stop.wait(backoff.next())

    def _give_back(self) -> None:
        try:
            with pymongo.timeout(1.0):
                self._collection.update_many(*queue.released(self._holder))
            self._lease.release()
        except PyMongoError as error:
            log.warning("lease of the sender not released", extra={"error": type(error).__name__})


def _news(alert: Document) -> list[News]:
    messages = list(queue.of_claim(alert))
    if messages and messages[0]["kind"] == "recovered" and alert.get("undelivered"):
        messages = messages[1:]  # nobody heard of the failure
    return [texts.news_of(alert, message) for message in messages]
