"""What fails, who sees to it, what is over, what is muted: for the page of alerts and the top of the fleet's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from PROPPR.Console.readings import runbook
from PROPPR.Console.readings.bounds import bounded
from PROPPR.SharedServices.service.alert_documents import COLLECTION
from PROPPR.SharedServices.service.alerting.control import AlertControl, Mute
from PROPPR.SharedServices.service.alerting.texts import told_by
from PROPPR.SharedServices.service.mongo_types import MongoDatabase

State = Literal["open", "acknowledged", "resolved", "notice"]
MOST_FAILING: Final = 200
MOST_RESOLVED: Final = 50
MOST_NOTICES: Final = 10
_SHOWN: Final = (
    "state", "severity", "title", "detail", "last_detail", "recovered_detail", "service", "count", "raised_at",
    "last_seen_at", "recovered_at", "acknowledged_at", "acknowledged_by", "delivery", "email.told_at",
    "pagerduty.told_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert. `since`: when it began to fail, or came; `until`: when it ended; `entry`: the runbook's, or empty."""

    key: str
    state: State
    severity: str
    title: str
    detail: str
    service: str
    since: datetime | None
    until: datetime | None
    count: int
    acknowledged_by: str
    acknowledged_at: datetime | None
    mute: Mute | None
    told: str
    entry: str

    @property
    def lasted(self) -> float | None:
        """Seconds from its beginning to its end."""
        if self.since is None or self.until is None:
            return None
        return max(0.0, (self.until - self.since).total_seconds())


@dataclass(frozen=True, slots=True)
class Alerts:
    """All of it; what fails with the critical and then the newest first, what is over with the newest first."""

    open: tuple[Alert, ...]
    acknowledged: tuple[Alert, ...]
    resolved: tuple[Alert, ...]
    notices: tuple[Alert, ...]
    mutes: tuple[Mute, ...]
    is_cut: bool

    @property
    def critical(self) -> int:
        """How many of the open ones are critical."""
        return sum(1 for alert in self.open if alert.severity == "critical")


def read_alerts(database: MongoDatabase, control: AlertControl) -> Alerts:
    """Read the page. Raises pymongo's errors."""
    mutes = control.mutes()
    failing = [_alert(document, mutes) for document in control.listed(limit=MOST_FAILING)]
    ended = _ended(database, "recovered", "recovered_at", MOST_RESOLVED)
    noticed = _ended(database, "notice", "last_seen_at", MOST_NOTICES)
    return Alerts(
        tuple(alert for alert in failing if alert.state == "open"),
        tuple(alert for alert in failing if alert.state == "acknowledged"),
        tuple(_alert(document, mutes) for document in ended),
        tuple(_alert(document, mutes) for document in noticed),
        tuple(mutes),
        len(failing) == MOST_FAILING,
    )


def read_open(control: AlertControl, limit: int) -> tuple[Alert, ...]:
    """What fails and nobody sees to yet, at most `limit`; the muted last. Raises pymongo's errors."""
    mutes = control.mutes()
    failing = [_alert(document, mutes) for document in control.listed(limit=MOST_FAILING)]
    waiting = [alert for alert in failing if alert.state == "open"]
    return tuple(sorted(waiting, key=lambda alert: alert.mute is not None)[:limit])


def _ended(database: MongoDatabase, state: str, newest: str, limit: int) -> Sequence[Mapping[str, Any]]:
    with bounded():
        return list(database[COLLECTION].find({"state": state}, list(_SHOWN)).sort(newest, -1).limit(limit))


def _alert(document: Mapping[str, Any], mutes: Sequence[Mute]) -> Alert:
    key = str(document["_id"])
    state = _state(document)
    entry = runbook.load().of_alert(key)
    last = document.get("recovered_detail") if state == "resolved" else document.get("last_detail")
    return Alert(
        key=key,
        state=state,
        severity=str(document.get("severity", "")),
        title=str(document.get("title") or key),
        detail=str(last or document.get("detail") or ""),
        service=str(document.get("service") or ""),
        since=document.get("last_seen_at") if state == "notice" else document.get("raised_at"),
        until=document.get("recovered_at") if state == "resolved" else None,
        count=int(document.get("count") or 1),
        acknowledged_by=str(document.get("acknowledged_by") or ""),
        acknowledged_at=document.get("acknowledged_at"),
        mute=next((mute for mute in mutes if mute.covers(key)), None),
        told=told_by(dict(document)),
        entry=entry.anchor if entry is not None else "",
    )


def _state(document: Mapping[str, Any]) -> State:
    if document.get("state") == "recovered":
        return "resolved"
    if document.get("state") == "notice":
        return "notice"
    return "acknowledged" if document.get("acknowledged_at") else "open"
