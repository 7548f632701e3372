"""What the one sender of the fleet sees to besides sending: reminders, mutes, the daily summary."""

from __future__ import annotations

import datetime as dt

import pymongo

from PROPPR.SharedServices.service import alert_documents as documents
from PROPPR.SharedServices.service.alert_documents import AlertEvent, later
from PROPPR.SharedServices.service.alerting import queue
from PROPPR.SharedServices.service.alerting.policy import AlertPolicy
from PROPPR.SharedServices.service.mongo_types import Document, MongoDatabase

SUMMARY_KEY = "summary"
_SUMMARY_WITHIN = dt.timedelta(hours=1)
_PATIENCE = 5.0
_SHOWN = 15


class Upkeep:
    """Harmless when several processes do it at once: every change is conditional. May raise PyMongoError."""

    def __init__(self, database: MongoDatabase, policy: AlertPolicy) -> None:
        self._database = database
        self._alerts = database[documents.COLLECTION]
        self._policy = policy
        self._summed_up: dt.date | None = None

    def run(self, now: dt.datetime, muted: Document | None) -> None:
        """Queue the reminders and the summary that are due at `now`, and thin out what is `muted`."""
        with pymongo.timeout(_PATIENCE):
            if muted is not None:
                self._alerts.update_many(*queue.muting(muted))
            if self._policy.remind_after > 0:
                self._alerts.update_many(*queue.reminding(self._policy.remind_after, muted))
            self._sum_up(now.astimezone(dt.UTC))

    def _sum_up(self, now: dt.datetime) -> None:
        at = self._policy.summary_at
        if at is None or self._summed_up == now.date():
            return
        due = dt.datetime.combine(now.date(), at, dt.UTC)
        # Not hours later: a process that starts in the evening has no morning's summary to catch up with.
        if not due <= now < due + _SUMMARY_WITHIN:
            return
        event = AlertEvent(SUMMARY_KEY, "notice", "info", "Daily summary", summary(self._database))
        # The day names the change, so of all processes and attempts one is stored.
        change = documents.change(event, f"summary:{now:%Y-%m-%d}", "fleet", deliver=True)
        self._alerts.update_one(documents.target(event), change, upsert=True)
        self._summed_up = now.date()


def summary(database: MongoDatabase) -> str:
    """Return the last 24 hours in a few lines: services, what fails, what failed and recovered, errors."""
    alerts = database[documents.COLLECTION]
    day_ago = later(-86_400)
    failing = list(alerts.find({"state": "failing"}).sort([("severity", 1), ("raised_at", 1)]).limit(_SHOWN + 1))
    recovered = alerts.count_documents({"state": "recovered", "$expr": {"$gte": ["$recovered_at", day_ago]}})
    began = alerts.count_documents({"$expr": {"$gte": ["$raised_at", day_ago]}, "state": {"$ne": "notice"}})
    lines = [*_services(database), f"{began} alerts began in 24 h, {recovered} recovered", *_failing(failing)]
    errors = database["service_logs"].count_documents({"$expr": {"$gte": ["$timestamp", day_ago]}})
    letters = database["dead_letters"].count_documents({"$expr": {"$gte": ["$recorded_at", day_ago]}})
    return "\n".join([*lines, f"{errors} errors logged, {letters} messages set aside"])


def _services(database: MongoDatabase) -> list[str]:
    running = database["service_heartbeats"].find({"state": "running"}).sort("_id", 1).limit(_SHOWN)
    found = [
        f"{beat['service']}: {'silent' if beat.get('silent_since') else beat.get('status', 'unknown')}, up since "
        f"{beat['started_at']:%Y-%m-%d %H:%M}"
        for beat in running
    ]
    return found or ["no service has beaten lately"]


def _failing(failing: list[Document]) -> list[str]:
    if not failing:
        return ["nothing fails now"]
    lines = [
        f"failing ({one['severity']}{', acknowledged' if one.get('acknowledged_at') else ''}) since "
        f"{one['raised_at']:%Y-%m-%d %H:%M}: {one['title']}"
        for one in failing[:_SHOWN]
    ]
    return [*lines, "and more: proppr alerts"] if len(failing) > _SHOWN else lines
