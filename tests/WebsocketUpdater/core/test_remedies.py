"""Which loss gets which remedy, and what the position does meanwhile."""

from __future__ import annotations

import pytest
from stream_fakes import FakeAlerts, FakeKeeper, FakeReader, stream_metrics

from PROPPR.SharedServices.odds.messages import Welcome
from PROPPR.SharedServices.odds.rejects import Reject
from PROPPR.SharedServices.providers.odds_api.subscription import Subscription
from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.WebsocketUpdater.core.policies import Pacer
from PROPPR.WebsocketUpdater.core.positions import LOSS, REREAD, SNAPSHOT, StreamPosition
from PROPPR.WebsocketUpdater.core.remedies import REPEATED_WITHIN, StreamRemedies
from PROPPR.WebsocketUpdater.core.snapshots import Progress


class Desk:
    def __init__(self, sets: int = 1, start: int | None = 100) -> None:
        self.clock = ManualClock()
        self.positions = [StreamPosition(Subscription(("ML", str(n))), self.clock) for n in range(sets)]
        for position in self.positions:
            if start is None:
                position.forget()
            else:
                position.start_at(start)
        self.reader = FakeReader()
        self.keeper = FakeKeeper()
        self.alerts = FakeAlerts()
        self.remedies = StreamRemedies(
            self.positions, self.reader, self.keeper, stream_metrics(self.clock), self.alerts, self.clock,  # type: ignore[arg-type]
            bookmakers=["Bet365", "M88"], snapshot=Pacer(30, 900),
        )  # fmt: skip

    @property
    def position(self) -> StreamPosition:
        return self.positions[0]

    def complete(self, progress: Progress, *sequences: int | None) -> None:
        for sequence in sequences:
            progress.note(sequence)
        progress.complete = True


def test_a_loss_holds_the_position_and_wants_a_connection_from_before_it() -> None:
    desk = Desk()
    desk.remedies.lost("malformed")
    assert LOSS in desk.position.held
    assert desk.position.resume_from == 100
    assert desk.remedies.recovery.is_due(desk.clock.monotonic())
    desk.position.connected()
    desk.remedies.recovered()
    assert LOSS not in desk.position.held
    assert desk.remedies.recovery.due is None


def reject(reason: str = "wrong_type", fixture: int | None = 7) -> Reject:
    return Reject(reason, "markets[0]", True, fixture)


def test_what_is_unreadable_again_is_read_by_rest() -> None:
    desk = Desk()
    desk.remedies.unreadable(reject())
    desk.position.connected()
    desk.remedies.recovered()
    desk.remedies.unreadable(reject())
    assert desk.reader.fixtures == [7]
    assert desk.position.held == {REREAD}
    assert desk.remedies.recovery.due is None
    desk.remedies.rereads_done()
    assert not desk.position.held


def test_after_a_while_the_same_fault_is_a_new_one() -> None:
    desk = Desk()
    desk.remedies.unreadable(reject())
    desk.clock.advance(REPEATED_WITHIN + 1)
    desk.remedies.unreadable(reject())
    assert desk.reader.fixtures == []


@pytest.mark.parametrize("second", [reject("other_reason"), reject(fixture=8), reject(fixture=None)])
def test_another_fault_is_a_loss(second: Reject) -> None:
    desk = Desk()
    desk.remedies.unreadable(reject())
    desk.position.connected()
    desk.remedies.recovered()
    desk.remedies.unreadable(second)
    assert desk.reader.fixtures == []
    assert LOSS in desk.position.held


def test_when_too_many_wait_a_connection_must_help() -> None:
    desk = Desk()
    desk.reader.full = True
    desk.remedies.unreadable(reject())
    desk.position.connected()
    desk.remedies.unreadable(reject())
    assert LOSS in desk.position.held


def test_a_resync_reads_everything_and_connects_from_the_first_answer() -> None:
    desk = Desk(sets=2)
    desk.remedies.resync("too old")
    assert [position.resume_from for position in desk.positions] == [None, None]
    assert not desk.remedies.tick()
    (progress,) = desk.reader.requests
    progress.note(200)
    assert desk.remedies.tick()
    assert [position.resume_from for position in desk.positions] == [200, 200]
    assert [position.durable for position in desk.positions] == [None, None]
    assert not desk.remedies.tick()
    desk.complete(progress, 205)
    assert not desk.remedies.tick()
    assert [position.durable for position in desk.positions] == [200, 200]
    assert desk.remedies.first_sync
    assert desk.keeper.bookmakers == {"Bet365", "M88"}


def test_a_later_answer_from_a_server_that_was_behind_moves_the_start_back() -> None:
    desk = Desk()
    desk.remedies.resync("too old")
    desk.remedies.tick()
    (progress,) = desk.reader.requests
    desk.complete(progress, 200, 190)
    assert desk.remedies.tick()
    assert desk.remedies.tick()
    assert desk.position.resume_from == 190
    assert not desk.remedies.tick()
    assert not desk.position.held


def test_without_sequences_everything_is_read_after_each_connection() -> None:
    desk = Desk(start=None)
    desk.remedies.need_snapshot()
    desk.remedies.tick()
    (first,) = desk.reader.requests
    first.calls = 1
    desk.position.connected()
    desk.remedies.opened(None)
    desk.clock.advance(31)
    desk.remedies.tick()
    assert len(desk.reader.requests) == 2
    desk.complete(desk.reader.requests[1])
    desk.remedies.tick()
    assert not desk.position.held


def test_snapshots_are_spaced() -> None:
    desk = Desk()
    for _ in range(10):
        desk.remedies.resync("again")
        desk.remedies.tick()
        desk.clock.advance(1)
    assert len(desk.reader.requests) == 1


def test_configured_bookmakers_that_the_account_lacks_are_alerted_and_forgiven() -> None:
    desk = Desk()
    desk.keeper.bookmakers = frozenset({"Bet365", "M88"})
    desk.remedies.welcome(Welcome(bookmakers=("Bet365",)))
    assert "m88" in desk.alerts.raised["stream.bookmakers"]
    desk.remedies.welcome(Welcome(bookmakers=("bet365", "M88", "Bet365 (no latency)")))
    assert desk.alerts.raised == {}


def test_a_bookmaker_new_to_the_account_is_read_from_the_beginning() -> None:
    desk = Desk()
    desk.keeper.bookmakers = frozenset({"Bet365", "M88"})
    desk.remedies.welcome(Welcome(bookmakers=("Bet365", "M88", "SingBet")))
    assert SNAPSHOT in desk.position.held
    desk.remedies.tick()
    assert len(desk.reader.requests) == 1
    assert "SingBet" in desk.reader.bookmakers


def test_known_bookmakers_need_no_snapshot() -> None:
    desk = Desk()
    desk.keeper.bookmakers = frozenset({"Bet365", "M88"})
    desk.remedies.welcome(Welcome(bookmakers=("Bet365",)))
    desk.remedies.opened(100)
    desk.remedies.tick()
    assert desk.reader.requests == []
    assert desk.remedies.first_sync
