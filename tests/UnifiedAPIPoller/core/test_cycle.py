"""A watermark moves only over what is stored or queued; one bookmaker's trouble is not another's."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from poller_fakes import HOUR_MS, FakeQueue, FakeUpdates, element, fixture
from pymongo.database import Database
from stream_fakes import FakeAlerts

from PROPPR.SharedServices.odds.rejects import Reject
from PROPPR.SharedServices.odds.rest import OddsElement
from PROPPR.SharedServices.odds.types import BookUpdate, Fixture
from PROPPR.SharedServices.providers.odds_api.errors import BookmakerRefused, KeyRefused, LookbackRefused
from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.service.errors import RateLimited, SourceChanged, TransientError
from PROPPR.SharedServices.storage.poller_state import PollerState
from PROPPR.UnifiedAPIPoller.core.cycle import Cycle, CycleReport
from PROPPR.UnifiedAPIPoller.core.doubts import Doubts
from PROPPR.UnifiedAPIPoller.core.plan import Pair
from PROPPR.UnifiedAPIPoller.core.refusals import Refusals
from PROPPR.UnifiedAPIPoller.core.source_gate import SourceGate
from PROPPR.UnifiedAPIPoller.core.watch import PairWatch

BET365, M88, UNIBET = (Pair(name, "football") for name in ("Bet365", "M88", "Unibet"))
PAIRS = (BET365, M88, UNIBET)


class Desk:
    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self.clock = ManualClock()
        self.source = FakeUpdates(self.clock)
        self.state = PollerState(database, self.clock)
        self.watch = PairWatch(self.state, self.clock, PAIRS, 90.0)
        self.queue = FakeQueue()
        self.gate = SourceGate(self.clock)
        self.alerts = FakeAlerts()
        self.refusals = Refusals(self.clock, self.alerts)
        self.submitted: list[tuple[BookUpdate, ...]] = []
        self.unstored: set[int] = set()
        self.told: list[Fixture] = []
        self.stop = threading.Event()
        self.moving = [fixture(one, self.clock.now_ms() + one * HOUR_MS) for one in (1, 2, 3)]
        self.unlisted: Exception | None = None
        self.hole_until = 0
        self.doubts = Doubts(self.clock)
        self.cycle = Cycle(
            self.source, self.watch, self.queue, self.gate, self.refusals, self.clock, self.doubts,  # type: ignore[arg-type]
            submit=self._submit, told=lambda found, at: self.told.extend(found),
            moving=self._moving_in,
            known=lambda wanted: next((one for one in self.moving if one.id == wanted), None),
        )  # fmt: skip

    def _moving_in(self, sport: str, until: int) -> list[Fixture]:
        self.hole_until = until
        if self.unlisted is not None:
            raise self.unlisted
        return self.moving

    def _submit(self, updates: Sequence[BookUpdate], outstanding: set[int]) -> None:
        self.submitted.append(tuple(updates))
        if updates[0].fixture_id in self.unstored:
            outstanding.add(len(self.submitted))

    def run(self, pairs: Sequence[Pair] = PAIRS) -> CycleReport:
        return self.cycle.run(pairs, 50.0, 1, self.stop)

    def watermarks(self) -> dict[Pair, int | None]:
        return {Pair(*key): state.complete_until for key, state in self.state.load().items()}

    def warm(self) -> None:
        self.run()
        self.queue.wanted.clear()
        self.watch.close_holes({}, 1)
        self.clock.advance(60)


def test_what_changed_is_handed_over_and_the_watermark_moves(database: Database[dict[str, Any]]) -> None:
    desk = Desk(database)
    desk.warm()
    desk.source.answers = {"Bet365": [element(1), element(2)]}
    report = desk.run()
    assert (report.asked, report.books, report.elements) == (3, 2, 2)
    assert report.complete
    assert len(desk.submitted) == 2
    assert [one.id for one in desk.told] == [1, 2]
    assert set(desk.watermarks().values()) == {desk.clock.now_ms()}
    assert desk.queue.wanted == []


def test_an_answer_rests_before_it_is_merged_where_the_plan_says_so(database: Database[dict[str, Any]]) -> None:
    desk = Desk(database)
    desk.warm()
    desk.source.answers = {"Bet365": [element(1)]}
    rests: list[tuple[float, int]] = []

    def wait(event: threading.Event, seconds: float) -> bool:
        rests.append((seconds, len(desk.submitted)))
        return event.is_set()

    desk.clock.wait = wait  # type: ignore[method-assign]
    desk.cycle.run([BET365], 50.0, 1, desk.stop, {BET365: 1.5})
    assert (1.5, 0) in rests
    assert len(desk.submitted) == 1


def test_the_first_request_has_every_fixture_read(database: Database[dict[str, Any]]) -> None:
    desk = Desk(database)
    desk.source.answers = {"Bet365": [element(1)]}
    report = desk.run([BET365])
    assert report.holes == [BET365]
    assert desk.queue.wanted == [(2, ("Bet365",), "hole"), (3, ("Bet365",), "hole")]
    assert desk.queue.done == [((1,), "Bet365")]


def test_a_hole_is_held_open_until_its_fixtures_are_known(database: Database[dict[str, Any]]) -> None:
    desk = Desk(database)
    desk.warm()
    before = desk.watermarks()[BET365]
    desk.clock.advance(300)
    desk.unlisted = TransientError("the list is old")
    report = desk.run([BET365])
    assert report.failed == {BET365: "the list is old"}
    assert desk.watermarks()[BET365] == before
    desk.unlisted = None
    assert desk.run([BET365]).holes == [BET365]
    since = int(desk.source.asked[-1][2].timestamp() * 1000)
    assert desk.hole_until == since
    assert [one[0] for one in desk.queue.wanted] == [1, 2, 3]


def test_a_look_back_that_is_refused_because_the_request_was_late_is_not_shortened(
    database: Database[dict[str, Any]],
) -> None:
    desk = Desk(database)
    desk.warm()
    desk.source.failures = [LookbackRefused("400: since must be within the last 90 seconds")]
    desk.source.before = lambda: desk.clock.advance(3)
    assert BET365 in desk.run([BET365]).failed
    assert desk.watch.limit == 90_000


def test_a_gap_beyond_the_look_back_opens_a_hole_that_is_remembered(database: Database[dict[str, Any]]) -> None:
    desk = Desk(database)
    desk.warm()
    before = desk.watermarks()[BET365]
    desk.clock.advance(300)
    assert desk.run([BET365]).holes == [BET365]
    assert len(desk.queue.wanted) == 3
    again = PairWatch(desk.state, desk.clock, PAIRS, 90.0)
    again.load()
    (state,) = (one for one in again.states() if one.bookmaker == "Bet365")
    assert state.hole_since == before
    assert again.lags()[BET365] == 360.0
    again.close_holes({("Bet365", "football"): 1}, 1)
    assert again.lags()[BET365] == 360.0
    again.close_holes({}, 1)
    assert again.lags()[BET365] == 0.0


def test_what_is_not_stored_keeps_its_watermark(database: Database[dict[str, Any]]) -> None:
    desk = Desk(database)
    desk.warm()
    before = desk.watermarks()[BET365]
    desk.source.answers = {"Bet365": [element(1)], "M88": [element(2, "M88")]}
    desk.unstored = {1}
    threading.Timer(0.2, desk.stop.set).start()
    report = desk.run()
    assert report.failed == {BET365: "not stored yet"}
    assert desk.watermarks()[BET365] == before
    assert desk.watermarks()[M88] == desk.clock.now_ms()


def test_a_refused_bookmaker_is_set_aside_once_and_the_others_go_on(database: Database[dict[str, Any]]) -> None:
    desk = Desk(database)
    desk.warm()
    desk.source.failures = [None, BookmakerRefused("403: Access denied", ["Bet365", "Unibet"])]
    assert list(desk.run().failed) == [M88]
    assert desk.refusals.is_aside("M88")
    assert list(desk.alerts.raised) == ["poller.bookmaker:M88"]
    assert desk.watermarks()[UNIBET] == desk.clock.now_ms()
    desk.clock.advance(3601)
    assert not desk.refusals.is_aside("M88")
    assert desk.run([M88]).complete
    assert desk.alerts.raised == {}


def test_a_shorter_look_back_is_learnt_and_kept(database: Database[dict[str, Any]]) -> None:
    desk = Desk(database)
    desk.source.failures = [LookbackRefused("400: since must be within the last 60 seconds")]
    assert list(desk.run([BET365]).failed) == [BET365]
    assert desk.watch.limit == 60_000
    assert desk.watch.longest_cycle() == 48.0
    again = PairWatch(desk.state, desk.clock, PAIRS, 90.0)
    again.load()
    assert again.limit == 60_000


def test_an_outage_is_not_asked_again_for_every_pair(database: Database[dict[str, Any]]) -> None:
    desk = Desk(database)
    desk.source.failures = [TransientError("503")]
    report = desk.run()
    assert (report.asked, len(report.failed)) == (1, 3)
    assert desk.gate.closed_for() > 0
    desk.clock.advance(100)
    assert desk.run().complete
    assert desk.gate.trouble is None


def test_a_spent_budget_waits_as_told(database: Database[dict[str, Any]]) -> None:
    desk = Desk(database)
    desk.source.failures = [RateLimited("429", 1200.0)]
    desk.run()
    assert 1100 < desk.gate.closed_for() <= 1200
    assert desk.gate.is_limited


def test_a_refused_key_is_not_asked_with_often(database: Database[dict[str, Any]]) -> None:
    desk = Desk(database)
    desk.source.failures = [KeyRefused("401: Invalid API key")]
    desk.run()
    assert desk.gate.closed_for() == 300


def test_an_unreadable_answer_costs_its_pair_only(database: Database[dict[str, Any]]) -> None:
    desk = Desk(database)
    desk.warm()
    before = desk.watermarks()[BET365]
    desk.source.failures = [SourceChanged("the answer is no JSON")]
    assert list(desk.run().failed) == [BET365]
    assert desk.watermarks()[BET365] == before
    assert desk.watermarks()[M88] == desk.clock.now_ms()


def test_a_book_that_could_not_be_read_is_read_again_once_an_hour(database: Database[dict[str, Any]]) -> None:
    desk = Desk(database)
    desk.warm()
    spoilt = [
        Reject("bad_price", "odds", True, 2, ""),
        OddsElement(fixture(3), (), (), (Reject("bad_time", "updatedAt", True, 3, ""),)),
        element(1),
    ]
    desk.source.answers = {"Bet365": spoilt}
    desk.run([BET365])
    assert sorted(desk.queue.wanted) == [(2, ("Bet365",), "unreadable"), (3, ("Bet365",), "unreadable")]
    desk.clock.advance(60)
    desk.run([BET365])
    assert len(desk.queue.wanted) == 2
    for _ in range(60):
        desk.clock.advance(60)
        desk.run([BET365])
    assert len(desk.queue.wanted) == 4
