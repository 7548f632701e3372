"""How current the odds are: how long a quote takes to be stored, how old the newest is, how far behind who is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from PROPPR.Console.readings.bounds import bounded
from PROPPR.Console.readings.processes import Process, Service
from PROPPR.SharedServices.ingest.poller_readings import PollerReading, read_poller
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.mongo_types import MongoDatabase
from PROPPR.SharedServices.service.settings import Settings

ODDS_SERVICES: Final = ("websocket-updater", "unified-poller")
LATE: Final = 1.0
"""Seconds from receipt to stored that one in a hundred may take at most, as the alert FeedLate has it."""


@dataclass(frozen=True, slots=True)
class Path:
    """How one odds service stores. `p50` and `p99` in seconds, None where it stored nothing lately."""

    service: str
    title: str
    p50: float | None
    p99: float | None
    stored: int
    window: float | None
    last_update: datetime | None

    @property
    def is_late(self) -> bool:
        """Whether it takes too long."""
        return self.p99 is not None and self.p99 > LATE


@dataclass(frozen=True, slots=True)
class Feed:
    """`newest_quote`: when a quote was stored last; `newest_change`: when a price last changed."""

    paths: tuple[Path, ...]
    newest_quote: datetime | None
    newest_change: datetime | None
    poller: PollerReading


def read_feed(database: MongoDatabase, settings: Settings, clock: Clock, services: Iterable[Service]) -> Feed:
    """Read it; `services` are those of read_services(). Raises pymongo's errors."""
    paths = [_path(each) for each in services if each.name in ODDS_SERVICES]
    with bounded():
        changed = newest_change(database)
        poller = read_poller(database, settings, clock, count_waiting=False)
    stored = [path.last_update for path in paths if path.last_update is not None]
    # Heartbeats come every ten seconds; a change of a price tells of a younger quote in between.
    newest = max((*stored, *([changed] if changed else [])), default=None)
    return Feed(tuple(paths), newest, changed, poller)


def newest_change(database: MongoDatabase) -> datetime | None:
    """When the newest change of a price was recorded."""
    found: Any = database["odds_history"].find_one({}, {"_id": 0, "recorded_at": 1}, sort=[("recorded_at", -1)])
    return None if found is None else found["recorded_at"]


def _path(service: Service) -> Path:
    works = _who_works(service)
    latency = None if works is None else works.latency
    return Path(
        service.name,
        service.title,
        None if latency is None else latency.p50,
        None if latency is None else latency.p99,
        0 if latency is None else latency.count,
        None if latency is None else latency.seconds,
        max((each.last_update for each in service.processes if each.last_update is not None), default=None),
    )


def _who_works(service: Service) -> Process | None:
    """The process whose numbers count: it runs, is no standby, and stored something last."""
    heard = [each for each in service.processes if each.runs and each.state != "silent" and not each.standby]
    return max(heard, key=lambda each: (each.latency is not None, each.beat_at), default=None)
