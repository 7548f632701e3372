"""What a daemon is made of: components that start, stop and can be asked how they are, and workers that never die."""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from PROPPR.SharedServices.service.backoff import Backoff
from PROPPR.SharedServices.service.clock import Clock, SystemClock
from PROPPR.SharedServices.service.errors import FatalError

log = logging.getLogger(__name__)

Severity = Literal["degraded", "unhealthy"]
State = Literal["new", "running", "waiting", "finished", "fatal", "stopped"]


@dataclass(frozen=True, slots=True)
class Check:
    """How a part is: what it makes of the process when not ok (`severity`), seconds since its last sign of life."""

    ok: bool
    detail: str = ""
    age_s: float | None = None
    severity: Severity = "unhealthy"


class Component(Protocol):
    """A part of a daemon."""

    name: str

    def start(self) -> None:
        """Start. A ConfigError ends the process with exit code 2, any other error with 1."""

    def stop(self, deadline: float) -> None:
        """Stop, finish what was begun, and return before the monotonic time `deadline`; TimeoutError if it did not."""

    def check(self) -> Check:
        """Say how it is: at once, from what is known already, without I/O."""


class Worker:
    """A supervised thread, a Component.

    `target(stop)` runs until the event `stop` is set. If it raises, the error is logged once with its traceback and it
    runs again after a back-off with jitter, for ever; `check()` is not ok meanwhile, and unhealthy from the third
    failure in a row. A run of `healthy_after` seconds ends the row. FatalError is not retried: the daemon stops. A
    target that returns has finished its task. `on_failure` is told of every failure (for a metric), `own_check` is
    asked how the work goes while the thread is well.
    """

    def __init__(
        self,
        name: str,
        target: Callable[[threading.Event], None],
        *,
        clock: Clock | None = None,
        backoff: Backoff | None = None,
        healthy_after: float = 30.0,
        on_failure: Callable[[str], None] | None = None,
        own_check: Callable[[], Check] | None = None,
    ) -> None:
        self.name = name
        self.failures = 0
        self.last_error: str | None = None
        self.fatal: BaseException | None = None
        self._target = target
        self._clock = clock or SystemClock()
        self._backoff = backoff or Backoff(first=0.5, cap=30.0, floor=0.1)
        self._healthy_after = healthy_after
        self._on_failure = on_failure
        self._own_check = own_check
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._state: State = "new"
        self._since = 0.0

    @property
    def alive(self) -> bool:
        """True while the target runs, and after it finished its task or was stopped in order."""
        thread_lives = self._thread is not None and self._thread.is_alive()
        return self._state in ("finished", "stopped") or (self._state == "running" and thread_lives)

    def start(self) -> None:
        """Start the thread."""
        if self._thread is not None:
            raise RuntimeError(f"{self.name} was started before")
        self._enter("running")
        # A daemon thread: one that hangs in a system call must not keep the process from ending.
        self._thread = threading.Thread(target=self._supervise, name=self.name, daemon=True)
        self._thread.start()

    def request_stop(self) -> None:
        """Ask the target to end, without waiting."""
        self._stop.set()

    def stop(self, deadline: float) -> None:
        """Ask the target to end and wait for it until `deadline`."""
        self._stop.set()
        if self._thread is None:
            return
        self._thread.join(max(0.0, deadline - self._clock.monotonic()))
        if self._thread.is_alive():
            raise TimeoutError(f"{self.name} still runs")

    def check(self) -> Check:
        """Say whether the thread runs, and if it does, how its work goes."""
        age = max(0.0, self._clock.monotonic() - self._since)
        if self.alive and self._own_check is not None:
            return self._own_check()
        if self.alive:
            restarted = f", {self.failures} failures, last: {self.last_error}" if self.last_error else ""
            return Check(True, f"{self._state}{restarted}", age)
        severity: Severity = "degraded" if self._state == "waiting" and self._backoff.attempts < 3 else "unhealthy"
        return Check(False, f"{self._state}: {self.last_error or 'no thread'}", age, severity)

    def _enter(self, state: State) -> None:
        self._state = state
        self._since = self._clock.monotonic()

    def _supervise(self) -> None:
        while not self._stop.is_set():
            self._enter("running")
            try:
                self._target(self._stop)
            except FatalError as error:
                self._note(error)
                self.fatal = error
                self._enter("fatal")
                return
            # Whatever a target raises, the thread must live on: a worker that died unseen is the worst failure.
            except BaseException as error:
                self._note(error)
                self._wait_to_restart()
            else:
                self._enter("stopped" if self._stop.is_set() else "finished")
                return
        self._enter("stopped")

    def _note(self, error: BaseException) -> None:
        self.failures += 1
        self.last_error = f"{type(error).__name__}: {error}"[:500]
        log.error("worker failed", exc_info=error, extra={"worker": self.name, "failures": self.failures})
        if self._on_failure is None:
            return
        try:
            self._on_failure(self.name)
        except Exception:
            log.exception("could not count a worker's failure", extra={"worker": self.name})

    def _wait_to_restart(self) -> None:
        if self._clock.monotonic() - self._since >= self._healthy_after:
            self._backoff.reset()
        wait = self._backoff.next()
        self._enter("waiting")
        self._stop.wait(wait)


class ThreadedComponent(ABC):
    """A Component whose work one supervised thread does.

    A subclass says by `_own_check` how the work goes while the thread runs; `clock` is that of its waits.
    """

    def __init__(
        self, name: str, target: Callable[[threading.Event], None], clock: Clock | None = None,
        on_failure: Callable[[str], None] | None = None,
    ) -> None:  # fmt: skip
        self.name = name
        self._clock = clock or SystemClock()
        self._worker = Worker(name, target, clock=self._clock, on_failure=on_failure, own_check=self._own_check)

    @property
    def alive(self) -> bool:
        """True while the thread runs."""
        return self._worker.alive

    @property
    def fatal(self) -> BaseException | None:
        """What ended the work for good."""
        return self._worker.fatal

    def start(self) -> None:
        """Start the thread."""
        self._worker.start()

    def stop(self, deadline: float) -> None:
        """Ask the thread to end and wait for it until `deadline`."""
        self._worker.stop(deadline)

    def check(self) -> Check:
        """Say how the thread is, and if that is well, how its work goes."""
        return self._worker.check()

    @abstractmethod
    def _own_check(self) -> Check:
        """Say how the work goes: at once, from what is known already, without I/O."""
