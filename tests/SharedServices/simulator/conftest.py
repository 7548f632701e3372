"""A simulator per test on a free port, and small clients of its three protocols."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from simulator_clients import Simulated

from PROPPR.SharedServices.simulator.config import SimulatorConfig
from PROPPR.SharedServices.simulator.server import SimulatorServer

StartSimulator = Callable[..., Simulated]


@pytest.fixture
def simulate() -> Iterator[StartSimulator]:
    """Start a simulator: small, silent and on a free port unless told otherwise; stopped after the test."""
    running: list[Simulated] = []

    def start(**settings: Any) -> Simulated:
        config = SimulatorConfig(**({"port": 0, "fixtures": 12, "paused": True, "rate": 0.0} | settings))
        simulated = Simulated(SimulatorServer(config).start())
        running.append(simulated)
        return simulated

    yield start
    for simulated in running:
        simulated.close()
