"""What one answer of /odds/updated brought, from its request until all of it is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from PROPPR.SharedServices.odds.bookmakers import FAST_SUFFIX
from PROPPR.SharedServices.odds.types import FeedSnapshot, Fixture
from PROPPR.UnifiedAPIPoller.core.plan import Pair


@dataclass(slots=True)
class Reading:
    """What was read of a pair and is being stored. Times are ms; `began` is monotonic seconds.

    `whole` are the fixtures that were read without a doubt, `doubtful` those to be read again by their id.
    """

    pair: Pair
    asked_at: int
    asked_provider: int
    since: int
    hole_from: int | None
    began: float
    outstanding: set[int] = field(default_factory=set)
    fixtures: list[Fixture] = field(default_factory=list)
    whole: list[int] = field(default_factory=list)
    doubtful: list[Fixture] = field(default_factory=list)
    books: int = 0

    @property
    def hole_until(self) -> int:
        """Where what was asked for begins, in ms of our clock."""
        return self.asked_at - (self.asked_provider - self.since)


def absent_feeds(fixture_id: int, snapshots: Sequence[FeedSnapshot], as_of: int | None) -> list[FeedSnapshot]:
    """A bookmaker's two feeds come in one answer: that the other one is not there says that it prices nothing."""
    if as_of is None:
        return []
    found = {(one.bookmaker, one.feed) for one in snapshots}
    expected = {(bookmaker, feed) for bookmaker, _ in found for feed in (bookmaker, bookmaker + FAST_SUFFIX)}
    return [
        FeedSnapshot(fixture_id, bookmaker, feed, None, (), "api_poller", as_of)
        for bookmaker, feed in sorted(expected - found)
    ]
