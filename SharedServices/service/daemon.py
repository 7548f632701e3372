"""Runs components as one process: starts them in order, stops them in reverse, obeys signals."""

from __future__ import annotations

import logging
import os
import select
import signal
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from types import FrameType
from typing import Any

from PROPPR.SharedServices.service.allocator import give_memory_back, trim
from PROPPR.SharedServices.service.clock import Clock, SystemClock
from PROPPR.SharedServices.service.components import Check, Component
from PROPPR.SharedServices.service.errors import ConfigError

log = logging.getLogger(__name__)

STOP_SECONDS = 8.0
"""From the first signal to the end of the process."""

_RESERVE = 1.0  # of those, for what follows the components: last log lines, the interpreter's own end
_TURN = 0.5  # seconds between two looks at the components
_TRIM_SECONDS = 60.0


class Daemon:
    """Owns a process's components and its main thread.

    `components` may be a generator: each one is started before the next is asked for, in a thread of its own, so that
    a signal is obeyed while a start hangs. `run()` returns the exit code: 0 after SIGTERM, SIGINT or request_stop(),
    2 after a ConfigError in a start, 1 after any other error in a start or a worker's FatalError.

    On the first signal `stop_event` is set, then components stop in reverse order within `stop_seconds`; one that
    hangs is named in the log and leaves the others their share of the time. A second signal ends the process at once
    with 128 + the signal's number, after `flush()` got half a second.
    """

    def __init__(
        self,
        name: str,
        components: Iterable[Component],
        clock: Clock | None = None,
        *,
        stop_event: threading.Event | None = None,
        stop_seconds: float = STOP_SECONDS,
        flush: Callable[[], None] | None = None,
    ) -> None:
        self.name = name
        self.stop_event = stop_event or threading.Event()
        self.leftovers: list[str] = []
        self.last_turn: float | None = None
        self.all_started = False
        self._wanted = iter(components)
        self._started: list[Component] = []
        self._clock = clock or SystemClock()
        self._stop_seconds = stop_seconds
        self._flush = flush
        self._exit_code: int | None = None
        self._signals = 0
        self._reason = ""
        self._trimmed_at = self._clock.monotonic()
        self._starter: threading.Thread | None = None
        self._wake_reader, self._wake_writer = os.pipe()
        os.set_blocking(self._wake_writer, False)

    @property
    def components(self) -> tuple[Component, ...]:
        """The components started so far."""
        return tuple(self._started)

    def request_stop(self, reason: str = "requested", exit_code: int = 0) -> None:
        """Make run() stop everything and return; the first reason counts. Safe in signal handlers, from any thread."""
        if self._exit_code is None:
            self._reason = reason
            self._exit_code = exit_code
        with suppress(OSError):  # a full pipe wakes just as well, and a closed one means that run() is over
            os.write(self._wake_writer, b"x")

    def turned(self) -> Check:
        """Say how long ago the main loop turned last."""
        if self.last_turn is None:
            return Check(False, "not started")
        age = self._clock.monotonic() - self.last_turn
        return Check(age < 10.0, "main loop", age)

    def run(self) -> int:
        """Start everything, wait for a reason to stop, stop everything and return the exit code. Main thread only."""
        give_memory_back()
        previous = {number: signal.signal(number, self._on_signal) for number in (signal.SIGTERM, signal.SIGINT)}
        self.last_turn = self._clock.monotonic()
        try:
            self._starter = threading.Thread(target=self._start_all, name=f"{self.name}-start", daemon=True)
            self._starter.start()
            while self._exit_code is None:
                self._turn()
            log.info("stopping", extra={"reason": self._reason, "exit_code": self._exit_code})
            self._stop_all(self._clock.monotonic() + self._stop_seconds - _RESERVE)
            return self._exit_code
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)
            os.close(self._wake_writer)
            os.close(self._wake_reader)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        # No lock may be taken here (Event.set() takes one): the main thread may hold it already.
        self._signals += 1
        if self._signals > 1:
            self._exit_now(128 + number)
        self.request_stop(signal.Signals(number).name)

    def _exit_now(self, code: int) -> None:
        if self._flush is not None:
            flusher = threading.Thread(target=self._flush, name="last-flush", daemon=True)
            flusher.start()
            flusher.join(0.5)
        os._exit(code)

    def _turn(self) -> None:
        select.select([self._wake_reader], [], [], _TURN)
        self.last_turn = self._clock.monotonic()
        if self.last_turn - self._trimmed_at >= _TRIM_SECONDS:
            trim()
            self._trimmed_at = self._clock.monotonic()
        for component in self.components:
            fatal = getattr(component, "fatal", None)
            if fatal is not None:
                self.request_stop(f"{component.name} gave up: {fatal}", exit_code=1)

    def _start_all(self) -> None:
        name = "the first component"
        try:
            for component in self._wanted:
                name = component.name
                if self.stop_event.is_set() or self._exit_code is not None:
                    return
                # Listed before it starts: a start that failed or hangs half-way needs its stop, too.
                self._started.append(component)
                component.start()
                log.debug("component started", extra={"component": name})
            self.all_started = True
            log.info("service started", extra={"components": len(self._started)})
        except ConfigError as error:
            # No traceback: the operator needs the key.
            log.error("wrong settings: %s", error)
            self.request_stop(f"wrong settings: {error}", exit_code=2)
        except BaseException as error:
            log.exception("could not start", extra={"component": name})
            self.request_stop(f"could not start after {name}: {type(error).__name__}", exit_code=1)

    def _stop_all(self, deadline: float) -> None:
        self.stop_event.set()
        if self._starter is not None:
            self._starter.join(max(0.0, (deadline - self._clock.monotonic()) / 4))
        remaining = list(reversed(self._started))
        for index, component in enumerate(remaining):
            left = max(0.0, deadline - self._clock.monotonic())
            # The last of the line are the ones that flush: whoever hangs before them may not take all the time.
            share = left if index == len(remaining) - 1 else left * 0.6
            self._stop_one(component, share)
        if self.leftovers:
            log.error("components did not stop in time", extra={"components": list(self.leftovers)})
        log.info("stopped", extra={"exit_code": self._exit_code})

    def _stop_one(self, component: Component, seconds: float) -> None:
        failure: list[BaseException] = []

        def stop() -> None:
            try:
                component.stop(self._clock.monotonic() + seconds)
            # Reported below, in the thread that owns the shutdown.
            except BaseException as error:
                failure.append(error)

        stopper: Any = threading.Thread(target=stop, name=f"stop-{component.name}", daemon=True)
        stopper.start()
        stopper.join(seconds + 0.1)
        if stopper.is_alive() or any(isinstance(error, TimeoutError) for error in failure):
            self.leftovers.append(component.name)
        elif failure:
            log.error("component failed to stop", exc_info=failure[0], extra={"component": component.name})
