"""The REST client on mocked HTTP, and small answers in the provider's shapes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import responses
from pydantic import SecretStr

from PROPPR.SharedServices.odds.rejects import Reject
from PROPPR.SharedServices.providers.odds_api.client import OddsApiClient
from PROPPR.SharedServices.providers.odds_api.config import RestConfig
from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.tracking.request_tracker import Grant

BASE = "https://api.example.test/v3"
KEY = "k3y-Of &The/Account"
NOW = datetime(2026, 5, 27, 4, 20, tzinfo=UTC)
EVENT = {
    "id": 7291391184,
    "home": "Brentford",
    "away": "Wolverhampton",
    "homeId": 1,
    "awayId": 2,
    "date": "2026-05-29T00:30:00Z",
    "sport": {"name": "Football", "slug": "football"},
    "league": {"name": "England - Premier League", "slug": "england-premier-league"},
    "status": "pending",
    "scores": {"home": 0, "away": 0},
}
ODDS = {
    **EVENT,
    "bookmakers": {
        "Bet365": [
            {"name": "ML", "updatedAt": "2026-05-27T04:11:00.5Z", "odds": [{"home": "2.1", "draw": "N/A", "away": "3"}]}
        ]
    },
}
RATES = {"x-ratelimit-limit": "5000", "x-ratelimit-remaining": "4972", "x-ratelimit-reset": "2026-05-27T05:11:37Z"}


class Tracker:
    """Grants `budget` requests and remembers what it was told."""

    def __init__(self, budget: int = 100) -> None:
        self.budget = budget
        self.services: list[str | None] = []
        self.released: list[Grant] = []
        self.observed: list[tuple[Any, ...]] = []
        self.parked: list[datetime | None] = []

    def acquire(self, service: str | None = None, cost: int = 1) -> Grant:
        self.services.append(service)
        number = len(self.services)
        if number > self.budget:
            return Grant(False, "others", reason="window", retry_after=77.0)
        return Grant(True, "others", sequence=number)

    def release(self, grant: Grant) -> None:
        self.released.append(grant)

    def observe(self, limit: Any, remaining: Any, reset: Any, grant: Grant | None = None) -> None:
        self.observed.append((limit, remaining, reset, grant and grant.sequence))

    def park(self, until: datetime | None = None) -> None:
        self.parked.append(until)


class Rig:
    """A client of mocked HTTP."""

    def __init__(self, mock: responses.RequestsMock, key: str | None = KEY, **options: Any) -> None:
        self.mock = mock
        self.tracker = Tracker()
        self.clock = ManualClock(NOW)
        self.rejects: list[Reject] = []
        secret = None if key is None else SecretStr(key)
        config = RestConfig(BASE, secret, first_wait=0.001, longest_wait=0.002, **options)
        tracker: Any = self.tracker
        self.client = OddsApiClient(
            config, tracker, service="unified_poller", clock=self.clock, on_reject=self.rejects.append
        )

    def answers(self, path: str, body: Any = None, **options: Any) -> None:
        if not isinstance(body, str | bytes | Exception):
            body = json.dumps(body)
        self.mock.add(responses.GET, f"{BASE}/{path}", body=body, **options)

    def asked(self) -> list[dict[str, str]]:
        return [dict(call.request.params) for call in self.mock.calls]  # type: ignore[attr-defined]
