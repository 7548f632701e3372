"""How current the books are, as the poller and the updater stored it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.database import Database

from PROPPR.SharedServices.ingest.poller_readings import FORGOTTEN_AFTER, PairReading, PollerReading, read_poller
from PROPPR.SharedServices.odds.types import Fixture
from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.poller_state import PairState, PollerState
from PROPPR.SharedServices.storage.rereads import RereadQueue
from PROPPR.SharedServices.storage.stream_coverage import Coverage, StreamCoverage

Documents = Database[dict[str, Any]]
SETTINGS = Settings(bookmakers=("Bet365", "M88", "BC.Game"), ws_sports=("football",), poll_interval=60.0)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 21, 12, tzinfo=UTC))


def by_pair(reading: PollerReading) -> dict[tuple[str, str], PairReading]:
    return {(pair.bookmaker, pair.sport): pair for pair in reading.pairs}


def test_an_empty_database_says_nothing(database: Documents, clock: ManualClock) -> None:
    assert read_poller(database, SETTINGS, clock) == PollerReading()
    assert database.list_collection_names() == [], "only read"


def test_lag_holes_refusals_and_coverage(database: Documents, clock: ManualClock) -> None:
    now = clock.now_ms()
    states = [
        PairState("Bet365", "football", now - 12_000),
        PairState("M88", "football", now - 1_000, hole_since=now - 400_000),
        PairState("Sbobet", "tennis", now - 5_000, refusal="403: Access denied"),
    ]
    PollerState(database, clock).save(states, 1)
    fixture = Fixture(7, "A", "B", "football", "L", "C", "2026-11-22T12:00:00Z", now + 86_400_000, "pending")
    RereadQueue(database, clock).want([fixture], ["M88", "Bet365"], "hole")
    RereadQueue(database, clock).want([fixture], ["M88"], "new")
    stream = Coverage(frozenset({"Bet365"}), frozenset({"football"}), ("ML", "Totals"), True)
    StreamCoverage(database).save("key", stream, clock.now(), 1)
    reading = read_poller(database, SETTINGS, clock)
    assert by_pair(reading) == {
        ("Bet365", "football"): PairReading("Bet365", "football", 12.0, 1, by_stream=True),
        ("M88", "football"): PairReading("M88", "football", 400.0, 1, has_hole=True),
        ("BC.Game", "football"): PairReading("BC.Game", "football", None),
        ("Sbobet", "tennis"): PairReading("Sbobet", "tennis", 5.0, refusal="403: Access denied"),
    }
    assert reading.rereads == 1 and reading.streams == (stream,)
    late = {pair.bookmaker for pair in reading.pairs if reading.is_late(pair)}
    assert late == {"M88", "BC.Game"}, "more than three cycles; who is set aside is not late"


def test_a_pair_that_nobody_polls_any_more_is_forgotten(database: Documents, clock: ManualClock) -> None:
    state = PollerState(database, clock)
    state.save([PairState("Sbobet", "football", clock.now_ms()), PairState("M88", "football", clock.now_ms())], 1)
    clock.advance((FORGOTTEN_AFTER + timedelta(seconds=1)).total_seconds())
    pairs = by_pair(read_poller(database, SETTINGS, clock))
    assert ("Sbobet", "football") not in pairs
    assert pairs["M88", "football"].lag == FORGOTTEN_AFTER.total_seconds() + 1, "one that is configured stays"


def test_a_stream_that_fell_silent_is_not_believed(database: Documents, clock: ManualClock) -> None:
    PollerState(database, clock).save([PairState("M88", "football", clock.now_ms())], 1)
    stream = Coverage(frozenset({"M88"}), frozenset(), ("ML",), True)
    StreamCoverage(database).save("key", stream, clock.now(), 1)
    clock.advance(60)
    reading = read_poller(database, SETTINGS, clock)
    assert reading.streams == () and not by_pair(reading)["M88", "football"].by_stream
