"""What of the fleet's budget is the poller's to spend, read at most once a second."""

from __future__ import annotations

from typing import Final

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.components import Check
from PROPPR.SharedServices.tracking.usage_reader import Tracker, UsageReader
from PROPPR.UnifiedAPIPoller.core.plan import Purse

READ_EVERY: Final = 1.0


class BudgetView(UsageReader):
    """The fleet's budget of an hour as the poller sees it."""

    def __init__(self, tracker: Tracker, service: str, clock: Clock) -> None:
        super().__init__(tracker, service, clock, READ_EVERY)

    def purse(self) -> Purse:
        """What could be spent now, and what is guaranteed per hour. Raises TransientError while MongoDB is away."""
        own = self.own()
        return Purse(own.free, own.guaranteed)

    def check(self) -> Check:
        """Whether anything is left, as last read."""
        usage = self.usage
        if usage is None:
            return Check(True, "not asked for anything yet")
        own = usage.share_of(self.service)
        detail = f"{usage.used} of {usage.limit} used in the last hour, {usage.free} free"
        if own is not None:
            detail += f"; ours {own.used}, guaranteed {own.guaranteed}"
        if usage.lowered_by is not None:
            detail += f"; lowered by {usage.lowered_by}"
        return Check(usage.free > 0, detail, None, "degraded")
