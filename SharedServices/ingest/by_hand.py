"""How a service works without a daemon around it: its parts until a stop, a lease held meanwhile, its own database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any, Final

from pymongo.database import Database

from PROPPR.SharedServices.ingest.own_resources import OwnDatabase
from PROPPR.SharedServices.service.clock import Clock, SystemClock
from PROPPR.SharedServices.service.components import Component
from PROPPR.SharedServices.service.leases import Lease, LeaseLost
from PROPPR.SharedServices.service.settings import Settings

STOP_SECONDS: Final = 7.0
HOLD_SECONDS: Final = 10.0
"""How long a lease is waited for: longer than that of a holder that died lasts."""


class ByHand:
    """What is taken for working by hand, and given back by `close`.

    `database` is the one handed in, or else that of the settings, opened and prepared for `service`. `stopped` is set
    by `stop` from any thread, and ends `run`. `part_clock` is the clock by which the parts wait for their threads.
    """

    def __init__(
        self,
        service: str,
        settings: Settings,
        clock: Clock,
        database: Database[dict[str, Any]] | None = None,
        *,
        stop: threading.Event | None = None,
        part_clock: Clock | None = None,
    ) -> None:
        self.stopped = stop or threading.Event()
        self._clock = part_clock or SystemClock()
        self._parts: list[Component] = []
        self._own: OwnDatabase | None = None
        if database is None:
            self._own = OwnDatabase(settings, clock, service)
            database = self._own.database
        self.database = database

    def run(self, parts: Sequence[Component], work: Callable[[threading.Event], object] | None = None) -> None:
        """Start the parts in their order, do the work (wait for the stop, if there is none), stop them in reverse."""
        started: list[Component] = []
        try:
            for part in parts:
                started.append(part)  # before it starts: a start that failed half-way needs its stop, too
                part.start()
            (work or threading.Event.wait)(self.stopped)
        finally:
            self._stop_in_reverse(started)

    def start(self, *parts: Component) -> None:
        """Start parts that were not started yet, to be stopped by `close`."""
        for part in parts:
            if part not in self._parts:
                self._parts.append(part)
                part.start()

    def hold(self, lease: Lease, refused: str) -> None:
        """Have the lease, and keep it until `close`. Raises LeaseLost, with the words `refused`, if another has it."""
        if lease.held:
            return
        self.start(lease)
        clock = SystemClock()  # a lease is about real time, whatever clock the service follows
        deadline = clock.monotonic() + HOLD_SECONDS
        while not lease.held:
            if clock.monotonic() >= deadline or self.stopped.wait(0.02):
                raise LeaseLost(f"{refused}: {lease.held_by or 'unknown'}")

    def stop(self) -> None:
        """End what runs, soon, from any thread."""
        self.stopped.set()

    def stop_parts(self) -> bool:
        """Stop what `start` and `hold` started; whether there was anything."""
        parts, self._parts = self._parts, []
        self._stop_in_reverse(parts)
        return bool(parts)

    def close(self) -> None:
        """Stop, and let go of the parts and of the database."""
        self.stop()
        self.stop_parts()
        if self._own is not None:
            self._own.close()
            self._own = None

    def _stop_in_reverse(self, parts: Sequence[Component]) -> None:
        deadline = self._clock.monotonic() + STOP_SECONDS
        with ExitStack() as stack:  # each is stopped, whatever another one raises
            for part in parts:
                stack.callback(part.stop, deadline)
