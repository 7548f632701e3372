"""The loops of the poller: cycles at their pace, the registry and the looks for vanished books, re-reads between."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final

from pymongo.errors import PyMongoError

from PROPPR.SharedServices.odds.types import Fixture
from PROPPR.SharedServices.providers.odds_api.errors import AccessRefused, RequestRefused
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.errors import ProPprError, SourceChanged, TransientError
from PROPPR.SharedServices.storage.rereads import RereadQueue
from PROPPR.SharedServices.storage.stream_coverage import StreamCoverage, is_covered
from PROPPR.UnifiedAPIPoller.core.budget_view import BudgetView
from PROPPR.UnifiedAPIPoller.core.cycle import Cycle, CycleReport
from PROPPR.UnifiedAPIPoller.core.plan import Pair, plan_cycle, to_spare
from PROPPR.UnifiedAPIPoller.core.poller_metrics import PollerMetrics
from PROPPR.UnifiedAPIPoller.core.poller_status import PollerStatus
from PROPPR.UnifiedAPIPoller.core.presence import PresenceCheck
from PROPPR.UnifiedAPIPoller.core.refusals import Refusals
from PROPPR.UnifiedAPIPoller.core.registry import FixtureRegistry
from PROPPR.UnifiedAPIPoller.core.rereads import RereadReader
from PROPPR.UnifiedAPIPoller.core.source_gate import SourceGate
from PROPPR.UnifiedAPIPoller.core.watch import PairWatch

IDLE: Final = 0.5
RETRY: Final = 5.0
# How often people are told how it is while no cycle can be made: a park lasts for up to an hour.
TELL: Final = 20.0
STORED_WITHIN: Final = 60.0

log = logging.getLogger(__name__)


class Polling:
    """What the threads of the poller do. `token()` is the lease's: None while another instance polls."""

    def __init__(
        self,
        *,
        watch: PairWatch,
        cycle: Cycle,
        registry: FixtureRegistry,
        presence: PresenceCheck,
        rereads: RereadReader,
        queue: RereadQueue,
        coverage: StreamCoverage,
        budget: BudgetView,
        gate: SourceGate,
        refusals: Refusals,
        status: PollerStatus,
        metrics: PollerMetrics,
        clock: Clock,
        interval: float,
        lookback: float,
        token: Callable[[], int | None],
        held_by: Callable[[], str],
    ) -> None:
        self._watch = watch
        self._cycle = cycle
        self._registry = registry
        self._presence = presence
        self._rereads = rereads
        self._queue = queue
        self._coverage = coverage
        self._budget = budget
        self._gate = gate
        self._refusals = refusals
        self._status = status
        self._metrics = metrics
        self._clock = clock
        self._interval = interval
        self._lookback = lookback
        self._token = token
        self._held_by = held_by
        self._loaded_for: int | None = None
        self._told_at = clock.monotonic()
        self._loading = threading.Lock()
        self._cycling = threading.Lock()
        self._stopped = threading.Event()

    @property
    def interval(self) -> float:
        """Seconds between the beginnings of two cycles: the setting's, or less where the look-back is short."""
        return min(self._interval, self._watch.longest_cycle())

    def cycles(self, stop: threading.Event) -> None:
        """Make cycles at a fixed pace. One that took too long is followed at once; none is made up for.

        Whoever was not read is tried again in between: by the next cycle the look-back would not reach far enough.
        """
        due = again = self._clock.monotonic()
        left: tuple[Pair, ...] = ()
        while not stop.is_set():
            token = self._taken_over(stop)
            if token is None:
                due = self._clock.monotonic()
                continue
            if not self._registry.listed.is_set():
                self._tell()
                self._clock.wait(stop, IDLE)
                due = self._clock.monotonic()
                continue
            now = self._clock.monotonic()
            wait = max((min(due, again) if left else due) - now, self._gate.closed_for())
            if wait > 0:
                self._tell()
                self._clock.wait(stop, min(wait, TELL))
                continue
            if now >= due:
                due, left = max(due + self.interval, now), ()
            left = self._unread(token, stop, left)
            again = self._clock.monotonic() + RETRY

    def _tell(self) -> None:
        """Alert people, as after a cycle, while there is none."""
        now = self._clock.monotonic()
        if self._gate.closed_for() > 0 and now - self._told_at >= TELL:
            self._told_at = now
            self._status.alert()

    def _unread(self, token: int, stop: threading.Event, only: tuple[Pair, ...]) -> tuple[Pair, ...]:
        """Make a cycle of these pairs (none: of all); returns those that were not read."""
        try:
            return tuple(self.cycle(self._lookback, token, stop, only).failed)
        except (PyMongoError, ProPprError) as error:
            log.warning("a cycle could not be finished", extra={"reason": str(error)[:300]})
            return only or tuple(self._asked_pairs())

    def cycle(self, lookback: float, token: int, stop: threading.Event, only: tuple[Pair, ...] = ()) -> CycleReport:
        """Make one cycle now, within the budget, of these pairs or of all. One at a time, whoever asks for it."""
        with self._cycling:
            return self._make_cycle(lookback, token, stop, only)

    def list_first(self) -> None:
        """Read the list of fixtures if it was never read; what the provider refuses is left to the gate."""
        if not self._registry.listed.is_set():
            self._list_now()

    def moving_in(self, sport: str, until: int) -> list[Fixture]:
        """The fixtures that a hole which ended at `until` (ms) may concern: those that came up in it included.

        Raises TransientError where the list is older than that and can't be read now.
        """
        if not self._registry.is_listed_since(until):
            self._list_now()
        if not self._registry.is_listed_since(until):
            raise TransientError("the list of fixtures is older than the hole")
        return self._registry.moving(sport)

    def _list_now(self) -> None:
        if self._gate.closed_for() > 0:
            return
        try:
            self._registry.refresh()
            self._gate.worked()
        except ProPprError as error:
            self._gate.failed(error)

    def until_stored(self, outstanding: set[int]) -> None:
        """Wait until everything of `outstanding` is stored. Raises TransientError if it takes too long."""
        deadline = self._clock.monotonic() + STORED_WITHIN
        while outstanding:
            self._clock.wait(self._stopped, 0.02)
            if self._clock.monotonic() > deadline:
                raise TransientError(f"{len(outstanding)} updates were not stored in time")

    def _make_cycle(self, lookback: float, token: int, stop: threading.Event, only: tuple[Pair, ...]) -> CycleReport:
        covered = self._covered()
        pairs = [pair for pair in self._asked_pairs() if not only or pair in only]
        plan = plan_cycle(self._watch.candidates(pairs, covered), self._budget.purse(), self.interval)
        report = self._cycle.run(plan.asked, lookback, token, stop, plan.holds)
        report.postponed = list(plan.postponed)
        self._metrics.cycle(report)
        waiting = self._queue.waiting()
        self._watch.close_holes(waiting, token)
        self._watch.note(self._refusals.reasons(), covered, token)
        self._status.waiting = self._queue.size()
        self._status.is_short = self._rereads.is_short
        self._status.alert()
        return report

    def registry(self, stop: threading.Event) -> None:
        """Keep the list of fixtures, and look for books that vanished."""
        while not stop.is_set():
            if self._taken_over(stop) is None:
                continue
            wait = self._gate.closed_for()
            if wait == 0 and self._gate.trouble is not None and self._registry.listed.is_set() and self._asked_pairs():
                wait = IDLE  # the cycles find out when the provider answers again
            if wait > 0:
                self._clock.wait(stop, wait)
                continue
            try:
                if self._registry.due_in() <= 0:
                    self._registry.refresh()
                    self._gate.worked()
                else:
                    self._look_for_vanished()
            except (AccessRefused, RequestRefused, SourceChanged) as error:
                log.warning("fixtures can't be listed", extra={"reason": str(error)[:300]})
                self._gate.failed(error)
            except ProPprError as error:
                self._gate.failed(error)
            self._clock.wait(stop, IDLE)

    def rereads(self, stop: threading.Event) -> None:
        """Read what is queued, as far as the budget allows."""
        while not stop.is_set():
            if self._taken_over(stop) is None:
                continue
            try:
                more = self._rereads.read_next(stop)
            except ProPprError as error:
                self._gate.failed(error)
                more = False
            if not more:
                self._clock.wait(stop, IDLE)

    def spare(self) -> int:
        """Requests that may be spent beside the cycles now."""
        return to_spare(self._budget.purse(), len(self._asked_pairs()), self.interval)

    def take_over(self, token: int) -> None:
        """Begin where the former holder of the lease stopped. Raises what MongoDB raises."""
        with self._loading:
            if self._loaded_for == token:
                return
            self._watch.load()
            self._registry.load()
            self._loaded_for = token

    def _taken_over(self, stop: threading.Event) -> int | None:
        token = self._token()
        if token is None:
            self._status.standby = f"{self._held_by()} polls"
            self._clock.wait(stop, IDLE)
            return None
        try:
            self.take_over(token)
        except (PyMongoError, ProPprError) as error:
            log.warning("the poller's state can't be read for now", extra={"reason": str(error)[:300]})
            self._clock.wait(stop, IDLE)
            return None
        self._status.standby = None
        return token

    def _asked_pairs(self) -> list[Pair]:
        return [pair for pair in self._watch.pairs if not self._refusals.is_aside(pair.bookmaker)]

    def _covered(self) -> dict[Pair, bool]:
        streams = self._coverage.load(self._clock.now())
        return {pair: is_covered(streams, pair.bookmaker, pair.sport) for pair in self._watch.pairs}

    def _look_for_vanished(self) -> None:
        pairs = [pair for pair in self._watch.pairs if self._refusals.reason(pair.bookmaker) is None]
        pair = self._presence.due(pairs)
        if pair is not None and self.spare() > 0:
            self._presence.look(pair)
            self._gate.worked()
        self._presence.hand_over(pairs)
