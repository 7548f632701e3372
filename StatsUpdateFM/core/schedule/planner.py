"""Which look-ups the budget of requests is spent on: the most urgent first, old seasons with what is left over.

The budget is a window of 24 hours, so what is spent on back-filling now is missing until tomorrow: `reserve_for` is
what the next 24 hours will need for certain, and back-filling leaves it alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from PROPPR.StatsUpdateFM.core.schedule.look_ups import LookUp, Reason

DAY: Final = timedelta(days=1)
BEFORE: Final = 2
"""Look-ups before a kick-off: availability, and the line-ups."""
AFTER: Final = 2
"""After full time: mostly one, several where the numbers come late."""
REVISIONS: Final = 1


@dataclass(frozen=True, slots=True)
class Plan:
    """`chosen` in the order in which they are to be made; `postponed` counts what has to wait, by reason."""

    chosen: tuple[LookUp, ...]
    postponed: Mapping[Reason, int] = field(default_factory=dict)
    reserved: int = 0

    @property
    def is_short(self) -> bool:
        """Whether anything but back-filling has to wait."""
        return any(count for reason, count in self.postponed.items() if reason is not Reason.BACKFILL)


def plan(wanted: Iterable[LookUp], free: int, now: datetime, reserve: int = 0) -> Plan:
    """Spend `free` requests: by reason, within a reason the kick-off nearest to now first.

    Back-filling is kept to what `free` leaves above `reserve`. The order of `wanted` does not matter.
    """
    ordered = sorted(wanted, key=lambda each: (each.reason, abs(each.kickoff - now), each.match_id))
    urgent = [each for each in ordered if each.reason is not Reason.BACKFILL]
    patient = [each for each in ordered if each.reason is Reason.BACKFILL]
    chosen = urgent[: max(0, free)]
    left = max(0, free - len(chosen) - reserve)
    chosen += patient[:left]
    waiting = Counter(each.reason for each in urgent[max(0, free) :])
    waiting.update(each.reason for each in patient[left:])
    return Plan(tuple(chosen), dict(waiting), reserve)


def reserve_for(kickoffs: Iterable[datetime], now: datetime, leagues: int) -> int:
    """How many requests the 24 hours after `now` need: a page a league, and the matches of yesterday to tomorrow."""
    needed = leagues
    for kickoff in kickoffs:
        if now <= kickoff < now + DAY:
            needed += BEFORE + AFTER
        elif now - DAY <= kickoff < now:
            needed += REVISIONS
    return needed
