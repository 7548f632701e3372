"""Runs the grading service: `python -m PROPPR.SharedServices.grading.runners.run_grading_scheduler`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial

from PROPPR.SharedServices.grading.scheduler.unified_grading_scheduler import SERVICE, UnifiedGradingScheduler
from PROPPR.SharedServices.service.components import Component
from PROPPR.SharedServices.service.runtime import ServiceContext, run_service
from PROPPR.SharedServices.storage.migrations_prepare import prepare_database
from PROPPR.SharedServices.storage.opening import open_mongodb


def build(context: ServiceContext) -> Sequence[Component]:
    """Put the service together."""
    scheduler = UnifiedGradingScheduler(
        database=context.database, settings=context.settings, clock=context.clock, metrics=context.metrics,
        alerts=context.alerts, instance=context.instance, stop=context.stop,
    )  # fmt: skip
    scheduler.register(context.health)
    return scheduler.components()


def main() -> int:
    """Run until a signal; the process's exit code."""
    opening = partial(open_mongodb, service=SERVICE)
    return run_service(SERVICE, build, connect=opening, prepare=prepare_database)


if __name__ == "__main__":
    sys.exit(main())
