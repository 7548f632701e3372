"""`make fleet-soak`: the whole fleet for an hour at 500 messages a second under the fault plan of `make soak`.

Real processes: mongod, the stand-in of the provider and FotMob, the four services, and bots that bet. It ends with the
truth (books, drops, bets) and with what an hour has to show: memory that does not grow, no queue that grows, no file
left open, and books whose newest quote is less than a second old. Exit code 1, with a line for each broken promise.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

import click
from fleet_bets import Bets, check_bets
from fleet_outcome import Watched, books_of, ends_of, notes_of
from fleet_report import show
from fleet_stage import NAMES, Fleet, Plan, fault_plan
from fleet_verdict import Result, fresh_of, slopes_of
from fleet_watch import CATCHING_UP
from harness import PAUSE, Stage
from oracle import Verdict, check_history_of, fixtures_with_prices
from pymongo import MongoClient
from soak import Documents, Outcome, judge

BETS_WITHIN = 90.0


def history_in_processes(database: Documents, threshold: float, verdict: Verdict) -> None:
    """`oracle.check_history` on all processors: an hour has tens of millions of changes."""
    host, port = database.client.address or ("", 0)
    ids = fixtures_with_prices(database)
    workers = os.cpu_count() or 1
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        jobs = [pool.submit(_history_of, f"{host}:{port}", database.name, ids[n :: 4 * workers], threshold)
                for n in range(4 * workers)]  # fmt: skip
        for job in jobs:
            verdict.add(job.result())
    verdict.changes = sum(verdict.by_source.values())


def _history_of(address: str, name: str, ids: Iterable[int], threshold: float) -> Verdict:
    verdict = Verdict()
    with MongoClient[dict[str, Any]](f"mongodb://{address}/?directConnection=true", tz_aware=True) as client:
        for fixture_id in ids:
            check_history_of(client[name], fixture_id, threshold, verdict)
    return verdict


def settled_bets(database: Documents) -> Bets:
    """The verdict on the bets, once nothing of it is left to wait for, or at the end of patience."""
    deadline = time.monotonic() + BETS_WITHIN
    while (found := check_bets(database)).faults and time.monotonic() < deadline:
        PAUSE.wait(5)
    return found


def run(plan: Plan, folder: Path, stack: ExitStack) -> Result:
    """Soak, and judge."""
    stage = Stage(folder)
    folder.mkdir(parents=True, exist_ok=True)
    fleet = Fleet(plan, stage, stack)
    watched = Watched(fleet)
    watched.start()
    stage.log("the fleet is ready and warms up")
    fleet.warm_up()
    watched.judge()
    stage.log("from now on all is judged")
    fleet.go_on(plan.minutes * 60 - plan.judged_from)
    watched.stop()
    fleet.fall_silent()
    outcome = judge(fleet.simulator, fleet.database, None, 240, history_in_processes)
    stage.log("books and history are compared")
    bets = settled_bets(fleet.database)
    return _result(fleet, watched, outcome, bets)


def _result(fleet: Fleet, watched: Watched, outcome: Outcome, bets: Bets) -> Result:
    plan, sampler, freshness = fleet.plan, watched.sampler, watched.freshness
    length = watched.end - sampler.began
    stretch = (plan.judged_from, length)
    slopes = [slopes_of(name, series, stretch, service=name in NAMES) for name, series in sampler.series.items()]
    kills = [at for service in fleet.services for at in service.killed_at]
    fresh = fresh_of(
        freshness.stored.stale(watched.end), freshness.made.stale(watched.end), (freshness.begin, watched.end),
        watched.withheld.stretches(after=CATCHING_UP), (freshness.stored.oldest, freshness.made.oldest), kills,
    )  # fmt: skip
    notes = notes_of(fleet, watched)
    ends = ends_of(fleet, outcome, bets)
    return Result(asdict(plan), length, length - stretch[0], slopes, fresh, bets, books_of(outcome), ends, notes)


def _plain(value: object) -> object:
    """A part of a result as JSON has it."""
    return vars(value) if is_dataclass(value) else str(value)


@click.command(help=__doc__)
@click.option("--minutes", default=95.0, help="All of it: the warm-up, and an hour that is judged.")
@click.option("--rate", default=500.0, help="Messages a second.")
@click.option("--fixtures", default=120)
@click.option("--bookmakers", default=6)
@click.option("--seed", default=1)
@click.option("--fault-share", default=1 / 6, help="Of the rates per message of `make soak`: as many faults an hour.")
@click.option("--faults", default=None, help="Another fault plan; empty for none.")
@click.option("--kills", default=0, help="kill -9 of each service; the minute after each is then left out of the age.")
@click.option("--warm-up", default=35.0, help="Minutes before anything is judged: until then caches fill and the "
              "allocator finds its size.")  # fmt: skip
@click.option("--outage", default=40.0, help="Seconds for which MongoDB stands still in the middle of the warm-up.")
@click.option("--every", default=5.0, help="Seconds between two samples.")
@click.option("--folder", type=click.Path(path_type=Path), help="Leave data, logs and samples here (TMPDIR else).")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write all figures here.")
def main(
    minutes: float, rate: float, fixtures: int, bookmakers: int, seed: int, fault_share: float, faults: str | None,
    kills: int, warm_up: float, every: float, outage: float, folder: Path | None, file: Path | None,
) -> None:  # fmt: skip
    """Run, show, and say whether every promise held."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # or the processes would go on alone
    faults = fault_plan(fault_share, faults)
    plan = Plan(minutes, rate, fixtures, bookmakers, seed, faults, kills, warm_up, every, outage)
    with ExitStack() as stack:
        result = run(plan, folder or Path(stack.enter_context(tempfile.TemporaryDirectory())), stack)
        broken = result.broken()
        show(result, broken)
        if file is not None:
            file.write_text(json.dumps(vars(result) | {"broken": broken}, indent=1, default=_plain), encoding="utf-8")
    if broken:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
