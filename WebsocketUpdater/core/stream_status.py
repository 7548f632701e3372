"""How the stream is, in the words of `/health`. Written by the stream's thread, read by any."""

from __future__ import annotations

from typing import Final

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.components import Check
from PROPPR.WebsocketUpdater.core.policies import StallJudge
from PROPPR.WebsocketUpdater.core.stream_metrics import StreamMetrics

GRACE: Final = 60.0


class StreamStatus:
    """The checks `connection` and `data_age`."""

    def __init__(self, clock: Clock, judge: StallJudge, metrics: StreamMetrics) -> None:
        self._clock = clock
        self._judge = judge
        self._metrics = metrics
        self._connected_since: float | None = None
        self._down_since = clock.monotonic()
        self._detail = "starting"
        self._standby = False
        self.reconnects = 0
        self.last_ending: str | None = None

    @property
    def is_connected(self) -> bool:
        """Whether the socket is open."""
        return self._connected_since is not None

    def standby(self, detail: str) -> None:
        """Another instance has the stream."""
        self._standby, self._detail = True, detail
        self._down_since = self._clock.monotonic()

    def connecting(self) -> None:
        """A connection is being made."""
        self._standby, self._detail = False, "connecting"

    def connected(self) -> None:
        """The connection stands."""
        self._connected_since = self._clock.monotonic()

    def ended(self, reason: str, delay: float) -> None:
        """The connection ended, or could not be made."""
        if self._connected_since is not None:
            self._down_since = self._clock.monotonic()
        self._connected_since = None
        self.reconnects += 1
        self.last_ending = reason
        self._detail = f"{reason}; connecting again in {delay:.0f} s" if delay >= 1 else reason

    def connection(self) -> Check:
        """Whether the socket is open; a standby is well, too."""
        now = self._clock.monotonic()
        if self._connected_since is not None:
            again = f", {self.reconnects} reconnects, last: {self.last_ending}" if self.reconnects else ""
            return Check(True, f"connected{again}", now - self._connected_since)
        if self._standby:
            return Check(True, f"standby: {self._detail}", now - self._down_since)
        down = now - self._down_since
        return Check(False, self._detail, down, "degraded" if down < GRACE else "unhealthy")

    def data_age(self) -> Check:
        """Whether odds arrive, if the calendar of fixtures says that they should."""
        age = self._metrics.data_age()
        shown = None if age < 0 else age
        if self._standby:
            return Check(True, "standby", shown)
        if self._judge.unhealthy(self._clock.monotonic()):
            return Check(False, "no odds arrive though priced fixtures are live or start soon", shown, "unhealthy")
        quantiles = ", ".join(f"{name} {value * 1000:.1f} ms" for name, value in self._metrics.quantiles().items())
        expected = "odds expected" if self._judge.expecting else "no odds expected now"
        return Check(True, f"{expected}; stored after {quantiles}" if quantiles else expected, shown)
