"""Says what the stream carries while it does, so that the poller spends its requests where nothing is carried."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Final

from pymongo.errors import PyMongoError

from PROPPR.SharedServices.providers.odds_api.subscription import Subscription
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.storage.stream_coverage import Coverage, StreamCoverage
from PROPPR.SharedServices.storage.stream_state import FencedOut

TELL_EVERY: Final = 5.0

log = logging.getLogger(__name__)


class CoverageTeller:
    """`run` is a worker's target. `bookmakers()` are those whose books are complete now, None while they are not."""

    def __init__(
        self,
        store: StreamCoverage,
        key_hash: str,
        subscriptions: Sequence[Subscription],
        clock: Clock,
        *,
        bookmakers: Callable[[], frozenset[str] | None],
        token: Callable[[], int | None],
    ) -> None:
        self._store = store
        self._key_hash = key_hash
        self._subscriptions = tuple(subscriptions)
        self._clock = clock
        self._bookmakers = bookmakers
        self._token = token
        self._told_live = False

    def run(self, stop: threading.Event) -> None:
        """Tell every few seconds until stopped, and at the end that it is over."""
        while not stop.wait(TELL_EVERY):
            self.tell(self.coverage())
        self.tell(None)

    def coverage(self) -> Coverage | None:
        """What the stream carries now."""
        bookmakers = self._bookmakers()
        if not bookmakers:
            return None
        first = self._subscriptions[0]
        unfiltered = not (first.leagues or first.event_ids or first.status)
        return Coverage(
            bookmakers, frozenset(first.sports), first.markets, unfiltered and len(self._subscriptions) == 1
        )

    def tell(self, coverage: Coverage | None) -> None:
        """Store it. Trouble with MongoDB is only noted: what is not told is not believed for long."""
        token = self._token()
        if token is None or (coverage is None and not self._told_live):
            return
        try:
            self._store.save(self._key_hash, coverage, self._clock.now(), token)
            self._told_live = coverage is not None
        except (PyMongoError, FencedOut) as error:
            log.debug("the stream's coverage was not stored", extra={"reason": str(error)[:300]})
