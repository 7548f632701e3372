"""What it costs the updater that value bets and arbitrages follow its books, and how soon they do.

In one process, as in the updater: frames are decoded, merged and stored while the follower derives behind the writer.
Prices scatter by 2 % around a fair one with a margin of 5 %, so that both kinds occur, far more often than in reality.
"""

from __future__ import annotations

import random
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
from load import FIRST_ID, Feed, Shape
from pymongo import MongoClient
from pymongo.database import Database
from rig import CLOCK, Ours, paced

from PROPPR.SharedServices.odds.arbitrage import ArbitrageRule
from PROPPR.SharedServices.odds.types import Fixture
from PROPPR.SharedServices.storage.collections import ensure_collections
from PROPPR.SharedServices.storage.derived.arbitrage_bets import ArbitrageBets
from PROPPR.SharedServices.storage.derived.follower import BooksFollower
from PROPPR.SharedServices.storage.derived.product import Product
from PROPPR.SharedServices.storage.derived.value_bets import ValueBets, ValueRule
from PROPPR.SharedServices.storage.embedded import EmbeddedServer
from PROPPR.SharedServices.storage.fixtures import FixtureStore

PAUSE = threading.Event()


class FairFeed(Feed):
    """Frames whose prices are near a fair one, quoted now."""

    def _market(self, fixture: int, book: int, index: int) -> dict[str, object]:
        at = datetime.fromtimestamp(CLOCK.now_ms() / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
        return {"name": self.market(index), "updatedAt": f"{at}Z", "odds": self._rows(fixture, book, index)}

    def _rows(self, fixture: int, book: int, index: int) -> list[dict[str, object]]:
        if index == 0:
            return [{"home": "2.45", "draw": "3.40", "away": "2.95"}]
        rows = self._books.get((fixture, book, index))
        if rows is None:
            rows = self._books[fixture, book, index] = [{"hdp": n + 0.5} for n in range(self._shape.lines)]
            for row in rows:
                self._requote(row, fixture, index)
        for row in self._random.sample(rows, 2):
            self._requote(row, fixture, index)
        return rows

    def _requote(self, row: dict[str, object], fixture: int, index: int) -> None:
        over = 0.3 + 0.4 * random.Random(f"{fixture} {index} {row['hdp']}").random()
        for side, chance in (("over", over), ("under", 1 - over)):
            row[side] = f"{max(1.01, (1 + self._random.gauss(0, 0.02)) / (chance * 1.05)):.3f}"


def products(what: str, database: Database[dict[str, Any]]) -> list[Product]:
    """The derived products of a run: none, values, or both."""
    values = ValueBets(database, CLOCK, ValueRule(("Book 0", "Book 1")), "websocket")
    arbitrages = ArbitrageBets(database, CLOCK, ArbitrageRule(), "websocket")
    return {"none": [], "values": [values], "both": [values, arbitrages]}[what]


def run(what: str, uri: str, shape: Shape, rate: float, seconds: float) -> Sequence[object]:
    """One row of the table."""
    client: MongoClient[dict[str, Any]] = MongoClient(uri, tz_aware=True, w="majority", journal=True)
    database = client[f"derived_{what}"]
    ensure_collections(database)
    kickoff = CLOCK.now_ms() + 7_200_000
    registry = FixtureStore(database, CLOCK)
    registry.upsert_many(
        [
            Fixture(FIRST_ID + number, "Home", "Away", "football", "League", "Country", "", kickoff, "pending")
            for number in range(shape.fixtures)
        ],
        "websocket",
    )
    derived = products(what, database)
    follower = BooksFollower(database, CLOCK, derived, registry.get, "websocket", retention=timedelta(days=30))
    follower.start()
    with Ours(database, listeners=[follower] if derived else []) as ours:
        feed = FairFeed(shape, seed=3)
        for frame in feed.whole_books():
            ours.feed(frame)
        ours.wait(300)
        settle(follower)
        ours.latencies.values.clear()
        before, cpu = follower.statistics(), time.process_time()
        for _, frame in paced(feed.messages(int(rate * seconds)), rate):
            ours.feed(frame)
        ours.wait(300)
        cpu = time.process_time() - cpu
        silent = CLOCK.monotonic()
        settle(follower)
        lag = CLOCK.monotonic() - silent
    after = follower.statistics()
    follower.stop(CLOCK.monotonic() + 10)
    counts = [database[name].estimated_document_count() for name in ("all_value_bets", "arbitrage_bets")]
    client.drop_database(database.name)
    client.close()
    latency = "/".join(f"{ours.latencies.quantile(share):.1f}" for share in (0.5, 0.9, 0.99))
    turned = (after["fixtures"] - before["fixtures"]) / seconds
    again = after["overtaken"] - before["overtaken"]
    return what, latency, f"{cpu / seconds:.2f}", f"{lag:.2f}", f"{turned:.0f}", again, *counts


def settle(follower: BooksFollower) -> None:
    """Until nothing waits to be derived."""
    while follower.pending:
        PAUSE.wait(0.01)


@click.command()
@click.option("--rate", default=500.0, help="Messages a second.")
@click.option("--seconds", default=15.0)
@click.option("--fixtures", default=100)
@click.option("--bookmakers", default=15)
@click.option("--rounds", default=1)
def main(rate: float, seconds: float, fixtures: int, bookmakers: int, rounds: int) -> None:
    """Compare storing books alone with deriving value bets, and arbitrages too, in turns."""
    shape = Shape(fixtures=fixtures, bookmakers=bookmakers)
    click.echo("derived  p50/p90/p99 ms  cores  behind s  fixtures/s  again  value bets  arbitrages")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = EmbeddedServer(folder / "mongo", cache_bytes=2**30, oplog_bytes=2**30)
        server.start()
        stack.callback(server.discard)
        for _ in range(rounds):
            for what in ("none", "values", "both"):
                click.echo("  ".join(str(cell) for cell in run(what, server.uri, shape, rate, seconds)))


if __name__ == "__main__":
    main()
