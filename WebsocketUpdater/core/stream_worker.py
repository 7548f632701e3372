"""The stream's thread as a component."""

from __future__ import annotations

import threading
from collections.abc import Callable

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.components import Check, Worker

_PATIENCE = 1.0


class StreamWorker:
    """Runs `target(stop)` like any Worker, but lets the others stop while it still waits for the writer.

    The stream's thread may wait in the writer's full intake, which only the writer's own stop ends; waiting for the
    thread longer would take the writer's time to drain.
    """

    def __init__(
        self,
        target: Callable[[threading.Event], None],
        interrupt: Callable[[], None],
        check: Callable[[], Check],
        clock: Clock,
        on_failure: Callable[[str], None] | None = None,
    ) -> None:
        self.name = "stream"
        self._clock = clock
        self._interrupt = interrupt
        self._check = check
        self._worker = Worker(self.name, target, clock=clock, on_failure=on_failure)

    @property
    def alive(self) -> bool:
        """True while the thread runs."""
        return self._worker.alive

    @property
    def fatal(self) -> BaseException | None:
        """What ended the stream for good."""
        return self._worker.fatal

    def start(self) -> None:
        """Start the thread."""
        self._worker.start()

    def stop(self, deadline: float) -> None:
        """Close the connection and take nothing more in."""
        self._worker.request_stop()
        try:
            self._worker.stop(min(deadline, self._clock.monotonic() + _PATIENCE))
        except TimeoutError:
            self._interrupt()

    def check(self) -> Check:
        """How the thread is, then how its connection is."""
        worker = self._worker.check()
        return worker if not worker.ok else self._check()
