"""The stand-in of the provider that backfills are tested against."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from backfill_rig import BOOKS, KEY

from PROPPR.SharedServices.odds.rest import read_event
from PROPPR.SharedServices.odds.types import Fixture
from PROPPR.SharedServices.simulator.config import SimulatorConfig
from PROPPR.SharedServices.simulator.server import SimulatorServer


@pytest.fixture(scope="module")
def simulator() -> Iterator[SimulatorServer]:
    config = SimulatorConfig(port=0, fixtures=36, paused=True, rate=0.0, api_keys=(KEY,), selected=BOOKS)
    with SimulatorServer(config) as server:
        yield server


@pytest.fixture(scope="module")
def listed(simulator: SimulatorServer) -> list[Fixture]:
    """The provider's fixtures."""
    answer = requests.get(f"{simulator.rest_url}/events", {"sport": "football", "apiKey": KEY}, timeout=10).json()
    return sorted((read_event(each) for each in answer), key=lambda one: one.id)
