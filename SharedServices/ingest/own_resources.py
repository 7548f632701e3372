"""What a service makes for itself where nobody hands it in: a database, and the provider's REST API."""

from __future__ import annotations

import threading
from typing import Any

from pydantic import SecretStr
from pymongo.database import Database

from PROPPR.SharedServices.odds.types import Source
from PROPPR.SharedServices.providers.odds_api.client import OddsApiClient
from PROPPR.SharedServices.providers.odds_api.config import RestConfig
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.collections import ensure_collections
from PROPPR.SharedServices.storage.opening import open_mongodb
from PROPPR.SharedServices.tracking.request_tracker import GlobalRequestTracker


class OwnDatabase:
    """The database of the settings, opened and prepared for `service`; `close` lets go of it."""

    def __init__(self, settings: Settings, clock: Clock, service: str) -> None:
        self._clock = clock
        self._opened = open_mongodb(settings, service)
        self.database: Database[dict[str, Any]] = self._opened.client[settings.mongo_database]
        ensure_collections(self.database, settings.proppr_history_days)
        for component in self._opened.components:
            component.start()

    def close(self) -> None:
        """Close the connection, and leave the embedded server if there is one."""
        for component in reversed(self._opened.components):
            component.stop(self._clock.monotonic() + 2.0)
        self._opened.close()


def rest_source(
    api_key: str,
    settings: Settings,
    database: Database[dict[str, Any]],
    clock: Clock,
    stop: threading.Event,
    *,
    share: str,
    source: Source,
) -> OddsApiClient:
    """The REST API within the fleet's budget, for the share of one service."""
    tracker = GlobalRequestTracker(settings.max_api_requests_per_hour, database=database, clock=clock, service=share)
    config = RestConfig(base_url=settings.odds_api_base_url, key=SecretStr(api_key))
    return OddsApiClient(config, tracker, service=share, clock=clock, source=source, stop=stop)
