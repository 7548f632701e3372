"""Bookmakers that the provider refuses: set aside with one alert, tried again every hour, the others go on.

The account's selection is never changed: that is the operator's, and the provider lets it be cleared twice a day only.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Final

from PROPPR.SharedServices.ingest.alerting import Alerts
from PROPPR.SharedServices.service.clock import Clock

RETRY_SECONDS: Final = 3600.0


class Refusals:
    """Which bookmakers are set aside, why, and until when. Thread-safe."""

    def __init__(self, clock: Clock, alerts: Alerts, retry_seconds: float = RETRY_SECONDS) -> None:
        self._clock = clock
        self._alerts = alerts
        self._retry = retry_seconds
        self._lock = threading.Lock()
        self._until: dict[str, float] = {}
        self._reasons: dict[str, str] = {}

    def set_aside(self, bookmaker: str, reason: str) -> None:
        """Do not ask for this bookmaker for an hour. Its alert is raised once, until it works again."""
        with self._lock:
            was_aside = bookmaker in self._reasons
            self._until[bookmaker] = self._clock.monotonic() + self._retry
            self._reasons[bookmaker] = reason[:300]
        if was_aside:
            return
        self._alerts.raise_alert(_key(bookmaker), f"The provider refuses {bookmaker}", f"{reason[:300]}; tried hourly")

    def is_aside(self, bookmaker: str) -> bool:
        """Whether the bookmaker must not be asked for now."""
        with self._lock:
            return self._until.get(bookmaker, 0.0) > self._clock.monotonic()

    def worked(self, bookmaker: str) -> None:
        """The provider answered for this bookmaker."""
        with self._lock:
            was_aside = self._reasons.pop(bookmaker, None) is not None
            self._until.pop(bookmaker, None)
        if was_aside:
            self._alerts.resolve(_key(bookmaker), f"{bookmaker} is answered again")

    def active(self, bookmakers: Iterable[str]) -> tuple[str, ...]:
        """Those of the bookmakers that were not refused; one that is due for another try is not among them yet."""
        with self._lock:
            return tuple(name for name in bookmakers if name not in self._reasons)

    def reason(self, bookmaker: str) -> str | None:
        """Why the bookmaker is set aside; None where it is not."""
        return self._reasons.get(bookmaker)

    def reasons(self) -> dict[str, str]:
        """All that are set aside, with the reason."""
        with self._lock:
            return dict(self._reasons)


def _key(bookmaker: str) -> str:
    return f"poller.bookmaker:{bookmaker}"
