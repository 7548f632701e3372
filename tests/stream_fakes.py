"""Stand-ins for the parts around the stream: a writer, a REST API, a connection and a lease that tests command."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from PROPPR.SharedServices.ingest.tickets import Tickets
from PROPPR.SharedServices.odds.types import BookUpdate, FeedSnapshot, Fixture
from PROPPR.SharedServices.providers.odds_api.models import OddsAnswer
from PROPPR.SharedServices.service.metrics import Metrics
from PROPPR.WebsocketUpdater.core.snapshots import Progress
from PROPPR.WebsocketUpdater.core.stream_metrics import StreamMetrics


def stream_metrics(clock: object) -> StreamMetrics:
    return StreamMetrics(Metrics(), clock)  # type: ignore[arg-type]


def fixture(number: int, kickoff: int = 0, status: str = "pending") -> Fixture:
    return Fixture(number, "Home", "Away", "football", "League", "Country", "2026-01-01T00:00:00Z", kickoff, status)


class FakeWriter:
    """Keeps what it is given; stores it at once, or when told to."""

    def __init__(self, tickets: Tickets, at_once: bool = True) -> None:
        self.tickets = tickets
        self.at_once = at_once
        self.taken: list[tuple[int, tuple[BookUpdate, ...]]] = []
        self.waiting: list[int] = []

    def submit(self, updates: Sequence[BookUpdate], *, ticket: int, received_at: float) -> bool:
        self.taken.append((ticket, tuple(updates)))
        self.waiting.append(ticket)
        if self.at_once:
            self.store()
        return True

    def store(self) -> None:
        waiting, self.waiting = self.waiting, []
        self.tickets.done(waiting)

    @property
    def updates(self) -> list[BookUpdate]:
        return [update for _, updates in self.taken for update in updates]


class FakeSource:
    """The REST API: answers by functions that a test may replace."""

    def __init__(self) -> None:
        self.fixtures: list[Fixture] = []
        self.sequence: Callable[[int], int | None] = lambda call: 1000 + call
        self.failures: list[Exception] = []
        self.calls: list[tuple[str, object]] = []
        self.selected: list[str] = ["Bet365", "M88"]

    def events(
        self, sport: str, statuses: Sequence[str], from_: datetime, to: datetime, league: str | None = None
    ) -> list[Fixture]:
        self._called("events", (sport, league))
        return list(self.fixtures)

    def event(self, event_id: int) -> Fixture | None:
        self._called("event", event_id)
        return next((one for one in self.fixtures if one.id == event_id), None)

    def odds_multi(self, ids: Sequence[int], bookmakers: Sequence[str], include_sequence: bool = True) -> OddsAnswer:
        self._called("odds_multi", (tuple(ids), tuple(bookmakers)))
        sequence = self.sequence(self.count("odds_multi"))
        return OddsAnswer((), tuple(FeedSnapshot(one, "Bet365", "Bet365", sequence, ()) for one in ids), sequence)

    def selected_bookmakers(self) -> list[str]:
        self._called("selected", None)
        return list(self.selected)

    def count(self, name: str) -> int:
        return sum(1 for called, _ in self.calls if called == name)

    def asked(self, name: str) -> list[object]:
        return [what for called, what in self.calls if called == name]

    def _called(self, name: str, what: object) -> None:
        self.calls.append((name, what))
        if self.failures and name != "selected":
            raise self.failures.pop(0)


class FakeRegistry:
    """The collection of fixtures."""

    def __init__(self) -> None:
        self.fixtures: dict[int, Fixture] = {}
        self.statuses: list[tuple[int, str, object]] = []

    def upsert_many(self, fixtures: Sequence[Fixture], source: str, seen_at: datetime | None = None) -> None:
        self.fixtures.update((one.id, one) for one in fixtures)

    def set_status(self, fixture_id: int, status: str, scores: object, seen_at: datetime | None = None) -> bool:
        self.statuses.append((fixture_id, status, scores))
        return True

    def live_or_due(self, now: datetime, sports: Sequence[str] = ()) -> list[Fixture]:
        return []

    def upcoming(self, now: datetime, within: timedelta, sports: Sequence[str] = ()) -> list[Fixture]:
        return list(self.fixtures.values())


class FakeAlerts:
    """Remembers which alerts are raised."""

    def __init__(self) -> None:
        self.raised: dict[str, str] = {}
        self.log: list[str] = []

    def raise_alert(self, key: str, title: str, detail: str = "") -> None:
        self.raised[key] = detail
        self.log.append(key)

    def resolve(self, key: str, detail: str = "") -> None:
        self.raised.pop(key, None)


class FakeLease:
    """Held, until a test says otherwise."""

    def __init__(self) -> None:
        self.held = True


class FakeReader:
    """A snapshot reader that reads when the test says so."""

    def __init__(self) -> None:
        self.bookmakers: tuple[str, ...] = ("Bet365", "M88")
        self.requests: list[Progress] = []
        self.fixtures: list[int] = []
        self.full = False

    def set_bookmakers(self, names: frozenset[str]) -> None:
        self.bookmakers = tuple(sorted(names))

    def request(self) -> Progress:
        self.requests.append(Progress())
        return self.requests[-1]

    def request_fixture(self, fixture_id: int) -> bool:
        self.fixtures.append(fixture_id)
        return not self.full


class FakeKeeper:
    """The keeper of positions, as far as it knows bookmakers."""

    def __init__(self) -> None:
        self.bookmakers: frozenset[str] = frozenset()


class Running:
    """`with Running(worker.run):` runs a worker's target in a thread."""

    def __init__(self, target: Callable[[threading.Event], None]) -> None:
        self.stop = threading.Event()
        self._thread = threading.Thread(target=target, args=(self.stop,), daemon=True)

    def __enter__(self) -> Running:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self._thread.join(10)
        assert not self._thread.is_alive()
