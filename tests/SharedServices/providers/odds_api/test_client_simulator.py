"""The REST client against the stand-in of the provider: every call, and the budget as the provider counts it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from pymongo.database import Database
from simulator_clients import KEY
from support import eventually

from PROPPR.SharedServices.providers.odds_api.client import OddsApiClient
from PROPPR.SharedServices.providers.odds_api.config import RestConfig
from PROPPR.SharedServices.providers.odds_api.errors import BookmakerRefused
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.service.errors import RateLimited
from PROPPR.SharedServices.simulator.config import SimulatorConfig
from PROPPR.SharedServices.simulator.server import SimulatorServer
from PROPPR.SharedServices.tracking.request_tracker import GlobalRequestTracker


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[SimulatorServer]:
    settings = getattr(request, "param", {})
    running = SimulatorServer(SimulatorConfig(**({"port": 0, "fixtures": 12, "paused": True, "rate": 0.0} | settings)))
    running.start()
    yield running
    running.stop()


@pytest.mark.parametrize("server", [{"selected": ("Bet365", "M88", "BC.Game")}], indirect=True)
def test_every_call_is_understood_on_both_sides(server: SimulatorServer, database: Database[dict[str, Any]]) -> None:
    tracker = GlobalRequestTracker(100, database=database)
    rejects: list[object] = []
    config = RestConfig(server.rest_url, SecretStr(KEY))
    client = OddsApiClient(config, tracker, service="unified_poller", on_reject=rejects.append)
    now = SystemClock().now()
    fixtures = client.events("football", ["pending", "live"], now - timedelta(days=2), now + timedelta(days=14))
    assert fixtures
    assert client.event(fixtures[0].id) == fixtures[0]
    assert client.event(4) is None
    answer = client.odds_multi([fixture.id for fixture in fixtures[:10]], ["Bet365", "BC.Game"])
    assert {snapshot.bookmaker for snapshot in answer.snapshots} == {"Bet365", "BC.Game"}
    assert answer.sequence is not None
    assert client.odds_updated("Bet365", "football", now - timedelta(seconds=50)).sequence is None
    assert "football" in [sport.slug for sport in client.sports()]
    assert client.leagues("football")
    assert "Bet365" in [bookmaker.name for bookmaker in client.bookmakers()]
    assert client.selected_bookmakers() == ["Bet365", "M88", "BC.Game"]
    with pytest.raises(BookmakerRefused) as caught:
        client.odds_multi([fixtures[0].id], ["Bet365", "Sbobet"])
    assert caught.value.allowed == ("Bet365", "M88", "BC.Game")
    assert not rejects
    assert tracker.usage().used == 10
    client.close()


@pytest.mark.parametrize(
    "server", [{"request_limit": 60, "request_window": 3.0, "sliding_window": True}], indirect=True
)
def test_the_provider_never_has_to_refuse(server: SimulatorServer, database: Database[dict[str, Any]]) -> None:
    outcomes: Counter[str] = Counter()
    stop = threading.Event()

    def hammer(service: str) -> None:
        tracker = GlobalRequestTracker(60, 3 / 3600, database=database)
        config = RestConfig(server.rest_url, SecretStr(KEY))
        client = OddsApiClient(config, tracker, service=service, on_request=lambda *told: outcomes.update([told[1]]))
        while not stop.is_set():
            try:
                client.selected_bookmakers()
            except RateLimited as error:
                stop.wait(min(0.02, error.retry_after or 0.02))
        client.close()

    threads = [threading.Thread(target=hammer, args=(name,)) for name in ("websocket_updater", "unified_poller")]
    clock = SystemClock()
    began = clock.monotonic()
    for thread in threads:
        thread.start()
    try:
        eventually(lambda: outcomes.total() >= 2.5 * 60, 40, "most of three windows")
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert set(outcomes) == {"200"}
    assert outcomes["200"] <= 60 * (1 + (clock.monotonic() - began) / 3)
