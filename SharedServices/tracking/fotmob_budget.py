"""The budget of requests to FotMob in any 24 hours, which all processes share."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from pymongo.database import Database

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.tracking.request_tracker import GlobalRequestTracker
from PROPPR.SharedServices.tracking.shares import OTHERS

BUDGET: Final = "fotmob"
WINDOW_HOURS: Final = 24
SHARES: Final[Mapping[str, float]] = MappingProxyType({"stats_pipeline": 0.8, "grading_scheduler": 0.15, OTHERS: 0.05})


def fotmob_budget(
    settings: Settings, database: Database[dict[str, Any]], *, service: str, clock: Clock | None = None
) -> GlobalRequestTracker:
    """Return the budget as `service` uses it; what a service leaves of its share is lent to the others."""
    return GlobalRequestTracker(
        settings.proppr_fotmob_requests_per_day,
        WINDOW_HOURS,
        database=database,
        clock=clock,
        shares=SHARES,
        service=service,
        budget=BUDGET,
    )
