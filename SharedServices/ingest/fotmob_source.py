"""FotMob as the services ask it: within the day's budget, with the last good answers at hand."""

from __future__ import annotations

import threading
from typing import Any

from pymongo.database import Database

from PROPPR.SharedServices.providers.fotmob.client import FotMobClient
from PROPPR.SharedServices.providers.fotmob.config import FotMobConfig
from PROPPR.SharedServices.service.clock import Clock, SystemClock
from PROPPR.SharedServices.service.metrics import Metrics
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.matches import MatchStore
from PROPPR.SharedServices.storage.source_cache import SourceCache
from PROPPR.SharedServices.tracking.request_tracker import GlobalRequestTracker


def fotmob_source(
    settings: Settings,
    database: Database[dict[str, Any]],
    clock: Clock,
    stop: threading.Event,
    *,
    budget: GlobalRequestTracker,
    metrics: Metrics,
) -> FotMobClient:
    """Return the client of a service. Pages of matches are not cached twice: they are in `fotmob_matches` anyway."""
    matches = MatchStore(database, clock)

    def stored_page(key: str) -> bytes | None:
        stored = matches.load(int(key.rpartition(":")[2]))
        matches.rest()  # the next is of another league, and perhaps an hour away
        return None if stored is None else stored.payload

    # Requests are paced in real time, whatever clock the matches follow.
    return FotMobClient(
        FotMobConfig.of(settings), clock=SystemClock(), stop=stop, budget=budget,
        cache=SourceCache(database, clock, {"match": stored_page}), metrics=metrics,
    )  # fmt: skip
