"""Reads health, metrics and the database in a thread of its own, so that the picture never waits for any of them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pymongo.errors import PyMongoError

from PROPPR.SharedServices.cli.dashboard import Speed
from PROPPR.SharedServices.cli.grade_readings import BetsReading, read_bets
from PROPPR.SharedServices.cli.rates import Scrape, quantile, rate, read_scrape
from PROPPR.SharedServices.cli.readings import Board, Documents, HealthReading, read_board, read_health, read_metrics
from PROPPR.SharedServices.cli.stats_readings import StatsReading, read_stats
from PROPPR.SharedServices.ingest.poller_readings import PollerReading, read_poller
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.errors import TransientError
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.tracking.request_tracker import GlobalRequestTracker
from PROPPR.SharedServices.tracking.usage import Usage

MESSAGES, COMMIT_SECONDS = "proppr_stream_messages_total", "proppr_stream_commit_seconds"
# What the poller has instead: the books that it read, and the time to their commit.
BOOKS, BOOK_SECONDS = "proppr_poll_books_total", "proppr_poll_commit_seconds"
WRITES = "proppr_writer_documents_total"
WINDOW = 10  # scrapes, one a second: rates and latencies are those of the last ten seconds
WINDOWS = {"unified-poller": 120}  # it works once a minute


@dataclass(frozen=True)
class Readings:
    """The newest of everything; replaced as a whole, never changed."""

    health: Mapping[str, HealthReading] = field(default_factory=dict)
    speed: Mapping[str, Speed] = field(default_factory=dict)
    board: Board = field(default_factory=Board)
    budget: Usage | None = None
    poller: PollerReading = field(default_factory=PollerReading)
    database_error: str = ""
    stats: StatsReading = field(default_factory=StatsReading)
    bets: BetsReading = field(default_factory=BetsReading)


class Watcher:
    """Refreshes `readings` every second from the services' URLs and the database until stopped."""

    def __init__(self, urls: Mapping[str, str], database: Documents, settings: Settings, clock: Clock) -> None:
        self.readings = Readings()
        self._urls = urls
        self._database = database
        self._tracker = GlobalRequestTracker(
            settings.max_api_requests_per_hour, database=database, clock=clock, timeout=2
        )
        self._settings = settings
        self._clock = clock
        self._scrapes: dict[str, deque[Scrape]] = {name: deque(maxlen=WINDOWS.get(name, WINDOW) + 1) for name in urls}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self) -> None:
        """Stop reading; returns within the timeout of one request."""
        self._stop.set()
        self._thread.join(3.0)

    def _run(self) -> None:
        while True:
            self.readings = self.read()
            if self._stop.wait(1.0):
                return

    def read(self) -> Readings:
        """One round: all services, then the database."""
        health = {name: read_health(name, url) for name, url in self._urls.items()}
        speed = {name: self._speed(name, url) for name, url in self._urls.items() if health[name].status != "down"}
        try:
            board = read_board(self._database)
            poller = read_poller(self._database, self._settings, self._clock)
            stats = read_stats(self._database, self._settings, self._clock)
            bets = read_bets(self._database, self._clock)
            return Readings(health, speed, board, self._tracker.usage(), poller, stats=stats, bets=bets)
        except (PyMongoError, TransientError) as error:
            reason = f"MongoDB does not answer ({type(error).__name__})"
            former = self.readings
            return replace(former, health=health, speed=speed, database_error=reason)

    def _speed(self, name: str, url: str) -> Speed:
        scrapes = self._scrapes[name]
        scrapes.append(read_scrape(read_metrics(url), self._clock.monotonic()))
        return speed_of(scrapes)


def speed_of(scrapes: deque[Scrape]) -> Speed:
    """The speed between the oldest and the newest scrape, latencies in ms. The poller's messages are books."""
    if not scrapes:
        return Speed()
    first, last = scrapes[0], scrapes[-1]
    messages, latency = (BOOKS, BOOK_SECONDS) if BOOKS in last.totals else (MESSAGES, COMMIT_SECONDS)
    p50, p99 = (quantile(first, last, latency, share) for share in (0.50, 0.99))
    return Speed(
        messages=rate(first, last, messages),
        writes=rate(first, last, WRITES),
        latency_p50=None if p50 is None else p50 * 1000,
        latency_p99=None if p99 is None else p99 * 1000,
    )
