"""Leaving a source alone that refuses: a circuit per path and one for the whole host, with waits that grow."""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from PROPPR.SharedServices.providers.fotmob.errors import Refusal, SourceRefused
from PROPPR.SharedServices.service.clock import Clock

HOST: Final = "host"
FAILURES: Final = 3
"""Requests in a row whose every attempt failed, after which the host is left alone."""
MISSES: Final = 3
"""404 pages in a row of one path that are a refusal of the path; fewer may be of things that are not there."""
LONGEST_ASKED: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class SourceState:
    """How the source is, for health checks. `refused` maps what is left alone (a path, or `host`) to the reason.

    `since` is when the oldest of it began, `next_try` the earliest time at which something of it is asked again.
    """

    healthy: bool
    since: datetime | None = None
    next_try: datetime | None = None
    refused: Mapping[str, str] | None = None

    @property
    def detail(self) -> str:
        """One line for people."""
        if self.healthy:
            return "answers"
        parts = ", ".join(f"{name} ({reason})" for name, reason in (self.refused or {}).items())
        return f"source degraded: {parts}"


@dataclass(slots=True)
class _Open:
    """A circuit that is open: times in monotonic seconds, but for `since`."""

    since: datetime
    reason: str
    status: int | None
    turnstile: bool
    refusals: int = 0
    next_try: float = 0.0
    is_tried: bool = False


class Circuits:
    """All circuits of one client. Thread-safe.

    After a refusal a path is left alone for `first` seconds, doubled by each further one in a row up to `longest`, and
    shortened by up to a tenth by chance; a longer wait that the source asks for is kept (up to a day). When the time
    has come one request is let through (another one if nothing is heard of it for `probe` seconds); its success opens
    the path again for all.
    """

    def __init__(
        self, first: float, longest: float, probe: float, clock: Clock, rng: random.Random | None = None
    ) -> None:
        self._first = first
        self._longest = longest
        self._probe = probe
        self._clock = clock
        self._rng = rng or random.Random()
        self._lock = threading.Lock()
        self._open: dict[str, _Open] = {}
        self._failures = 0
        self._misses: dict[str, int] = {}

    def admit(self, path: str) -> None:
        """Let a request through, or raise SourceRefused without one having been made."""
        with self._lock:
            now = self._clock.monotonic()
            waiting = [circuit for name in (HOST, path) if (circuit := self._open.get(name)) is not None]
            for circuit in waiting:
                if now < circuit.next_try:
                    raise _refused(path, circuit, circuit.next_try - now)
            for circuit in waiting:
                circuit.next_try, circuit.is_tried = now + self._probe, True  # one at a time finds out

    def succeeded(self, path: str) -> None:
        """The path answered well: it and the host are open to all again."""
        with self._lock:
            self._failures = 0
            self._misses.pop(path, None)
            self._open.pop(path, None)
            self._open.pop(HOST, None)

    def answered(self) -> None:
        """The host answered, if not as wished."""
        with self._lock:
            self._failures = 0

    def missed(self, path: str) -> bool:
        """Count a 404 page; whether it may still be of something that is not there, or is to be taken as a refusal."""
        with self._lock:
            self._failures = 0
            self._misses[path] = self._misses.get(path, 0) + 1
            return path not in self._open and self._misses[path] < MISSES

    def refused(self, path: str, refusal: Refusal) -> SourceRefused:
        """Close the path, or the host, after a refusal, and return the error to raise."""
        name = HOST if refusal.everywhere else path
        with self._lock:
            self._failures = 0
            if name != HOST:
                self._open.pop(HOST, None)
            circuit = self._close(name, str(refusal), refusal.status, refusal.turnstile)
            wait = self._wait(circuit, refusal.retry_after)
            return _refused(path, circuit, wait)

    def failed(self, path: str, reason: str) -> None:
        """Count a request that failed for good; the third in a row closes the host."""
        with self._lock:
            self._failures += 1
            if self._failures >= FAILURES or HOST in self._open:
                self._wait(self._close(HOST, reason, None, False), None)
            elif path in self._open:
                self._wait(self._open[path], None)

    def state(self) -> SourceState:
        """Return how the source is now."""
        with self._lock:
            if not self._open:
                return SourceState(True)
            wait = min(circuit.next_try for circuit in self._open.values()) - self._clock.monotonic()
            return SourceState(
                False,
                min(circuit.since for circuit in self._open.values()),
                self._clock.now() + timedelta(seconds=max(0.0, wait)),
                {name: circuit.reason for name, circuit in sorted(self._open.items())},
            )

    def _close(self, name: str, reason: str, status: int | None, turnstile: bool) -> _Open:
        circuit = self._open.setdefault(name, _Open(self._clock.now(), reason, status, turnstile))
        circuit.reason, circuit.status, circuit.turnstile = reason, status, turnstile
        return circuit

    def _wait(self, circuit: _Open, asked: float | None) -> float:
        """Set the next try of a circuit, and return the seconds until then."""
        now, asked = self._clock.monotonic(), min(asked or 0.0, LONGEST_ASKED)
        if circuit.refusals and not circuit.is_tried and now < circuit.next_try:
            wait = max(asked, circuit.next_try - now)  # sent before the circuit opened: it tells nothing new
        else:
            grown = min(self._longest, self._first * 2.0 ** min(circuit.refusals, 64))
            wait = max(self._first, grown * (1 - self._rng.random() / 10), asked)
            circuit.refusals += 1
        circuit.next_try, circuit.is_tried = now + wait, False
        return wait


def _refused(path: str, circuit: _Open, wait: float) -> SourceRefused:
    return SourceRefused(
        f"{path}: {circuit.reason}; asked again in {wait:.0f} s",
        retry_after=wait,
        status=circuit.status,
        turnstile=circuit.turnstile,
    )
