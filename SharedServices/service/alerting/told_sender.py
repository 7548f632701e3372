"""Tells e-mail and PagerDuty what they have not heard yet: one sender in the fleet for each."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Protocol

import pymongo

from PROPPR.SharedServices.service.alerting import told
from PROPPR.SharedServices.service.alerting.policy import AlertPolicy
from PROPPR.SharedServices.service.alerting.sender import PATIENCE, AlertSender
from PROPPR.SharedServices.service.alerting.texts import News
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.metrics import Metrics
from PROPPR.SharedServices.service.mongo_types import Document, MongoDatabase
from PROPPR.SharedServices.service.telegram import Delivery

CLAIM_SECONDS = 90.0


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


class ToldSender(AlertSender):
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
        super().__init__(
            database, channel.name, holder, clock,
            metrics=metrics, poll=poll, lease_ttl=lease_ttl, longest_wait=120.0, close=channel.close,
        )  # fmt: skip
        self._channel = channel
        self._policy = policy or AlertPolicy()
        self._claim_seconds = claim_seconds

    def _keep_up(self) -> None:
        """Nothing: the queue is the chat's."""

    def _send_what_is_due(self) -> float:
        batch, alerts = self._claim()
        if not alerts:
            return self._poll
        self._deliver(batch, alerts)
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
        with pymongo.timeout(PATIENCE):
            keys = [one["_id"] for one in self._collection.find(chosen, {"_id": 1}).sort("raised_at", 1).limit(room)]
            if not keys:
                return []
            still = {"$and": [{"_id": {"$in": keys}}, chosen]}
            self._collection.update_many(still, told.claiming(name, self._holder, batch, self._claim_seconds))
            return list(self._collection.find(told.claimed(name, self._holder, batch)).sort("raised_at", 1))

    def _deliver(self, batch: str, alerts: Sequence[tuple[told.News, Document]]) -> None:
        all_news = [news_of(kind, alert, self._channel.name) for kind, alert in alerts]
        delivery = self._channel.deliver(all_news)

        def note(_wait: float) -> None:
            self._insist(lambda: self._note(batch, delivery), self._claim_seconds / 4)

        self._conclude(delivery, {"keys": [news.key for news in all_news][:20], "messages": len(all_news)}, note)
        if delivery.outcome == "sent":
            self._not_before = self._clock.monotonic() + self._channel.pause

    def _note(self, batch: str, delivery: Delivery) -> None:
        for news in self._channel.news:
            ours = told.claimed(self._channel.name, self._holder, f"{batch}{news}")
            self._collection.update_many(ours, self._noted(news, delivery))

    def _noted(self, news: told.News, delivery: Delivery) -> list[Document]:
        if delivery.outcome == "sent":
            return told.told(self._channel.name, news)
        if delivery.outcome == "refused":
            return told.refused(self._channel.name, news, delivery.reason)
        return told.failed(self._channel.name, delivery.reason)

    def _claims(self) -> tuple[Document, Document]:
        return told.released(self._channel.name, self._holder)


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
