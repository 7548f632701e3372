"""How long something took lately, out of a histogram that only ever grows."""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from prometheus_client import Histogram

from PROPPR.SharedServices.service.clock import Clock


@dataclass(frozen=True, slots=True)
class Latency:
    """Of the `count` observations of the last `seconds`: half took at most `p50`, 99 of 100 at most `p99` (seconds)."""

    p50: float
    p99: float
    count: int
    seconds: float


class RecentLatency:
    """Reads a histogram without labels again and again, and tells of what came within the last `window` seconds.

    Exact as far as the buckets are fine: a value is interpolated within its bucket. `read` is cheap and meant to be
    called every few seconds; what it tells goes back to the last call before the window. Thread-safe.
    """

    def __init__(self, histogram: Histogram, clock: Clock, window: float = 60.0) -> None:
        self._histogram = histogram
        self._clock = clock
        self._window = window
        self._lock = threading.Lock()
        self._seen: deque[tuple[float, Mapping[float, float]]] = deque([(clock.monotonic(), _counts(histogram))], 512)

    def read(self) -> Latency | None:
        """What is known now; None where nothing was observed lately."""
        with self._lock:
            now, counts = self._clock.monotonic(), _counts(self._histogram)
            while len(self._seen) > 1 and self._seen[1][0] <= now - self._window:
                self._seen.popleft()
            since, before = self._seen[0]
            self._seen.append((now, counts))
        recent = {bound: count - before.get(bound, 0.0) for bound, count in counts.items()}
        median, late = quantile(recent, 0.5), quantile(recent, 0.99)
        if median is None or late is None:
            return None
        return Latency(median, late, round(recent[math.inf]), now - since)


def quantile(counts: Mapping[float, float], share: float) -> float | None:
    """The value below which `share` of the observations lie, interpolated within its bucket.

    `counts` are cumulative, by the upper bounds of the buckets, the last of which is infinity. None when nothing was
    observed. An answer in the open last bucket is the last finite bound: "at least that".
    """
    total = counts.get(math.inf, 0.0)
    if total <= 0:
        return None
    wanted, below, lower = share * total, 0.0, 0.0
    for bound in sorted(counts):
        if counts[bound] >= wanted:
            if math.isinf(bound):
                return lower
            inside = counts[bound] - below
            return lower + (bound - lower) * ((wanted - below) / inside if inside else 1.0)
        below, lower = counts[bound], bound
    return lower


def _counts(histogram: Histogram) -> dict[float, float]:
    return {
        float(sample.labels["le"]): sample.value
        for family in histogram.collect()
        for sample in family.samples
        if sample.name.endswith("_bucket")
    }
