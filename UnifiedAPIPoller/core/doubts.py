"""Books of which a part could not be read: read again once, and not in every cycle while the part stays unreadable."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

from PROPPR.SharedServices.odds.types import Fixture
from PROPPR.SharedServices.service.clock import Clock

AGAIN_AFTER: Final = 3600.0
MOST: Final = 20_000


class Doubts:
    """Remembers which (fixture, bookmaker) was doubted lately; bounded. One thread at a time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: OrderedDict[tuple[int, str], float] = OrderedDict()

    def news(self, fixtures: Iterable[Fixture], bookmaker: str) -> list[Fixture]:
        """Those of the fixtures that were not doubted within the hour."""
        now = self._clock.monotonic()
        fresh = []
        for fixture in fixtures:
            key = (fixture.id, bookmaker)
            if now - self._seen.get(key, -AGAIN_AFTER) >= AGAIN_AFTER:
                self._seen.pop(key, None)
                self._seen[key] = now
                fresh.append(fixture)
        while len(self._seen) > MOST:
            self._seen.popitem(last=False)
        return fresh
