"""The stand-in of the bots: what it places can be read and settled."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo.database import Database

from PROPPR.SharedServices.cli.demo_bets import DemoBots, Game, games_in_play, games_played, nearest
from PROPPR.SharedServices.grading.bets import Bet
from PROPPR.SharedServices.grading.readers.bets import COLLECTIONS, read_bet
from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.simulator.config import SimulatorConfig
from PROPPR.SharedServices.simulator.server import SimulatorServer

GAME = Game(4000001, 7, "Homeham United", "Awayton Rovers", datetime(2026, 3, 7, 15, tzinfo=UTC))


def test_every_bet_can_be_read(database: Database[dict[str, Any]]) -> None:
    bots = DemoBots(database, random.Random(3), ManualClock())
    for _ in range(120):
        bots.place(GAME)
    found = [(name, bet) for name in COLLECTIONS for bet in database[name].find()]
    assert len(found) == 120
    for collection, document in found:
        bet = read_bet(document, COLLECTIONS[collection])
        assert isinstance(bet, Bet), bet
        assert (bet.match_id, bet.fixture_id, bet.home_team) == (4000001, 7, "Homeham United")


def test_games_come_from_the_stand_in() -> None:
    with SimulatorServer(SimulatorConfig(port=0, fixtures=60)) as provider:
        now = ManualClock(datetime.now(UTC)).now()  # noqa: TID251 - the stand-in's time is the machine's
        played = games_played(provider.base_url, now)
        in_play = games_in_play(provider.base_url, now)
    assert played and all(game.kickoff < now for game in played)
    assert all(now - game.kickoff < timedelta(minutes=111) for game in in_play)
    assert nearest(played, random.Random(1)) in played
