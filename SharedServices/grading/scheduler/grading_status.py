"""How grading is, in the words of `/health`, and which of it is worth an alert."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PROPPR.SharedServices.grading.result import Reason
from PROPPR.SharedServices.grading.scheduler.report import RoundReport
from PROPPR.SharedServices.ingest.alerting import Alerts
from PROPPR.SharedServices.providers.fotmob.source import SourceHealth
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.components import Check
from PROPPR.SharedServices.storage.pending_bets import Overview

SOURCE_PATIENCE: Final = 900.0
LATE_ROUNDS: Final = 3
MOST_NAMED: Final = 5


class GradingStatus:
    """The checks `rounds`, `pending`, `doubt`, `layout` and `source`, and their alerts. Without I/O."""

    def __init__(self, clock: Clock, alerts: Alerts, source: Callable[[], SourceHealth]) -> None:
        self._clock = clock
        self._alerts = alerts
        self._source = source
        self._turned_at = clock.monotonic()
        self._refused_since: float | None = None
        self._well: dict[str, bool] = {}
        self.standby: str | None = None
        self.interval = 0.0
        self.last: RoundReport | None = None
        self.overview = Overview({}, {})

    def round(self, report: RoundReport, overview: Overview, interval: float) -> None:
        """Note a round, and tell people what they should know."""
        now = self._clock.monotonic()
        self.last, self.overview, self.interval, self._turned_at = report, overview, interval, now
        self._refused_since = None if report.refused is None else self._refused_since or now
        self._alert("grading.pending", "Bets have waited for their result for more than a day", self.pending())
        self._alert("grading.doubt", "Settled bets are in doubt since their data was corrected", self.doubt())
        self._alert("grading.layout", "Match pages can't be read: their bets wait", self.layout())
        refused = self.source()
        if refused.ok or (self._refused_since is not None and now - self._refused_since >= SOURCE_PATIENCE):
            self._alert("grading.source", "Matches with bets can't be looked up", refused)

    def rounds(self) -> Check:
        """Whether rounds are made when they should be."""
        if self.standby is not None:
            return Check(True, f"standby: {self.standby}")
        age = self._clock.monotonic() - self._turned_at
        detail = "none yet" if self.last is None else f"{self.last}; next after {self.interval:.0f} s"
        return Check(age <= LATE_ROUNDS * max(self.interval, 300.0), detail, age, "degraded")

    def begun(self) -> Check:
        """Whether a first round was made, or another process makes them."""
        done = self.last is not None or self.standby is not None
        return Check(done, self.standby or ("made" if done else "under way"))

    def pending(self) -> Check:
        """Whether bets have waited for more than a day."""
        if not self.overview.late:
            return Check(True, f"{self.overview.waiting} bets wait, none for more than a day")
        oldest = "" if self.overview.oldest is None else f", the oldest since {self.overview.oldest:%Y-%m-%d %H:%M}"
        detail = f"{self.overview.late} of {self.overview.waiting} bets wait for more than a day{oldest}: "
        reasons = sorted(self.overview.overdue.items(), key=lambda item: -item[1])[:MOST_NAMED]
        return Check(False, detail + ", ".join(f"{reason} {number}" for reason, number in reasons), None, "degraded")

    def doubt(self) -> Check:
        """Whether settled bets are in doubt that nobody has looked at."""
        if not self.overview.doubted:
            return Check(True, "no settled bet is in doubt")
        return Check(False, f"{self.overview.doubted} settled bets: a person has to decide", None, "degraded")

    def layout(self) -> Check:
        """Whether the pages of matches with bets can be read."""
        unreadable = self.overview.by_reason.get(str(Reason.UNREADABLE_MATCH), 0)
        told = [] if self.last is None else self.last.problems
        if not unreadable and not told:
            return Check(True, "as known")
        return Check(False, "; ".join([f"{unreadable} bets wait", *told[:MOST_NAMED]])[:900], None, "degraded")

    def source(self) -> Check:
        """Whether the source can be asked."""
        state = self._source()
        refused = None if self.last is None else self.last.refused
        if refused is not None:
            return Check(False, f"{refused}; {state.detail}"[:500], None, "degraded")
        return Check(state.healthy, state.detail, None, "degraded")

    def _alert(self, key: str, title: str, check: Check) -> None:
        if not check.ok:
            self._alerts.raise_alert(key, title, check.detail)
        elif self._well.get(key) is not True:  # at first, too: a process before this one may have raised it
            self._alerts.resolve(key, check.detail)
        self._well[key] = check.ok
