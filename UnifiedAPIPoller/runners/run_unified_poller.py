"""Runs the REST odds service: `python -m PROPPR.UnifiedAPIPoller.runners.run_unified_poller`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from PROPPR.SharedServices.ingest.running import run_on_mongodb
from PROPPR.SharedServices.service.components import Component
from PROPPR.SharedServices.service.priority import step_back
from PROPPR.SharedServices.service.runtime import ServiceContext
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
    step_back()
    return run_on_mongodb(SERVICE, build, required=["ODDS_API_KEY"])


if __name__ == "__main__":
    sys.exit(main())
