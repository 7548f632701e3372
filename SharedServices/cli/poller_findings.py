"""Can the budget pay for what the poller is told to do? From the settings alone."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PROPPR.SharedServices.cli.findings import Finding
from PROPPR.SharedServices.odds.bookmakers import requestable
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.tracking.shares import DEFAULT_SHARES, Shares
from PROPPR.UnifiedAPIPoller.core.unified_poller import SHARE
from PROPPR.UnifiedAPIPoller.core.watermarks import longest_cycle

HOUR = 3600.0


@dataclass(frozen=True)
class PollerNeed:
    """What the configuration needs in an hour. `interval` is the one in force: no longer than the look-back allows.

    `beside` are the requests for lists of fixtures; re-reads and new fixtures come on top, as there are any.
    """

    pairs: int
    interval: float
    beside: int
    guaranteed: int
    limit: int

    @property
    def cycles(self) -> int:
        """Requests of the cycles in an hour."""
        return math.ceil(self.pairs * HOUR / self.interval)

    @property
    def requests(self) -> int:
        """All requests in an hour."""
        return self.cycles + self.beside

    @property
    def affordable_interval(self) -> int | None:
        """The shortest interval (seconds) that the guarantee pays for; None where it does not pay for the lists."""
        left = self.guaranteed - self.beside
        return math.ceil(self.pairs * HOUR / left) if left > 0 else None


def need_of(settings: Settings) -> PollerNeed:
    """The need of these settings."""
    sports = len(settings.poll_sports)
    pairs = len(requestable(settings.bookmakers)) * sports
    lists = sports * HOUR / settings.proppr_registry_interval + pairs * HOUR / settings.proppr_presence_interval
    limit = settings.max_api_requests_per_hour
    return PollerNeed(
        pairs=pairs,
        interval=min(settings.poll_interval, _longest(settings)),
        beside=math.ceil(lists),
        guaranteed=Shares.of(DEFAULT_SHARES, limit).guarantee(SHARE, limit),
        limit=limit,
    )


def check_poller(settings: Settings) -> Iterator[Finding]:
    """Whether the interval is possible, and whether the poller's share of the budget pays for it."""
    if settings.poll_interval > _longest(settings):
        detail = (
            f"POLL_INTERVAL {settings.poll_interval:g} s is more than one request can look back: "
            f"cycles are made every {_longest(settings):g} s"
        )
        yield Finding("poll interval", "warning", detail, f"set it to {_longest(settings):g} or less")
    need = need_of(settings)
    detail = (
        f"{need.requests:,} requests an hour ({need.pairs} pairs of bookmaker and sport every {need.interval:g} s), "
        f"{need.guaranteed:,} are guaranteed, {need.limit:,} is all there is"
    )
    if need.requests <= need.guaranteed:
        yield Finding("poller's budget", "ok", detail)
    elif need.requests <= need.limit:
        mend = f"works while other services leave theirs unused; for certain: {_mend(need, settings)}"
        yield Finding("poller's budget", "warning", detail, mend)
    else:
        yield Finding("poller's budget", "wrong", f"{detail}: bookmakers will fall behind", _mend(need, settings))


def check_sports(settings: Settings, slugs: Sequence[str]) -> Iterator[Finding]:
    """Are the polled sports spelled as the provider does?"""
    unknown = [sport for sport in settings.poll_sports if sport not in slugs]
    for sport in unknown:
        near = difflib.get_close_matches(sport.casefold(), slugs, n=1, cutoff=0.5)
        mend = f"did you mean {near[0]}?" if near else "see GET /sports for the slugs"
        yield Finding("sport", "wrong", f"{sport} is not a sport of the provider", mend)
    if not unknown:
        yield Finding("sports", "ok", ", ".join(settings.poll_sports))


def _mend(need: PollerNeed, settings: Settings) -> str:
    affordable = need.affordable_interval
    if affordable is not None and affordable <= _longest(settings):
        return f"POLL_INTERVAL {affordable}, fewer BOOKMAKERS or sports, or a larger plan"
    return "fewer BOOKMAKERS or sports, or a larger plan (MAX_API_REQUESTS_PER_HOUR)"


def _longest(settings: Settings) -> float:
    return longest_cycle(round(settings.proppr_max_lookback * 1000))
