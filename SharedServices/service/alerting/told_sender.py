"""Tells e-mail and PagerDuty what they have not heard yet: one sender in the fleet for each."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Sequence
from typing import Protocol

import pymongo
from pymongo.errors import PyMongoError

from PROPPR.SharedServices.service import alert_documents as documents
from PROPPR.SharedServices.service.alerting import told
from PROPPR.SharedServices.service.alerting.control import AlertControl
from PROPPR.SharedServices.service.alerting.policy import AlertPolicy
from PROPPR.SharedServices.service.alerting.texts import News
from PROPPR.SharedServices.service.backoff import Backoff
from PROPPR.SharedServices.service.clock import Clock, SystemClock
from PROPPR.SharedServices.service.components import Check, Worker
from PROPPR.SharedServices.service.leases import Lease
from PROPPR.SharedServices.service.metrics import Metrics
from PROPPR.SharedServices.service.mongo_types import Document, MongoDatabase
from PROPPR.SharedServices.service.telegram import Delivery

log = logging.getLogger(__name__)

CLAIM_SECONDS = 90.0
_PATIENCE = 3.0


class Channel(Protocol):
    """Where alerts can be told. `most`: how many go in one delivery, `news`: of what it wants to hear, `after`: how
    long a failure lasts before it is told, `minds_quiet`: only what is critical is opened there in quiet hours,
    `pause`: seconds between two deliveries."""

    name: str
    most: int
    news: Sequence[told.News]
    after: float
    minds_quiet: bool
    pause: float

    def deliver(self, news: Sequence[News]) -> Delivery:
        """Tell all of it in one go. Never raises; takes 60 s at most."""

    def close(self) -> None:
        """Let go of connections."""


class ToldSender:
    """Tells one channel, a Component. Start it in every process: a lease lets one of them work.

    Each failure is told once and its end once, however many processes there are and however long the channel or
    MongoDB were away; a sender killed between the channel's answer and its note of it may tell once more.
    """

    def __init__(
        self,
        database: MongoDatabase,
        channel: Channel,
        holder: str,
        clock: Clock | None = None,
        *,
        policy: AlertPolicy | None = None,
        metrics: Metrics | None = None,
        poll: float = 2.0,
        lease_ttl: float = 15.0,
        claim_seconds: float = CLAIM_SECONDS,
    ) -> None:
        self.name = f"{channel.name} sender"
        self.sent = 0
        self._collection = database[documents.COLLECTION]
        self._channel = channel
        self._holder = f"{holder}:{uuid.uuid4().hex[:8]}"
        self._clock = clock or SystemClock()
        self._policy = policy or AlertPolicy()
        self._poll = poll
        self._lease = Lease(database, f"{channel.name}-sender", holder, lease_ttl, self._clock)
        self._claim_seconds = claim_seconds
        self._control = AlertControl(database)
        self._token: int | None = None
        self._not_before = 0.0
        self._retry = Backoff(first=2.0, cap=120.0, floor=0.5)
        self._last: Delivery | None = None
        self._away = False
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
        """Begin to tell, or wait as a standby."""
        self._worker.start()

    def stop(self, deadline: float) -> None:
        """End after the delivery that is on its way."""
        self._worker.stop(deadline)
        self._channel.close()

    def check(self) -> Check:
        """Say whether the last delivery was taken."""
        worker = self._worker.check()
        if not worker.ok:
            return worker
        if self._away:
            return Check(False, "MongoDB does not answer", None, "degraded")
        if self._last is not None and self._last.outcome != "sent":
            return Check(False, f"{self._last.outcome}: {self._last.reason}", None, "degraded")
        return Check(True, f"{self.sent} told" if self._lease.held else "standby")

    def _run(self, stop: threading.Event) -> None:
        backoff = Backoff(first=1.0, cap=15.0, floor=0.5)
        try:
            while not stop.is_set():
                try:
                    wait = self._step(stop)
                    self._away = False
                    backoff.reset()
                except PyMongoError as error:
                    if not self._away:
                        log.warning("alerts are not told", extra={"channel": self._channel.name,
                                    "error": type(error).__name__})  # fmt: skip
                    self._away = True
                    wait = backoff.next()
                stop.wait(wait)
        finally:
            self._give_back()

    def _step(self, stop: threading.Event) -> float:
        token = self._lease.acquire()
        if token is None:
            self._last = None
            return max(self._poll, 1.0)
        if token != self._token:
            self._not_before = self._clock.monotonic() + self._control.held_for(self._channel.name)
            self._token = token
        left = self._not_before - self._clock.monotonic()
        if left > 0:
            return min(left, self._lease.ttl / 3)
        batch, alerts = self._claim()
        if not alerts:
            return self._poll
        self._deliver(batch, alerts, stop)
        return 0.0

    def _claim(self) -> tuple[str, list[tuple[told.News, Document]]]:
        """Claim what is untold, up to what one delivery takes; the kinds of news in their order."""
        batch, name = uuid.uuid4().hex, self._channel.name
        muted = self._control.muted()
        only_critical = self._channel.minds_quiet and self._policy.is_quiet(self._clock.now())
        found: list[tuple[told.News, Document]] = []
        for news in self._channel.news:
            room = self._channel.most - len(found)
            if room <= 0:
                break
            chosen = told.untold(
                name, news, after=self._channel.after, muted=muted, only_critical=only_critical
            )  # fmt: skip
            found += [(news, alert) for alert in self._claimed(chosen, f"{batch}{news}", room)]
        return batch, found

    def _claimed(self, chosen: Document, batch: str, room: int) -> list[Document]:
        name = self._channel.name
        with pymongo.timeout(_PATIENCE):
            keys = [one["_id"] for one in self._collection.find(chosen, {"_id": 1}).sort("raised_at", 1).limit(room)]
            if not keys:
                return []
            still = {"$and": [{"_id": {"$in": keys}}, chosen]}
            self._collection.update_many(still, told.claiming(name, self._holder, batch, self._claim_seconds))
            return list(self._collection.find(told.claimed(name, self._holder, batch)).sort("raised_at", 1))

    def _deliver(self, batch: str, alerts: Sequence[tuple[told.News, Document]], stop: threading.Event) -> None:
        all_news = [news_of(kind, alert, self._channel.name) for kind, alert in alerts]
        delivery = self._channel.deliver(all_news)
        self._last = delivery
        self._attempts.labels(self._channel.name, delivery.outcome).inc()
        details = {"channel": self._channel.name, "keys": [news.key for news in all_news][:20],
                   "reason": delivery.reason}  # fmt: skip
        self._note(batch, delivery, stop)
        if delivery.outcome == "sent":
            self.sent += 1
            self._retry.reset()
            self._not_before = self._clock.monotonic() + self._channel.pause
            log.info("alerts told", extra=details)
            return
        if delivery.outcome == "refused":
            log.error("alert refused by the channel", extra=details)
            return
        wait = self._retry.next() if delivery.retry_after is None else delivery.retry_after + 0.1
        self._not_before = self._clock.monotonic() + wait
        log.warning("alerts not told yet", extra={**details, "next_in": round(wait, 1)})
        if delivery.outcome == "rate_limited":
            self._control.hold(self._channel.name, wait, delivery.reason)

    def _note(self, batch: str, delivery: Delivery, stop: threading.Event) -> None:
        """Store what became of the batch; insist, because a forgotten delivery would be repeated."""
        until = self._clock.monotonic() + self._claim_seconds / 4
        backoff = Backoff(first=0.25, cap=2.0, floor=0.1)
        while True:
            try:
                with pymongo.timeout(_PATIENCE):
                    for news in self._channel.news:
                        ours = told.claimed(self._channel.name, self._holder, f"{batch}{news}")
                        self._collection.update_many(ours, self._noted(news, delivery))
                return
            except PyMongoError:
                if self._clock.monotonic() > until or stop.is_set():
                    raise
                stop.wait(backoff.next())

    def _noted(self, news: told.News, delivery: Delivery) -> list[Document]:
        if delivery.outcome == "sent":
            return told.told(self._channel.name, news)
        if delivery.outcome == "refused":
            return told.refused(self._channel.name, news, delivery.reason)
        return told.failed(self._channel.name, delivery.reason)

    def _give_back(self) -> None:
        try:
            with pymongo.timeout(1.0):
                self._collection.update_many(*told.released(self._channel.name, self._holder))
            self._lease.release()
        except PyMongoError as error:
            log.warning("lease of the sender not released", extra={"error": type(error).__name__})


def news_of(kind: told.News, alert: Document, channel: str) -> News:
    """Return what is told of an alert."""
    at = {"failed": "raised_at", "acknowledged": "acknowledged_at", "recovered": "recovered_at"}[kind]
    detail = alert.get("recovered_detail") if kind == "recovered" else alert.get("last_detail") or alert.get("detail")
    claim = (alert.get(channel) or {}).get("claim") or {}
    return News(
        alert["_id"], kind, alert.get("severity", "warning"), alert.get("title") or alert["_id"], detail or "",
        alert.get("service") or "service", alert.get(at) or alert["last_seen_at"], alert.get("raised_at"),
        alert.get("episode") or 0, alert.get("count") or 1, bool(claim.get("again")),
    )  # fmt: skip
