"""The clockwork: the daily run once a day, and in between whatever is due before and after matches.

There are no timers to lose: each turn asks what is due by now and not done yet. So a process that was down at six, or
was killed in the middle of a run, does what it missed when it is back, and of two processes only the one that holds the
lease does anything.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Final

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.leases import LeaseLost
from PROPPR.SharedServices.storage.stats_runs import RunLog, RunState
from PROPPR.StatsUpdateFM.core.pipeline.daily_run import RunStopped
from PROPPR.StatsUpdateFM.core.pipeline.report import RunReport
from PROPPR.StatsUpdateFM.core.schedule.match_jobs import MatchJobs

log = logging.getLogger(__name__)

DAILY: Final = "daily"
TURN: Final = 30.0
STANDBY: Final = 1.0
RETRY: Final = 1800.0
"""Seconds until a run in which the source refused or failed is taken up again."""


class Scheduler:
    """Turns until it is stopped. `daily(state)` makes, or goes on with, the daily run."""

    def __init__(
        self,
        runs: RunLog,
        jobs: MatchJobs,
        daily: Callable[[RunState], RunReport],
        token: Callable[[], int | None],
        clock: Clock,
        daily_at: time,
        instance: str = "",
        on_turn: Callable[[], None] = lambda: None,
    ) -> None:
        self._runs = runs
        self._jobs = jobs
        self._daily = daily
        self._token = token
        self._clock = clock
        self._daily_at = daily_at
        self._instance = instance
        self._on_turn = on_turn
        self._retry_at: float | None = None
        self._done: datetime | None = None

    def run(self, stop: threading.Event) -> None:
        """Turn until `stop`. Raises what MongoDB raises: whoever supervises it starts it again."""
        while not stop.is_set():
            if self._token() is None:
                self._done = None  # another process may do it, or undo nothing: look at the log again afterwards
                self._clock.wait(stop, STANDBY)
                continue
            try:
                self.turn()
            except (LeaseLost, RunStopped) as error:
                log.info("a turn was broken off", extra={"reason": str(error)[:200]})
                self._clock.wait(stop, STANDBY)
                continue
            self._clock.wait(stop, TURN)

    def turn(self) -> None:
        """Do what is due now: matches first, as they can't wait."""
        self._jobs.serve()
        due = last_due(self._clock.now(), self._daily_at)
        if self._is_open(due):
            state = self._runs.begin(DAILY, due, self._instance)
            if state.finished_at is None:
                report = self._daily(state)
                self._retry_at = self._clock.monotonic() + RETRY if report.may_be_tried_again else None
                self._jobs.refresh()
            if self._retry_at is None:
                self._done = due
        self._on_turn()

    def _is_open(self, due: datetime) -> bool:
        waits = self._retry_at is not None and self._clock.monotonic() < self._retry_at
        return self._done != due and not waits


def last_due(now: datetime, at: time) -> datetime:
    """The last moment up to now at which a daily job was due (UTC)."""
    today = datetime.combine(now.astimezone(UTC).date(), at, UTC)
    return today if today <= now else today - timedelta(days=1)
