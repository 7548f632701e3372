"""A fleet of processes that acquire requests at full speed, some of which are killed and started again.

Run as a script it is one of the processes: it appends a line per grant to its file before it asks for the next one.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from PROPPR.SharedServices.service.errors import TransientError
from PROPPR.SharedServices.tracking.request_tracker import GlobalRequestTracker

SERVICES = ("websocket_updater", "unified_poller", "unified_poller", "grading")


@dataclass(frozen=True)
class Fleet:
    """What to run: budget, length, and how often a process is killed."""

    uri: str
    database: str
    directory: Path
    limit: int
    window: float
    windows: int = 10
    services: tuple[str, ...] = SERVICES
    kill_every: float | None = None
    seed: int = 1


@dataclass(frozen=True)
class Outcome:
    """What came out. Times are ms; `arrived` is when the reply had reached the process."""

    granted_at: list[int]
    arrived: list[int]
    latencies: list[float]
    refusals: int
    kills: int
    limit: int
    window: float
    windows: int

    @property
    def used(self) -> float:
        """The part of the budget of all windows that was granted, counted from the first grant."""
        end = self.granted_at[0] + self.windows * self.window * 1000
        return sum(at < end for at in self.granted_at) / (self.limit * self.windows)


def most_in_any_window(times: list[int], window: float) -> int:
    """Return the largest number of sorted times (ms) within any half-open stretch of `window` seconds."""
    most = start = 0
    for end, at in enumerate(times):
        while times[start] <= at - window * 1000:
            start += 1
        most = max(most, end - start + 1)
    return most


def run_fleet(fleet: Fleet, meanwhile: Callable[[], None] | None = None) -> Outcome:
    """Run the processes for the given number of windows and read what they wrote.

    `meanwhile` is called once, when a third of the time is over.
    """
    numbers = iter(range(1_000_000))
    rng = random.Random(fleet.seed)
    running = [(service, _start(fleet, service, next(numbers))) for service in fleet.services]
    kills = 0
    try:
        deadline = time.monotonic() + 1.5 + (fleet.windows + 0.1) * fleet.window
        third = deadline - (fleet.windows * fleet.window) * 2 / 3
        pause = threading.Event()
        while (left := deadline - time.monotonic()) > 0:
            pause.wait(min(left, fleet.kill_every or 0.1))
            if meanwhile is not None and time.monotonic() > third:
                meanwhile()
                meanwhile = None
            if fleet.kill_every and deadline - time.monotonic() > fleet.window / 2:
                victim = rng.randrange(len(running))
                service, process = running[victim]
                process.send_signal(signal.SIGKILL)
                process.wait()
                kills += 1
                running[victim] = (service, _start(fleet, service, next(numbers)))
    finally:
        for _, process in running:
            process.terminate()
        for _, process in running:
            process.wait(10)
    return _outcome(fleet, kills)


def _start(fleet: Fleet, service: str, number: int) -> subprocess.Popen[bytes]:
    path = fleet.directory / f"grants_{number}.txt"
    hours = repr(fleet.window / 3600)
    arguments = [fleet.uri, fleet.database, str(path), service, str(fleet.limit), hours]
    return subprocess.Popen([sys.executable, __file__, *arguments])


def _outcome(fleet: Fleet, kills: int) -> Outcome:
    grants: list[tuple[int, int, float]] = []
    refusals = 0
    for path in sorted(fleet.directory.glob("grants_*.txt")):
        for line in path.read_text(encoding="ascii").splitlines():
            fields = line.split()
            if len(fields) != 4:  # cut off by a kill
                continue
            if fields[0] == "no":
                refusals += 1
            else:
                grants.append((int(fields[1]), int(fields[2]), float(fields[3])))
    return Outcome(
        sorted(at for at, _, _ in grants),
        sorted(arrived for _, arrived, _ in grants),
        sorted(latency for _, _, latency in grants),
        refusals,
        kills,
        fleet.limit,
        fleet.window,
        fleet.windows,
    )


def _work(uri: str, database: str, path: str, service: str, limit: str, hours: str) -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with MongoClient[dict[str, Any]](uri, tz_aware=True) as client, Path(path).open("ab", buffering=0) as file:
        tracker = GlobalRequestTracker(int(limit), float(hours), database=client[database])
        while not stop.is_set():
            asked = time.perf_counter()
            try:
                grant = tracker.acquire(service)
            except TransientError:  # MongoDB is away: nothing may be requested
                stop.wait(0.05)
                continue
            took = (time.perf_counter() - asked) * 1000
            arrived = time.time_ns() // 1_000_000
            file.write(f"{'yes' if grant else 'no'} {grant.at_ms} {arrived} {took:.3f}\n".encode("ascii"))
            if not grant:
                stop.wait(min(grant.retry_after, 0.05))


if __name__ == "__main__":
    _work(*sys.argv[1:])
