"""What the services leave in MongoDB while they run: heartbeats, budget, polling state, alerts, mappings, errors."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from pymongo import UpdateOne
from pymongo.database import Database

from PROPPR.SharedServices.mapping.candidates import Candidate
from PROPPR.SharedServices.mapping.fixtures import FixtureMapping, Reason
from PROPPR.SharedServices.mapping.leagues import Relation
from PROPPR.SharedServices.odds.times import moment_of
from PROPPR.SharedServices.odds.types import Fixture
from PROPPR.SharedServices.service import alerts
from PROPPR.SharedServices.service.alert_documents import AlertEvent, AlertSeverity
from PROPPR.SharedServices.service.alerting.control import AlertControl
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.log_sink import MongoLogSink
from PROPPR.SharedServices.storage.fixture_mappings import FixtureMappings
from PROPPR.SharedServices.storage.poller_state import PairState, PollerState
from PROPPR.SharedServices.storage.stream_coverage import Coverage, StreamCoverage
from PROPPR.SharedServices.storage.stream_state import StreamState, key_hash
from PROPPR.SharedServices.tracking.request_tracker import GlobalRequestTracker

Document = dict[str, Any]
SERVICES: Final = ("websocket-updater", "unified-poller", "stats-pipeline", "grading-scheduler")
STORED: Final = {"websocket-updater": (0.004, 0.021, 28_412), "unified-poller": (0.011, 0.067, 1_930)}
"""Seconds from receipt to stored, median and 99 of 100, and how many in the last minute."""
KEY: Final = "no-real-key"
REQUESTS: Final = {"unified_poller": 1893, "websocket_updater": 212, "stats_pipeline": 34}
FAILING: Final[tuple[tuple[str, AlertSeverity, str, str, float], ...]] = (
    ("silent:grading-scheduler:old-host", "critical", "grading-scheduler is silent",
     "last heartbeat 14 minutes ago, pid 3127 on old-host", 14),
    ("poller.bookmaker:Betano", "warning", "The provider refuses Betano", "403 Forbidden; tried hourly", 41),
    ("poller.lag", "warning", "The poller is behind", "Betano football: 212 s behind", 6),
    ("stats.source", "warning", "FotMob refuses", "403 for 22 minutes; the last good copies are used", 22),
    ("grading.pending", "warning", "Bets wait for more than a day", "48: 31 incomplete data, 17 no match", 190),
)  # fmt: skip
GONE: Final = {
    "stream.stalled": "The stream has stalled", "mongo_down:unified-poller": "MongoDB is away",
    "poller.lag": "The poller is behind", "stats.layout": "FotMob has changed a page",
}  # fmt: skip
LOGS: Final = (
    ("websocket-updater", "PROPPR.WebsocketUpdater.core.stream", "the connection was closed by the provider"),
    ("unified-poller", "PROPPR.SharedServices.providers.odds_api", "a bookmaker answers 403"),
    ("stats-pipeline", "PROPPR.StatsUpdateFM.core.pipeline", "a match page has an unknown layout"),
    ("grading-scheduler", "PROPPR.SharedServices.grading.scheduler", "a bet can't be read"),
)


def write_fleet(database: Database[Document], clock: Clock, chance: random.Random) -> None:
    """Heartbeats of four services (and of one that fell silent), what they have polled, and their requests."""
    beat(database, ended_minutes_ago=14)
    tracker = GlobalRequestTracker(5000, database=database, clock=clock)
    for service, cost in REQUESTS.items():
        tracker.acquire(service, cost)
    now = clock.now_ms()
    pairs = [
        PairState(name, "football", now - chance.randrange(20_000, 70_000), refusal=refusal, covered=True)
        for name, refusal in (("Bet365", None), ("M88", None), ("FB Sports", None), ("Betano", "403 Forbidden"))
    ]
    PollerState(database, clock).save(pairs, 1)
    StreamState(database, clock, KEY).save("all", 918_273, ("Bet365", "FB Sports", "M88"), 1)
    carried = Coverage(frozenset({"Bet365", "M88", "FB Sports"}), frozenset({"football"}), ("ML", "Totals"), True)
    StreamCoverage(database).save(key_hash(KEY), carried, clock.now(), 1)


def beat(database: Database[Document], ended_minutes_ago: float | None = None) -> None:
    """One heartbeat of each service, as if it had come just now; of the dead one so long ago."""
    operations = [_beat(service, "host-a-1", 4100 + number, 2.0) for number, service in enumerate(SERVICES)]
    if ended_minutes_ago is not None:
        operations.append(_beat("grading-scheduler", "old-host", 3127, ended_minutes_ago * 60))
    database["service_heartbeats"].bulk_write(operations)


def _beat(service: str, instance: str, pid: int, age: float) -> UpdateOne:
    values: Document = {
        "service": service, "instance": instance, "pid": pid, "host": instance, "version": "0.1.0",
        "status": "healthy", "status_since": _ago(age + 7 * 3600), "state": "running", "process": f"{pid:032x}",
        "beat_at": _ago(age), "started_at": _ago(age + 7 * 3600), "expires_at": _ago(-7 * 86_400), "queue_size": 0,
        "last_update": _ago(age + 0.4), "checks": [],
    }  # fmt: skip
    if service in STORED:
        p50, p99, count = STORED[service]
        values["latency"] = {"p50_s": p50, "p99_s": p99, "count": count, "window_s": 60.0}
    if service == "unified-poller":
        values["status"] = "degraded"
        values["status_since"] = _ago(age + 360)
        values["checks"] = [{"name": "lag", "ok": False, "detail": "Betano football: 212 s behind",
                             "severity": "degraded", "failing_since": _ago(age + 360)}]  # fmt: skip
    return UpdateOne({"_id": f"{service}:{instance}"}, [{"$set": values}], upsert=True)


def write_alerts(database: Database[Document], chance: random.Random) -> None:
    """Alerts that fail, one of them acknowledged, others that are over, a notice, and a mute."""
    with _unlogged():
        _record_alerts(database)
    ages = {key: minutes for key, _, _, _, minutes in FAILING}
    operations = []
    for document in database["alerts"].find({}, {"_id": 1, "state": 1}):
        minutes = ages.get(document["_id"], chance.uniform(100, 20_000))
        times = {"raised_at": _ago(minutes * 60), "last_seen_at": _ago(minutes * 30)}
        if document["state"] == "recovered":
            times["recovered_at"] = _ago(minutes * 30)
        operations.append(UpdateOne({"_id": document["_id"]}, [{"$set": times}]))
    database["alerts"].bulk_write(operations)
    control = AlertControl(database)
    control.acknowledge("stats.source", "night shift")
    control.mute("poller.bookmaker:Kalshi*", 6 * 3600, "night shift", "their maintenance")


@contextmanager
def _unlogged() -> Iterator[None]:
    """Nobody has to read of these, but of other tests' alerts."""
    logger = logging.getLogger(alerts.__name__)
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


def _record_alerts(database: Database[Document]) -> None:
    outbox = alerts.AlertOutbox(database, service="unified-poller", deliver=False)
    for key, severity, title, detail, _ in FAILING:
        outbox.record(AlertEvent(key, "failed", severity, title, detail), f"seed:{key}")
    for number in range(40):
        name, title = list(GONE.items())[number % len(GONE)]
        key = f"{name}.{number}"
        outbox.record(AlertEvent(key, "failed", "warning", title, "for a while"), f"seed:{key}")
        outbox.record(AlertEvent(key, "recovered", "info", "", "works again"), f"seed:{key}:over")
    outbox.record(AlertEvent("summary", "notice", "info", "Daily summary", "All quiet: 4,112 fixtures kept."), "seed:s")


def write_mappings(
    database: Database[Document], clock: Clock, fixtures: Sequence[Fixture], unresolved: int, chance: random.Random
) -> None:
    """The matches of these fixtures; the last `unresolved` are open, most of them with candidates."""
    results = []
    settled = len(fixtures) - unresolved
    for number, fixture in enumerate(fixtures):
        best = _candidate(fixture, 4_000_000 + number, fixture.home, round(chance.uniform(0.9, 1), 3))
        if number < settled:
            results.append(FixtureMapping(fixture, "auto", Reason.MATCHED, best, (best,)))
            continue
        near = tuple(
            _candidate(fixture, 4_500_000 + number * 5 + place, f"{fixture.home} {suffix}", score)
            for place, (suffix, score) in enumerate((("B", 0.78), ("U21", 0.74), ("Women", 0.51)))
        )
        reason = chance.choice((Reason.AMBIGUOUS, Reason.BELOW_BAR, Reason.NOTHING_LIKE_IT))
        results.append(
            FixtureMapping(fixture, "unresolved", reason, None, () if reason is Reason.NOTHING_LIKE_IT else near)
        )
    FixtureMappings(database, clock).store(results)


def _candidate(fixture: Fixture, match_id: int, home: str, score: float) -> Candidate:
    return Candidate(
        match_id=match_id, score=score, home=home, away=fixture.away, kickoff=moment_of(fixture.kickoff),
        country=fixture.country, league=fixture.league, competition_id=47, relation=Relation.SAME,
        home_similarity=score, away_similarity=1.0, apart=timedelta(0),
    )  # fmt: skip


def write_logs(database: Database[Document], now: datetime, number: int, chance: random.Random) -> None:
    """Errors of all services over the last two days."""
    sinks = {service: MongoLogSink(database, service, "host-a-1") for service in SERVICES}
    for index in range(number):
        service, logger, message = LOGS[index % len(LOGS)]
        created = (now - timedelta(seconds=2 * 86_400 * (1 - index / number))).timestamp()
        extra = {"code": chance.choice((403, 429, 500)), "fixture": 70_000_000 + index}
        sinks[service].emit(_record(logger, message, created, extra))
    for sink in sinks.values():
        sink.finish(10)


def _record(logger: str, message: str, created: float, extra: Mapping[str, object]) -> logging.LogRecord:
    values = {"name": logger, "msg": message, "levelno": logging.ERROR, "levelname": "ERROR", "created": created}
    return logging.makeLogRecord({**values, **extra})


def _ago(seconds: float) -> Document:
    return {"$dateAdd": {"startDate": "$$NOW", "unit": "millisecond", "amount": round(-seconds * 1000)}}
