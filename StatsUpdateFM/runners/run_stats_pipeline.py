"""Runs the statistics service: `python -m PROPPR.StatsUpdateFM.runners.run_stats_pipeline`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from PROPPR.SharedServices.ingest.running import run_on_mongodb
from PROPPR.SharedServices.service.components import Component
from PROPPR.SharedServices.service.priority import step_back
from PROPPR.SharedServices.service.runtime import ServiceContext
from PROPPR.StatsUpdateFM.core.pipeline.stats_update import SERVICE, StatsPipeline


def build(context: ServiceContext) -> Sequence[Component]:
    """Put the service together."""
    pipeline = StatsPipeline(
        database=context.database, settings=context.settings, clock=context.clock, metrics=context.metrics,
        alerts=context.alerts, instance=context.instance, stop=context.stop,
    )  # fmt: skip
    pipeline.register(context.health)
    return pipeline.components()


def main() -> int:
    """Run until a signal; the process's exit code."""
    step_back()
    return run_on_mongodb(SERVICE, build)


if __name__ == "__main__":
    sys.exit(main())
