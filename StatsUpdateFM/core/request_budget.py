"""What of the day's requests to the source is left for the statistics."""

from __future__ import annotations

from typing import Final

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.components import Check
from PROPPR.SharedServices.tracking.usage_reader import Tracker, UsageReader
from PROPPR.StatsUpdateFM.core.schedule.planner import Plan

READ_EVERY: Final = 5.0


class RequestBudget(UsageReader):
    """The budget of a day as the statistics see it, and what the last run could not afford of it."""

    def __init__(self, tracker: Tracker, service: str, clock: Clock) -> None:
        super().__init__(tracker, service, clock, READ_EVERY)
        self.plan: Plan | None = None

    def free(self) -> int:
        """How many requests could be made now. Raises TransientError while MongoDB is away."""
        return self.own().free

    def planned(self, plan: Plan) -> None:
        """Remember what the last run could not afford."""
        self.plan = plan

    def check(self) -> Check:
        """Whether the requests of a day suffice, as last read."""
        usage, plan = self.usage, self.plan
        if usage is None:
            return Check(True, "nothing was asked for yet")
        detail = f"{usage.used} of {usage.limit} requests used in 24 h, {usage.free} free"
        if plan is not None:
            waiting = ", ".join(f"{count} {reason.name.lower()}" for reason, count in sorted(plan.postponed.items()))
            detail += f"; reserved {plan.reserved}" + (f"; waiting: {waiting}" if waiting else "")
        return Check(plan is None or not plan.is_short, detail, None, "degraded")
