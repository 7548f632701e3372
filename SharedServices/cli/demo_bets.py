"""A stand-in of the bots for `proppr up` without a key: it places bets on simulated matches, as documents in MongoDB.

It knows nothing of the grader, and writes as the bots do: ids now as number, now as text, `direction` here and
`market_direction` there. `python -m PROPPR.SharedServices.cli.demo_bets --provider URL`, with MONGO_URI set.
"""

from __future__ import annotations

import logging
import random
import signal
import threading
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import click
import requests
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import PyMongoError

from PROPPR.SharedServices.football.errors import LayoutChanged
from PROPPR.SharedServices.football.model import State
from PROPPR.SharedServices.football.pages import read_day
from PROPPR.SharedServices.service.clock import Clock, SystemClock
from PROPPR.SharedServices.service.settings import load_settings
from PROPPR.SharedServices.storage.client import connect

log = logging.getLogger(__name__)

Document = dict[str, Any]
BOOKMAKERS: Final = ("Bet365", "M88", "FB Sports")
AT_ONCE: Final = 60
"""Bets on matches of yesterday, which can be settled at once."""
IN_PLAY: Final = timedelta(minutes=110)
MOST_PLACED: Final = 5_000
TIMEOUT: Final = 10.0


@dataclass(frozen=True)
class Game:
    """A match that bets are placed on. `fixture_id` is None for one that the odds side does not list."""

    match_id: int
    fixture_id: int | None
    home: str
    away: str
    kickoff: datetime


class DemoBots:
    """Places bets at random. `chance` decides on what: the same seed and games give the same bets."""

    def __init__(self, database: Database[Document], chance: random.Random, clock: Clock) -> None:
        self._database = database
        self._chance = chance
        self._clock = clock

    def place(self, game: Game) -> None:
        """Place one bet on a match."""
        make = self._chance.choice((self._team, self._team, self._overtime, self._player))
        collection, bet = make(game)
        named = {"fotmob_match_id": game.match_id} | (
            {} if game.fixture_id is None else {"fixture_id": game.fixture_id}
        )
        common = {
            "bet_id": uuid.UUID(int=self._chance.getrandbits(128), version=4).hex, "status": "pending",
            "bookmaker": self._chance.choice(BOOKMAKERS), "kickoff": game.kickoff, "home_team": game.home,
            "away_team": game.away, "odds": round(self._chance.uniform(1.4, 3.6), 2),
            "stake": self._chance.choice((5, 10, 20, 25.5)), "created_at": self._clock.now(),
        }  # fmt: skip
        self._database[collection].insert_one({**common, **named, **bet})

    def _team(self, game: Game) -> tuple[str, Document]:
        market, line = self._chance.choice(
            (("Totals", 2.5), ("Totals", 2.25), ("Corners Totals", 9.5), ("Bookings Totals", 3.5), ("ML", None))
        )
        if line is None:
            return "team_tracked_bets", {
                "market_name": market,
                "direction": self._chance.choice(("home", "draw", "away")),
            }
        bet = {"market_name": market, "direction": self._chance.choice(("over", "under")), "threshold": str(line)}
        return "team_tracked_bets", bet | {"user_id": self._chance.choice((4711, "4711"))}

    def _overtime(self, game: Game) -> tuple[str, Document]:
        bet = {"market": "Spread", "market_direction": self._chance.choice(("Home", "Away")), "status": "open"}
        return "overtime_placed_bets", bet | {"hdp": self._chance.choice((-0.75, -0.5, 0, 0.25, 1))}

    def _player(self, game: Game) -> tuple[str, Document]:
        team = self._chance.choice((game.home, game.away))
        bet = {
            "market_name": "Team Shots",
            "team": team,
            "direction": "Over",
            "threshold": self._chance.choice((8.5, 11.5)),
        }
        return "team_tracked_bets", bet


def games_in_play(provider: str, now: datetime) -> list[Game]:
    """The matches of the odds side that are being played: most of their bets are settled within the hour."""
    rows = _get(f"{provider}/_sim/fotmob/fixtures").json()
    games = []
    for row in rows:
        kickoff = datetime.fromtimestamp(row["kickoff"] / 1000, UTC)
        if timedelta(0) <= now - kickoff < IN_PLAY:
            games.append(Game(row["match_id"], row["fixture_id"], row["odds_home"], row["odds_away"], kickoff))
    return sorted(games, key=lambda game: game.kickoff)


def games_played(provider: str, now: datetime) -> list[Game]:
    """The matches that were played on the last days before `now` that had some."""
    for days in range(1, 15):
        query = {"date": f"{now - timedelta(days=days):%Y%m%d}", "timezone": "UTC"}
        listed = read_day(_get(f"{provider}/fotmob/api/data/matches", query).json())
        played = [match for match in listed if match.state is State.PLAYED]
        if played:
            return [Game(each.match_id, None, each.home.name, each.away.name, each.kickoff) for each in played]
    return []


def nearest(games: Sequence[Game], chance: random.Random) -> Game:
    """One of them, more often one that ends soon."""
    return games[min(chance.randrange(len(games)), chance.randrange(len(games)))]


def bet_on(
    provider: str, bots: DemoBots, chance: random.Random, clock: Clock, stop: threading.Event, every: float
) -> None:
    """Place bets until `stop`, at most 5,000. The stand-in or MongoDB may be away for a while."""
    for game in _games(provider, chance, clock, stop, every):
        if stop.is_set():
            return
        try:
            bots.place(game)
        except PyMongoError as error:
            log.warning("no bet placed", extra={"error": type(error).__name__})


def _games(provider: str, chance: random.Random, clock: Clock, stop: threading.Event, every: float) -> Iterator[Game]:
    placed = 0
    while not stop.is_set() and placed < MOST_PLACED:
        try:
            now = clock.now()
            if placed == 0:
                played = games_played(provider, now)
                for _ in range(AT_ONCE if played else 0):
                    yield chance.choice(played)
            games = games_in_play(provider, now)
            placed += 1
            if games:
                yield nearest(games, chance)
        except (requests.RequestException, LayoutChanged, ValueError, KeyError) as error:
            log.warning("the stand-in lists no matches", extra={"error": str(error)[:200]})
        stop.wait(every)


def _get(url: str, query: dict[str, str] | None = None) -> requests.Response:
    answer = requests.get(url, params=query, timeout=TIMEOUT)
    answer.raise_for_status()
    return answer


@click.command()
@click.option("--provider", required=True, help="Root of the stand-in, like http://127.0.0.1:8900.")
@click.option("--seed", default=1, show_default=True)
@click.option("--every", default=2.0, show_default=True, help="Seconds between two bets.")
def main(provider: str, seed: int, every: float) -> None:
    """Place bets on simulated matches until a signal."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    settings, chance, clock = load_settings(), random.Random(seed), SystemClock()
    client: MongoClient[Document]
    with connect(settings, service="demo-bots") as client:
        bots = DemoBots(client[settings.mongo_database], chance, clock)
        bet_on(provider.rstrip("/"), bots, chance, clock, stop, every)


if __name__ == "__main__":
    main()
