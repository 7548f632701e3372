"""The stream's thread as a component."""

from __future__ import annotations

import threading
from collections.abc import Callable

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.components import Check, Worker

_PATIENCE = 1.0


class StreamWorker(Worker):
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
        super().__init__("stream", target, clock=clock, on_failure=on_failure, own_check=check)
        self._interrupt = interrupt

    def stop(self, deadline: float) -> None:
        """Close the connection and take nothing more in."""
        self.request_stop()
        try:
            super().stop(min(deadline, self._clock.monotonic() + _PATIENCE))
        except TimeoutError:
            self._interrupt()
