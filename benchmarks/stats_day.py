"""A day of the statistics: 50 leagues, 2,000 matches of a season from the simulator without a pause.

Prints processor time, memory and what is stored, for the first run and for a second one on the same day.
`python benchmarks/stats_day.py [--leagues 50] [--matches 2000]`.
"""

from __future__ import annotations

import json
import resource
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from harness import SimulatorControl, Stage, start_simulator
from pymongo import MongoClient
from pymongo.database import Database

from PROPPR.SharedServices.odds.types import Fixture
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.service.settings import load_settings
from PROPPR.SharedServices.storage.collections import ensure_collections
from PROPPR.SharedServices.storage.embedded import EmbeddedServer
from PROPPR.SharedServices.storage.fixtures import FixtureStore
from PROPPR.StatsUpdateFM.core.pipeline.report import RunReport
from PROPPR.StatsUpdateFM.core.pipeline.stats_update import StatsPipeline

MEGABYTE = 1e6
VIEWS = ("team_odds", "player_odds", "system.views")


def main_fixtures(control: SimulatorControl) -> list[Fixture]:
    """The coming fixtures as the odds side lists them."""
    found = []
    for event in control.read("/v3/events", apiKey="x", sport="football"):
        if event["status"] == "pending":
            country, _, league = event["league"]["name"].partition(" - ")
            kickoff = int(datetime.fromisoformat(event["date"]).timestamp() * 1000)
            found.append(
                Fixture(
                    event["id"], event["home"], event["away"], "football", league, country, event["date"], kickoff,
                    "pending", None, None, None,
                )
            )  # fmt: skip
    return found


def processor_seconds() -> float:
    """Of this process, all threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def peak_memory() -> float:
    """The most memory that was resident, in MB."""
    text = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line.split()[1] for line in text.splitlines() if line.startswith("VmHWM"))) / 1000


def stored(database: Database[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Megabytes on disk, documents and indexes, by collection."""
    database.client.admin.command("fsync")
    found = {}
    for name in sorted(database.list_collection_names()):
        if name not in VIEWS:
            stats = database.command("collStats", name)
            found[name] = {
                "documents": stats["count"],
                "data": stats["storageSize"] / MEGABYTE,
                "reusable": stats.get("freeStorageSize", 0) / MEGABYTE,
                "indexes": stats["totalIndexSize"] / MEGABYTE,
            }
    return found


def measured(pipeline: StatsPipeline, title: str) -> tuple[RunReport, float]:
    """Make a run and say what it took."""
    clock, begun = SystemClock(), processor_seconds()
    started = clock.monotonic()
    report = pipeline.run_daily_update()
    used = processor_seconds() - begun
    click.echo(
        f"{title}: {used:.1f} s of processor, {clock.monotonic() - started:.0f} s by the clock, "
        f"peak {peak_memory():.0f} MB resident"
    )
    click.echo(f"  {json.dumps(dict(report.summary()))}")
    for problem in report.all_problems[:5]:
        click.echo(f"  {problem.text}")
    return report, used


@click.command()
@click.option("--leagues", default=50)
@click.option("--matches", default=2000)
@click.option("--fixtures", default=500)
def main(leagues: int, matches: int, fixtures: int) -> None:
    """Measure."""
    folder = Path(tempfile.mkdtemp(prefix="stats-day-"))
    stage, server = Stage(folder), EmbeddedServer(folder / "mongo", cache_bytes=2**28, oplog_bytes=2**28, linger=1.0)
    server.start()
    try:
        _, control = start_simulator(
            stage, fixtures=fixtures, fotmob_leagues=leagues, fotmob_history=-(-matches // leagues),
            horizon_hours=24 * 13, rate=1,
        )  # fmt: skip
        client: MongoClient[dict[str, Any]] = MongoClient(server.uri, tz_aware=True, w="majority")
        database = client["day"]
        ensure_collections(database)
        before = sum(each["data"] + each["indexes"] for each in stored(database).values())
        coming = main_fixtures(control)
        FixtureStore(database, SystemClock()).upsert_many(coming, "api_poller")
        environment = {
            "FOTMOB_BASE_URL": f"{control.base_url}/fotmob/api/data",
            "PROPPR_FOTMOB_PAUSE": "0",
            # What is left after this season's matches is not enough for the season before.
            "PROPPR_FOTMOB_REQUESTS_PER_DAY": str(matches + 9 * leagues),
        }
        pipeline = StatsPipeline(database=database, settings=load_settings(environment, None))
        click.echo(f"{len(coming)} fixtures; {peak_memory():.0f} MB resident before")
        _, first = measured(pipeline, "first run")
        parts = stored(database)
        _, second = measured(pipeline, "second run")
        pipeline.close()
        for name, each in parts.items():
            if each["documents"]:
                click.echo(
                    f"  {name:20} {each['documents']:7.0f} documents {each['data']:6.2f} + {each['indexes']:5.2f} MB"
                    f" ({each['reusable']:.2f} reusable)"
                )
        total = sum(each["data"] + each["indexes"] for each in parts.values()) - before
        click.echo(f"stored: {total:.1f} MB; second run: {100 * second / first:.1f} % of the first")
    finally:
        stage.end()
        server.discard()


if __name__ == "__main__":
    main()
