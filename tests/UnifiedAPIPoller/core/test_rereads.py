"""Queued fixtures are read ten a request as the budget allows; trouble with one is not another's."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from poller_fakes import HOUR_MS, fixture
from pymongo.database import Database
from stream_fakes import FakeAlerts, FakeSource, FakeWriter

from PROPPR.SharedServices.ingest.absences import Absences
from PROPPR.SharedServices.ingest.book_reader import BookReader
from PROPPR.SharedServices.ingest.tickets import Tickets
from PROPPR.SharedServices.providers.odds_api.errors import (
    AccessRefused,
    BookmakerRefused,
    NotFound,
)
from PROPPR.SharedServices.service.clock import ManualClock, SystemClock
from PROPPR.SharedServices.service.errors import SourceChanged, TransientError
from PROPPR.SharedServices.storage.rereads import RereadQueue
from PROPPR.UnifiedAPIPoller.core.refusals import Refusals
from PROPPR.UnifiedAPIPoller.core.rereads import RereadReader
from PROPPR.UnifiedAPIPoller.core.source_gate import SourceGate

STOP = threading.Event()


class Desk:
    def __init__(self, database: Database[dict[str, Any]], fixtures: int, bookmakers: tuple[str, ...]) -> None:
        self.clock = ManualClock()
        self.queue = RereadQueue(database, self.clock)
        self.source = FakeSource()
        tickets = Tickets()
        self.writer = FakeWriter(tickets)
        self.gate = SourceGate(self.clock)
        self.refusals = Refusals(self.clock, FakeAlerts())
        self.spare = 100
        reader = BookReader(self.source, self.writer, tickets, SystemClock(), Absences(lambda ids: set()))
        self.reader = RereadReader(
            self.queue, reader, self.gate, self.refusals, self.clock,
            batch_size=10, gather_seconds=20, to_spare=lambda: self.spare, told=lambda found, at: None,
        )  # fmt: skip
        now = self.clock.now_ms()
        self.queue.want([fixture(one, now + one * HOUR_MS) for one in range(1, fixtures + 1)], bookmakers, "hole")
        self.clock.advance(20)

    def read_all(self, rounds: int = 50) -> None:
        for _ in range(rounds):
            if not self.reader.read_next(STOP):
                return

    def asked(self) -> list[tuple[tuple[int, ...], tuple[str, ...]]]:
        return self.source.asked("odds_multi")  # type: ignore[return-value]


def test_ten_fixtures_a_request_and_the_nearest_first(database: Database[dict[str, Any]]) -> None:
    desk = Desk(database, 25, ("Bet365", "M88"))
    desk.read_all()
    assert [ids for ids, _ in desk.asked()] == [tuple(range(1, 11)), tuple(range(11, 21)), tuple(range(21, 26))]
    assert desk.queue.size() == 0
    assert desk.reader.read == 25


def test_fixtures_wanted_at_different_bookmakers_share_a_request(database: Database[dict[str, Any]]) -> None:
    desk = Desk(database, 4, ("Bet365", "M88"))
    desk.queue.answered([2], "Bet365", desk.clock.now_ms())
    desk.queue.answered([3], "M88", desk.clock.now_ms())
    desk.read_all()
    (asked,) = desk.asked()
    assert asked[0] == (1, 2, 3, 4) and set(asked[1]) == {"Bet365", "M88"}
    assert desk.queue.size() == 0


def test_without_spare_budget_nothing_is_read_and_it_shows(database: Database[dict[str, Any]]) -> None:
    desk = Desk(database, 5, ("Bet365",))
    desk.spare = 0
    desk.read_all()
    assert desk.asked() == []
    assert desk.reader.is_short
    desk.spare = 1
    desk.read_all()
    assert desk.queue.size() == 0


def test_a_few_fixtures_wait_a_moment_for_more(database: Database[dict[str, Any]]) -> None:
    desk = Desk(database, 2, ("Bet365",))
    desk.read_all()
    desk.queue.want([fixture(50, desk.clock.now_ms())], ["Bet365"], "new")
    desk.read_all()
    assert len(desk.asked()) == 1
    desk.queue.want([fixture(60 + one, desk.clock.now_ms()) for one in range(9)], ["Bet365"], "new")
    desk.read_all()
    assert [len(ids) for ids, _ in desk.asked()] == [2, 10]


def test_what_failed_stays_queued(database: Database[dict[str, Any]]) -> None:
    desk = Desk(database, 5, ("Bet365",))
    desk.source.failures = [TransientError("503")]
    with pytest.raises(TransientError):
        desk.reader.read_next(STOP)
    assert desk.queue.size() == 5


def test_a_refused_bookmaker_leaves_and_the_others_are_read(database: Database[dict[str, Any]]) -> None:
    desk = Desk(database, 5, ("Bet365", "M88"))
    desk.source.failures = [BookmakerRefused("403", ["Bet365"])]
    desk.read_all()
    assert desk.refusals.is_aside("M88")
    assert desk.asked()[-1][1] == ("Bet365",)
    assert desk.queue.size() == 0


def test_a_refusal_without_names_is_traced_to_its_bookmaker(database: Database[dict[str, Any]]) -> None:
    desk = Desk(database, 5, ("Bet365", "M88", "Unibet"))
    failing = desk.source.odds_multi

    def odds_multi(ids: Any, bookmakers: Any, include_sequence: bool = True) -> Any:
        if "M88" in bookmakers:
            raise AccessRefused("403: not in your plan")
        return failing(ids, bookmakers, include_sequence)

    desk.source.odds_multi = odds_multi  # type: ignore[method-assign]
    desk.read_all()
    assert list(desk.refusals.reasons()) == ["M88"]
    assert desk.queue.size() == 0


def test_one_unreadable_fixture_does_not_hold_up_the_rest(database: Database[dict[str, Any]]) -> None:
    desk = Desk(database, 5, ("Bet365",))
    failing = desk.source.odds_multi

    def odds_multi(ids: Any, bookmakers: Any, include_sequence: bool = True) -> Any:
        if 1 in ids:
            raise SourceChanged("no JSON")
        return failing(ids, bookmakers, include_sequence)

    desk.source.odds_multi = odds_multi  # type: ignore[method-assign]
    for _ in range(20):
        desk.read_all()
        desk.clock.advance(20)
    assert [entry.fixture_id for entry in desk.queue.next(10)] in ([1], [])
    assert desk.queue.size() == 1


def test_fixtures_that_the_provider_does_not_know_are_done(database: Database[dict[str, Any]]) -> None:
    desk = Desk(database, 3, ("Bet365",))
    desk.source.failures = [NotFound("404")]
    desk.read_all()
    assert desk.queue.size() == 0


def test_a_closed_gate_is_waited_for(database: Database[dict[str, Any]]) -> None:
    desk = Desk(database, 3, ("Bet365",))
    desk.gate.failed(TransientError("503"))
    desk.read_all()
    assert desk.asked() == []
