"""Runs the REST odds service: `python -m PROPPR.UnifiedAPIPoller.runners.run_unified_poller`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial

from PROPPR.SharedServices.service.components import Component
from PROPPR.SharedServices.service.runtime import ServiceContext, run_service
from PROPPR.SharedServices.storage.migrations_prepare import prepare_database
from PROPPR.SharedServices.storage.opening import open_mongodb
from PROPPR.UnifiedAPIPoller.core.unified_poller import SERVICE, UnifiedAPIPoller


def build(context: ServiceContext) -> Sequence[Component]:
    """Put the service together."""
    poller = UnifiedAPIPoller(
        database=context.database, settings=context.settings, clock=context.clock, metrics=context.metrics,
        alerts=context.alerts, redactor=context.redactor, instance=context.instance, stop=context.stop,
    )  # fmt: skip
    poller.register(context.health)
    return poller.components()


def main() -> int:
    """Run until a signal; the process's exit code."""
    opening = partial(open_mongodb, service=SERVICE)
    return run_service(SERVICE, build, connect=opening, prepare=prepare_database, required=["ODDS_API_KEY"])


if __name__ == "__main__":
    sys.exit(main())
