"""Keeps the registry of fixtures current: the list by REST, statuses and scores from the stream, strangers by id."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple, Protocol

from pymongo.errors import PyMongoError

from PROPPR.SharedServices.odds.messages import ScoreMessage, StatusMessage
from PROPPR.SharedServices.odds.types import Fixture, Source
from PROPPR.SharedServices.service.backoff import Backoff
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.components import Check
from PROPPR.SharedServices.service.errors import ProPprError, RateLimited
from PROPPR.WebsocketUpdater.core.calendar import FixtureCalendar

HORIZON: Final = timedelta(days=14)
BEHIND: Final = timedelta(hours=6)
REFRESH_EVERY: Final = 600.0
STALE_AFTER: Final = 3 * REFRESH_EVERY
STATUSES: Final = ("pending", "live")
_REST_STATUS: Final = {"prematch": "pending", "inplay": "live", "in-play": "live"}
_MAX_UNKNOWN: Final = 500
_MAX_NEGATIVE: Final = 5_000
_MAX_EVENTS: Final = 20_000
NEGATIVE_SECONDS: Final = 600.0
RESOLVE_EVERY: Final = 1.0
RESOLVES_PER_HOUR: Final = 200
MANY_UNKNOWN: Final = 20
_REFRESH_SPACING: Final = 60.0

log = logging.getLogger(__name__)


class EventSource(Protocol):
    """Where fixtures are read (OddsApiClient)."""

    def events(
        self, sport: str, statuses: Sequence[str], from_: datetime, to: datetime, league: str | None = None
    ) -> list[Fixture]: ...

    def event(self, event_id: int) -> Fixture | None: ...


class Registry(Protocol):
    """Where fixtures are kept (FixtureStore)."""

    def upsert_many(self, fixtures: Sequence[Fixture], source: Source, seen_at: datetime | None = None) -> object: ...

    def set_status(
        self, fixture_id: int, status: str, scores: Mapping[str, object] | None, seen_at: datetime | None = None
    ) -> bool: ...

    def live_or_due(self, now: datetime, sports: Sequence[str] = ()) -> list[Fixture]: ...

    def upcoming(self, now: datetime, within: timedelta, sports: Sequence[str] = ()) -> list[Fixture]: ...


class _Progress(NamedTuple):
    """What the stream said of a running fixture, and when it was received."""

    status: str
    scores: Mapping[str, object] | None
    at: datetime


class FixtureKeeper:
    """`run` is a worker's target; everything else may be called from the stream's thread and never waits."""

    def __init__(
        self,
        source: EventSource,
        registry: Registry,
        calendar: FixtureCalendar,
        clock: Clock,
        *,
        sports: Sequence[str],
        leagues: Sequence[str],
        find_priced: Callable[[list[int]], set[int]],
    ) -> None:
        self._source = source
        self._registry = registry
        self._calendar = calendar
        self._clock = clock
        self._sports = tuple(sports)
        self._scopes = [(sport, league) for sport in sports for league in (leagues or (None,))]
        self._find_priced = find_priced
        self._lock = threading.Lock()
        self._unknown: OrderedDict[int, None] = OrderedDict()
        self._negative: OrderedDict[int, float] = OrderedDict()
        self._events: OrderedDict[int, _Progress] = OrderedDict()
        self._backoff = Backoff(2.0, 120.0, floor=0.5)
        self._refresh_at = 0.0
        self._refreshed: float | None = None
        self._parked_until = 0.0
        self._resolved: list[float] = []
        self._resolve_at = 0.0
        self.first_list = threading.Event()
        self.last_error: str | None = None
        self.dropped = 0

    def seen(self, fixture_id: int) -> None:
        """Odds of this fixture arrived; one that nobody knows is looked up, bounded and within the budget."""
        if fixture_id in self._calendar or fixture_id in self._unknown:
            return
        with self._lock:
            until = self._negative.get(fixture_id)
            if until is not None and until > self._clock.monotonic():
                return
            if len(self._unknown) >= _MAX_UNKNOWN:
                self.dropped += 1
            else:
                self._unknown[fixture_id] = None

    def status(self, message: StatusMessage) -> None:
        """Keep a changed status, in the words of REST, with the score where the status allows one."""
        status = message.status.strip().casefold()
        self._keep(message.fixture_id, _REST_STATUS.get(status, status), message.scores)

    def score(self, message: ScoreMessage) -> None:
        """Keep a score, together with the status that is known: a score without a status says nothing."""
        status = self._calendar.status_of(message.fixture_id)
        if message.scores is not None and status is not None:
            self._keep(message.fixture_id, status, message.scores)

    @property
    def unknown(self) -> int:
        """Fixtures waiting to be looked up."""
        return len(self._unknown)

    def check(self) -> Check:
        """Not ok while the list of fixtures is old or was never read."""
        if self._refreshed is None:
            return Check(False, f"no list of fixtures yet{self._because()}", None, "degraded")
        age = self._clock.monotonic() - self._refreshed
        detail = f"{len(self._calendar)} fixtures, {len(self._unknown)} to look up{self._because()}"
        return Check(age < STALE_AFTER, detail, age, "degraded")

    def run(self, stop: threading.Event) -> None:
        """Keep the registry current until stopped."""
        self._read_registry()
        while not stop.wait(0.25):
            now = self._clock.monotonic()
            try:
                self._store_events()
                if now >= max(self._refresh_at, self._parked_until):
                    self._refresh(now)
                elif now >= max(self._resolve_at, self._parked_until):
                    self._resolve(now)
            except RateLimited as error:
                self._parked_until = now + (error.retry_after or self._backoff.next())
                self.last_error = f"rate limited: {error}"[:300]
            except (ProPprError, PyMongoError) as error:
                self._parked_until = now + self._backoff.next()
                self.last_error = f"{type(error).__name__}: {error}"[:300]
                log.warning("fixtures could not be brought up to date", extra={"reason": self.last_error})
        self._store_last()

    def _because(self) -> str:
        return f"; {self.last_error}" if self.last_error else ""

    def _keep(self, fixture_id: int, status: str, scores: Mapping[str, object] | None) -> None:
        with self._lock:
            former = self._events.pop(fixture_id, None)
            if scores is None and former is not None and former.status == status:
                scores = former.scores
            self._events[fixture_id] = _Progress(status, scores, self._clock.now())
            if len(self._events) > _MAX_EVENTS:
                self._events.popitem(last=False)
                self.dropped += 1

    def _read_registry(self) -> None:
        """Begin with what is stored, so that REST's absence does not make the start blind."""
        try:
            now = self._clock.now()
            stored = [
                *self._registry.live_or_due(now, self._sports),
                *self._registry.upcoming(now, HORIZON, self._sports),
            ]
            self._calendar.replace(stored, self._clock.now_ms())
            self._look_for_prices()
        except (PyMongoError, ProPprError) as error:
            log.warning("the stored fixtures can't be read", extra={"reason": str(error)[:300]})

    def _refresh(self, now: float) -> None:
        today = self._clock.now()
        fixtures: dict[int, Fixture] = {}
        for sport, league in self._scopes:
            found = self._source.events(sport, STATUSES, today - BEHIND, today + HORIZON, league)
            fixtures.update((fixture.id, fixture) for fixture in found)
        self._calendar.replace(fixtures.values(), self._clock.now_ms())
        self.first_list.set()
        # Said at the time of asking: what the stream said meanwhile is newer.
        self._registry.upsert_many(list(fixtures.values()), "websocket", today)
        self._look_for_prices()
        self._backoff.reset()
        self.last_error = None
        self._refreshed, self._refresh_at = now, now + REFRESH_EVERY
        with self._lock:
            for fixture_id in [one for one in self._unknown if one in self._calendar]:
                del self._unknown[fixture_id]

    def _look_for_prices(self) -> None:
        for fixture_id in self._find_priced(self._calendar.near(self._clock.now_ms())):
            self._calendar.set_priced(fixture_id)

    def _resolve(self, now: float) -> None:
        if not self._unknown:
            return
        self._resolve_at = now + RESOLVE_EVERY
        if len(self._unknown) >= MANY_UNKNOWN and self._refreshed and now - self._refreshed > _REFRESH_SPACING:
            self._refresh_at = now  # one list is cheaper than many single look-ups
            return
        self._resolved = [at for at in self._resolved if now - at < 3600.0]
        if len(self._resolved) >= RESOLVES_PER_HOUR:
            self.last_error = "too many unknown fixtures this hour"
            return
        with self._lock:
            fixture_id = next(iter(self._unknown))
        self._resolved.append(now)
        asked_at = self._clock.now()
        fixture = self._source.event(fixture_id)
        self.last_error = None
        if fixture is not None:
            self._calendar.add(fixture, self._clock.now_ms())
            self._registry.upsert_many([fixture], "websocket", asked_at)
        with self._lock:
            self._unknown.pop(fixture_id, None)
            if fixture is None:
                self._negative[fixture_id] = now + NEGATIVE_SECONDS
                while len(self._negative) > _MAX_NEGATIVE:
                    self._negative.popitem(last=False)

    def _store_events(self) -> None:
        with self._lock:
            events, self._events = self._events, OrderedDict()
        while events:
            fixture_id, progress = next(iter(events.items()))
            try:
                self._registry.set_status(fixture_id, progress.status, progress.scores, progress.at)
            except (PyMongoError, ProPprError):
                with self._lock:
                    for key, value in events.items():
                        self._events.setdefault(key, value)
                raise
            del events[fixture_id]

    def _store_last(self) -> None:
        try:
            self._store_events()
        except (PyMongoError, ProPprError) as error:
            log.warning("the last statuses were not stored", extra={"reason": str(error)[:300]})
