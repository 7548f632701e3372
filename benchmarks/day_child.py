"""The poller of poller_day.py: a process of its own, in simulated time. Prints what it did when it ends."""

from __future__ import annotations

import json
import signal
import threading
from typing import Any

import click
from pydantic import SecretStr
from pymongo import MongoClient
from pymongo.database import Database
from scaled_tracker import ScaledTracker

from PROPPR.SharedServices.providers.odds_api.client import OddsApiClient
from PROPPR.SharedServices.providers.odds_api.config import RestConfig
from PROPPR.SharedServices.service.clock import FastClock, SystemClock
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.collections import ensure_collections
from PROPPR.UnifiedAPIPoller.core.unified_poller import ATTEMPTS, SHARE, UnifiedAPIPoller

KEY = "day-key"
# Sockets wait in real seconds: what is usual, made shorter, but not as short as the day is fast.
READ_SECONDS = 3.0
TOTAL_SECONDS = 20.0
LONGEST_WAIT = 0.1


def make_poller(
    base_url: str,
    database: Database[dict[str, Any]],
    clock: FastClock,
    bookmakers: tuple[str, ...],
    stop: threading.Event,
    **settings: Any,  # noqa: ANN401 - fields of Settings
) -> UnifiedAPIPoller:
    """A poller that lives in simulated time, with a budget of 5,000 requests a simulated hour."""
    chosen = Settings(odds_api_base_url=base_url, bookmakers=bookmakers, **settings)
    tracker = ScaledTracker(chosen.max_api_requests_per_hour, clock, caller=clock, database=database, service=SHARE)
    config = RestConfig(
        base_url,
        SecretStr(KEY),
        read_timeout=READ_SECONDS,
        total_timeout=TOTAL_SECONDS * clock.factor,
        large_timeout=TOTAL_SECONDS * clock.factor,
        attempts=ATTEMPTS,
        first_wait=LONGEST_WAIT,
        longest_wait=LONGEST_WAIT,
    )
    source = OddsApiClient(config, tracker, service=SHARE, clock=clock, source="api_poller", stop=stop)
    return UnifiedAPIPoller(
        KEY, database=database, settings=chosen, source=source, tracker=tracker, clock=clock, stop=stop
    )


@click.command()
@click.option("--simulator", required=True)
@click.option("--mongo", required=True)
@click.option("--factor", type=float, required=True)
@click.option("--start", type=int, required=True)
@click.option("--anchor", type=int, required=True)
@click.option("--bookmakers", required=True)
def main(simulator: str, mongo: str, factor: float, start: int, anchor: int, bookmakers: str) -> None:
    """Poll until SIGTERM."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    clock = FastClock(SystemClock(), factor, start, anchor)
    with MongoClient[dict[str, Any]](mongo, tz_aware=True, w="majority", journal=True) as client:
        database = client["day"]
        ensure_collections(database)
        poller = make_poller(f"{simulator}/v3", database, clock, tuple(bookmakers.split(",")), stop)
        poller.run()
        print(json.dumps({"writer": poller.pipeline.writer.statistics()}), flush=True)


if __name__ == "__main__":
    main()
