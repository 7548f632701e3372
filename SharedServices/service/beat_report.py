"""What a heartbeat tells of its process besides that it lives: who can't reach its `/health` reads it in MongoDB."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.components import Check
from PROPPR.SharedServices.service.latency import Latency
from PROPPR.SharedServices.service.mongo_types import Document
from PROPPR.SharedServices.service.redact import Redactor

MOST_CHECKS = 40
LONGEST = 300


class Health(Protocol):
    """A process's knowledge of its own health (HealthState)."""

    def checks(self) -> dict[str, Check]: ...
    def status(self, checks: Mapping[str, Check] | None = None) -> str: ...
    def last_update(self) -> datetime | None: ...
    def queue_size(self) -> int: ...
    def latency(self) -> Latency | None: ...


class BeatReport:
    """Makes the report of each beat; for one thread.

    {status, queue_size, last_update, latency: {p50_s, p99_s, count, window_s} | None, checks: [{name, ok, detail,
    severity, failing_since}]}. `failing_since` is None while a check is ok, else when a beat first found it not so.
    Texts are redacted and cut.
    """

    def __init__(self, health: Health, redactor: Redactor, clock: Clock) -> None:
        self._health = health
        self._redactor = redactor
        self._clock = clock
        self._failing: dict[str, datetime] = {}

    def __call__(self) -> Document:
        checks = self._health.checks()
        now = self._clock.now()
        self._failing = {name: self._failing.get(name, now) for name, check in checks.items() if not check.ok}
        # Those that are not ok must not be among the ones cut off.
        told = sorted(checks.items(), key=lambda item: item[1].ok)[:MOST_CHECKS]
        latency = self._health.latency()
        return {
            "status": self._health.status(checks),
            "queue_size": self._health.queue_size(),
            "last_update": self._health.last_update(),
            "latency": None if latency is None else _latency(latency),
            "checks": [self._check(name, check) for name, check in told],
        }

    def _check(self, name: str, check: Check) -> Document:
        return {
            "name": name,
            "ok": check.ok,
            "detail": self._redactor.text(check.detail)[:LONGEST],
            "severity": check.severity,
            "failing_since": self._failing.get(name),
        }


def _latency(latency: Latency) -> Document:
    return {
        "p50_s": round(latency.p50, 6),
        "p99_s": round(latency.p99, 6),
        "count": latency.count,
        "window_s": round(latency.seconds, 1),
    }
