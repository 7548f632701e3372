"""Kill a daily run of the statistics with -9 at 20 random points, and compare what it leaves with an undisturbed run.

`python benchmarks/stats_kills.py [--kills 20] [--seed 1] [--fixtures 12] [--history 20]`: exit code 1 if anything
differs. The points are database writes, before and after; the processes are real, FotMob is the generated one.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from stats_kills import kill_a_run

from PROPPR.SharedServices.storage.embedded import EmbeddedServer


@click.command()
@click.option("--kills", default=20)
@click.option("--seed", default=1)
@click.option("--fixtures", default=12)
@click.option("--history", default=20)
def main(kills: int, seed: int, fixtures: int, history: int) -> None:
    """Kill and compare."""
    folder = Path(tempfile.mkdtemp(prefix="stats-kills-"))
    server = EmbeddedServer(folder, cache_bytes=2**28, oplog_bytes=2**28, linger=1.0)
    server.start()
    try:
        world = {"fixtures": fixtures, "history": history}
        result = kill_a_run(server.uri, "kills", kills, seed, world)
    finally:
        server.discard()
    click.echo(f"{result.moments} writes in an undisturbed run; killed at {sorted(result.killed_at)}")
    click.echo(
        f"{result.processes} processes; " + (f"DIFFERENT: {result.differences}" if result.differences else "equal")
    )
    sys.exit(1 if result.differences else 0)


if __name__ == "__main__":
    main()
