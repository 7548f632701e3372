"""Which documents should hold the books? Measures four shapes on real sizes; docs/storage.md has the conclusions.

    python benchmarks/storage_shapes.py [--rounds 3] [--seconds 2] [--fixtures 40]

A fixture has one large book (60 markets, 1,000 rows, 10 of the markets of players, as Bet365 has) and 14 of 20 markets
x 8 lines. A message has 13 quotes in 6 markets: two changed (replaced), four only confirmed (`updatedAt`, `sequence`).
Every write is a compare-and-set with the history in the same operation, acknowledged by the majority and the journal.
Shapes take turns in every round, since the machine's speed drifts.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from time import perf_counter
from typing import Any

import bson
from bson import Int64
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient, UpdateOne
from pymongo.database import Database

from PROPPR.SharedServices.storage.collections import ensure_collections
from PROPPR.SharedServices.storage.embedded import EmbeddedServer

Document = dict[str, Any]
NOW = datetime(2026, 5, 27, 4, 11, tzinfo=UTC)
ISO = "2026-05-27T04:11:00.532Z"
SHAPES = ("fixture", "book", "segment", "market")
PLAYER_ROWS = (44, 12, 178, 88, 120, 143, 84, 88, 49, 12)
BULK = 200


@dataclass(frozen=True)
class Market:
    """A market of the generated day: its place and its size."""

    fixture: int
    book: str
    segment: str
    name: str
    rows: int

    def document(self, generator: random.Random) -> Document:
        """A new quote of the market, as stored."""
        rows = [
            {"hdp": row - 0.5, "over": generator.randint(1100, 9999) / 1000, "under": 1.8, "changedAt": ISO}
            for row in range(self.rows)
        ]
        quote: Document = {"name": self.name, "updatedAt": ISO, "odds": rows, "players": [], "sequence": 55711830}
        if self.segment != "team":
            quote["odds"] = []
            quote["players"] = [
                {"player_name": f"Player Number {number}", "team_side": "home", "odds": [row]}
                for number, row in enumerate(rows)
            ]
        return quote


def markets_of(fixture: int) -> list[Market]:
    large = [Market(fixture, "Bet365", "team", f"Team Market {number}", 1 + number % 7) for number in range(50)]
    for number, rows in enumerate(PLAYER_ROWS):
        large.append(Market(fixture, "Bet365", f"Player Market {number}", f"Player Market {number}", rows))
    small = [
        Market(fixture, f"Bookmaker {book}", "team", f"Market {number}", 8)
        for book in range(14)
        for number in range(20)
    ]
    return large + small


def place(shape: str, market: Market) -> tuple[str, str]:
    """The document and the path inside it that hold a market."""
    if shape == "fixture":
        return str(market.fixture), f"books.{market.book}.{market.name}"
    if shape == "book":
        return f"{market.fixture}|{market.book}", f"markets.{market.name}"
    if shape == "segment":
        return f"{market.fixture}|{market.book}|{market.segment}", f"markets.{market.name}"
    return f"{market.fixture}|{market.book}|{market.name}", f"markets.{market.name}"


def documents(shape: str, markets: list[Market], generator: random.Random) -> Iterator[Document]:
    found: dict[str, Document] = {}
    for market in markets:
        key, path = place(shape, market)
        part = found.setdefault(key, frame(key, market))
        part["has_team" if market.segment == "team" else "has_player"] = True
        *parents, leaf = path.split(".")
        for parent in parents:
            part = part.setdefault(parent, {})
        part[leaf] = market.document(generator)
    yield from found.values()


def frame(key: str, market: Market) -> Document:
    return {
        "_id": key,
        "fixture_id": Int64(market.fixture),
        "bookmaker": market.book,
        "segment": market.segment,
        "has_team": False,
        "has_player": False,
        "revision": Int64(0),
        "source": "websocket",
        "last_updated": NOW,
        "expires_at": NOW + timedelta(days=3650),
        "markets": {},
    }


class Feed:
    """Messages as operations of one shape; the same seed gives the same messages to every shape."""

    def __init__(self, shape: str, fixtures: int, seed: int) -> None:
        self._shape = shape
        self._random = random.Random(seed)
        self._books: dict[tuple[int, str], list[Market]] = defaultdict(list)
        for fixture in range(1, fixtures + 1):
            for market in markets_of(fixture):
                self._books[market.fixture, market.book].append(market)
        self._keys = list(self._books)

    def message(self) -> list[UpdateOne]:
        large = self._random.random() < 0.3
        fixture, book = self._random.choice(self._keys)
        markets = self._books[fixture, "Bet365" if large else book]
        chosen = self._random.sample(markets, 6)
        sets: dict[str, Document] = defaultdict(dict)
        changed = set()
        for position, market in enumerate(chosen):
            key, path = place(self._shape, market)
            if position < 2:
                sets[key][path] = market.document(self._random)
                changed.add(key)
            else:
                sets[key][f"{path}.updatedAt"] = ISO
                sets[key][f"{path}.sequence"] = self._random.getrandbits(40)
        return [self._operation(key, values, key in changed) for key, values in sets.items()]

    def _operation(self, key: str, values: Document, changed: bool) -> UpdateOne:
        values["last_updated"] = NOW
        if changed:
            lines = [{"market": "Spread", "side": "home", "hdp": -1.0, "price": 1.95, "previous": 2.0}] * 4
            history = [{"_id": f"{key}|7|0", "fixture_id": 1, "bookmaker": "Bet365", "timestamp": NOW, "lines": lines}]
            values["journal"] = history
        return UpdateOne({"_id": key, "revision": {"$gte": 0}}, {"$set": values, "$inc": {"revision": 1}})


def fill(database: Database[Document], shape: str, fixtures: int) -> None:
    generator = random.Random(1)
    for fixture in range(1, fixtures + 1):
        database["odds_books"].insert_many(list(documents(shape, markets_of(fixture), generator)))
    heads = [
        {"id": Int64(fixture), "home": "H", "away": "A", "sport": "football", "league": "L", "country": "C"}
        | {"date": ISO, "kickoff": NOW, "status": "pending", "last_seen": NOW}
        for fixture in range(1, fixtures + 1)
    ]
    database["fixtures"].insert_many(heads)


def full_speed(database: Database[Document], feed: Feed, seconds: float) -> float:
    """Messages per second in bulks of 200, one thread."""
    end, done, spent = perf_counter() + seconds, 0, 0.0
    while perf_counter() < end:
        operations = [operation for _ in range(BULK) for operation in feed.message()]
        started = perf_counter()
        database["odds_books"].bulk_write(operations, ordered=False)
        spent += perf_counter() - started
        done += BULK
    return done / spent


def paced(database: Database[Document], feed: Feed, rate: float, seconds: float) -> list[float]:
    """Milliseconds from when each message was due to its acknowledgement; the writer takes all that are due at once."""
    messages = [feed.message() for _ in range(int(rate * seconds))]
    pause, latencies, sent = Event(), list[float](), 0
    start = perf_counter()
    while sent < len(messages):
        due = min(len(messages), int((perf_counter() - start) * rate) + 1, sent + 1000)
        if due <= sent:
            pause.wait(max(0.0, start + sent / rate - perf_counter()))
            continue
        batch = [operation for message in messages[sent:due] for operation in message]
        database["odds_books"].bulk_write(batch, ordered=False)
        acknowledged = perf_counter()
        latencies += [(acknowledged - start - number / rate) * 1000 for number in range(sent, due)]
        sent = due
    return latencies


def oplog_bytes(client: MongoClient[Document], messages: int, before: bson.Timestamp) -> float:
    pipeline: list[Document] = [
        {"$match": {"ts": {"$gt": before}, "op": "u"}},
        {"$group": {"_id": 0, "n": {"$sum": {"$bsonSize": "$$ROOT"}}}},
    ]
    found = list(client.local["oplog.rs"].aggregate(pipeline))
    return float(found[0]["n"]) / messages if found else 0.0


def reads(database: Database[Document], shape: str, fixtures: int) -> list[float]:
    """Milliseconds of the reader's find_one, through the view or, for the stored shape, directly."""
    raw = CodecOptions[RawBSONDocument](document_class=RawBSONDocument)
    stored = shape == "fixture"
    collection = database.get_collection("odds_books" if stored else "team_odds", codec_options=raw)
    times = []
    for number in range(100):
        started = perf_counter()
        assert collection.find_one({("fixture_id" if stored else "id"): number % fixtures + 1}) is not None
        times.append((perf_counter() - started) * 1000)
    return times


def measure(client: MongoClient[Document], shape: str, options: argparse.Namespace, seed: int) -> dict[str, float]:
    client.drop_database("shapes")
    database = client["shapes"]
    ensure_collections(database)
    fill(database, shape, options.fixtures)
    largest: Document = {"$group": {"_id": 0, "n": {"$max": {"$bsonSize": "$$ROOT"}}}}
    sizes = list(database["odds_books"].aggregate([largest]))
    feed = Feed(shape, options.fixtures, seed)
    found: dict[str, float] = {"largest KB": sizes[0]["n"] / 1000}
    found["messages/s"] = full_speed(database, feed, options.seconds)
    for rate in (500, 2000):
        before = client.admin.command("hello")["lastWrite"]["opTime"]["ts"]
        latencies = paced(database, feed, rate, options.seconds)
        found |= {f"p50 @{rate}": quantile(latencies, 0.5), f"p99 @{rate}": quantile(latencies, 0.99)}
        if rate == 500:
            found["oplog B/message"] = oplog_bytes(client, len(latencies), before)
    times = reads(database, shape, options.fixtures)
    return found | {"read p50": quantile(times, 0.5), "read p99": quantile(times, 0.99)}


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def report(results: dict[str, list[dict[str, float]]], write: Callable[[str], None] = print) -> None:
    columns = list(next(iter(results.values()))[0])
    write("| shape | " + " | ".join(columns) + " |\n|" + " --- |" * (len(columns) + 1))
    for shape, rounds in results.items():
        cells = []
        for column in columns:
            values = [found[column] for found in rounds]
            digits = 0 if statistics.median(values) >= 100 else 1
            spread = "" if len(values) < 2 else f" ({min(values):,.{digits}f}-{max(values):,.{digits}f})"
            cells.append(f"{statistics.median(values):,.{digits}f}{spread}")
        write(f"| {shape} | " + " | ".join(cells) + " |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--fixtures", type=int, default=40)
    parser.add_argument("--shapes", nargs="+", choices=SHAPES, default=list(SHAPES))
    options = parser.parse_args()
    results: dict[str, list[dict[str, float]]] = {shape: [] for shape in options.shapes}
    with tempfile.TemporaryDirectory() as directory:
        server = EmbeddedServer(Path(directory), cache_bytes=1 << 30, oplog_bytes=1 << 30, linger=1.0)
        server.start()
        with MongoClient[Document](server.uri, w="majority", journal=True) as client:
            for number in range(options.rounds):
                for shape in options.shapes:
                    results[shape].append(measure(client, shape, options, seed=number))
        server.discard()
    report(results)


if __name__ == "__main__":
    main()
