"""Fills a database as a fleet at work would have: fixtures, books, drops, bets, alerts, mappings, errors.

Every document is made by the code that makes the real ones. `python console_seed.py --uri mongodb://...` fills a
database to look at; tests and the benchmark call `seed`. The same numbers give the same content but for the times,
which count back from now.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import click
from console_names import leagues
from console_seed_bets import place_bets
from console_seed_books import MARGINS, Books, derive
from console_seed_fleet import write_alerts, write_fleet, write_logs, write_mappings
from pymongo import MongoClient
from pymongo.database import Database

from PROPPR.SharedServices.odds.times import milliseconds_of
from PROPPR.SharedServices.odds.types import Fixture
from PROPPR.SharedServices.service.clock import Clock, ManualClock, SystemClock
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.fixtures import FixtureStore
from PROPPR.SharedServices.storage.migrations_prepare import prepare_database

Document = dict[str, Any]
FIRST_ID: Final = 71_000_000
LIVE_PART, OVER_PART = 0.04, 0.03
MOVING_FOR: Final = timedelta(minutes=5)
"""How long before now the last prices began to move: while they are younger than ten minutes there are arbitrages."""


@dataclass(frozen=True)
class Sizes:
    """How much of everything there is. `moving` fixtures have moved until there were `drops`, `stirred` all day."""

    fixtures: int = 1000
    drops: int = 2000
    bets: int = 5000
    logs: int = 600
    unresolved: int = 25
    moving: int = 60
    with_players: int = 20
    rounds: int = 50


@dataclass(frozen=True)
class Seeded:
    """What a page can be asked for: a live fixture with a day of history, and one that has not begun."""

    fixtures: tuple[Fixture, ...]
    stirred: Fixture
    next_up: Fixture


def seed(database: Database[Document], clock: Clock | None = None, sizes: Sizes | None = None) -> Seeded:
    """Bring an empty database into shape and fill it."""
    clock, sizes = clock or SystemClock(), sizes or Sizes()
    chance = random.Random(7)
    now = clock.now()
    prepare_database(database, Settings(), clock)
    fixtures = _fixtures(sizes.fixtures, now, chance)
    FixtureStore(database, clock).upsert_many(fixtures, "api_poller")
    live = [fixture for fixture in fixtures if fixture.status == "live"]
    coming = [fixture for fixture in fixtures if fixture.status == "pending"]
    _write_books(database, [*live, *coming], now, sizes, chance)
    place_bets(database, fixtures, sizes.bets, now, chance)
    write_mappings(database, clock, coming[: max(200, 2 * sizes.unresolved)], sizes.unresolved, chance)
    write_logs(database, now, sizes.logs, chance)
    write_alerts(database, chance)
    write_fleet(database, clock, chance)
    return Seeded(tuple(fixtures), live[0], coming[0])


def _write_books(
    database: Database[Document], fixtures: Sequence[Fixture], now: datetime, sizes: Sizes, chance: random.Random
) -> None:
    every = timedelta(hours=20) / sizes.rounds
    clock = ManualClock(now - timedelta(hours=21))
    books = Books(database, chance, clock)
    books.open(fixtures, sizes.with_players)
    clock.advance(1800)
    books.stir(fixtures[0], sizes.rounds, every)
    clock.jump((now - MOVING_FOR - clock.now()).total_seconds())
    live = sum(fixture.status == "live" for fixture in fixtures)
    moving = fixtures[live // 2 : live // 2 + sizes.moving]
    turns = [(moving[start::5], bookmaker) for start in range(5) for bookmaker in MARGINS]
    chance.shuffle(turns)
    for group, bookmaker in turns:
        clock.advance(MOVING_FOR.total_seconds() / len(turns))
        books.move(group, (bookmaker,))
    while books.drops < sizes.drops:
        books.move(moving[:12])
    derive(database, moving, ManualClock(now))


def _fixtures(number: int, now: datetime, chance: random.Random) -> list[Fixture]:
    """The live ones first, then those that come, the earliest first, then those that are over."""
    live, over = max(1, round(number * LIVE_PART)), round(number * OVER_PART)
    every = leagues()
    found = []
    for index in range(number):
        league = every[index % len(every)]
        home, away = chance.sample(league.teams, 2)
        if index < live:
            kickoff, status = now - timedelta(minutes=5 + 95 * index / live), "live"
        elif index < number - over:
            # The first within minutes, the last in ten days: most are soon.
            part = (index - live) / (number - live - over)
            kickoff, status = now + timedelta(minutes=15) + timedelta(days=10) * part**2, "pending"
        else:
            kickoff, status = now - timedelta(hours=3 + 20 * (index - number + over) / max(1, over)), "settled"
        kickoff = kickoff.replace(second=0, microsecond=0)
        scores: dict[str, object] | None = None
        if status != "pending":
            scores = {"home": chance.choice((0, 0, 1, 1, 2, 3)), "away": chance.choice((0, 0, 1, 1, 2))}
        found.append(
            Fixture(
                FIRST_ID + index, home, away, "football", league.name, league.country, f"{kickoff:%Y-%m-%dT%H:%M:%SZ}",
                milliseconds_of(kickoff), status, scores=scores,
            )
        )  # fmt: skip
    return found


@click.command()
@click.option("--uri", required=True, help="A MongoDB replica set.")
@click.option("--name", default="console_seed", show_default=True, help="The database; it is emptied first.")
@click.option("--fixtures", default=1000, show_default=True)
def main(uri: str, name: str, fixtures: int) -> None:
    """Fill a database for the console."""
    with MongoClient[Document](uri, tz_aware=True, w="majority", journal=True) as client:
        client.drop_database(name)
        seeded = seed(client[name], sizes=Sizes(fixtures=fixtures))
    click.echo(f"{len(seeded.fixtures)} fixtures; the one with a history is {seeded.stirred.id}")


if __name__ == "__main__":
    main()
