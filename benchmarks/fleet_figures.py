"""The arithmetic of a soak: slopes that a few odd samples don't move, stretches of time, shares of it. Pure."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from statistics import median

Stretch = tuple[float, float]
"""From, to, in seconds."""
HOUR = 3600.0
MOST_PAIRS = 400


def slope(samples: Sequence[tuple[float, float]]) -> float:
    """The rise an hour of (seconds, value) samples: the median of the slopes of all pairs (Theil and Sen, 1950, 1968).

    Long series are thinned out evenly to 400 samples first. 0 for fewer than two moments.
    """
    step = max(1, math.ceil(len(samples) / MOST_PAIRS))
    kept = samples[::step]
    found = [
        (later[1] - earlier[1]) / (later[0] - earlier[0])
        for index, earlier in enumerate(kept)
        for later in kept[index + 1 :]
        if later[0] > earlier[0]
    ]
    return median(found) * HOUR if found else 0.0


def merged(stretches: Iterable[Stretch]) -> list[Stretch]:
    """The same time as stretches that don't touch, in order."""
    found: list[Stretch] = []
    for begin, end in sorted(each for each in stretches if each[1] > each[0]):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found


def without(stretches: Iterable[Stretch], removed: Iterable[Stretch]) -> list[Stretch]:
    """What of the stretches is in none of the removed ones."""
    gone = merged(removed)
    ends = [end for _, end in gone]
    found: list[Stretch] = []
    for begin, end in merged(stretches):
        at = begin
        for hole in gone[bisect_left(ends, begin) :]:
            if hole[0] >= end:
                break
            if hole[0] > at:
                found.append((at, hole[0]))
            at = max(at, hole[1])
        if at < end:
            found.append((at, end))
    return found


def seconds(stretches: Iterable[Stretch]) -> float:
    """How long they are together."""
    return math.fsum(end - begin for begin, end in stretches)


def share_outside(bad: Iterable[Stretch], whole: Stretch, excused: Iterable[Stretch] = ()) -> float:
    """The share of the whole, the excused time left out of both, that is not bad; 1 where nothing is left of it."""
    excused = list(excused)
    counted = without([whole], excused)
    left = without(counted, bad)
    return seconds(left) / seconds(counted) if counted else 1.0


class Age:
    """Since when something is older than `limit` seconds: fed with moments and the time of the newest thing then."""

    def __init__(self, begin: float, limit: float = 1.0) -> None:
        self.begin = begin
        self.oldest = 0.0
        self.stale_seconds = 0.0
        self._limit = limit
        self.newest = begin
        self._at = begin
        self._stale: list[Stretch] = []

    def seen(self, at: float, newest: float) -> None:
        """At a moment, not before the one told last, something of the time `newest` was there; the future is now."""
        self._until(at)
        self.newest = max(self.newest, min(newest, at))

    def stale(self, end: float) -> list[Stretch]:
        """When it was too old, until the end; what came after it is left out."""
        self._until(end)
        return without(self._stale, [(end, math.inf)])

    def _until(self, at: float) -> None:
        since = max(self._at, self.newest + self._limit)
        if since < at:
            self._stale.append((since, at))
            self.stale_seconds += at - since
        self.oldest = max(self.oldest, at - self.newest)
        self._at = max(self._at, at)


def grows(samples: Sequence[tuple[float, float]], least: float = 10.0) -> bool:
    """Whether a queue grows: by its slope it would gain in an hour more than `least` and than half of its maximum."""
    if not samples:
        return False
    return slope(samples) > max(least, max(value for _, value in samples) / 2)
