"""Every kind of frame finds its way, and nothing that arrives can raise or be lost unnoticed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stream_fakes import FakeWriter, stream_metrics

from PROPPR.SharedServices.ingest.tickets import Tickets
from PROPPR.SharedServices.odds.messages import ScoreMessage, StatusMessage, Welcome
from PROPPR.SharedServices.odds.rejects import Reject
from PROPPR.SharedServices.odds.types import FeedCleared, MarketUpdate
from PROPPR.SharedServices.providers.odds_api.subscription import Subscription
from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.WebsocketUpdater.core.calendar import FixtureCalendar
from PROPPR.WebsocketUpdater.core.frame_handler import LARGEST_STEP, FrameHandler
from PROPPR.WebsocketUpdater.core.positions import StreamPosition


class Heard:
    """Remedies and events that remember."""

    def __init__(self) -> None:
        self.losses: list[str] = []
        self.resyncs: list[str] = []
        self.welcomes: list[Welcome] = []
        self.unknown: list[int] = []
        self.statuses: list[StatusMessage] = []
        self.scores: list[ScoreMessage] = []

    def lost(self, reason: str) -> None:
        self.losses.append(reason)

    def unreadable(self, reject: Reject) -> None:
        self.losses.append(reject.reason)

    def resync(self, reason: str) -> None:
        self.resyncs.append(reason)

    def welcome(self, message: Welcome) -> None:
        self.welcomes.append(message)

    def seen(self, fixture_id: int) -> None:
        self.unknown.append(fixture_id)

    def status(self, message: StatusMessage) -> None:
        self.statuses.append(message)

    def score(self, message: ScoreMessage) -> None:
        self.scores.append(message)


class Desk:
    def __init__(self, at_once: bool = True) -> None:
        self.clock = ManualClock()
        self.tickets = Tickets()
        self.writer = FakeWriter(self.tickets, at_once)
        self.heard = Heard()
        self.calendar = FixtureCalendar()
        self.metrics = stream_metrics(self.clock)
        self.position = StreamPosition(Subscription(("ML",)), self.clock)
        self.handler = FrameHandler(
            self.position, writer=self.writer, tickets=self.tickets, events=self.heard, calendar=self.calendar,
            remedies=self.heard, metrics=self.metrics, clock=self.clock,
        )  # fmt: skip

    def take(self, *messages: dict[str, Any]) -> None:
        self.handler.handle("\n".join(map(json.dumps, messages)).encode())


def updated(sequence: int | None = 5, fixture: int = 7, **changes: Any) -> dict[str, Any]:
    rows = [{"home": "2.10", "draw": "3.40", "away": "3.50"}]
    markets = [{"name": "ML", "updatedAt": "2025-12-31T23:59:00Z", "odds": rows}]
    message = {"type": "updated", "seq": sequence, "id": str(fixture), "bookie": "Bet365", "markets": markets}
    return {key: value for key, value in {**message, **changes}.items() if value is not None}


def test_odds_reach_the_writer_and_their_sequence_the_watermark_only_when_stored() -> None:
    desk = Desk(at_once=False)
    desk.take(updated(5), updated(6, fixture=8))
    assert [type(update) for update in desk.writer.updates] == [MarketUpdate, MarketUpdate]
    desk.clock.advance(10)
    assert desk.position.watermark.safe is None
    desk.writer.store()
    desk.clock.advance(10)
    assert desk.position.watermark.safe == 6
    assert desk.heard.unknown == [7, 8]
    assert desk.metrics.last_data is not None


@pytest.mark.parametrize("kind", ["deleted", "no_markets"])
def test_clears_reach_the_writer(kind: str) -> None:
    desk = Desk()
    desk.take({"type": kind, "seq": 9, "id": "7", "bookie": "Bet365", "timestamp": 1767225500})
    (update,) = desk.writer.updates
    assert isinstance(update, FeedCleared)
    assert (update.fixture_id, update.bookmaker, update.reason) == (7, "Bet365", kind)


def test_a_missing_sequence_among_numbered_messages_is_a_loss_and_its_odds_are_still_taken() -> None:
    desk = Desk()
    desk.take(updated(None))
    assert desk.heard.losses == []
    desk.take(updated(5), updated(None))
    assert desk.heard.losses == ["missing_sequence"]
    assert len(desk.writer.updates) == 3


def test_a_new_connection_may_be_without_sequences_again() -> None:
    desk = Desk()
    desk.take(updated(5))
    desk.handler.begin(desk.position)
    desk.take(updated(None))
    assert desk.heard.losses == []


def test_a_sequence_far_ahead_is_refused_and_cannot_poison_the_position() -> None:
    desk = Desk()
    desk.take(updated(5), updated(6 + LARGEST_STEP), updated(7))
    assert desk.heard.losses == ["implausible_sequence"]
    assert len(desk.writer.updates) == 2
    desk.clock.advance(10)
    assert desk.position.watermark.safe == 7


def test_what_cannot_be_read_is_a_loss_before_the_rest_counts() -> None:
    desk = Desk()
    desk.handler.handle(b'{"type":"updated","seq":4,"id":"7","boo\n' + json.dumps(updated(5)).encode())
    assert len(desk.heard.losses) == 1
    assert len(desk.writer.updates) == 1


def test_the_other_messages_are_passed_on() -> None:
    desk = Desk()
    desk.take(
        {"type": "welcome", "user_id": "me@example.com", "bookmakers": ["Bet365"]},
        {"type": "status", "id": "7", "status": "live", "timestamp": 1767225500},
        {"type": "score", "id": "7", "scores": {"home": 1, "away": 0}, "timestamp": 1767225500},
        {"type": "resync_required", "reason": "too old"},
        {"type": "brand_new"},
    )
    heard = desk.heard
    assert [message.bookmakers for message in heard.welcomes] == [("Bet365",)]
    assert [message.status for message in heard.statuses] == ["live"]
    assert [message.fixture_id for message in heard.scores] == [7]
    assert len(heard.resyncs) == 1
    assert heard.losses == []


@given(st.binary(max_size=300))
def test_no_frame_can_raise(frame: bytes) -> None:
    Desk().handler.handle(frame)
