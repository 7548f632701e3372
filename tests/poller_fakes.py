"""Stand-ins for the parts around the poller's cycle: an answer, a source and a queue that tests command."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from PROPPR.SharedServices.odds.rejects import Reject
from PROPPR.SharedServices.odds.rest import OddsElement
from PROPPR.SharedServices.odds.types import FeedSnapshot, Fixture, Line, MarketUpdate
from PROPPR.SharedServices.service.clock import Clock

HOUR_MS = 3_600_000


def fixture(number: int, kickoff: int = 0, status: str = "pending", sport: str = "football") -> Fixture:
    return Fixture(number, "Home", "Away", sport, "League", "Country", "2026-01-01T00:00:00Z", kickoff, status)


def element(number: int, bookmaker: str = "Bet365", price: float = 2.0, at: int = 1) -> OddsElement:
    update = MarketUpdate(
        number, bookmaker, bookmaker, "ML", False, at, None, (Line(home=price, away=2.0),), "api_poller"
    )
    snapshot = FeedSnapshot(number, bookmaker, bookmaker, None, (update,), "api_poller")
    return OddsElement(fixture(number), (snapshot,))


@dataclass
class FakeAnswer:
    """An answer of /odds/updated."""

    asked_at: int
    found: Sequence[OddsElement | Reject] = ()
    received_at: int = 0
    provider_time: int | None = None
    as_of: int | None = None

    def elements(self) -> Iterator[OddsElement | Reject]:
        yield from self.found


@dataclass
class FakeUpdates:
    """The source of changes: answers per bookmaker, or raises what it is told to."""

    clock: Clock
    answers: dict[str, Sequence[OddsElement | Reject]] = field(default_factory=dict)
    failures: list[Exception | None] = field(default_factory=list)
    asked: list[tuple[str, str, datetime]] = field(default_factory=list)
    before: Callable[[], None] = lambda: None

    def odds_updated(self, bookmaker: str, sport: str, since: datetime) -> FakeAnswer:
        self.asked.append((bookmaker, sport, since))
        self.before()
        failure = self.failures.pop(0) if self.failures else None
        if failure is not None:
            raise failure
        now = self.clock.now_ms()
        return FakeAnswer(now, self.answers.get(bookmaker, ()), now)


@dataclass
class FakeQueue:
    """The queue of re-reads, as a list of what was wanted."""

    wanted: list[tuple[int, tuple[str, ...], str]] = field(default_factory=list)
    done: list[tuple[tuple[int, ...], str]] = field(default_factory=list)

    def want(self, fixtures: Sequence[Fixture], bookmakers: Sequence[str], reason: str) -> int:
        self.wanted += [(one.id, tuple(bookmakers), reason) for one in fixtures]
        return len(fixtures)

    def answered(self, fixture_ids: Sequence[int], bookmaker: str, asked_at: int) -> None:
        self.done.append((tuple(fixture_ids), bookmaker))
