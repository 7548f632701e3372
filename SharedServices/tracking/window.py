"""The arithmetic of the sliding window: time cut into buckets that are counted and expire as a whole.

A grant is counted in the bucket of its time. A bucket stops counting only when its newest possible grant is older
than the window plus a margin, so in any stretch of `window_ms + margin_ms` the grants never exceed the limit. The
price is that budget returns up to one bucket and the margin late: with 300 buckets, and three of them as the margin,
at least 300 / 304 = 98.7 % of the budget can be used under constant pressure.

The margin exists because the provider counts a request when it arrives, and that is later than the grant by the time
the grant takes to reach the caller and the request to reach the provider. Requests that arrive within one margin of
their grant can't exceed the limit in any window of the provider's clock. For a window of one hour it is 36 s.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

BUCKETS_PER_WINDOW = 300
MARGIN_BUCKETS = 3


@dataclass(frozen=True, slots=True)
class Window:
    """A window of `window_ms`, cut into buckets of `bucket_ms`; `span` earlier buckets count beside the current."""

    window_ms: int
    bucket_ms: int
    span: int

    @classmethod
    def of_hours(cls, hours: float) -> Window:
        """Return the window for a length in hours, which may be a fraction; at least one second."""
        if not math.isfinite(hours) or hours * 3600 < 1:
            raise ValueError(f"window_hours must be at least one second, not {hours}")
        window_ms = round(hours * 3_600_000)
        bucket_ms = math.ceil(window_ms / BUCKETS_PER_WINDOW)
        return cls(window_ms, bucket_ms, math.ceil(window_ms / bucket_ms) + MARGIN_BUCKETS)

    @property
    def margin_ms(self) -> int:
        """How late after its grant a request may arrive without endangering the limit."""
        return self.span * self.bucket_ms - self.window_ms

    def tick(self, at_ms: int) -> int:
        """Return the number of the bucket that holds the time."""
        return at_ms // self.bucket_ms

    def oldest_counting(self, tick: int) -> int:
        """Return the oldest bucket that still counts while `tick` is the current one."""
        return tick - self.span

    def freed_at(self, tick: int) -> int:
        """Return the time in ms from which the bucket no longer counts."""
        return (tick + 1 + self.span) * self.bucket_ms
