"""Mends what the stream loses: by connecting anew before the loss, by a snapshot, or by reading one fixture again."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Final

from PROPPR.SharedServices.ingest.alerting import Alerts
from PROPPR.SharedServices.odds.bookmakers import book_of
from PROPPR.SharedServices.odds.rejects import Reject
from PROPPR.SharedServices.odds.wire import Welcome
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.WebsocketUpdater.core.policies import Pacer
from PROPPR.WebsocketUpdater.core.positions import LOSS, REREAD, SNAPSHOT, PositionKeeper, StreamPosition
from PROPPR.WebsocketUpdater.core.snapshots import Progress, SnapshotReader
from PROPPR.WebsocketUpdater.core.stream_metrics import StreamMetrics

RECOVERY_SPACING: Final = (5.0, 60.0)
SNAPSHOT_SPACING: Final = (30.0, 900.0)
REPEATED_WITHIN: Final = 600.0
_MAX_REMEMBERED: Final = 2_000

log = logging.getLogger(__name__)


class StreamRemedies:
    """Decides which remedy a loss needs. Called by the stream's thread; `tick` carries decisions out.

    A loss is mended by connecting anew from before it. Odds of a known fixture that were unreadable a second time are
    what the provider really says: connecting again would only bring them again, so the fixture is read by REST.
    """

    def __init__(
        self,
        positions: Sequence[StreamPosition],
        snapshots: SnapshotReader,
        keeper: PositionKeeper,
        metrics: StreamMetrics,
        alerts: Alerts,
        clock: Clock,
        *,
        bookmakers: Iterable[str],
        recovery: Pacer | None = None,
        snapshot: Pacer | None = None,
    ) -> None:
        self.positions = positions
        self.current = positions[0]
        self.recovery = recovery or Pacer(*RECOVERY_SPACING)
        self._snapshot = snapshot or Pacer(*SNAPSHOT_SPACING)
        self._snapshots = snapshots
        self._keeper = keeper
        self._metrics = metrics
        self._alerts = alerts
        self._clock = clock
        self._configured = frozenset(_folded(bookmakers))
        self._progress: Progress | None = None
        self._anchored: Progress | None = None
        self._selected: frozenset[str] = frozenset()
        self._seen: OrderedDict[tuple[str, int], float] = OrderedDict()
        self.first_sync = False

    @property
    def progress(self) -> Progress | None:
        """The snapshot under way."""
        return self._progress

    def begin(self) -> None:
        """The positions were read anew: forget what belonged to the former ones."""
        self._anchored = self._progress = None

    def need_snapshot(self) -> None:
        """The current position has nothing to resume from."""
        if self._progress is None:
            self.current.hold(SNAPSHOT)
            self._snapshot.want(self._clock.monotonic())

    def lost(self, reason: str) -> None:
        """Hold the position before the loss and ask for a new connection from there."""
        if LOSS not in self.current.held:
            log.info("messages were lost, the stream will be read again", extra={"reason": reason})
        self.current.hold(LOSS)
        self.recovery.want(self._clock.monotonic())

    def unreadable(self, reject: Reject) -> None:
        """Mend a message, or a part of one, that could not be read."""
        now = self._clock.monotonic()
        if reject.fixture_id is not None:
            key = (reject.reason, reject.fixture_id)
            before = self._seen.get(key)
            self._seen[key] = now
            self._seen.move_to_end(key)
            if len(self._seen) > _MAX_REMEMBERED:
                self._seen.popitem(last=False)
            if before is not None and now - before < REPEATED_WITHIN:
                self._read_again(reject.fixture_id)
                return
        self.lost(reject.reason)

    def resync(self, reason: str) -> None:
        """The provider can't replay: forget where we were and read everything."""
        log.warning("the provider asks to read everything again", extra={"reason": reason[:200]})
        self.forget_all()

    def forget_all(self) -> None:
        """Take no position for granted any more; a snapshot follows."""
        for position in self.positions:
            position.forget()
        self._anchored = self._progress = None
        self._snapshot.want(self._clock.monotonic())

    def welcome(self, message: Welcome) -> None:
        """Compare the account's bookmakers with the settings, and with those that the stored books are complete for."""
        if message.warning:
            log.warning("the provider warns", extra={"warning": message.warning[:200]})
        if not message.bookmakers:
            return
        self._selected = frozenset(book_of(name) for name in message.bookmakers)
        missing = self._configured - frozenset(_folded(self._selected))
        if missing:
            names = ", ".join(sorted(missing))
            self._alerts.raise_alert(
                "stream.bookmakers", "Bookmakers without live odds", f"not in the account: {names}"
            )
        else:
            self._alerts.resolve("stream.bookmakers", "all configured bookmakers are in the account")
        known = self._keeper.bookmakers if self._progress is None else frozenset(self._snapshots.bookmakers)
        if not frozenset(_folded(self._selected)) <= frozenset(_folded(known)):
            self._snapshots.set_bookmakers(self._selected)
            if self.current.resume_from is not None or self._progress is not None:
                self.want_snapshot()

    def want_snapshot(self) -> None:
        """Have everything read again; until that is done, a restart has to do the same."""
        for position in self.positions:
            position.hold(SNAPSHOT)
        self._snapshot.want(self._clock.monotonic())

    def opened(self, resumed_from: int | None) -> None:
        """A connection was opened. Without a sequence to start from, only what is read from now on has no gap."""
        if resumed_from is not None:
            self.first_sync = self.first_sync or SNAPSHOT not in self.current.held
        elif self._progress is None or self._progress.calls:
            self._progress = None
            self.current.hold(SNAPSHOT)
            self._snapshot.want(self._clock.monotonic())

    def recovered(self) -> None:
        """The connection was opened anew because of a loss."""
        self.recovery.done(self._clock.monotonic())
        self._metrics.recovery("replay")

    def rereads_done(self) -> None:
        """Called when no fixture waits to be read any more."""
        for position in self.positions:
            position.release(REREAD)

    def tick(self) -> bool:
        """Carry out what is due; True if the connection has to be opened anew from the snapshot's sequence."""
        now = self._clock.monotonic()
        if self._snapshot.is_due(now):
            self._snapshot.done(now)
            self._progress = self._snapshots.request()
            self._metrics.recovery("snapshot")
        progress = self._progress
        if progress is None:
            return False
        if progress.anchor is not None and self._anchored is not progress:
            self._anchored = progress
            return self._anchor(progress.anchor)
        if progress.complete:
            return self._finish(progress)
        return False

    def _anchor(self, sequence: int) -> bool:
        for position in self.positions:
            if SNAPSHOT in position.held:
                position.start_at(sequence)
        return SNAPSHOT in self.current.held

    def _finish(self, progress: Progress) -> bool:
        if progress.lowest is not None and progress.anchor is not None and progress.lowest < progress.anchor:
            # A later answer came from a server that was behind: what happened in between is missing.
            progress.anchor = progress.lowest
            return self._anchor(progress.lowest)
        self._progress = None
        self.first_sync = True
        self._keeper.bookmakers = self._selected | frozenset(self._snapshots.bookmakers)
        for position in self.positions:
            position.release(SNAPSHOT)
        return False

    def _read_again(self, fixture_id: int) -> None:
        if self._snapshots.request_fixture(fixture_id):
            self.current.hold(REREAD)
            self._metrics.recovery("reread")
        else:
            self.lost("too_many_unreadable")


def _folded(names: Iterable[str]) -> Iterable[str]:
    return (name.strip().casefold() for name in names)
