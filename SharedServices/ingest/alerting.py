"""Who is told of trouble."""

from __future__ import annotations

import logging
from typing import Protocol

log = logging.getLogger(__name__)


class Alerts(Protocol):
    """Who is told (AlertOutbox); never blocks. `key` names the trouble: raised twice, it is told once.

    `flushed` waits until what was said so far is stored; False after `timeout` seconds.
    """

    def raise_alert(self, key: str, title: str, detail: str = ...) -> None: ...

    def resolve(self, key: str, detail: str = ...) -> None: ...

    def flushed(self, timeout: float) -> bool: ...


class LoggedAlerts:
    """Alerts of a process that has no outbox."""

    def raise_alert(self, key: str, title: str, detail: str = "") -> None:
        """Log it."""
        log.warning("alert", extra={"key": key, "title": title, "detail": detail})

    def resolve(self, key: str, detail: str = "") -> None:
        """Nothing was sent, so nothing is taken back."""

    def flushed(self, timeout: float) -> bool:
        """It is logged already."""
        return True
