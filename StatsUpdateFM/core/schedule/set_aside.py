"""Matches that could not be read: left alone for a while that grows, so that one page can't use up the requests."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from PROPPR.SharedServices.service.clock import Clock

FIRST: Final = 1800.0
LONGEST: Final = 86_400.0
MOST: Final = 2000


class SetAside:
    """In memory: after a restart each is tried once more. Of more than 2,000 the oldest are forgotten."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: OrderedDict[int, tuple[float, float]] = OrderedDict()

    def put(self, match_id: int) -> None:
        """Leave the match alone: half an hour, then twice as long each time, at most a day."""
        wait = min(LONGEST, 2 * self._until.pop(match_id, (0.0, FIRST / 2))[1])
        self._until[match_id] = (self._clock.monotonic() + wait, wait)
        while len(self._until) > MOST:
            self._until.popitem(last=False)

    def worked(self, match_id: int) -> None:
        """The match could be read."""
        self._until.pop(match_id, None)

    def __contains__(self, match_id: object) -> bool:
        until = self._until.get(match_id) if isinstance(match_id, int) else None
        return until is not None and until[0] > self._clock.monotonic()

    def __len__(self) -> int:
        return len(self._until)
