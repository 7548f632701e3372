"""Finds books that a bookmaker no longer has: such a book is not in `/odds/updated`, so its end is not told there.

One `/events?bookmaker=` per pair says which fixtures the bookmaker prices. Who is stored with prices and not listed is
read again; only if that reading lacks the book too, it is taken away.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

from PROPPR.SharedServices.odds.types import Fixture
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.storage.rereads import RereadQueue
from PROPPR.UnifiedAPIPoller.core.plan import Pair
from PROPPR.UnifiedAPIPoller.core.registry import BEHIND

LISTED: Final = ("pending", "live")
# A list that lacks more than half of what is stored is more likely wrong than a bookmaker that gave up half its trade.
DISTRUSTED_SHARE: Final = 0.5
MOST_DISTRUSTED: Final = 20
# For how long a list speaks for the moment.
EVIDENCE_SECONDS: Final = 300.0
# How long the first pair's findings wait for those of the others, and never for longer than half of an interval.
GATHER_SECONDS: Final = 150.0

log = logging.getLogger(__name__)


class ListSource(Protocol):
    """Where fixtures are listed by bookmaker (OddsApiClient)."""

    def events(
        self,
        sport: str,
        statuses: Sequence[str],
        from_: datetime,
        to: datetime,
        league: str | None = None,
        bookmaker: str | None = None,
    ) -> list[Fixture]: ...


class PresenceCheck:
    """Looks at every pair once in `interval` seconds, at one after the other: what they lack is then read together.

    `fixtures(sport)` are those whose odds may still move, `stored(ids, bookmaker)` those of them with stored prices.
    """

    def __init__(
        self,
        source: ListSource,
        queue: RereadQueue,
        clock: Clock,
        *,
        interval: float,
        ahead: timedelta,
        fixtures: Callable[[str], list[Fixture]],
        stored: Callable[[Sequence[int], str], set[int]],
    ) -> None:
        self._source = source
        self._queue = queue
        self._clock = clock
        self._interval = interval
        self._ahead = ahead
        self._fixtures = fixtures
        self._stored = stored
        self._looked: dict[Pair, float] = {}
        self._unlisted: dict[tuple[int, str], float] = {}
        self._gone: list[tuple[list[Fixture], str]] = []
        self._gone_since = 0.0
        self.found = 0

    def due(self, pairs: Sequence[Pair]) -> Pair | None:
        """The pair to look at now, if it is time: the one not looked at for longest."""
        now = self._clock.monotonic()
        if not pairs:
            return None
        for pair in pairs:
            self._looked.setdefault(pair, now)
        pair = min(pairs, key=lambda one: self._looked[one])
        return pair if now - self._looked[pair] >= self._interval else None

    def is_unlisted(self, fixture_id: int, bookmaker: str) -> bool:
        """Whether the bookmaker's list lacked the fixture a moment ago."""
        return self._clock.monotonic() - self._unlisted.get((fixture_id, bookmaker), -math.inf) < EVIDENCE_SECONDS

    def look(self, pair: Pair) -> int:
        """Note what the bookmaker lists no longer, to be read again; returns how many. Raises as its parts do."""
        now = self._clock.now()
        fixtures = {fixture.id: fixture for fixture in self._fixtures(pair.sport)}
        listed = self._source.events(
            pair.sport, LISTED, now - BEHIND, now + self._ahead + BEHIND, bookmaker=pair.bookmaker
        )
        stored = self._stored(list(fixtures), pair.bookmaker)
        gone = sorted(stored - {fixture.id for fixture in listed}, key=lambda one: fixtures[one].kickoff)
        if len(gone) > max(MOST_DISTRUSTED, DISTRUSTED_SHARE * len(stored)):
            log.warning(
                "a bookmaker's list lacks most of its books; only some are looked at",
                extra={"bookmaker": pair.bookmaker, "stored": len(stored), "listed": len(listed)},
            )
            gone = gone[:MOST_DISTRUSTED]
        looked = self._looked[pair] = self._clock.monotonic()
        self._unlisted = {book: at for book, at in self._unlisted.items() if looked - at < EVIDENCE_SECONDS}
        self._unlisted |= {(one, pair.bookmaker): looked for one in gone}
        if not self._gone:
            self._gone_since = looked
        self._gone.append(([fixtures[one] for one in gone], pair.bookmaker))
        self.found += len(gone)
        return len(gone)

    def hand_over(self, pairs: Sequence[Pair]) -> None:
        """Have read again what was noted, once no other pair is due: a fixture's end is one for all its bookmakers."""
        longest = min(GATHER_SECONDS, self._interval / 2)
        if self.due(pairs) is not None and self._clock.monotonic() - self._gone_since < longest:
            return
        while self._gone:
            fixtures, bookmaker = self._gone[-1]
            self._queue.want(fixtures, [bookmaker], "missing")
            self._gone.pop()
