"""Runs the live odds service: `python -m PROPPR.WebsocketUpdater.runners.run_websocket_updater`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial

from PROPPR.SharedServices.ingest.running import run_on_mongodb
from PROPPR.SharedServices.odds.rejects import Reject
from PROPPR.SharedServices.providers.odds_api.client import OddsApiClient
from PROPPR.SharedServices.service.components import Component, Worker
from PROPPR.SharedServices.service.runtime import ServiceContext
from PROPPR.SharedServices.storage.housekeeping import keep_house_until
from PROPPR.SharedServices.tracking.request_tracker import GlobalRequestTracker
from PROPPR.WebsocketUpdater.core.websocket_updater import SERVICE, SHARE, UnifiedWebSocketService


def build(context: ServiceContext) -> Sequence[Component]:
    """Put the service together. Raises ConfigError for settings that the provider would refuse."""
    settings = context.settings
    settings.require("ODDS_API_KEY")
    key = settings.odds_api_key.get_secret_value() if settings.odds_api_key else ""
    tracker = GlobalRequestTracker(
        settings.max_api_requests_per_hour, database=context.database, clock=context.clock, service=SHARE
    )
    rejects = context.metrics.counter("proppr_rest_rejects_total", "Refused parts of REST answers", ["reason"])

    def count(reject: Reject) -> None:
        rejects.labels(reject.reason).inc()

    client = OddsApiClient.of(
        settings, tracker, service=SHARE, clock=context.clock, source="websocket", stop=context.stop, on_reject=count
    )
    updater = UnifiedWebSocketService(
        key, database=context.database, settings=settings, source=client, clock=context.clock,
        metrics=context.metrics, alerts=context.alerts, redactor=context.redactor, instance=context.instance,
    )  # fmt: skip
    updater.register(context.health)
    housekeeper = Worker(
        "housekeeping", partial(keep_house_until, context.database), clock=context.clock,
        on_failure=context.metrics.count_worker_failure,
    )  # fmt: skip
    return [housekeeper, *updater.components()]


def main() -> int:
    """Run until a signal; the process's exit code."""
    return run_on_mongodb(SERVICE, build, required=["ODDS_API_KEY"])


if __name__ == "__main__":
    sys.exit(main())
