"""Reads books by REST: all where the stream can't be resumed, single fixtures where a message was unreadable."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from pymongo.errors import PyMongoError

from PROPPR.SharedServices.ingest.absences import has_prices
from PROPPR.SharedServices.ingest.book_reader import IDS_PER_CALL, BookReader
from PROPPR.SharedServices.odds.bookmakers import requestable
from PROPPR.SharedServices.providers.odds_api.errors import BookmakerRefused, RequestRefused
from PROPPR.SharedServices.providers.odds_api.models import OddsAnswer
from PROPPR.SharedServices.service.backoff import Backoff
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.errors import ProPprError, RateLimited, SourceChanged
from PROPPR.WebsocketUpdater.core.calendar import FixtureCalendar

_PAUSE: Final = 0.05
_ATTEMPTS: Final = 5
_MAX_REREADS: Final = 2_000
_LONGEST_PARK: Final = 120.0

log = logging.getLogger(__name__)


class Account(Protocol):
    """Who knows the account (OddsApiClient)."""

    def selected_bookmakers(self) -> Sequence[str]: ...


@dataclass(slots=True)
class Progress:
    """How far a snapshot is. `anchor` is the first sequence it was told, `lowest` the smallest.

    `complete` means that everything read is stored for good, too.
    """

    total: int = 0
    calls: int = 0
    read: int = 0
    failed: int = 0
    anchor: int | None = None
    lowest: int | None = None
    outstanding: set[int] = field(default_factory=set)
    complete: bool = False
    superseded: bool = False

    def note(self, sequence: int | None) -> None:
        """Note the position that an answer states."""
        if sequence is not None:
            self.anchor = sequence if self.anchor is None else self.anchor
            self.lowest = sequence if self.lowest is None else min(self.lowest, sequence)


class SnapshotReader:
    """Reads on request, in a thread of its own (`run` is a worker's target); the stream goes on meanwhile.

    The order of the two doesn't matter to a merge by newest quote. Fixtures come nearest kick-off first, 10 a call.
    `ready()` says whether the list of fixtures was read; `on_reread()` is called when no fixture waits any more,
    `on_refused(names)` when the account does not allow bookmakers.
    """

    def __init__(
        self,
        account: Account,
        calendar: FixtureCalendar,
        reader: BookReader,
        clock: Clock,
        *,
        bookmakers: Iterable[str],
        ready: Callable[[], bool],
        on_reread: Callable[[], None],
        on_refused: Callable[[frozenset[str]], None],
    ) -> None:
        self._account = account
        self._calendar = calendar
        self._reader = reader
        self._clock = clock
        self._bookmakers = requestable(bookmakers)
        self._ready = ready
        self._on_reread = on_reread
        self._on_refused = on_refused
        self._wake = threading.Condition()
        self._wanted = False
        self._discovered = False
        self._rereads: dict[int, None] = {}
        self._backoff = Backoff(1.0, 60.0, floor=0.2)
        self.progress: Progress | None = None
        self.last_error: str | None = None
        self.dropped = 0

    @property
    def bookmakers(self) -> tuple[str, ...]:
        """The bookmakers that are asked for."""
        return self._bookmakers

    def set_bookmakers(self, bookmakers: Iterable[str]) -> None:
        """Ask for these from now on."""
        self._bookmakers = requestable(bookmakers)

    def request(self) -> Progress:
        """Ask for all books anew; a snapshot that is running starts again, because the request may need newer data."""
        with self._wake:
            if self.progress is not None:
                self.progress.superseded = True
            self.progress = Progress()
            self._wanted = True
            self._wake.notify_all()
            return self.progress

    def request_fixture(self, fixture_id: int) -> bool:
        """Ask for one fixture's books; False if too many wait already."""
        with self._wake:
            if len(self._rereads) >= _MAX_REREADS:
                self.dropped += 1
                return False
            self._rereads[fixture_id] = None
            self._wake.notify_all()
            return True

    @property
    def pending(self) -> int:
        """Fixtures waiting to be read again."""
        return len(self._rereads)

    def run(self, stop: threading.Event) -> None:
        """Serve requests until stopped."""
        while not stop.is_set():
            with self._wake:
                if not self._wanted and not self._rereads:
                    self._wake.wait(0.2)
                progress = self.progress if self._wanted else None
                self._wanted = False
                rereads = list(self._rereads)[:IDS_PER_CALL] if progress is None else []
            if progress is not None:
                self._read_all(progress, stop)
            elif rereads:
                self._reread(rereads, stop)

    def _read_all(self, progress: Progress, stop: threading.Event) -> None:
        while not self._ready():
            if stop.wait(0.05) or progress.superseded:
                return
        self._discover()
        ids = self._calendar.nearest_first(self._clock.now_ms())
        progress.total = len(ids)
        log.info("snapshot begins", extra={"fixtures": len(ids), "bookmakers": len(self._bookmakers)})
        for start in range(0, len(ids), IDS_PER_CALL):
            batch = ids[start : start + IDS_PER_CALL]
            if not self._read_batch(batch, progress, stop) and not stop.is_set():
                progress.failed += len(batch)
            if stop.wait(_PAUSE) or progress.superseded:
                return
            progress.read += len(batch)
        if self._all_stored(progress, stop):
            progress.complete = True
            log.info("snapshot complete", extra={"fixtures": progress.read, "failed": progress.failed})

    def _discover(self) -> None:
        """Ask once for the account's bookmakers: what the stream will carry, and all that may be asked for."""
        if self._discovered:
            return
        self._discovered = True
        try:
            selected = requestable(self._account.selected_bookmakers())
        except ProPprError as error:
            log.warning("the account's bookmakers are not known", extra={"reason": str(error)[:300]})
            return
        if selected:
            self._bookmakers = selected

    @staticmethod
    def _all_stored(progress: Progress, stop: threading.Event) -> bool:
        while progress.outstanding and not progress.superseded:
            if stop.wait(0.02):
                return False
        return not progress.superseded

    def _reread(self, ids: list[int], stop: threading.Event) -> None:
        progress = Progress()
        self._read_batch(ids, progress, stop)
        if not self._all_stored(progress, stop):
            return
        with self._wake:
            for fixture_id in ids:
                self._rereads.pop(fixture_id, None)
            if self._rereads:
                return
        self._on_reread()

    def _read_batch(self, ids: Sequence[int], progress: Progress, stop: threading.Event) -> bool:
        """Read one batch, however long the provider is away or the budget used up; False if it was given up.

        Only what the provider will never answer, or answers in a way that can't be read, is given up.
        """
        attempts = 0
        while attempts < _ATTEMPTS and not stop.is_set() and not progress.superseded:
            try:
                self._reader.read(
                    ids, self._bookmakers, progress.outstanding, lambda answer: self._note(answer, progress)
                )
                self.last_error = None
                self._backoff.reset()
                return True
            except (ProPprError, PyMongoError) as error:
                attempts += isinstance(error, RequestRefused | SourceChanged)
                self._wait_after(error, stop)
        return False

    def _wait_after(self, error: Exception, stop: threading.Event) -> None:
        text = str(error)[:300]
        if self.last_error != text:
            log.warning("books can't be read for now", extra={"reason": text})
        self.last_error = text
        if isinstance(error, BookmakerRefused) and error.allowed is not None:
            self._narrow(error.allowed)
        asked = error.retry_after if isinstance(error, RateLimited) else None
        stop.wait(min(_LONGEST_PARK, asked or self._backoff.next()))

    def _narrow(self, names: Iterable[str]) -> None:
        allowed = {_folded(name) for name in names}
        kept = tuple(name for name in self._bookmakers if _folded(name) in allowed)
        refused = frozenset(self._bookmakers) - frozenset(kept)
        if kept and refused:
            self._bookmakers = kept
        self._on_refused(refused)

    def _note(self, answer: OddsAnswer, progress: Progress) -> None:
        progress.calls += 1
        progress.note(answer.sequence)
        for one in answer.snapshots:
            if has_prices(one):
                self._calendar.set_priced(one.fixture_id)


def _folded(name: str) -> str:
    return name.strip().casefold()
