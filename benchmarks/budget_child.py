"""One process of budget_day.py: the updater, the poller or a greedy client, with a tracker of shortened hours."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click
from pydantic import SecretStr
from pymongo import MongoClient
from pymongo.database import Database
from scaled_tracker import ScaledTracker

from PROPPR.SharedServices.providers.odds_api.client import OddsApiClient
from PROPPR.SharedServices.providers.odds_api.config import RestConfig
from PROPPR.SharedServices.service.clock import FastClock, SystemClock
from PROPPR.SharedServices.service.errors import ProPprError, RateLimited
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.collections import ensure_collections
from PROPPR.SharedServices.tracking.shares import DEFAULT_SHARES
from PROPPR.UnifiedAPIPoller.core import unified_poller
from PROPPR.WebsocketUpdater.core import websocket_updater

KEY = "budget-key"
GREEDY = "greedy_client"
HOUR = 3600.0
WANTED = 0.9
SLACK = 1.0
"""Seconds of lateness that are made up for."""


@dataclass(frozen=True)
class Place:
    """Where the process works, and in which time."""

    simulator: str
    database: Database[dict[str, Any]]
    time: FastClock
    limit: int
    bookmakers: tuple[str, ...]
    poll_interval: float


def updater(place: Place, stop: threading.Event) -> Callable[[], None]:
    """The live odds service. Its clock is real: sockets and leases are."""
    clock = SystemClock()
    tracker = ScaledTracker(
        place.limit, place.time, caller=clock, database=place.database, service=websocket_updater.SHARE
    )
    settings = Settings(
        odds_api_base_url=f"{place.simulator}/v3",
        odds_api_ws_url=f"{place.simulator.replace('http', 'ws', 1)}/v3/ws",
        bookmakers=place.bookmakers[:1],
        sharp_bookmakers=place.bookmakers[:1],
        ws_reconnect_delay=0.2,
        proppr_eviction_delay=0.3,
    )
    source = OddsApiClient.of(
        settings.model_copy(update={"odds_api_key": SecretStr(KEY)}), tracker, service=websocket_updater.SHARE,
        clock=clock, source="websocket", stop=stop,
    )  # fmt: skip
    service = websocket_updater.UnifiedWebSocketService(
        KEY, database=place.database, settings=settings, source=source, clock=clock
    )
    stop_when_set(stop, service.stop)
    tell_refusals(tracker, stop)
    # Its own reads are paced in real seconds: what it would want in an hour is made up by plain requests.
    wanted = DEFAULT_SHARES[websocket_updater.SHARE] * place.limit * WANTED / (HOUR / place.time.factor)
    threading.Thread(target=_ask, args=(source, stop, 1 / wanted), daemon=True).start()
    return service.connect


def poller(place: Place, stop: threading.Event) -> Callable[[], None]:
    """The REST odds service, in simulated time."""
    tracker = ScaledTracker(
        place.limit, place.time, caller=place.time, database=place.database, service=unified_poller.SHARE
    )
    settings = Settings(
        odds_api_base_url=f"{place.simulator}/v3", bookmakers=place.bookmakers, poll_interval=place.poll_interval
    )
    service = unified_poller.UnifiedAPIPoller(
        KEY, database=place.database, settings=settings, tracker=tracker, clock=place.time
    )
    stop_when_set(stop, service.stop)
    tell_refusals(tracker, stop)
    return service.run


def greedy(place: Place, stop: threading.Event) -> Callable[[], None]:
    """A client that sends as many requests as it is granted, in two threads."""
    clock = SystemClock()
    tracker = ScaledTracker(place.limit, place.time, caller=clock, database=place.database, service=GREEDY)
    config = RestConfig(base_url=f"{place.simulator}/v3", key=SecretStr(KEY), attempts=1)
    client = OddsApiClient(config, tracker, service=GREEDY, clock=clock, stop=stop)

    def run() -> None:
        threads = [threading.Thread(target=_ask, args=(client, stop, 0.0)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    return run


def _ask(client: OddsApiClient, stop: threading.Event, pause: float) -> None:
    """Send cheap requests, so many seconds apart, as far as they are granted."""
    due = time.monotonic()
    while not stop.is_set():
        try:
            client.selected_bookmakers()
        except RateLimited as refusal:
            stop.wait(min(0.05, refusal.retry_after or 0.05))
        except ProPprError:
            stop.wait(0.05)
        else:
            due = max(due + pause, time.monotonic() - SLACK)
            stop.wait(max(0.0, due - time.monotonic()))


def tell_refusals(tracker: ScaledTracker, stop: threading.Event) -> None:
    """Print every second how many requests were refused, and why: what is printed survives a kill."""

    def tell() -> None:
        told: Counter[str] = Counter()
        while not stop.wait(1.0):
            news = tracker.refused - told
            told.update(news)
            for reason, count in news.items():
                print(f"refused {reason} {count}", flush=True)

    threading.Thread(target=tell, daemon=True).start()


def stop_when_set(stop: threading.Event, action: Callable[[], None]) -> None:
    """Call `action` once the event is set."""

    def wait() -> None:
        stop.wait()
        action()

    threading.Thread(target=wait, daemon=True).start()


ROLES: dict[str, Callable[[Place, threading.Event], Callable[[], None]]] = {
    "updater": updater, "poller": poller, "greedy": greedy,
}  # fmt: skip


@click.command()
@click.argument("role", type=click.Choice(list(ROLES)))
@click.option("--simulator", required=True)
@click.option("--mongo", required=True)
@click.option("--factor", type=float, required=True)
@click.option("--start", type=int, required=True)
@click.option("--anchor", type=int, required=True)
@click.option("--limit", type=int, required=True)
@click.option("--bookmakers", required=True)
@click.option("--poll-interval", type=float, required=True)
def main(
    role: str, simulator: str, mongo: str, factor: float, start: int, anchor: int, limit: int, bookmakers: str,
    poll_interval: float,
) -> None:  # fmt: skip
    """Work until SIGTERM."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    clock = FastClock(SystemClock(), factor, start, anchor)
    with MongoClient[dict[str, Any]](mongo, tz_aware=True, w="majority", journal=True) as client:
        database = client["budget"]
        ensure_collections(database)
        place = Place(simulator, database, clock, limit, tuple(bookmakers.split(",")), poll_interval)
        ROLES[role](place, stop)()


if __name__ == "__main__":
    main()
