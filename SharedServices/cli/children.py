"""The processes that `proppr up` starts: spawned under the guard, restarted when they die, stopped in order.

A child runs in its own session, so a Ctrl-C in the terminal reaches only `up`, which then stops the children one after
the other; the guard (guard.py) ends them if `up` itself is killed.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from logging.handlers import RotatingFileHandler
from pathlib import Path

from PROPPR.SharedServices.cli.guard import guarded
from PROPPR.SharedServices.service.clock import Clock

CONFIGURATION_ERROR = 2
FIRST_DELAY, LONGEST_DELAY, HEALTHY_AFTER = 1.0, 30.0, 60.0
OUTPUT_BYTES, LONGEST_LINE = 5_000_000, 4_000


@dataclass(frozen=True)
class ChildSpec:
    """What to run: `name` for people, `command`, and the environment on top of ours (None removes a variable)."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str | None] = field(default_factory=dict)
    health_url: str | None = None


@dataclass(frozen=True)
class ChildState:
    """How a child is doing at one moment; `state` is running, restarting, failed or stopped."""

    name: str
    state: str
    pid: int | None
    restarts: int
    last_exit: int | None
    last_error: str


class Child:
    """One process and its output. Not thread-safe: start, watch and stop it from the main thread."""

    def __init__(self, spec: ChildSpec, output_dir: Path, clock: Clock) -> None:
        self.spec = spec
        self.restarts = 0
        self._clock = clock
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._output = _output_log(spec.name, output_dir / f"{spec.name}.out")
        self._last_lines: deque[str] = deque(maxlen=10)
        self._last_exit: int | None = None
        self._started = self._restart_at = 0.0
        self._delay = FIRST_DELAY
        self._state = "stopped"

    def start(self) -> None:
        """Spawn the process; its stdout and stderr go to a rotating file."""
        merged = {**os.environ, **self.spec.environment}
        environment = {key: value for key, value in merged.items() if value is not None}
        self._process = subprocess.Popen(  # noqa: S603 - the command is ours
            guarded(list(self.spec.command)),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._started = self._clock.monotonic()
        self._state = "running"
        self._reader = threading.Thread(target=self._copy_output, args=(self._process,), daemon=True)
        self._reader.start()

    def watch(self) -> None:
        """Notice a death and start the process again once its delay (1 s doubling to 30 s) is over.

        Exit code 2 means wrong settings: starting again would not help, so the child is left `failed`.
        """
        now = self._clock.monotonic()
        if self._state == "running" and self._process is not None and (code := self._process.poll()) is not None:
            self._last_exit = code
            if self._reader is not None:
                self._reader.join(1.0)  # what it said last is why it died
            if code == CONFIGURATION_ERROR:
                self._state = "failed"
                return
            if now - self._started >= HEALTHY_AFTER:
                self._delay = FIRST_DELAY
            self._state, self._restart_at = "restarting", now + self._delay
            self._delay = min(self._delay * 2, LONGEST_DELAY)
        elif self._state == "restarting" and now >= self._restart_at:
            self.restarts += 1
            self.start()

    def ask_to_stop(self) -> None:
        """Send SIGTERM; the child has its own 8 s to flush."""
        self._signal(signal.SIGTERM)
        if self._state != "failed":
            self._state = "stopped"

    def finish(self, seconds: float, urgent: threading.Event) -> bool:
        """Wait for the end; kill after `seconds`, or as soon as `urgent` is set. False when it had to be killed."""
        if self._process is None:
            return True
        deadline = self._clock.monotonic() + seconds
        while self._process.poll() is None and self._clock.monotonic() < deadline and not urgent.wait(0.02):
            pass
        orderly = self._process.poll() is not None
        self._signal(signal.SIGKILL)
        self._process.wait()
        self._last_exit = self._process.returncode
        if self._reader is not None:
            self._reader.join(1.0)
        for handler in self._output.handlers[:]:
            self._output.removeHandler(handler)
            handler.close()
        return orderly

    def state(self) -> ChildState:
        """The present state, with the last thing the process printed if it has died."""
        pid = self._process.pid if self._process is not None and self._state == "running" else None
        error = "" if self._last_exit in (None, 0) or pid else " | ".join(self._last_lines)[-300:]
        return ChildState(self.spec.name, self._state, pid, self.restarts, self._last_exit, error)

    def has_said(self, part: str) -> bool:
        """Whether `part` is in one of the last lines that the process printed."""
        return any(part in line for line in tuple(self._last_lines))

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    def _copy_output(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None  # noqa: S101 - Popen was given a pipe
        with process.stdout as lines:
            for line in iter(lambda: lines.readline(LONGEST_LINE), ""):
                text = line.rstrip()
                self._last_lines.append(text)
                self._output.info(text)


def stop_in_order(children: Sequence[Child], seconds: float, urgent: threading.Event) -> list[str]:
    """Stop the last started first, each with `seconds` to end; return the names of those that had to be killed.

    `urgent` (the second Ctrl-C) ends the patience at once.
    """
    killed = []
    for child in reversed(children):
        child.ask_to_stop()
        if not child.finish(seconds, urgent):
            killed.append(child.spec.name)
    return killed


def _output_log(name: str, path: Path) -> logging.Logger:
    """A logger of its own per child: the standard library's rotation keeps the file bounded."""
    path.parent.mkdir(parents=True, exist_ok=True)
    logger = logging.Logger(f"proppr.output.{name}")  # noqa: LOG001 - kept out of the tree: nothing else may handle it
    handler = RotatingFileHandler(path, maxBytes=OUTPUT_BYTES, backupCount=1, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger.addHandler(handler)
    return logger
