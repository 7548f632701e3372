"""The request tracker under a fleet at full speed with kills: is the limit kept, is it used, what does it cost?

Run: `python benchmarks/bench_tracker.py [--limit 2000] [--window 6]`. It starts its own MongoDB. "by arrival" counts
a grant at the moment its reply had reached the process, which is as late as the provider could count it at best;
"p50/p99" are the times of granted requests while the other processes ask as fast as they can. "used %" means something
only where there are many refusals: a busy machine may be too slow to ask for the whole budget.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bson import encode
from pymongo import MongoClient
from rich.console import Console
from rich.table import Table

from PROPPR.SharedServices.storage.embedded import EmbeddedServer
from PROPPR.SharedServices.tracking.request_tracker import GlobalRequestTracker
from PROPPR.SharedServices.tracking.shares import DEFAULT_SHARES
from PROPPR.SharedServices.tracking.window import Window

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from tracker_fleet import Fleet, Outcome, most_in_any_window, run_fleet

CASES = (
    ("4 of one service", ("websocket_updater",) * 4, None),
    ("4 of one service, kill -9", ("websocket_updater",) * 4, 0.25),
    ("2 + 2 services, kill -9", ("websocket_updater", "unified_poller") * 2, 0.25),
    ("3 services, kill -9", ("websocket_updater", "unified_poller", "unified_poller", "grading"), 0.25),
)


def percentile(ordered: list[float], part: float) -> float:
    """Return the value below which the part of the ordered values lies."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def oplog_bytes(client: MongoClient[dict[str, Any]], namespace: str) -> int:
    """Return the bytes that the oplog holds for the collection."""
    stages = [{"$match": {"ns": namespace}}, {"$group": {"_id": None, "bytes": {"$sum": {"$bsonSize": "$$ROOT"}}}}]
    return next((int(row["bytes"]) for row in client["local"]["oplog.rs"].aggregate(stages)), 0)


def row_of(name: str, outcome: Outcome, oplog: int) -> list[str]:
    """Return the line of the table."""
    return [
        name,
        str(len(outcome.granted_at)),
        str(outcome.refusals),
        str(outcome.kills),
        f"{most_in_any_window(outcome.granted_at, outcome.window)} of {outcome.limit}",
        str(most_in_any_window(outcome.arrived, outcome.window)),
        f"{100 * outcome.used:.2f}",
        f"{percentile(outcome.latencies, 0.5):.2f}",
        f"{percentile(outcome.latencies, 0.99):.2f}",
        str(oplog // max(1, len(outcome.granted_at))),
    ]


def hour_with_every_bucket_used(client: MongoClient[dict[str, Any]], console: Console, rounds: int = 1000) -> None:
    """Time one caller at 5000 an hour, with the document as large as it gets: every bucket of every service."""
    database = client["bench_tracker_hour"]
    tracker = GlobalRequestTracker(5000, 1, database=database)
    tracker.acquire("unified_poller")
    window = Window.of_hours(1)
    key = {"_id": "odds_api:3600000"}
    newest = database["api_requests"].find_one(key, {"tick": 1}) or {}
    buckets = {str(newest["tick"] - age): 2 for age in range(window.span, -1, -1)}
    counts = {service: buckets for service in DEFAULT_SHARES}
    sums = {service: sum(buckets.values()) for service in DEFAULT_SHARES}
    full = {"counts": counts, "used": sums, "oldest": newest["tick"] - window.span}
    database["api_requests"].update_one(key, {"$set": full})
    before = oplog_bytes(client, "bench_tracker_hour.api_requests")
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        assert tracker.acquire("unified_poller")
        times.append((time.perf_counter() - started) * 1000)
    written = oplog_bytes(client, "bench_tracker_hour.api_requests") - before
    size = len(encode(database["api_requests"].find_one(key) or {}))
    times.sort()
    console.print(
        f"5000 per hour, one caller, full document of {size} bytes: p50 {percentile(times, 0.5):.2f} ms, "
        f"p99 {percentile(times, 0.99):.2f} ms, {written // rounds} bytes of oplog per acquire"
    )


def main() -> None:
    """Run every case and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, default=2000)
    parser.add_argument("--window", type=float, default=6.0, help="seconds")
    parser.add_argument("--windows", type=int, default=10)
    given = parser.parse_args()
    console = Console(width=140)
    table = Table(title=f"{given.limit} per {given.window} s, {given.windows} windows, 4 processes at full speed")
    heads = (
        "case",
        "grants",
        "refused",
        "kills",
        "most in any window",
        "by arrival",
        "used %",
        "p50 ms",
        "p99 ms",
        "oplog B/grant",
    )
    for head in heads:
        table.add_column(head, justify="left" if head == "case" else "right")
    with tempfile.TemporaryDirectory() as directory:
        server = EmbeddedServer(Path(directory) / "mongo", linger=1.0)
        server.start()
        try:
            with MongoClient[dict[str, Any]](server.uri, w="majority", journal=True) as client:
                for number, (name, services, kill_part) in enumerate(CASES):
                    console.print(f"running: {name}", highlight=False)
                    grants = Path(directory) / f"grants_{number}"
                    grants.mkdir()
                    kill_every = None if kill_part is None else kill_part * given.window
                    fleet = Fleet(
                        server.uri,
                        f"bench_{number}",
                        grants,
                        given.limit,
                        given.window,
                        given.windows,
                        services,
                        kill_every,
                    )
                    outcome = run_fleet(fleet)
                    table.add_row(*row_of(name, outcome, oplog_bytes(client, f"bench_{number}.api_requests")))
                console.print(table)
                hour_with_every_bucket_used(client, console)
        finally:
            server.discard()


if __name__ == "__main__":
    main()
