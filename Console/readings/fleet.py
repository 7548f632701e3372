"""The fleet at a glance: what fails, how each service is, how current the odds are, what is left of the budgets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from PROPPR.Console.readings.alerts import Alert, read_open
from PROPPR.Console.readings.budgets import Budget, read_budgets
from PROPPR.Console.readings.feed import Feed, read_feed
from PROPPR.Console.readings.processes import Service, read_services
from PROPPR.SharedServices.service.alerting.control import AlertControl
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.mongo_types import MongoDatabase
from PROPPR.SharedServices.service.settings import Settings

MOST_ALERTS: Final = 8
"""Open alerts at the top of the page; all of them are on their own."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """The whole page as of `now`."""

    now: datetime
    alerts: tuple[Alert, ...]
    services: tuple[Service, ...]
    feed: Feed
    budgets: tuple[Budget, ...]

    @property
    def unwell(self) -> tuple[Service, ...]:
        """The services that are not healthy."""
        return tuple(each for each in self.services if each.state != "healthy")


def read_fleet(database: MongoDatabase, settings: Settings, clock: Clock, control: AlertControl) -> Fleet:
    """Read it. Raises pymongo's errors."""
    services = read_services(database)
    return Fleet(
        now=clock.now(),
        alerts=read_open(control, MOST_ALERTS),
        services=services,
        feed=read_feed(database, settings, clock, services),
        budgets=read_budgets(database, settings, clock),
    )
