"""Books that an answer leaves in doubt: a part that could not be read, or a market that is missing without proof.

Such a book is read again once, and not in every cycle while the reason lasts. A missing market often is explained by
the next answer; only a doubt that lasts costs requests.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

from PROPPR.SharedServices.odds.types import Fixture
from PROPPR.SharedServices.service.clock import Clock

AGAIN_AFTER: Final = 3600.0
LASTING: Final = 90.0
MOST: Final = 20_000

Key = tuple[int, str]


class Doubts:
    """Remembers what was doubted, by (fixture, bookmaker); bounded. `report` may be called from any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._read_again: OrderedDict[Key, float] = OrderedDict()
        self._missing: OrderedDict[Key, tuple[float, float]] = OrderedDict()

    def news(self, fixtures: Iterable[Fixture], bookmaker: str) -> list[Fixture]:
        """Those of the fixtures that were not read again within the hour."""
        now = self._clock.monotonic()
        fresh = []
        for fixture in fixtures:
            key = (fixture.id, bookmaker)
            if now - self._read_again.get(key, -AGAIN_AFTER) >= AGAIN_AFTER:
                self._read_again.pop(key, None)
                self._read_again[key] = now
                fresh.append(fixture)
        while len(self._read_again) > MOST:
            self._read_again.popitem(last=False)
        return fresh

    def report(self, fixture_id: int, bookmaker: str) -> None:
        """An answer lacked a market of this book, and did not prove it to be gone."""
        now = self._clock.monotonic()
        with self._lock:
            first, _ = self._missing.get((fixture_id, bookmaker), (now, now))
            self._missing[fixture_id, bookmaker] = (first, now)
            if len(self._missing) > MOST:
                self._missing.popitem(last=False)

    def explained(self, fixture_ids: Iterable[int], bookmaker: str, since: float) -> None:
        """Answers read since then brought these books: what they did not leave in doubt is in none any more."""
        with self._lock:
            for fixture_id in fixture_ids:
                reported = self._missing.get((fixture_id, bookmaker))
                if reported is not None and reported[1] < since:
                    del self._missing[fixture_id, bookmaker]

    def lasting(self, bookmaker: str) -> list[int]:
        """The fixtures whose book has been in doubt for more than a cycle; each is told once."""
        now = self._clock.monotonic()
        with self._lock:
            lasting = [
                key for key, (first, _) in self._missing.items() if key[1] == bookmaker and now - first >= LASTING
            ]
            for key in lasting:
                del self._missing[key]
        return [fixture_id for fixture_id, _ in lasting]
