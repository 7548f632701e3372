"""What becomes of a received frame, whether it comes from the socket, a recording or a test."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

from PROPPR.SharedServices.ingest.tickets import Tickets
from PROPPR.SharedServices.odds.types import BookUpdate
from PROPPR.SharedServices.odds.wire import (
    Cleared,
    OddsMessage,
    Reject,
    ResyncRequired,
    ScoreMessage,
    StatusMessage,
    Unknown,
    Welcome,
    decode_frame,
)
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.WebsocketUpdater.core.calendar import FixtureCalendar
from PROPPR.WebsocketUpdater.core.positions import StreamPosition
from PROPPR.WebsocketUpdater.core.stream_metrics import StreamMetrics

# The provider counted about 90 a second over its whole feed; a number this far ahead is a fault, and to resume from it
# would skip everything in between.
LARGEST_STEP: Final = 100_000_000
_MAX_TYPES_LOGGED: Final = 20

log = logging.getLogger(__name__)


class Writer(Protocol):
    """Where books go (BookWriter)."""

    def submit(self, updates: Sequence[BookUpdate], *, ticket: int, received_at: float) -> bool: ...


class Events(Protocol):
    """Who is told of events (FixtureKeeper)."""

    def seen(self, fixture_id: int) -> None: ...
    def status(self, message: StatusMessage) -> None: ...
    def score(self, message: ScoreMessage) -> None: ...


class Remedies(Protocol):
    """Who mends what a frame shows to be missing."""

    def lost(self, reason: str) -> None:
        """Something was lost; what came before it is known."""

    def unreadable(self, reject: Reject) -> None:
        """Odds of a fixture, or of an unknown one, could not be read."""

    def resync(self, reason: str) -> None:
        """The provider can't replay from where we were."""

    def welcome(self, message: Welcome) -> None:
        """The connection stands."""


class FrameHandler:
    """Decodes frames and hands everything on. One thread calls `handle`; it blocks while the writer is full.

    `position` is the one that the frames belong to; whoever feeds the handler sets it.
    """

    def __init__(
        self,
        position: StreamPosition,
        *,
        writer: Writer,
        tickets: Tickets,
        events: Events,
        calendar: FixtureCalendar,
        remedies: Remedies,
        metrics: StreamMetrics,
        clock: Clock,
    ) -> None:
        self.position = position
        self._writer = writer
        self._tickets = tickets
        self._events = events
        self._calendar = calendar
        self._remedies = remedies
        self._metrics = metrics
        self._clock = clock
        self._highest: int | None = None
        self._types_logged: set[str] = set()
        self._handlers: dict[type[Any], Callable[[Any, float], None]] = {
            OddsMessage: self._odds,
            Cleared: self._cleared,
            StatusMessage: self._status,
            ScoreMessage: self._score,
            Welcome: self._welcome,
            ResyncRequired: self._resync,
            Unknown: self._unknown,
        }

    @property
    def sees_sequences(self) -> bool:
        """Whether messages on this connection carried sequences."""
        return self._highest is not None

    def begin(self, position: StreamPosition) -> None:
        """A new connection of `position` begins."""
        self.position = position
        self._highest = None

    def handle(self, frame: bytes) -> None:
        """Take in one frame as received. Nothing that a frame holds makes this raise."""
        received_at = self._clock.monotonic()
        self._metrics.frame(len(frame))
        decoded = decode_frame(frame, self._clock.now_ms())
        # Before the messages: what is lost must not be passed by the position of those that follow it.
        for reject in decoded.rejects:
            self._metrics.reject(reject.reason)
            if reject.lossy:
                self._remedies.unreadable(reject)
        for message in decoded.messages:
            self._handlers[type(message)](message, received_at)
        if decoded.skipped_markets:
            self._metrics.skipped(decoded.skipped_markets)

    def _odds(self, message: OddsMessage, received_at: float) -> None:
        self._metrics.message(message.kind)
        self._metrics.data()
        self._calendar.set_priced(message.fixture_id)
        self._events.seen(message.fixture_id)
        self._submit(message.updates, message.sequence, received_at)

    def _cleared(self, message: Cleared, received_at: float) -> None:
        self._metrics.message(message.update.reason)
        self._metrics.data()
        if message.update.bookmaker is None:
            self._calendar.set_priced(message.update.fixture_id, priced=False)
        self._submit((message.update,), message.sequence, received_at)

    def _submit(self, updates: Sequence[BookUpdate], sequence: int | None, received_at: float) -> None:
        if not self._is_plausible(sequence):
            return
        if not updates and sequence is None:
            return
        position = self.position
        ticket = self._tickets.issue(position.watermark.done)
        position.watermark.received(ticket, sequence)
        if not updates:
            self._tickets.done([ticket])
        else:
            self._writer.submit(updates, ticket=ticket, received_at=received_at)

    def _is_plausible(self, sequence: int | None) -> bool:
        highest = self._highest
        if sequence is None:
            if highest is not None:
                # A number is missing among numbered ones: its message may have been newer than it looks.
                self._remedies.lost("missing_sequence")
            return True
        if highest is None or highest < sequence <= highest + LARGEST_STEP:
            self._highest = sequence
        elif sequence > highest:
            self._metrics.reject("implausible_sequence")
            self._remedies.lost("implausible_sequence")
            return False
        return True

    def _status(self, message: StatusMessage, _received_at: float) -> None:
        self._metrics.message("status")
        self._calendar.set_status(message.fixture_id, message.status)
        self._events.status(message)

    def _score(self, message: ScoreMessage, _received_at: float) -> None:
        self._metrics.message("score")
        self._events.score(message)

    def _welcome(self, message: Welcome, _received_at: float) -> None:
        self._metrics.message("welcome")
        self._remedies.welcome(message)

    def _resync(self, message: ResyncRequired, _received_at: float) -> None:
        self._metrics.message("resync_required")
        self._remedies.resync(message.reason)

    def _unknown(self, message: Unknown, _received_at: float) -> None:
        self._metrics.message("unknown")
        if message.type not in self._types_logged and len(self._types_logged) < _MAX_TYPES_LOGGED:
            self._types_logged.add(message.type)
            log.warning("the provider sent a message of an unknown type", extra={"type": message.type[:60]})
