"""One cycle: what changed at every (bookmaker, sport) since its watermark, stored before the watermark moves."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Final, Protocol

from PROPPR.SharedServices.odds.rejects import Reject
from PROPPR.SharedServices.odds.rest import OddsElement
from PROPPR.SharedServices.odds.times import moment_of
from PROPPR.SharedServices.odds.types import BookUpdate, Fixture
from PROPPR.SharedServices.providers.odds_api.errors import (
    AccessRefused,
    LookbackRefused,
    RequestRefused,
)
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.errors import ProPprError, RateLimited, SourceChanged, TransientError
from PROPPR.SharedServices.storage.rereads import RereadQueue
from PROPPR.UnifiedAPIPoller.core.doubts import Doubts
from PROPPR.UnifiedAPIPoller.core.plan import Pair
from PROPPR.UnifiedAPIPoller.core.reading import Reading, absent_feeds
from PROPPR.UnifiedAPIPoller.core.refusals import Refusals
from PROPPR.UnifiedAPIPoller.core.source_gate import SourceGate
from PROPPR.UnifiedAPIPoller.core.watch import PairWatch
from PROPPR.UnifiedAPIPoller.core.watermarks import SAFETY, SECOND

STORED_WITHIN: Final = 300.0
_NO_HOLDS: Final[Mapping[Pair, float]] = MappingProxyType({})

log = logging.getLogger(__name__)


class UpdatedAnswer(Protocol):
    """An answer of /odds/updated, read element by element."""

    @property
    def asked_at(self) -> int: ...
    @property
    def received_at(self) -> int: ...
    @property
    def provider_time(self) -> int | None: ...
    @property
    def as_of(self) -> int | None: ...
    def elements(self) -> Iterator[OddsElement | Reject]: ...


class UpdatedSource(Protocol):
    """Where changes are read (OddsApiClient)."""

    def odds_updated(self, bookmaker: str, sport: str, since: datetime) -> UpdatedAnswer: ...


class Submit(Protocol):
    """Hands updates of one fixture to the writer; their ticket is in `outstanding` until they are stored."""

    def __call__(self, updates: Sequence[BookUpdate], outstanding: set[int]) -> None: ...


@dataclass(slots=True)
class CycleReport:
    """What one cycle did. `failed` says why a pair was not read, `holes` which watermarks it could not join."""

    asked: int = 0
    elements: int = 0
    books: int = 0
    holes: list[Pair] = field(default_factory=list)
    postponed: list[Pair] = field(default_factory=list)
    failed: dict[Pair, str] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def complete(self) -> bool:
        """Whether every pair was read."""
        return not self.failed and not self.postponed


class Cycle:
    """Reads pairs one after the other; the writer stores meanwhile. One thread at a time.

    `moving(sport, at)` are the fixtures that a hole before that moment (ms of our clock) may concern; it raises a
    ProPprError if they can't be known now. `known(id)` are the registry's, `told` hears what answers say of fixtures.
    """

    def __init__(
        self,
        source: UpdatedSource,
        watch: PairWatch,
        queue: RereadQueue,
        gate: SourceGate,
        refusals: Refusals,
        clock: Clock,
        doubts: Doubts,
        *,
        submit: Submit,
        told: Callable[[Sequence[Fixture], int], None],
        moving: Callable[[str, int], list[Fixture]],
        known: Callable[[int], Fixture | None],
    ) -> None:
        self._source = source
        self._watch = watch
        self._queue = queue
        self._gate = gate
        self._refusals = refusals
        self._clock = clock
        self._submit = submit
        self._told = told
        self._moving = moving
        self._known = known
        self._doubts = doubts

    def run(
        self,
        pairs: Sequence[Pair],
        lookback: float,
        fence: int,
        stop: threading.Event,
        holds: Mapping[Pair, float] = _NO_HOLDS,
    ) -> CycleReport:
        """Read the pairs and return when all of it is stored and their watermarks have moved.

        `holds` are the seconds for which a pair's answer rests before it is merged (`CyclePlan.holds`). What the
        provider refuses or fails to answer is in the report. Raises what MongoDB raises: the watermarks then stay, and
        the next cycle reads it again.
        """
        report = CycleReport()
        began = self._clock.monotonic()
        readings: list[Reading] = []
        for pair in pairs:
            if stop.is_set() or self._gate.closed_for() > 0:
                report.failed[pair] = self._gate.trouble or "stopped"
                continue
            rest = partial(self._clock.wait, stop, holds.get(pair, 0.0))
            reading = self._read_pair(pair, lookback, report, fence, rest)
            if reading is not None:
                readings.append(reading)
            # Holes wait until everybody was asked: their fixtures are queued together, and that takes a while.
            done = [one for one in readings if not one.outstanding and one.hole_from is None]
            self._settle(done, readings, report, fence)
        self._await(readings, stop)
        self._settle([one for one in readings if not one.outstanding], readings, report, fence)
        for reading in readings:
            report.failed[reading.pair] = "not stored yet"
        report.seconds = self._clock.monotonic() - began
        return report

    def _read_pair(
        self, pair: Pair, lookback: float, report: CycleReport, fence: int, rest: Callable[[], object]
    ) -> Reading | None:
        report.asked += 1
        began = self._clock.monotonic()
        try:
            reading = self._ask(pair, lookback, rest)
        except LookbackRefused as error:
            report.failed[pair] = str(error)
            if (self._clock.monotonic() - began) * SECOND < SAFETY:  # else it was in time, and only arrived late
                self._watch.refuse_lookback(fence)
                log.warning("the provider refused the look-back", extra={"limit": self._watch.limit})
            return None
        except (AccessRefused, RequestRefused) as error:
            self._gate.worked()
            self._refusals.set_aside(pair.bookmaker, str(error))
            report.failed[pair] = str(error)
            return None
        except SourceChanged as error:
            # This pair's answer can't be read; another's may be.
            report.failed[pair] = str(error)
            log.warning("an answer could not be read", extra={"bookmaker": pair.bookmaker, "reason": str(error)[:300]})
            return None
        except (RateLimited, TransientError, ProPprError) as error:
            self._gate.failed(error)
            report.failed[pair] = str(error)
            return None
        self._gate.worked()
        self._refusals.worked(pair.bookmaker)
        report.books += reading.books
        report.elements += len(reading.fixtures)
        return reading

    def _ask(self, pair: Pair, lookback: float, rest: Callable[[], object]) -> Reading:
        window = self._watch.window(pair, lookback)
        answer = self._source.odds_updated(pair.bookmaker, pair.sport, moment_of(window.since))
        provider = self._watch.provider_time_of(answer.asked_at, answer.received_at, answer.provider_time)
        rest()
        began = self._clock.monotonic()
        reading = Reading(pair, answer.asked_at, provider, window.since, window.hole_from, began)
        for element in answer.elements():
            self._take(element, reading, answer.as_of)
        self._told(reading.fixtures, answer.asked_at)
        return reading

    def _take(self, element: OddsElement | Reject, reading: Reading, as_of: int | None) -> None:
        if isinstance(element, Reject):
            lost = element.fixture_id if element.lossy else None
            fixture = None if lost is None else self._known(lost)
            if fixture is not None:
                reading.doubtful.append(fixture)
            return
        reading.fixtures.append(element.fixture)
        updates: list[BookUpdate] = [*element.snapshots, *element.partial]
        if element.snapshots and not element.rejects:
            updates += absent_feeds(element.fixture.id, element.snapshots, as_of)
        if updates:
            self._submit(updates, reading.outstanding)
            reading.books += len(element.snapshots)
        if any(reject.lossy for reject in element.rejects) or not element.snapshots:
            reading.doubtful.append(element.fixture)
        else:
            reading.whole.append(element.fixture.id)

    def _await(self, readings: Sequence[Reading], stop: threading.Event) -> None:
        deadline = self._clock.monotonic() + STORED_WITHIN
        while any(reading.outstanding for reading in readings):
            if self._clock.wait(stop, 0.01) or self._clock.monotonic() > deadline:
                return

    def _settle(self, stored: Sequence[Reading], readings: list[Reading], report: CycleReport, fence: int) -> None:
        """Queue what a hole or an unreadable part leaves open, and only then move the watermarks."""
        settled = self._queue_holes(stored, report)
        for reading in stored:
            readings.remove(reading)
        for reading in settled:
            self._queue_doubts(reading)
        self._watch.advance([(one.pair, one.asked_provider, one.hole_from) for one in settled], fence)

    def _queue_doubts(self, reading: Reading) -> None:
        pair = reading.pair
        if reading.doubtful:
            self._queue.want(self._doubts.news(reading.doubtful, pair.bookmaker), [pair.bookmaker], "unreadable")
        self._doubts.explained(reading.whole, pair.bookmaker, reading.began)
        lasting = [one for one in map(self._known, self._doubts.lasting(pair.bookmaker)) if one is not None]
        self._queue.want(self._doubts.news(lasting, pair.bookmaker), [pair.bookmaker], "doubtful")
        self._queue.answered(reading.whole, pair.bookmaker, reading.asked_at)

    def _queue_holes(self, stored: Sequence[Reading], report: CycleReport) -> list[Reading]:
        """Queue the fixtures of holes; returns the readings without those whose fixtures can't be known now."""
        settled = [one for one in stored if one.hole_from is None]
        for sport in dict.fromkeys(one.pair.sport for one in stored if one.hole_from is not None):
            own = [one for one in stored if one.pair.sport == sport and one.hole_from is not None]
            try:
                affected = self._moving(sport, max(one.hole_until for one in own))
            except ProPprError as error:
                report.failed.update((one.pair, str(error)) for one in own)
                continue
            whole = [(one.pair.bookmaker, set(one.whole)) for one in own]
            wanted: dict[tuple[str, ...], list[Fixture]] = {}
            for fixture in affected:
                names = tuple(bookmaker for bookmaker, read in whole if fixture.id not in read)
                wanted.setdefault(names, []).append(fixture)
            for names, fixtures in wanted.items():
                self._queue.want(fixtures if names else (), names, "hole")
            report.holes += [one.pair for one in own]
            settled += own
        return settled
