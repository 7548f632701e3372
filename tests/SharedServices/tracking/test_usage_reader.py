"""A budget is asked for seldom, and read as one service sees it."""

from __future__ import annotations

from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.tracking.usage import ServiceUsage, Usage
from PROPPR.SharedServices.tracking.usage_reader import UsageReader


class Counting:
    """A budget of which less is left at every reading."""

    def __init__(self) -> None:
        self.asked = 0

    def usage(self) -> Usage:
        self.asked += 1
        shares = (ServiceUsage("poller", used=self.asked, guaranteed=60, free=70 - self.asked),)
        return Usage(100, 100, self.asked, 100 - self.asked, shares, None, None, None)


def test_nothing_is_asked_for_too_early() -> None:
    tracker, clock = Counting(), ManualClock()
    reader = UsageReader(tracker, "poller", clock, every=5.0)
    assert reader.usage is None and tracker.asked == 0
    assert reader.own() == ServiceUsage("poller", used=1, guaranteed=60, free=69)
    clock.advance(4.9)
    assert reader.own().free == 69 and tracker.asked == 1
    clock.advance(0.2)
    assert reader.own().free == 68 and tracker.asked == 2
    assert reader.usage is not None and reader.usage.used == 2


def test_without_a_share_only_what_is_free_counts() -> None:
    reader = UsageReader(Counting(), "stranger", ManualClock(), every=5.0)
    assert reader.own() == ServiceUsage("stranger", used=0, guaranteed=0, free=99)
