"""What changed in the books since it was last looked at: a conflating, bounded queue of fixtures.

Two lanes: prices that moved are taken at once, quotes that were only confirmed wait for a second of company, since
they come far more often and at most renew what is there.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.storage.books.state import FixtureBooks
from PROPPR.SharedServices.storage.books.worker import Written

Place = tuple[str, str, str]
"""(segment, bookmaker, market)."""
MarketPlace = tuple[str, str]
"""(segment, market): the market at all bookmakers."""
BookKey = tuple[str, str]
"""(bookmaker, segment): a stored document of a fixture."""

CONFIRMED_WAIT = 1.0
# Everything of a fixture is about as much work as single markets of so many fixtures.
EVERYTHING_WEIGHT = 20


@dataclass(slots=True)
class Dirty:
    """What is to be looked at in one fixture.

    `since` (ms) is when the oldest of it was stored, at the latest: the debt if this process dies first. `cached` is
    this process's own picture of the books, which may be old. `commits` are the revisions that this
    process stored, per document. `aged` are markets to look at because time passed, not because a quote came.
    """

    fixture_id: int
    since: int
    cached: FixtureBooks | None = None
    moved: set[Place] = field(default_factory=set)
    confirmed: set[MarketPlace] = field(default_factory=set)
    aged: set[MarketPlace] = field(default_factory=set)
    commits: dict[BookKey, set[int]] = field(default_factory=dict)
    everything: bool = False

    def segments(self) -> frozenset[str] | None:
        """The segments that are needed; None for all."""
        if self.everything:
            return None
        return frozenset(place[0] for places in (self.moved, self.confirmed, self.aged) for place in places)

    def markets(self) -> frozenset[MarketPlace] | None:
        """The markets that are looked at; None for all."""
        if self.everything:
            return None
        return frozenset({(place[0], place[2]) for place in self.moved} | self.confirmed | self.aged)

    def add(self, other: Dirty) -> None:
        """Take over what another entry of the same fixture holds; its picture of the books counts as the newer one."""
        self.since = min(self.since, other.since)
        self.cached = other.cached or self.cached
        self.moved |= other.moved
        self.confirmed |= other.confirmed
        self.aged |= other.aged
        self.everything = self.everything or other.everything
        for document, revisions in other.commits.items():
            self.commits.setdefault(document, set()).update(revisions)


class DirtyFixtures:
    """Thread-safe; any number of threads mark, one takes. Never blocks those who mark.

    Holds at most `most` fixtures; what comes above is not kept but remembered as a debt (`lost_since`).
    """

    def __init__(self, clock: Clock, most: int = 5_000) -> None:
        self._clock = clock
        self._most = most
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._urgent: OrderedDict[int, Dirty] = OrderedDict()
        self._patient: OrderedDict[int, tuple[float, Dirty]] = OrderedDict()
        self._in_hand: tuple[int, ...] = ()
        self._lost_since: int | None = None
        self.lost = 0

    def committed(self, written: Written) -> None:
        """Note what was stored of a fixture, or may have been."""
        dirty = Dirty(written.fixture.fixture_id, self._clock.now_ms(), written.fixture, set(written.doubtful))
        for draft in written.stored:
            dirty.commits.setdefault((draft.bookmaker, draft.name), set()).add(draft.segment.revision)
            dirty.moved.update((draft.name, draft.bookmaker, name) for name in draft.changed)
            dirty.confirmed.update((draft.name, name) for name in draft.touched)
        if dirty.moved or dirty.confirmed:
            self.mark(dirty)

    def mark(self, dirty: Dirty) -> None:
        """Add an entry, or add it to the one that waits for the same fixture."""
        with self._lock:
            self._mark(dirty)
        if not _is_patient(dirty):
            self._wake.set()

    def again(self, batch: Iterable[Dirty]) -> None:
        """Put back what could not be finished. What came meanwhile is the newer picture."""
        with self._lock:
            for dirty in batch:
                newer = self._remove(dirty.fixture_id)
                if newer is not None:
                    dirty.add(newer)
                self._mark(dirty)

    def take(self, limit: int, timeout: float) -> list[Dirty]:
        """Entries of about `limit` weight whose time has come; empty after `timeout` seconds without any.

        They count as in hand, and as owed, until the next call or `done`.
        """
        batch = self._take(limit)
        if not batch and timeout > 0:
            self._clock.wait(self._wake, timeout)
            batch = self._take(limit)
        return batch

    def done(self) -> None:
        """What was taken last is finished."""
        with self._lock:
            self._in_hand = ()

    @property
    def lost_since(self) -> int | None:
        """Since when fixtures were lost for lack of room: they have to be looked up in the books."""
        return self._lost_since

    def found_lost(self, count: int) -> None:
        """What was lost is looked after, if it is still the first `count` that were."""
        with self._lock:
            if self.lost == count:
                self._lost_since = None

    @property
    def room(self) -> int:
        """How many more fixtures may wait."""
        return self._most - len(self)

    @property
    def urgent(self) -> int:
        """Fixtures that wait for nothing but their turn."""
        return len(self._urgent)

    def owed_since(self) -> int | None:
        """How old the oldest change is that is not finished; None if all are."""
        with self._lock:
            waiting = [dirty.since for dirty in self._urgent.values()]
            waiting += [dirty.since for _, dirty in self._patient.values()]
            waiting += self._in_hand
            if self._lost_since is not None:
                waiting.append(self._lost_since)
            return min(waiting, default=None)

    def hurry(self) -> None:
        """Let nothing wait for company any more."""
        with self._lock:
            for fixture_id in list(self._patient):
                _, dirty = self._patient.pop(fixture_id)
                self._urgent[fixture_id] = dirty
        self._wake.set()

    def __len__(self) -> int:
        return len(self._urgent) + len(self._patient)

    def _take(self, limit: int) -> list[Dirty]:
        with self._lock:
            self._wake.clear()
            now = self._clock.monotonic()
            while self._patient and next(iter(self._patient.values()))[0] <= now:
                fixture_id, (_, dirty) = self._patient.popitem(last=False)
                self._urgent[fixture_id] = dirty
            batch: list[Dirty] = []
            weight = 0
            while self._urgent and weight < limit:
                dirty = self._urgent.popitem(last=False)[1]
                weight += EVERYTHING_WEIGHT if dirty.everything else 1
                batch.append(dirty)
            self._in_hand = tuple(dirty.since for dirty in batch)
            return batch

    def _mark(self, dirty: Dirty) -> None:
        known = self._urgent.get(dirty.fixture_id)
        if known is not None:
            known.add(dirty)
            return
        patient = self._patient.get(dirty.fixture_id)
        if patient is not None:
            patient[1].add(dirty)
            if not _is_patient(dirty):
                self._urgent[dirty.fixture_id] = self._patient.pop(dirty.fixture_id)[1]
        elif len(self._urgent) + len(self._patient) >= self._most:
            self.lost += 1
            self._lost_since = dirty.since if self._lost_since is None else min(self._lost_since, dirty.since)
        elif _is_patient(dirty):
            self._patient[dirty.fixture_id] = (self._clock.monotonic() + CONFIRMED_WAIT, dirty)
        else:
            self._urgent[dirty.fixture_id] = dirty

    def _remove(self, fixture_id: int) -> Dirty | None:
        patient = self._patient.pop(fixture_id, None)
        return self._urgent.pop(fixture_id, None) if patient is None else patient[1]


def _is_patient(dirty: Dirty) -> bool:
    return not (dirty.moved or dirty.aged or dirty.everything)
