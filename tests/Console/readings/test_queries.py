"""Every reading of fleet, alerts, logs and mappings finds what it wants by an index, and asks for a bounded number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from bson import Int64, ObjectId
from console_explain import listening, unbounded, whole_scans
from pymongo import MongoClient
from pymongo.database import Database

from PROPPR.Console.readings.alerts import read_alerts, read_open
from PROPPR.Console.readings.fleet import read_fleet
from PROPPR.Console.readings.logs import LogFilter, Position, read_logs, read_services
from PROPPR.Console.readings.mappings import read_holder, read_mappings, read_one
from PROPPR.SharedServices.service.alerting.control import AlertControl
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.collections import ensure_collections
from PROPPR.SharedServices.storage.fixture_mappings import FixtureMappings

Documents = Database[dict[str, Any]]
NOW: Final = datetime(2026, 11, 21, 12, tzinfo=UTC)
CLOCK: Final = SystemClock()
# One document per key, stream, or mute that is set by hand: these do not grow with time.
SMALL: Final = {"api_requests", "stream_state", "alert_control"}

READINGS: Final[dict[str, Callable[[Documents], object]]] = {
    "fleet": lambda database: read_fleet(database, Settings(), CLOCK, AlertControl(database)),
    "alerts": lambda database: read_alerts(database, AlertControl(database)),
    "open alerts": lambda database: read_open(AlertControl(database), 8),
    "services of logs": read_services,
    "logs": lambda database: read_logs(database, LogFilter()),
    "logs by everything": lambda database: read_logs(
        database,
        LogFilter("poller", "ERROR", NOW - timedelta(days=1), NOW, "no match", Position(NOW, ObjectId())),
    ),
    "logs of a service": lambda database: read_logs(database, LogFilter(service="poller")),
    "logs by words": lambda database: read_logs(database, LogFilter(words="never found")),
    "mappings": lambda database: read_mappings(database, FixtureMappings(database, CLOCK), NOW),
    "a later page of mappings": lambda database: read_mappings(database, FixtureMappings(database, CLOCK), NOW, 3),
    "one mapping": lambda database: read_one(database, FixtureMappings(database, CLOCK), 7),
    "a fixture nobody knows": lambda database: read_one(database, FixtureMappings(database, CLOCK), 4711),
    "a holder": lambda database: read_holder(database, 5),
}


@pytest.fixture(scope="module")
def filled(mongo_client: MongoClient[dict[str, Any]]) -> Iterator[Documents]:
    database = mongo_client["queries_of_the_console"]
    ensure_collections(database)
    for number in range(40):
        at = NOW - timedelta(minutes=number)
        database["service_logs"].insert_one(
            {"timestamp": at, "service": ("poller", "updater")[number % 2], "level": "ERROR", "message": f"m{number}"}
        )
        state = ("failing", "recovered", "notice")[number % 3]
        database["alerts"].insert_one(
            {"_id": f"k{number}", "state": state, "severity": "warning", "title": "t", "detail": "d", "raised_at": at,
             "last_seen_at": at, "recovered_at": at, "service": "poller"}
        )  # fmt: skip
        database["service_heartbeats"].insert_one(
            {"_id": f"poller:{number}", "service": "unified-poller", "instance": str(number), "state": "running",
             "beat_at": at, "expires_at": CLOCK.now() + timedelta(days=1)}
        )  # fmt: skip
        database["fixture_mappings"].insert_one(
            {"fixture_id": Int64(number), "status": ("unresolved", "manual")[number % 2], "updated_at": at,
             "kickoff": NOW + timedelta(hours=number), "reason": "below the bar", "home": "a", "away": "b",
             "candidates": [{"match_id": Int64(number), "score": 0.7, "home": "a", "away": "b", "kickoff": NOW,
                             "league": "l", "competition_id": Int64(1), "swapped": False}]}
        )  # fmt: skip
        database["fixture_players"].insert_one(
            {"fixture_id": Int64(number), "names": [], "positions": [], "kickoff": NOW, "ambiguous": ["Danilo"]}
        )
    yield database
    mongo_client.drop_database(database)


@pytest.mark.parametrize("reading", READINGS)
def test_each_query_uses_an_index_and_is_bounded(filled: Documents, mongo_uri: str, reading: str) -> None:
    with listening(mongo_uri, filled.name) as (database, queries):
        READINGS[reading](database)
        assert queries.commands
        asked = list(queries.commands)
        assert whole_scans(database, queries) - SMALL == set()
    queries.commands = asked
    scanned = [each for each in unbounded(queries) if next(iter(each.values())) not in (*SMALL, "poller_state")]
    assert scanned == []
