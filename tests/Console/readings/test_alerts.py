"""Alerts as the page has them: who sees to which, what is muted, what ended, and where the runbook tells of it."""

from __future__ import annotations

from typing import Any

import pytest
from pymongo.database import Database

from PROPPR.Console.readings import alerts as reading
from PROPPR.Console.readings.alerts import Alerts, read_alerts, read_open
from PROPPR.SharedServices.service.alert_documents import AlertEvent, AlertSeverity, Kind
from PROPPR.SharedServices.service.alerting.control import AlertControl, Mute
from PROPPR.SharedServices.service.alerts import AlertOutbox
from PROPPR.SharedServices.service.clock import SystemClock

Documents = Database[dict[str, Any]]
HOSTILE = '<script>alert("x")</script>'


class Told:
    """Records alerts as the services do."""

    def __init__(self, database: Documents) -> None:
        self._outbox = AlertOutbox(database, service="unified-poller", deliver=False)
        self._number = 0

    def __call__(self, key: str, kind: Kind = "failed", severity: AlertSeverity = "warning", title: str = "") -> None:
        self._number += 1
        self._outbox.record(AlertEvent(key, kind, severity, title or key, f"detail of {key}"), str(self._number))


@pytest.fixture
def told(database: Documents) -> Told:
    return Told(database)


def read(database: Documents) -> Alerts:
    return read_alerts(database, AlertControl(database))


def test_an_empty_database(database: Documents) -> None:
    assert read(database) == Alerts((), (), (), (), (), False)
    assert read_open(AlertControl(database), 8) == ()


def test_open_acknowledged_resolved_and_notices(database: Documents, told: Told) -> None:
    told("poller.lag")
    told("silent:a:b", severity="critical", title="a is silent")
    told("stats.layout")
    told("stats.source")
    told("stats.source", "recovered", "info")
    told("summary", "notice", "info", "Daily summary")
    control = AlertControl(database)
    control.acknowledge("stats.layout", "night shift")
    found = read(database)
    assert [alert.key for alert in found.open] == ["silent:a:b", "poller.lag"], "the critical first"
    assert found.critical == 1
    assert [alert.entry for alert in found.open] == ["silentserviceinstance", "pollerlag"]
    (seen,) = found.acknowledged
    assert (seen.key, seen.acknowledged_by, seen.state) == ("stats.layout", "night shift", "acknowledged")
    assert seen.acknowledged_at is not None
    (over,) = found.resolved
    assert (over.key, over.detail) == ("stats.source", "detail of stats.source") and over.lasted is not None
    (notice,) = found.notices
    assert (notice.title, notice.until, notice.lasted) == ("Daily summary", None, None)
    assert [alert.key for alert in read_open(control, 8)] == ["silent:a:b", "poller.lag"]
    assert [alert.key for alert in read_open(control, 1)] == ["silent:a:b"]


def test_what_is_muted_says_until_when_and_by_whom(database: Documents, told: Told) -> None:
    told("poller.bookmaker:M88")
    told("poller.bookmaker:Bet365")
    told("poller.lag", severity="critical")
    control = AlertControl(database)
    control.mute("poller.bookmaker:M*", 3600, "me", "their maintenance")
    control.mute("poller.lag", 3600)
    found = read(database)
    muted = {alert.key: alert.mute for alert in found.open}
    assert muted["poller.bookmaker:Bet365"] is None
    assert (mute := muted["poller.bookmaker:M88"]) is not None and (mute.by, mute.reason) == ("me", "their maintenance")
    assert len(found.mutes) == 2
    assert read_open(control, 8)[0].key == "poller.bookmaker:Bet365", "what is told first"


def test_what_ended_last_comes_first_and_their_number_is_bounded(
    database: Documents, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        told(f"k{number}")
    for number in (3, 1, 4, 0):
        told(f"k{number}", "recovered", "info")
    monkeypatch.setattr(reading, "MOST_RESOLVED", 3)
    monkeypatch.setattr(reading, "MOST_FAILING", 2)
    found = read(database)
    assert {alert.key for alert in found.resolved} <= {"k3", "k1", "k4", "k0"} and len(found.resolved) == 3
    ends = [alert.until for alert in found.resolved if alert.until is not None]
    assert ends == sorted(ends, reverse=True)
    assert len(found.open) == 2 and found.is_cut


def test_hostile_texts_are_only_texts(database: Documents, told: Told) -> None:
    told(HOSTILE, title=HOSTILE)
    (alert,) = read(database).open
    assert (alert.key, alert.title, alert.entry) == (HOSTILE, HOSTILE, "")


@pytest.mark.parametrize(
    ("pattern", "key", "covers"),
    [
        ("poller.*", "poller.lag", True),
        ("poller.*", "pollerxlag", False),
        ("poller.?ag", "poller.lag", True),
        ("*", "a\nb", True),
        ("[a-z]+", "abc", False),
        ("a", "ab", False),
        ("(a+)+$", "(a+)+$", True),
    ],
)
def test_what_a_mute_covers_is_what_mongodb_finds(
    database: Documents, told: Told, pattern: str, key: str, covers: bool
) -> None:
    told(key)
    assert Mute(pattern, SystemClock().now(), "", "").covers(key) is covers
    assert (AlertControl(database).acknowledge(pattern, "me") == [key]) is covers
