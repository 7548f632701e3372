"""Delivers stored alerts to Telegram: one sender in the fleet, every message once, in order, however long it takes."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import pymongo

from PROPPR.SharedServices.service.alerting import queue, texts
from PROPPR.SharedServices.service.alerting.policy import AlertPolicy, Pace, Waiting
from PROPPR.SharedServices.service.alerting.sender import PATIENCE, AlertSender
from PROPPR.SharedServices.service.alerting.texts import News
from PROPPR.SharedServices.service.alerting.upkeep import Upkeep
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.metrics import Metrics
from PROPPR.SharedServices.service.mongo_types import Document, MongoDatabase
from PROPPR.SharedServices.service.telegram import LONGEST_MESSAGE, Delivery, TelegramClient

CLAIM_SECONDS = 60.0
"""Longer than an attempt can take, so that a claim never ends under its holder."""

MOST_AT_ONCE = 100


class TelegramSender(AlertSender):
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
        super().__init__(
            database, "telegram", holder, clock,
            metrics=metrics, poll=poll, lease_ttl=lease_ttl, longest_wait=60.0, close=client.close,
        )  # fmt: skip
        self._client = client
        self._policy = policy or AlertPolicy()
        self._pace = pace or Pace()
        self._upkeep = Upkeep(database, self._policy)
        self._upkeep_every = upkeep_every
        self._claim_seconds = claim_seconds
        self._upkept_at: float | None = None
        self._muted: Document | None = None

    def _keep_up(self) -> None:
        now = self._clock.monotonic()
        if self._upkept_at is not None and now - self._upkept_at < self._upkeep_every:
            return
        self._muted = self._control.muted()
        self._upkeep.run(self._clock.now(), self._muted)
        self._upkept_at = now

    def _send_what_is_due(self) -> float:
        scope = self._scope()
        with pymongo.timeout(PATIENCE):
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
        with pymongo.timeout(PATIENCE):
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
        self._pace.sent(self._clock.monotonic())
        details = {"keys": [alert["_id"] for alert in alerts][:20], "messages": len(news)}
        self._conclude(delivery, details, lambda wait: self._note(ours, _noted(delivery, wait)))

    def _note(self, ours: Document, update: list[Document]) -> None:
        self._insist(lambda: self._collection.update_many(ours, update), self._claim_seconds * 2 / 3)

    def _claims(self) -> tuple[Document, Document]:
        return queue.released(self._holder)


def _noted(delivery: Delivery, wait: float) -> list[Document]:
    if delivery.outcome == "sent":
        return queue.delivered()
    if delivery.outcome == "refused":
        return queue.refused(delivery.reason)
    return queue.postponed(delivery.reason, wait)


def _news(alert: Document) -> list[News]:
    messages = list(queue.of_claim(alert))
    if messages and messages[0]["kind"] == "recovered" and alert.get("undelivered"):
        messages = messages[1:]  # nobody heard of the failure
    return [texts.news_of(alert, message) for message in messages]
