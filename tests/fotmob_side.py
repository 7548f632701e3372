"""The generated FotMob side without a server, at any moment."""

from __future__ import annotations

from typing import Any

import msgspec

from PROPPR.SharedServices.football.model import Match
from PROPPR.SharedServices.football.reading import read_match
from PROPPR.SharedServices.simulator.config import SimulatorConfig
from PROPPR.SharedServices.simulator.fotmob.generated import Generated
from PROPPR.SharedServices.simulator.generator import Generator

START = 1_780_000_000_000
MINUTE = 60_000


class Side:
    """Both sides of a simulated day: the odds side's fixtures and FotMob's pages."""

    def __init__(self, **settings: Any) -> None:
        self.config = SimulatorConfig(**({"fixtures": 400, "seed": 3} | settings))
        self.odds = Generator(self.config, START, lambda: START, lambda: START)
        self.fotmob = Generated(self.config, START, lambda: self.odds.truth.fixtures)

    def payload(self, match_id: int, now: int) -> Any:
        """A matchDetails body as a client reads it."""
        return msgspec.json.decode(msgspec.json.encode(self.fotmob.match(match_id, now)))

    def read(self, match_id: int, now: int) -> Match:
        """A match as the services read it."""
        return read_match(self.payload(match_id, now))
