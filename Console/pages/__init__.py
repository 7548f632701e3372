"""The pages, in the order of the navigation. Each module has a `blueprint` whose endpoint `page` is the page itself."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint

from PROPPR.Console.pages import (
    alerts,
    arbitrages,
    bets,
    drops,
    fixtures,
    fleet,
    ledger,
    logs,
    mappings,
    value,
)


@dataclass(frozen=True, slots=True)
class Page:
    """A page in the navigation."""

    title: str
    blueprint: Blueprint

    @property
    def endpoint(self) -> str:
        """What url_for() takes."""
        return f"{self.blueprint.name}.page"


PAGES = (
    Page("Fleet", fleet.blueprint),
    Page("Fixtures", fixtures.blueprint),
    Page("Drops", drops.blueprint),
    Page("Value bets", value.blueprint),
    Page("Arbitrages", arbitrages.blueprint),
    Page("Bets", bets.blueprint),
    Page("Ledger", ledger.blueprint),
    Page("Mappings", mappings.blueprint),
    Page("Alerts", alerts.blueprint),
    Page("Logs", logs.blueprint),
)
BLUEPRINTS = tuple(page.blueprint for page in PAGES)
