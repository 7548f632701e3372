"""How the poller is, in the words of `/health`, and which of it is worth an alert."""

from __future__ import annotations

from typing import Final

from PROPPR.SharedServices.ingest.alerting import Alerts
from PROPPR.SharedServices.service.components import Check
from PROPPR.UnifiedAPIPoller.core.plan import Pair
from PROPPR.UnifiedAPIPoller.core.poller_metrics import PollerMetrics
from PROPPR.UnifiedAPIPoller.core.refusals import Refusals
from PROPPR.UnifiedAPIPoller.core.source_gate import SourceGate
from PROPPR.UnifiedAPIPoller.core.watch import PairWatch

# Behind by more cycles than this is worth a look; by a quarter of an hour, getting up.
LATE_CYCLES: Final = 3
VERY_LATE: Final = 900.0
SOURCE_PATIENCE: Final = 120.0
MOST_NAMED: Final = 5


class PollerStatus:
    """The checks `lag`, `source`, `bookmakers` and `rereads`, and their alerts. All from memory, without I/O."""

    def __init__(
        self,
        watch: PairWatch,
        gate: SourceGate,
        refusals: Refusals,
        metrics: PollerMetrics,
        alerts: Alerts,
        *,
        interval: float,
    ) -> None:
        self._watch = watch
        self._gate = gate
        self._refusals = refusals
        self._metrics = metrics
        self._alerts = alerts
        self._late = LATE_CYCLES * interval
        self.standby: str | None = None
        self.waiting: int = 0
        self.is_short = False

    def lag(self) -> Check:
        """How far behind the furthest pair is that is not set aside."""
        if self.standby is not None:
            return Check(True, f"standby: {self.standby}")
        behind = self._behind()
        if not behind:
            return Check(True, "no bookmaker is polled")
        unread = [pair for pair, lag in behind.items() if lag is None]
        worst_pair, worst = max(((pair, lag or 0.0) for pair, lag in behind.items()), key=lambda item: item[1])
        if unread:
            return Check(False, f"not read yet: {_names(unread)}", None, "degraded")
        detail = f"{worst:.0f} s at most ({worst_pair.bookmaker}, {worst_pair.sport}), {self.waiting} re-reads wait"
        last = self._metrics.last_cycle
        if last is not None:
            detail += f"; last cycle {last.seconds:.1f} s, {last.books} books"
            if last.postponed:
                detail += f", postponed for want of budget: {_names(last.postponed)}"
        return Check(worst <= self._late, detail, worst, "unhealthy" if worst > VERY_LATE else "degraded")

    def synced(self) -> Check:
        """Ready once every pair was read, or another instance polls."""
        if self.standby is not None:
            return Check(True, "standby")
        unread = [pair for pair, lag in self._behind().items() if lag is None]
        return Check(not unread, f"not read yet: {_names(unread)}" if unread else "every bookmaker was read")

    def source(self) -> Check:
        """Whether the provider answers."""
        trouble, age = self._gate.trouble, self._gate.failing_for()
        if trouble is None:
            return Check(True, "answers")
        wait = self._gate.closed_for()
        return Check(False, f"{trouble}; next attempt in {wait:.0f} s", age, "degraded")

    def bookmakers(self) -> Check:
        """Whether any bookmaker is set aside."""
        reasons = self._refusals.reasons()
        if not reasons:
            return Check(True, "none is refused")
        told = "; ".join(f"{name}: {reason}" for name, reason in sorted(reasons.items())[:MOST_NAMED])
        return Check(False, f"set aside, tried hourly: {told}"[:900], None, "degraded")

    def rereads(self) -> Check:
        """Whether fixtures wait to be read for want of budget."""
        if self.waiting and self.is_short:
            return Check(False, f"{self.waiting} fixtures wait for budget", None, "degraded")
        return Check(True, f"{self.waiting} fixtures wait")

    def alert(self) -> None:
        """Tell people what they should know; called after each cycle."""
        behind = [pair for pair, lag in self._behind().items() if lag is not None and lag > self._late]
        if behind:
            self._alerts.raise_alert("poller.lag", "The poller is behind", self.lag().detail)
        else:
            self._alerts.resolve("poller.lag", "the poller has caught up")
        if self._gate.failing_for() > SOURCE_PATIENCE:
            self._alerts.raise_alert(
                "poller.source", "The provider does not answer the poller", self._gate.trouble or ""
            )
        elif self._gate.trouble is None:
            self._alerts.resolve("poller.source", "the provider answers again")

    def _behind(self) -> dict[Pair, float | None]:
        return {pair: lag for pair, lag in self._watch.lags().items() if self._refusals.reason(pair.bookmaker) is None}


def _names(pairs: list[Pair]) -> str:
    shown = ", ".join(f"{pair.bookmaker} ({pair.sport})" for pair in pairs[:MOST_NAMED])
    return f"{shown} and {len(pairs) - MOST_NAMED} more" if len(pairs) > MOST_NAMED else shown
