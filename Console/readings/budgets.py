"""The budgets of requests that the fleet shares: what is used, what is left, who used it, what stands in the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from pymongo.errors import PyMongoError

from PROPPR.Console.readings.bounds import SECONDS
from PROPPR.Console.readings.check_words import SERVICES
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.errors import TransientError
from PROPPR.SharedServices.service.mongo_types import MongoDatabase
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.tracking.fotmob_budget import fotmob_budget
from PROPPR.SharedServices.tracking.request_tracker import GlobalRequestTracker
from PROPPR.SharedServices.tracking.shares import OTHERS
from PROPPR.SharedServices.tracking.usage import Usage

NEARLY_USED: Final = 0.1
"""Less than this part of a budget left is worth a look, as the alert BudgetNearlyUsed has it."""
_TITLES: Final[Mapping[str, str]] = {
    **{name.replace("-", "_"): title for name, title in SERVICES.items()},
    OTHERS: "Everybody else",
}


@dataclass(frozen=True, slots=True)
class Share:
    """What a service used of a budget; up to `guaranteed` nobody else can take it from it."""

    title: str
    used: int
    guaranteed: int
    free: int


@dataclass(frozen=True, slots=True)
class Budget:
    """A budget now. `returns_at` is when the next part of it is free again, or when the obstacle ends."""

    name: str
    title: str
    window: str
    limit: int
    used: int
    free: int
    shares: tuple[Share, ...]
    lowered_by: str | None
    returns_at: datetime | None
    parked_until: datetime | None
    entry: str

    @property
    def state(self) -> str:
        """`ok`, `watch` when nearly used, `bad` when nothing is left."""
        if self.parked_until is not None or self.free <= 0:
            return "bad"
        return "watch" if self.free < NEARLY_USED * self.limit else "ok"


def read_budgets(database: MongoDatabase, settings: Settings, clock: Clock) -> tuple[Budget, ...]:
    """The provider's budget and FotMob's. Raises pymongo's errors."""
    provider = _usage(
        GlobalRequestTracker(
            settings.max_api_requests_per_hour, database=database, clock=clock, service="console", timeout=SECONDS
        )
    )
    fotmob = _usage(fotmob_budget(settings, database, service="console", clock=clock))
    return (
        _budget("odds_api", "odds-api.io", "an hour", provider, "budgetparked", "budgetnearlyused"),
        _budget("fotmob", "FotMob", "24 hours", fotmob, "fotmobbudgetused", "fotmobbudgetused"),
    )


def _usage(tracker: GlobalRequestTracker) -> Usage:
    try:
        return tracker.usage()
    except TransientError as error:
        # To its callers the tracker says only that it is out of reach; a page tells why.
        raise error.__cause__ if isinstance(error.__cause__, PyMongoError) else error from None


def _budget(name: str, title: str, window: str, usage: Usage, parked: str, used: str) -> Budget:
    return Budget(
        name, title, window, usage.limit, usage.used, usage.free,
        tuple(Share(_TITLES.get(each.service, each.service), each.used, each.guaranteed, each.free)
              for each in usage.services),
        usage.lowered_by, _moment(usage.reset), _moment(usage.parked_until),
        parked if usage.parked_until is not None else used,
    )  # fmt: skip


def _moment(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)
