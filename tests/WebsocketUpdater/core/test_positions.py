"""What may be resumed from, and what may be stored, whatever happens in between."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from pymongo.database import Database

from PROPPR.SharedServices.ingest.tickets import Tickets
from PROPPR.SharedServices.providers.odds_api.subscription import Subscription
from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.storage.stream_state import StreamState
from PROPPR.WebsocketUpdater.core.positions import LOSS, SNAPSHOT, PositionKeeper, StreamPosition

SUBSCRIPTION = Subscription(("ML",))


class Position(RuleBasedStateMachine):
    """A stream of numbered messages, some lost or late in being stored, connections in between.

    Whatever is stored as the position, every message up to it must have been stored, and none lost below it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.clock = ManualClock()
        self.position = StreamPosition(SUBSCRIPTION, self.clock)
        self.tickets = Tickets()
        self.position.start_at(100)
        self.position.connected()
        self.sent = 100
        self.pending: dict[int, int] = {}
        self.missing: set[int] = set()

    @rule(lost=st.booleans())
    def message(self, lost: bool) -> None:
        self.sent += 1
        self.missing.add(self.sent)
        if lost:
            self.position.hold(LOSS)
            return
        ticket = self.tickets.issue(self.position.watermark.done)
        self.position.watermark.received(ticket, self.sent)
        self.pending[ticket] = self.sent

    @precondition(lambda self: self.pending)
    @rule(data=st.data())
    def store(self, data: st.DataObject) -> None:
        ticket = data.draw(st.sampled_from(sorted(self.pending)))
        self.missing.discard(self.pending.pop(ticket))
        self.tickets.done([ticket])

    @rule(seconds=st.floats(0, 5))
    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @rule()
    def drain(self) -> None:
        self.position.drained()

    @rule()
    def reconnect(self) -> None:
        start = self.position.resume_from
        assert start is not None
        self.position.connected()
        # The provider sends everything after `lastSeq` again.
        for sequence in range(start + 1, self.sent + 1):
            ticket = self.tickets.issue(self.position.watermark.done)
            self.position.watermark.received(ticket, sequence)
            self.pending[ticket] = sequence

    @rule(held=st.booleans())
    def snapshot(self, held: bool) -> None:
        (self.position.hold if held else self.position.release)(SNAPSHOT)

    @invariant()
    def nothing_before_the_position_is_missing(self) -> None:
        first_missing = min(self.missing, default=self.sent + 1)
        for position in (self.position.durable, self.position.resume_from):
            assert position is None or position < first_missing

    @invariant()
    def nothing_is_stored_while_a_snapshot_is_under_way(self) -> None:
        if SNAPSHOT in self.position.held:
            assert self.position.durable is None


Position.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestPosition = Position.TestCase


def received(position: StreamPosition, sequence: int, tickets: Tickets) -> None:
    ticket = tickets.issue(position.watermark.done)
    position.watermark.received(ticket, sequence)
    tickets.done([ticket])


def test_a_fresh_connection_counts_only_once_it_has_settled() -> None:
    clock, tickets = ManualClock(), Tickets()
    position = StreamPosition(SUBSCRIPTION, clock)
    position.start_at(10)
    position.connected()
    received(position, 20, tickets)
    clock.advance(5)
    assert position.durable == 10
    position.drained()
    assert position.durable == 20
    assert tickets.outstanding == 0


def test_a_connection_that_never_runs_dry_settles_in_the_end() -> None:
    clock, tickets = ManualClock(), Tickets()
    position = StreamPosition(SUBSCRIPTION, clock)
    position.start_at(10)
    position.connected()
    received(position, 20, tickets)
    clock.advance(31)
    assert position.durable == 20


def test_a_forgotten_position_waits_for_a_snapshot() -> None:
    position = StreamPosition(SUBSCRIPTION, ManualClock())
    position.start_at(10)
    position.forget()
    assert position.resume_from is None
    position.start_at(50)
    assert (position.resume_from, position.durable) == (50, None)
    position.release(SNAPSHOT)
    assert position.durable == 50


def test_the_keeper_stores_under_its_fence_and_reads_back(database: Database[dict[str, Any]]) -> None:
    clock = ManualClock()
    token: list[int | None] = [1]
    position = StreamPosition(SUBSCRIPTION, clock)
    keeper = PositionKeeper(StreamState(database, clock, "key"), [position], lambda: token[0])
    keeper.load()
    assert SNAPSHOT in position.held
    position.start_at(7)
    keeper.save()
    keeper.load()
    assert position.resume_from is None
    position.start_at(7)
    position.release(SNAPSHOT)
    keeper.bookmakers = frozenset({"M88"})
    keeper.save()
    other = StreamPosition(SUBSCRIPTION, clock)
    successor = PositionKeeper(StreamState(database, clock, "key"), [other], lambda: 2)
    successor.load()
    assert (other.resume_from, other.held, successor.bookmakers) == (7, frozenset(), {"M88"})
    other.start_at(9)
    successor.save()
    position.start_at(8)
    keeper.save()
    token[0] = None
    keeper.save()
    stored = database["stream_state"].find_one()
    assert stored is not None
    assert stored["last_sequence"] == 9
