"""A few simulated minutes of the poller under the oracle of `benchmarks/poller_day.py`, with an outage in between."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from day_child import make_poller
from day_watch import DayWatch
from harness import SimulatorControl
from oracle import Verdict, compare, compare_fixtures, expected_books, stored_books
from pymongo.database import Database
from support import eventually

from PROPPR.SharedServices.service.clock import FastClock, SystemClock
from PROPPR.SharedServices.simulator.config import SimulatorConfig
from PROPPR.SharedServices.simulator.server import SimulatorServer
from PROPPR.SharedServices.storage.collections import ensure_collections

BOOKMAKERS = ("Bet365", "M88", "SingBet")
FACTOR = 30.0
MINUTE = 60_000


@pytest.fixture
def provider() -> Iterator[SimulatorServer]:
    config = SimulatorConfig(
        port=0, fixtures=30, bookmakers=BOOKMAKERS, rate=1.0, time_factor=FACTOR, living=True, new_fixtures_per_hour=30
    )
    with SimulatorServer(config) as server:
        yield server


@pytest.fixture
def watch(database: Database[dict[str, Any]], provider: SimulatorServer) -> Iterator[DayWatch]:
    """What looks at a poller that lives in the simulator's time."""
    ensure_collections(database)
    control = SimulatorControl(provider.base_url)
    told = control.get("seed")
    clock = FastClock(SystemClock(), FACTOR, told["start"], told["anchor"])
    stop = threading.Event()
    poller = make_poller(
        control.rest_url, database, clock, BOOKMAKERS, stop, proppr_presence_interval=120, proppr_registry_interval=60
    )
    thread = threading.Thread(target=poller.run, name="poller")
    thread.start()
    yield DayWatch(control, database, clock, BOOKMAKERS)
    stop.set()
    thread.join(20)
    assert not thread.is_alive()


def look_until(watch: DayWatch, moment: int) -> None:
    """Look until everything said before a simulated moment is complete, and no fixture waits to be read again."""

    def complete() -> bool:
        watch.look()
        watch.look_for_vanished()
        return watch.is_through and all(claim.complete_until > moment for claim in watch.claims.values())

    eventually(complete, 40, "the watermarks")


def nothing_vanished(watch: DayWatch) -> bool:
    """Whether every withdrawn book is gone."""
    watch.look_for_vanished()
    return not watch.ledger.vanished


def test_every_change_is_stored_after_its_cycle_and_none_is_missed_over_an_outage(watch: DayWatch) -> None:
    control, clock = watch.control, watch.clock
    look_until(watch, clock.now_ms() + 2 * MINUTE)
    control.post("faults", {"faults": "rest_500=1"})
    began = clock.now_ms()
    eventually(lambda: clock.now_ms() > began + 3 * MINUTE, 20, "the end of the outage")
    control.post("faults", [])
    watch.outages.append((began, clock.now_ms()))
    look_until(watch, clock.now_ms() + MINUTE)
    control.post("pause", {})
    look_until(watch, clock.now_ms())
    eventually(lambda: nothing_vanished(watch), 20, "withdrawn books to go")
    ledger = watch.ledger
    assert ledger.missed == [] and ledger.unproven == 0
    assert ledger.proven == ledger.changes > 500
    assert watch.holes > len(BOOKMAKERS), "the outage was longer than the look-back"
    assert ledger.waited > 0, "changes in the hole were read again"
    verdict = Verdict()
    compare(expected_books(control.get("truth")), stored_books(watch.database), verdict)
    events = control.read("/v3/events", apiKey="oracle", sport="football", limit=5000)
    compare_fixtures(events, watch.database, clock.now_ms(), verdict)
    assert verdict.lines > 1000
    assert verdict.faults == 0, verdict.examples
