"""How far back to ask, so that no update falls between two cycles. Pure.

`/odds/updated?since=T` answers with what changed since T, and takes T only within its look-back (60 s by the older
documentation, 90 s by the newer). Every (bookmaker, sport) has a watermark: the provider's time up to which everything
is stored. The next request begins before it. Where the look-back does not reach that far there is a hole, and what may
have changed in it has to be read by fixture. Times are milliseconds of the provider's clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# What changed just before an answer was made may not have been in it yet.
OVERLAP: Final = 10_000
# Between our reading of the provider's clock and its own: a second of resolution, and the way of the request.
SAFETY: Final = 2_000
SECOND: Final = 1_000
BELIEVED_AFTER: Final = 3
# The look-backs that were documented, longest first.
KNOWN_LIMITS: Final = (90_000, 60_000)


@dataclass(frozen=True, slots=True)
class Window:
    """What to ask for: everything since `since`, a whole second. `hole_from` is where what can't be asked begins.

    A hole without a watermark (the first request of all) begins at 0.
    """

    since: int
    hole_from: int | None = None


def window_of(complete_until: int | None, now: int, lookback: int, limit: int) -> Window:
    """The window of a request made at `now`: at least `lookback` long, from before the watermark, within `limit`."""
    earliest = _whole_second_after(now - limit + SAFETY)
    if complete_until is None:
        return Window(max(_whole_second(now - lookback), earliest), 0)
    wanted = _whole_second(min(now - lookback, complete_until - OVERLAP))
    since = max(wanted, earliest)
    return Window(since, complete_until if since > complete_until else None)


def longest_cycle(limit: int) -> float:
    """Seconds that a cycle may last at most, so that the next one overlaps it within the look-back."""
    return (limit - SAFETY - OVERLAP) / SECOND


def shorter_limit(limit: int) -> int:
    """The look-back to try after the provider refused one; the shortest that is known is kept."""
    return max((known for known in KNOWN_LIMITS if known < limit), default=KNOWN_LIMITS[-1])


@dataclass(frozen=True, slots=True)
class ProviderClock:
    """Where the provider's clock may stand against ours, in ms: from the `Date` headers of its answers.

    Such a header has whole seconds and was written between our question and our receiving the answer, so each answer
    bounds the difference from both sides. While 0 is possible the clocks are taken to agree. An answer whose bounds
    contradict the former ones comes from a cache, or a clock was set: the third such answer in a row is believed.
    """

    at_least: int = -(10**15)
    at_most: int = 10**15
    contradicted: int = 0

    def noted(self, asked_at: int, received_at: int, provider_time: int | None) -> ProviderClock:
        """The clock after an answer."""
        if provider_time is None:
            return self
        low, high = provider_time - received_at, provider_time + SECOND - asked_at
        if low <= self.at_most and high >= self.at_least:
            return ProviderClock(max(low, self.at_least), min(high, self.at_most))
        if self.contradicted + 1 < BELIEVED_AFTER:
            return ProviderClock(self.at_least, self.at_most, self.contradicted + 1)
        return ProviderClock(low, high)

    def asked(self, asked_at: int, provider_time: int | None) -> int:
        """When a request was made by the provider's clock; no later than its answer says it was made."""
        at = asked_at + self.offset
        return at if provider_time is None else min(at, provider_time + SECOND)

    @property
    def offset(self) -> int:
        """What to add to our clock. Rather too little: a watermark that is too early only repeats."""
        if self.at_least <= 0 <= self.at_most:
            return 0
        return self.at_least


def _whole_second(at: int) -> int:
    return at // SECOND * SECOND


def _whole_second_after(at: int) -> int:
    return -(-at // SECOND) * SECOND
