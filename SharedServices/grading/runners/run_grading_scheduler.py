"""Runs the grading service: `python -m PROPPR.SharedServices.grading.runners.run_grading_scheduler`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from PROPPR.SharedServices.grading.scheduler.unified_grading_scheduler import SERVICE, UnifiedGradingScheduler
from PROPPR.SharedServices.ingest.running import run_on_mongodb
from PROPPR.SharedServices.service.components import Component
from PROPPR.SharedServices.service.priority import step_back
from PROPPR.SharedServices.service.runtime import ServiceContext


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
    step_back()
    return run_on_mongodb(SERVICE, build)


if __name__ == "__main__":
    sys.exit(main())
