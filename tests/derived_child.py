"""A service as a process of its own: stores seeded prices and derives from them, until it is killed or told to end."""

from __future__ import annotations

import sys
import threading
from datetime import timedelta
from decimal import Decimal
from random import Random

from pymongo import MongoClient

from PROPPR.SharedServices.odds.arbitrage import ArbitrageRule
from PROPPR.SharedServices.odds.drops import DropRule
from PROPPR.SharedServices.odds.types import Line, MarketUpdate
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.storage.books.store import BookStore
from PROPPR.SharedServices.storage.books.writer import BookWriter
from PROPPR.SharedServices.storage.derived.arbitrage_bets import ArbitrageBets
from PROPPR.SharedServices.storage.derived.chores import Rhythm
from PROPPR.SharedServices.storage.derived.follower import BooksFollower
from PROPPR.SharedServices.storage.derived.value_bets import ValueBets, ValueRule
from PROPPR.SharedServices.storage.fixtures import FixtureStore

BOOKMAKERS = ("M88", "FB Sports", "Bet365", "Unibet", "BetOnline.ag")
VALUE = ValueRule(("M88", "FB Sports"))
ARBITRAGE = ArbitrageRule(max_age=None, max_age_in_play=None)
RETENTION = timedelta(days=30)


def main(uri: str, name: str, seed: int, count: int, fixtures: int) -> None:
    clock = SystemClock()
    database = MongoClient(uri, tz_aware=True, w="majority", journal=True)[name]
    products = [
        ValueBets(database, clock, VALUE, "websocket"),
        ArbitrageBets(database, clock, ARBITRAGE, "websocket"),
    ]
    follower = BooksFollower(
        database, clock, products, FixtureStore(database, clock).get, "websocket",
        retention=RETENTION, rhythm=Rhythm(0.5, 0.3, 0.3), silent_after=1.5,
    )  # fmt: skip
    done: list[int] = []
    writer = BookWriter(
        BookStore(database, clock, DropRule(Decimal("0.05")), RETENTION), clock,
        on_done=lambda tickets, _: done.extend(tickets), set_aside=lambda *found: None, listeners=[follower],
    )  # fmt: skip
    follower.start()
    writer.start()
    random, pause = Random(seed), threading.Event()
    for ticket in range(1, count + 1):
        fixture, bookmaker = random.randrange(fixtures), random.choice(BOOKMAKERS)
        line = Line(home=random.choice((1.8, 1.95, 2.1)), away=random.choice((1.8, 1.95, 2.1)))
        market = random.choice(("Draw No Bet", "ML HT"))
        at = clock.now_ms()
        update = MarketUpdate(fixture, bookmaker, bookmaker, market, False, at, None, (line,))
        writer.submit([update], ticket=ticket, received_at=clock.monotonic())
        if ticket % 50 == 0:
            pause.wait(0.02)
        if ticket == count // 2:
            print("half", flush=True)
    while len(done) < count:
        pause.wait(0.01)
    print("stored", flush=True)
    sys.stdin.readline()
    writer.stop(clock.monotonic() + 20)
    follower.stop(clock.monotonic() + 20)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6]))
