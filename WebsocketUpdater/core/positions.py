"""Where in the provider's sequence each filter set is, and what of it may be relied on after a crash."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Final

from pymongo.errors import PyMongoError

from PROPPR.SharedServices.providers.odds_api.subscription import Subscription
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.storage.books.watermark import SequenceWatermark
from PROPPR.SharedServices.storage.stream_state import FencedOut, StreamState

SETTLE_SECONDS: Final = 2.0
LONGEST_SETTLE: Final = 30.0
SAVE_EVERY: Final = 0.3

log = logging.getLogger(__name__)


class StreamPosition:
    """The position of one filter set. Thread-safe.

    `resume_from` is where the next connection has to start so that nothing is missed; `durable` is what may be stored
    for the next process. Both stand still, at the position before the trouble, while anything is held: a loss that is
    not recovered, a snapshot or a re-reading that is not complete. They also stand still while a fresh connection is
    being replayed, because nothing says that replayed messages come in order.
    """

    def __init__(self, subscription: Subscription, clock: Clock) -> None:
        self.subscription = subscription
        self.watermark = SequenceWatermark(clock)
        self._clock = clock
        self._lock = threading.Lock()
        self._floor: int | None = None
        self._holds: set[str] = set()
        self._settling_since: float | None = None
        self._drained = False

    @property
    def resume_from(self) -> int | None:
        """The `lastSeq` of the next connection; None while there is none."""
        with self._lock:
            return self._floor if self._stands_still() else self.watermark.safe

    @property
    def durable(self) -> int | None:
        """What may be stored; None while a restart has to begin with a snapshot."""
        with self._lock:
            if SNAPSHOT in self._holds:
                return None
            return self._floor if self._stands_still() else self.watermark.safe

    @property
    def held(self) -> frozenset[str]:
        """What the position waits for."""
        with self._lock:
            return frozenset(self._holds)

    def start_at(self, sequence: int | None) -> None:
        """Continue from a stored position or from a snapshot's."""
        with self._lock:
            self._floor = sequence
            self._settling_since = None
            self.watermark.reset(sequence)

    def forget(self) -> None:
        """The position is worth nothing any more: only a snapshot helps."""
        with self._lock:
            self._floor = None
            self._holds.add(SNAPSHOT)
            self.watermark.reset(None)

    def connected(self) -> None:
        """A connection was opened from `resume_from`: what was lost comes again with it."""
        with self._lock:
            start = self._floor if self._stands_still() else self.watermark.safe
            self._holds.discard(LOSS)
            self._floor = start
            self._settling_since, self._drained = self._clock.monotonic(), False
            self.watermark.reset(start)

    def drained(self) -> None:
        """The connection had nothing more to read."""
        self._drained = True

    def hold(self, name: str) -> None:
        """Stand still until `name` is released."""
        with self._lock:
            if not self._stands_still():
                self._floor = self.watermark.safe
            self._holds.add(name)

    def release(self, name: str) -> None:
        """Move on, if nothing else holds."""
        with self._lock:
            self._holds.discard(name)

    def _stands_still(self) -> bool:
        if self._settling_since is not None:
            lived = self._clock.monotonic() - self._settling_since
            if lived >= LONGEST_SETTLE or (self._drained and lived >= SETTLE_SECONDS):
                self._settling_since = None
        return bool(self._holds) or self._settling_since is not None


LOSS: Final = "loss"
SNAPSHOT: Final = "snapshot"
REREAD: Final = "reread"


class PositionKeeper:
    """Stores the durable positions a few times a second, and at the end. `run` is a worker's target."""

    def __init__(
        self, state: StreamState, positions: Sequence[StreamPosition], fence: Callable[[], int | None]
    ) -> None:
        self._state = state
        self._positions = positions
        self._fence = fence
        self._saved: dict[str, tuple[int | None, frozenset[str], int]] = {}
        self._failing = False
        self.bookmakers: frozenset[str] = frozenset()

    def load(self) -> None:
        """Set the positions to what is stored; those without wait for a snapshot. Raises PyMongoError."""
        found = self._state.load(position.subscription.key for position in self._positions)
        for position in self._positions:
            stored = found.get(position.subscription.key)
            if stored is None:
                position.forget()
            else:
                position.release(SNAPSHOT)
                position.start_at(stored.sequence)
        self._saved.clear()
        if found:
            self.bookmakers = frozenset.intersection(*(stored.bookmakers for stored in found.values()))

    def run(self, stop: threading.Event) -> None:
        """Save until stopped, and once more then: by that time the writer has stored what it had."""
        while not stop.wait(SAVE_EVERY):
            self.save()
        self.save()

    def save(self) -> None:
        """Store what changed. Trouble with MongoDB is only noted: an older position replays more, and loses nothing."""
        fence = self._fence()
        if fence is None:
            return
        try:
            for position in self._positions:
                self._save_one(position, fence)
            self._failing = False
        except (PyMongoError, FencedOut) as error:
            if not self._failing:
                log.warning("the stream's position can't be stored for now", extra={"reason": str(error)[:300]})
            self._failing = True

    def _save_one(self, position: StreamPosition, fence: int) -> None:
        key = position.subscription.key
        wanted = (position.durable, self.bookmakers, fence)
        if self._saved.get(key) == wanted:
            return
        self._state.save(key, wanted[0], self.bookmakers, fence)
        self._saved[key] = wanted
