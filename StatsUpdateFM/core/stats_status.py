"""How the statistics are, in the words of `/health`, and which of it is worth an alert."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from PROPPR.SharedServices.ingest.alerting import Alerts
from PROPPR.SharedServices.providers.fotmob.source import SourceHealth
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.components import Check
from PROPPR.SharedServices.storage.stats_runs import EndedRun
from PROPPR.StatsUpdateFM.core.pipeline.report import LeagueReport, Problem, RunReport

LATE: Final = timedelta(hours=26)
"""A day and the time that a long run takes."""
SOURCE_PATIENCE: Final = timedelta(minutes=5)
MOST_NAMED: Final = 5
MOST_LEAGUES: Final = 500


class StatsStatus:
    """The checks `source`, `layout`, `leagues` and `daily_run`, and their alerts. Thread-safe, without I/O."""

    def __init__(self, clock: Clock, alerts: Alerts, source: Callable[[], SourceHealth]) -> None:
        self._clock = clock
        self._alerts = alerts
        self._source = source
        self._lock = threading.Lock()
        self._problems: dict[int, tuple[str, tuple[Problem, ...]]] = {}
        self._common: tuple[Problem, ...] = ()
        self._degraded_since: float | None = None
        self._began = clock.now()
        self._last: EndedRun | None = None
        self.standby: str | None = None

    def league(self, report: LeagueReport) -> None:
        """Note how a league came off."""
        with self._lock:
            self._problems.pop(report.league_id, None)
            if report.problems and len(self._problems) < MOST_LEAGUES:
                self._problems[report.league_id] = (report.name or str(report.league_id), tuple(report.problems))

    def run(self, report: RunReport) -> None:
        """Note a daily run: what it does not name is not followed any more."""
        with self._lock:
            self._last = EndedRun(report.run_id, report.finished_at, report.summary())
            self._common = report.problems
            named = {league.league_id for league in report.leagues}
            self._problems = {each: told for each, told in self._problems.items() if each in named}

    def stored_run(self, run: EndedRun | None) -> None:
        """Note the last run that is stored, which another process may have made, unless a later one is known."""
        with self._lock:
            if run is not None and (self._last is None or self._last.finished_at < run.finished_at):
                self._last = run

    def source(self) -> Check:
        """Whether the source answers."""
        state = self._source()
        return Check(state.healthy, state.detail, None, "degraded")

    def layout(self) -> Check:
        """Whether the source's pages are laid out as we know them."""
        changed = self._of_kind("changed")
        return Check(not changed, "; ".join(changed[:MOST_NAMED])[:900] or "as known", None, "degraded")

    def leagues(self) -> Check:
        """Whether every league could be worked up."""
        failed = [*self._of_kind("failed"), *self._of_kind("refused"), *self._of_kind("unknown")]
        return Check(not failed, "; ".join(failed[:MOST_NAMED])[:900] or "all worked up", None, "degraded")

    def daily_run(self) -> Check:
        """Whether the last daily run is of today or yesterday."""
        if self.standby is not None:
            return Check(True, f"standby: {self.standby}")
        run = self._last
        age = self._clock.now() - (self._began if run is None else run.finished_at)
        detail = "none has ended yet" if run is None else _told(run)
        return Check(age <= LATE, detail, age.total_seconds(), "degraded")

    def alert(self) -> None:
        """Tell people what they should know; called after each turn and each league."""
        self._alert("stats.layout", "FotMob has changed its pages", self.layout())
        self._alert("stats.leagues", "Statistics of some leagues could not be brought up to date", self.leagues())
        self._alert("stats.daily", "No daily run of the statistics for more than a day", self.daily_run())
        source, now = self.source(), self._clock.monotonic()
        if source.ok:
            self._degraded_since = None
        elif self._degraded_since is None:
            self._degraded_since = now
        if source.ok or now - (self._degraded_since or now) >= SOURCE_PATIENCE.total_seconds():
            self._alert("stats.source", "FotMob refuses or fails: source degraded", source)

    def _alert(self, key: str, title: str, check: Check) -> None:
        if check.ok:
            self._alerts.resolve(key, check.detail)
        else:
            self._alerts.raise_alert(key, title, check.detail)

    def _of_kind(self, kind: str) -> list[str]:
        with self._lock:
            found = [problem.text for problem in self._common if problem.kind == kind]
            for name, problems in self._problems.values():
                found += [f"{name}: {problem.text}" for problem in problems if problem.kind == kind]
        return found


def _told(run: EndedRun) -> str:
    leagues, looked_up, lines, failed = (run.summary.get(key, 0) for key in ("leagues", "looked_up", "lines", "failed"))
    return (
        f"{run.run_id}: {leagues} leagues, {looked_up} matches looked up, "
        f"{lines} predictions changed, {failed} leagues with problems"
    )
