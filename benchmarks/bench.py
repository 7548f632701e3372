"""`make bench`: the speed of the ways from a frame or an answer to majority-committed books, as ratios within one run.

Everything runs on one machine and shares its cores with mongod, so only the ratios mean something elsewhere.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click
from bench_grading import grade
from bench_poll import poll
from bench_pure import pure
from load import Feed, Shape
from pymongo import MongoClient, UpdateOne
from pymongo.database import Database
from rich.console import Console
from rich.table import Table
from rig import Barest, Latencies, Naive, Ours, paced, per_second

from PROPPR.SharedServices.storage.collections import ensure_collections
from PROPPR.SharedServices.storage.embedded import EmbeddedServer

PARTS = ("throughput", "latency", "sustained", "memory", "stages", "pure", "poll", "grade")
Document = dict[str, Any]
Rows = list[tuple[str, str, str]]


def throughput(database: Database[Document], shape: Shape, count: int, rows: Rows) -> None:
    """Messages a second: the naive loop, ours, the floor."""
    feed = Feed(shape)
    whole = list(feed.whole_books())
    frames = list(feed.messages(count))
    naive = Naive(database)
    naive.prepare(whole)
    started = time.perf_counter()
    few = frames[: max(500, count // 20)]
    for frame in few:
        naive.feed(frame)
    slow = per_second(len(few), started)
    rows.append(("naive loop: update_one a message, 100 KB documents", f"{slow:,.0f} messages/s", "1"))
    database["naive"].drop()
    with Ours(database) as ours:
        for frame in whole:
            ours.feed(frame)
        ours.wait()
        started = time.perf_counter()
        for frame in frames:
            ours.feed(frame)
        ours.wait()
        fast = per_second(len(frames), started)
        statistics = ours.writer.statistics()
    rows.append(("ours, as fast as it goes", f"{fast:,.0f} messages/s", f"{fast / slow:.1f} x (goal 10 x)"))
    rows.append(("  updates per document written", f"{statistics['updates'] / statistics['documents']:.1f}", ""))
    rows.append(("floor: raw bulks of minimal updates", f"{floor(database):,.0f} updates/s", ""))


def floor(database: Database[Document], count: int = 40_000, bulk: int = 200) -> float:
    """The most updates a second that this mongod takes: bulks of one small field in small documents."""
    small = database["floor"]
    small.insert_many([{"_id": number, "x": 0} for number in range(2000)])
    started = time.perf_counter()
    for start in range(0, count, bulk):
        operations = [UpdateOne({"_id": n % 2000}, {"$set": {"x": n}}) for n in range(start, start + bulk)]
        small.bulk_write(operations, ordered=False)
    rate = per_second(count, started)
    small.drop()
    return rate


def latency(database: Database[Document], shape: Shape, seconds: int, rounds: int, rows: Rows) -> None:
    """Frame received to majority-committed at 500 messages a second, in turns with the barest loop."""
    feed = Feed(shape, seed=2)
    barest, mine = Latencies(), Latencies()
    with Ours(database) as ours:
        for frame in feed.whole_books():
            ours.feed(frame)
        ours.wait()
        for _ in range(rounds):
            loop = Barest(database)
            loop.run(paced(feed.messages(500 * seconds), 500))
            barest.values += loop.latencies.values
            ours.latencies.values.clear()
            for _, frame in paced(feed.messages(500 * seconds), 500):
                ours.feed(frame)
            ours.wait()
            mine.values += ours.latencies.values
    for name, measured in (("barest loop", barest), ("ours", mine)):
        figures = f"p50 {measured.quantile(0.5):.1f} ms, p99 {measured.quantile(0.99):.1f} ms"
        ratio = f"p99 {measured.quantile(0.99) / barest.quantile(0.99):.1f} x (goal 3 x)" if measured is mine else "1"
        rows.append((f"500 messages/s, {name}", figures, ratio))


def sustained(database: Database[Document], shape: Shape, rate: int, seconds: int, rows: Rows) -> None:
    """A high rate held for a minute: the queue stays bounded and latency low."""
    with Ours(database) as ours:
        feed = Feed(shape, seed=3)
        for frame in feed.whole_books():
            ours.feed(frame)
        ours.wait()
        ours.latencies.values.clear()
        ours.deepest = 0
        frames = list(feed.messages(rate * seconds))
        started = time.perf_counter()
        for _, frame in paced(frames, rate):
            ours.feed(frame)
        reached = per_second(len(frames), started)
        ours.wait()
        statistics = ours.writer.statistics()
    figures = f"p50 {ours.latencies.quantile(0.5):.0f} ms, p99 {ours.latencies.quantile(0.99):.0f} ms (goal 500)"
    rows.append((f"{rate} messages/s for {seconds} s, reached {reached:,.0f}", figures, ""))
    detail = f"{statistics['conflated']} conflated, sender blocked {statistics['blocked']} times"
    rows.append(("  deepest queue", f"{ours.deepest} updates; {detail}", ""))


def memory(rows: Rows) -> None:
    """Resident memory of a fresh process that holds 1,000 fixtures x 5 bookmakers x 20 markets x 8 lines."""
    script = Path(__file__).with_name("bench_memory.py")
    done = subprocess.run([sys.executable, str(script)], check=True, capture_output=True, text=True, timeout=300)
    rows.append(("books of 800,000 lines in memory", done.stdout.strip(), "goal 200 MB"))


@click.command()
@click.option("--quick", is_flag=True, help="A shorter run, for a look.")
@click.option("--only", multiple=True, type=click.Choice(PARTS))
def main(quick: bool, only: tuple[str, ...]) -> None:
    """Run all benchmarks and print one table."""
    rows: Rows = []
    shape = Shape(fixtures=60 if quick else 300)
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedServer(Path(folder), cache_bytes=4 * 2**30, oplog_bytes=2**30)
        server.start()
        try:
            run(server.uri, shape, quick, only, rows)
        finally:
            server.discard()
    table = Table("what", "measured", "ratio")
    for row in rows:
        table.add_row(*row)
    Console(width=150).print(table)


def run(uri: str, shape: Shape, quick: bool, only: tuple[str, ...], rows: Rows) -> None:
    """All parts, each on its own database."""
    from stages import stages

    client: MongoClient[Document] = MongoClient(uri, tz_aware=True, w="majority", journal=True)
    parts = {
        "throughput": lambda database: throughput(database, shape, 10_000 if quick else 60_000, rows),
        "latency": lambda database: latency(database, shape, 5 if quick else 15, 1 if quick else 3, rows),
        "sustained": lambda database: sustained(database, shape, 5000, 10 if quick else 60, rows),
        "stages": lambda database: stages(database, shape, rows),
        "memory": lambda _: memory(rows),
        "pure": lambda _: pure(rows),
        "poll": lambda database: poll(database, uri, quick, rows),
        "grade": lambda database: grade(database, uri, quick, rows),
    }
    for name, part in parts.items():
        if not only or name in only:
            database = client[f"bench_{name}"]
            ensure_collections(database, history_days=90)
            part(database)
            client.drop_database(database.name)
    client.close()


if __name__ == "__main__":
    main()
