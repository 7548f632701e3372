"""All books by REST: the nearest first, within refusals and limits, and complete only when stored."""

from __future__ import annotations

import pytest
from stream_fakes import FakeSource, FakeWriter, Running, fixture
from support import eventually

from PROPPR.SharedServices.ingest.absences import Absences, Feed
from PROPPR.SharedServices.ingest.book_reader import BookReader
from PROPPR.SharedServices.ingest.tickets import Tickets
from PROPPR.SharedServices.providers.odds_api.errors import BookmakerRefused, RequestRefused
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.service.errors import RateLimited, TransientError
from PROPPR.WebsocketUpdater.core.calendar import FixtureCalendar
from PROPPR.WebsocketUpdater.core.snapshots import SnapshotReader

CLOCK = SystemClock()


class Desk:
    def __init__(self, fixtures: int = 25, at_once: bool = True) -> None:
        now = CLOCK.now_ms()
        self.source = FakeSource()
        self.tickets = Tickets()
        self.writer = FakeWriter(self.tickets, at_once)
        self.calendar = FixtureCalendar()
        self.calendar.replace([fixture(n, now + n * 60_000) for n in range(fixtures)], now)
        self.ready = True
        self.rereads = 0
        self.stored: set[Feed] = set()
        self.refused: list[frozenset[str]] = []
        reader = BookReader(self.source, self.writer, self.tickets, CLOCK, Absences(lambda ids: self.stored))
        self.reader = SnapshotReader(
            self.source, self.calendar, reader, CLOCK, bookmakers=["Bet365", "M88"],
            ready=lambda: self.ready, on_reread=self._reread, on_refused=self.refused.append,
        )  # fmt: skip

    def _reread(self) -> None:
        self.rereads += 1

    def asked(self) -> list[int]:
        return [one for ids, _ in self.source.asked("odds_multi") for one in ids]  # type: ignore[attr-defined]


def test_every_fixture_is_read_nearest_first_ten_a_call() -> None:
    desk = Desk()
    with Running(desk.reader.run):
        progress = desk.reader.request()
        eventually(lambda: progress.complete)
    assert desk.asked() == list(range(25))
    assert desk.source.count("odds_multi") == 3
    assert len(desk.writer.updates) == 25
    assert (progress.anchor, progress.lowest, progress.failed) == (1001, 1001, 0)


def test_it_is_complete_only_when_everything_is_stored() -> None:
    desk = Desk(at_once=False)
    with Running(desk.reader.run):
        progress = desk.reader.request()
        eventually(lambda: progress.read == 25)
        assert not progress.complete
        desk.writer.store()
        eventually(lambda: progress.complete)


def test_it_waits_for_the_list_of_fixtures() -> None:
    desk = Desk()
    desk.ready = False
    with Running(desk.reader.run):
        progress = desk.reader.request()
        desk.ready = True
        eventually(lambda: progress.complete)
    assert len(desk.asked()) == 25


@pytest.mark.parametrize("failure", [RateLimited("429", 0.01), TransientError("500")])
def test_limits_and_failures_are_waited_out(failure: Exception) -> None:
    desk = Desk(5)
    desk.source.failures = [failure] * 2
    with Running(desk.reader.run):
        progress = desk.reader.request()
        eventually(lambda: progress.complete)
    assert progress.failed == 0
    assert len(desk.writer.updates) == 5


def test_what_will_never_work_is_given_up_and_the_rest_is_read() -> None:
    desk = Desk(15)
    desk.source.failures = [RequestRefused("400")] * 5
    desk.reader._backoff._cap = desk.reader._backoff._first = 0.2
    with Running(desk.reader.run):
        progress = desk.reader.request()
        eventually(lambda: progress.complete)
    assert progress.failed == 10
    assert len(desk.writer.updates) == 5


def test_bookmakers_outside_the_selection_are_left_out() -> None:
    desk = Desk(5)
    desk.source.selected = ["Bet365", "M88", "SingBet"]
    desk.source.failures = [BookmakerRefused("403", ["bet365", "M88"])]
    with Running(desk.reader.run):
        progress = desk.reader.request()
        eventually(lambda: progress.complete)
    assert desk.reader.bookmakers == ("Bet365", "M88")
    assert desk.refused == [frozenset({"SingBet"})]


def test_a_fast_feed_is_never_asked_for_by_name() -> None:
    desk = Desk(1)
    desk.reader.set_bookmakers(["Bet365 (no latency)", "Bet365", "M88"])
    assert desk.reader.bookmakers == ("Bet365", "M88")


def test_a_new_request_starts_over() -> None:
    desk = Desk(at_once=False)
    with Running(desk.reader.run):
        first = desk.reader.request()
        eventually(lambda: first.read == 25)
        second = desk.reader.request()
        eventually(lambda: second.read == 25)
        desk.writer.store()
        eventually(lambda: second.complete)
    assert first.superseded
    assert not first.complete


def test_without_the_header_there_is_no_anchor() -> None:
    desk = Desk(5)
    desk.source.sequence = lambda call: None
    with Running(desk.reader.run):
        progress = desk.reader.request()
        eventually(lambda: progress.complete)
    assert progress.anchor is None


def test_single_fixtures_are_read_once_however_often_they_are_asked_for() -> None:
    desk = Desk()
    for _ in range(3):
        for number in (4, 5):
            assert desk.reader.request_fixture(number)
    with Running(desk.reader.run):
        eventually(lambda: desk.rereads == 1)
    assert desk.asked() == [4, 5]
    assert desk.reader.pending == 0


def test_the_waiting_fixtures_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("PROPPR.WebsocketUpdater.core.snapshots._MAX_REREADS", 3)
    desk = Desk()
    assert [desk.reader.request_fixture(number) for number in range(5)] == [True, True, True, False, False]
