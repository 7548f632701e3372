"""Owns the registry of fixtures: lists them regularly, has new ones read, follows those that move, end or vanish."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from PROPPR.SharedServices.odds.times import milliseconds_of, moment_of
from PROPPR.SharedServices.odds.types import Fixture
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.components import Check
from PROPPR.SharedServices.storage.fixtures import FixtureStore
from PROPPR.SharedServices.storage.rereads import RereadQueue
from PROPPR.UnifiedAPIPoller.core.registry_changes import Changes, Span, compare, differs, is_open, may_move

BEHIND: Final = timedelta(hours=6)
LOOKED_UP_AT_ONCE: Final = 20
REMOVED: Final = "removed"
MOST_KNOWN: Final = 50_000

log = logging.getLogger(__name__)


class EventSource(Protocol):
    """Where fixtures are listed (OddsApiClient)."""

    def events(
        self, sport: str, statuses: Sequence[str], from_: datetime, to: datetime, league: str | None = None
    ) -> list[Fixture]: ...

    def event(self, event_id: int) -> Fixture | None: ...


@dataclass(frozen=True, slots=True)
class RegistryRule:
    """Which fixtures are registered: of these sports, with a kick-off from `lead` until `ahead` from now."""

    sports: tuple[str, ...]
    lead: timedelta
    ahead: timedelta
    interval: float


class FixtureRegistry:
    """The fixtures by id, as the provider last told them. `known` may be asked from any thread.

    `bookmakers()` are those to read new fixtures at; `clear(fixtures, at)` withdraws the books of fixtures that are
    over (settled, cancelled) and returns when that is stored.
    """

    def __init__(
        self,
        source: EventSource,
        store: FixtureStore,
        queue: RereadQueue,
        clock: Clock,
        rule: RegistryRule,
        *,
        bookmakers: Callable[[], tuple[str, ...]],
        clear: Callable[[Sequence[Fixture], int], None],
    ) -> None:
        self._source = source
        self._store = store
        self._queue = queue
        self._clock = clock
        self._rule = rule
        self._bookmakers = bookmakers
        self._clear = clear
        self._lock = threading.Lock()
        self._refreshing = threading.Lock()
        self._known: dict[int, Fixture] = {}
        self._heard: dict[int, Fixture] = {}
        self._missing_once: set[int] = set()
        self._over_once: set[int] = set()
        self._listed_at: float | None = None
        self._list_asked_at = 0
        self.listed = threading.Event()
        self.new_fixtures = 0

    def load(self) -> None:
        """Begin with what is stored. Raises PyMongoError."""
        now = self._clock.now()
        stored = self._store.registered(now - BEHIND, now + self._rule.ahead + BEHIND, self._rule.sports)
        with self._lock:
            self._known = {fixture.id: fixture for fixture in stored}
        self._over_once = {fixture.id for fixture in stored if not is_open(fixture)}

    def due_in(self) -> float:
        """Seconds until the list should be read again."""
        if self._listed_at is None:
            return 0.0
        return max(0.0, self._listed_at + self._rule.interval - self._clock.monotonic())

    def refresh(self) -> Changes:
        """Read the list, have new fixtures read, then store what it says. Raises what the source and MongoDB raise."""
        with self._refreshing:
            return self._refresh()

    def _refresh(self) -> Changes:
        asked_at, began = self._clock.now(), self._clock.monotonic()
        listed = [
            fixture
            for sport in self._rule.sports
            for fixture in self._source.events(sport, (), asked_at - BEHIND, asked_at + self._rule.ahead)
        ]
        heard = self._take_heard()
        changes = compare(self._snapshot(), listed, self._span(asked_at), self._rule.sports, heard)
        # First the work that follows, then the knowledge: a process that dies in between does the work again.
        self._queue.want(changes.new, self._bookmakers(), "new")
        self._clear_over(changes.over, listed, asked_at)
        self._store.upsert_many(changes.kept, "api_poller", asked_at)
        self._learn(changes.kept)
        self.new_fixtures += len(changes.new)
        self._look_up(changes.missing)
        self._hear(fixture for fixture in changes.missing if fixture.id in heard and fixture.id in self._missing_once)
        self._forget_old()
        self._listed_at, self._list_asked_at = began, milliseconds_of(asked_at)
        self.listed.set()
        return changes

    def _clear_over(self, over: Sequence[Fixture], listed: Sequence[Fixture], asked_at: datetime) -> None:
        """Withdraw the books of fixtures that are over, and at the next list once more: an answer that was asked for
        after this list and made before it may have brought them back."""
        still = [fixture for fixture in listed if fixture.id in self._over_once and not is_open(fixture)]
        again = {fixture.id: fixture for fixture in (*still, *over)}
        self._clear(list(again.values()), milliseconds_of(asked_at))
        self._over_once = {fixture.id for fixture in over}

    def _hear(self, fixtures: Iterable[Fixture]) -> None:
        with self._lock:
            for fixture in fixtures:
                if len(self._heard) < MOST_KNOWN:
                    self._heard.setdefault(fixture.id, fixture)

    def _take_heard(self) -> dict[int, Fixture]:
        with self._lock:
            heard, self._heard = self._heard, {}
        return heard

    def is_listed_since(self, at: int) -> bool:
        """Whether the list was asked for at or after a moment (ms), so that all fixtures of that time are known."""
        return self._list_asked_at >= at

    def known(self, fixture_id: int) -> Fixture | None:
        """A registered fixture."""
        return self._known.get(fixture_id)

    def moving(self, sport: str | None = None) -> list[Fixture]:
        """The fixtures whose odds may still move."""
        now = self._clock.now_ms()
        return [one for one in self._snapshot().values() if sport in (None, one.sport) and may_move(one, now)]

    def told(self, fixtures: Iterable[Fixture], asked_at: int) -> None:
        """Store what odds answers say of fixtures, where it is news. Raises what MongoDB raises.

        One that was not listed yet is stored for its names only: the next list has all such read, ten at a time. What
        changes until then, the cycles bring. (It may be over by the next list: its books have to go then, too.)
        """
        news = [fixture for fixture in fixtures if differs(self._known.get(fixture.id), fixture)]
        if not news:
            return
        at = moment_of(asked_at)
        self._hear(fixture for fixture in news if fixture.id not in self._known and is_open(fixture))
        registered = [fixture for fixture in news if fixture.id in self._known]
        self._store.upsert_many(registered, "api_poller", at)
        self._store.upsert_many([one for one in news if one not in registered], "api_poller", at, registered=False)
        # That one is over is for the list to say, which then has its books withdrawn.
        self._learn(fixture for fixture in registered if is_open(fixture))

    def check(self) -> Check:
        """Not ok while the list is old or was never read."""
        if self._listed_at is None:
            return Check(False, "no list of fixtures yet", None, "degraded")
        age = self._clock.monotonic() - self._listed_at
        return Check(age < 3 * self._rule.interval, f"{len(self._known)} fixtures", age, "degraded")

    def __len__(self) -> int:
        return len(self._known)

    def _span(self, now: datetime) -> Span:
        return Span(milliseconds_of(now + self._rule.lead), milliseconds_of(now + self._rule.ahead))

    def _snapshot(self) -> dict[int, Fixture]:
        with self._lock:
            return dict(self._known)

    def _learn(self, fixtures: Iterable[Fixture]) -> None:
        with self._lock:
            for fixture in fixtures:
                self._known[fixture.id] = fixture

    def _look_up(self, missing: Sequence[Fixture]) -> None:
        """Ask by id for fixtures that were missing twice: they were moved out of the list's time, or are no more."""
        again = [fixture for fixture in missing if fixture.id in self._missing_once]
        self._missing_once = {fixture.id for fixture in missing}
        for fixture in again[:LOOKED_UP_AT_ONCE]:
            asked_at = self._clock.now()
            found = self._source.event(fixture.id)
            self._missing_once.discard(fixture.id)
            if found is not None:
                if not is_open(found):
                    self._clear([found], milliseconds_of(asked_at))
                self._store.upsert_many([found], "api_poller", asked_at)
                self._learn([found])
                continue
            log.info("a fixture is no longer known to the provider", extra={"fixture": fixture.id})
            self._queue.want([fixture], self._bookmakers(), "missing")
            self._store.set_status(fixture.id, REMOVED, None, asked_at)
            with self._lock:
                self._known.pop(fixture.id, None)

    def _forget_old(self) -> None:
        oldest = milliseconds_of(self._clock.now() - 2 * BEHIND)
        with self._lock:
            self._known = {key: one for key, one in self._known.items() if one.kickoff > oldest}
            if len(self._known) > MOST_KNOWN:
                nearest = sorted(self._known.values(), key=lambda one: one.kickoff)[:MOST_KNOWN]
                self._known = {fixture.id: fixture for fixture in nearest}
