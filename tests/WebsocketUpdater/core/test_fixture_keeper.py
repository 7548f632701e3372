"""The registry: read by REST, moved by the stream, strangers looked up within bounds."""

from __future__ import annotations

import pytest
from stream_fakes import FakeRegistry, FakeSource, Running, fixture
from support import eventually

from PROPPR.SharedServices.odds.messages import ScoreMessage, StatusMessage
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.service.errors import TransientError
from PROPPR.WebsocketUpdater.core import fixture_keeper as keepers
from PROPPR.WebsocketUpdater.core.calendar import FixtureCalendar
from PROPPR.WebsocketUpdater.core.fixture_keeper import FixtureKeeper

CLOCK = SystemClock()


class Desk:
    def __init__(self, leagues: tuple[str, ...] = ()) -> None:
        now = CLOCK.now_ms()
        self.source = FakeSource()
        self.source.fixtures = [fixture(n, now + n * 60_000) for n in range(1, 4)]
        self.registry = FakeRegistry()
        self.calendar = FixtureCalendar()
        self.keeper = FixtureKeeper(
            self.source, self.registry, self.calendar, CLOCK, sports=["football", "tennis"], leagues=leagues,
            find_priced=lambda ids: {1},
        )  # fmt: skip


def status(number: int, text: str, scores: dict[str, object] | None = None) -> StatusMessage:
    return StatusMessage(number, text, scores, None, None, None, None)


def test_the_list_is_read_per_sport_and_kept() -> None:
    desk = Desk()
    with Running(desk.keeper.run):
        eventually(desk.keeper.first_list.is_set)
        eventually(lambda: desk.keeper.check().ok)
    assert desk.source.asked("events") == [("football", None), ("tennis", None)]
    assert set(desk.registry.fixtures) == {1, 2, 3}
    assert desk.calendar.expects_data(CLOCK.now_ms())


def test_leagues_narrow_the_list() -> None:
    desk = Desk(("england-premier-league",))
    with Running(desk.keeper.run):
        eventually(desk.keeper.first_list.is_set)
    assert desk.source.asked("events") == [
        ("football", "england-premier-league"),
        ("tennis", "england-premier-league"),
    ]


def test_without_rest_the_stored_fixtures_serve_and_the_list_is_tried_again() -> None:
    desk = Desk()
    desk.registry.fixtures = {9: fixture(9, CLOCK.now_ms())}
    desk.source.failures = [TransientError("500")]
    desk.keeper._backoff._first = desk.keeper._backoff._cap = 0.5
    with Running(desk.keeper.run):
        eventually(lambda: 9 in desk.calendar)
        assert not desk.keeper.check().ok
        eventually(desk.keeper.first_list.is_set)


def test_a_stranger_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keepers, "RESOLVE_EVERY", 0.01)
    desk = Desk()
    with Running(desk.keeper.run):
        eventually(desk.keeper.first_list.is_set)
        desk.source.fixtures.append(fixture(50, CLOCK.now_ms()))
        for _ in range(5):
            desk.keeper.seen(50)
            desk.keeper.seen(404)
            desk.keeper.seen(1)
        eventually(lambda: 50 in desk.registry.fixtures and not desk.keeper.unknown)
        desk.keeper.seen(404)
        assert desk.keeper.unknown == 0
    assert desk.source.asked("event") == [50, 404]


def test_many_strangers_are_worth_a_new_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keepers, "_REFRESH_SPACING", 0.0)
    desk = Desk()
    with Running(desk.keeper.run):
        eventually(lambda: desk.keeper.check().ok)
        desk.source.fixtures = [fixture(n, CLOCK.now_ms()) for n in range(100, 140)]
        for number in range(100, 140):
            desk.keeper.seen(number)
        eventually(lambda: desk.keeper.unknown == 0)
    assert desk.source.count("event") <= 1


def test_strangers_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keepers, "_MAX_UNKNOWN", 10)
    desk = Desk()
    for number in range(100, 150):
        desk.keeper.seen(number)
    assert (desk.keeper.unknown, desk.keeper.dropped) == (10, 40)


def test_look_ups_keep_to_an_hourly_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keepers, "RESOLVE_EVERY", 0.0)
    monkeypatch.setattr(keepers, "RESOLVES_PER_HOUR", 3)
    desk = Desk()
    with Running(desk.keeper.run):
        eventually(lambda: desk.keeper.check().ok)
        for number in range(100, 106):
            desk.keeper.seen(number)
        eventually(lambda: desk.source.count("event") == 3)
        eventually(lambda: desk.keeper.last_error is not None)
    assert desk.source.count("event") == 3
    assert desk.keeper.unknown == 3


def test_statuses_are_kept_in_the_words_of_rest_the_newest_only() -> None:
    desk = Desk()
    desk.keeper.status(status(1, "prematch"))
    desk.keeper.status(status(1, "Live", {"home": 1, "away": 0}))
    desk.keeper.status(status(2, "prematch"))
    with Running(desk.keeper.run):
        eventually(lambda: len(desk.registry.statuses) == 2)
    assert desk.registry.statuses == [(1, "live", {"home": 1, "away": 0}), (2, "pending", None)]


def test_a_score_is_kept_only_with_a_known_status() -> None:
    desk = Desk()
    desk.calendar.add(fixture(1, 0, "live"), 0)
    for number in (1, 2):
        desk.keeper.score(ScoreMessage(number, {"home": 2, "away": 2}, None, None, None, None))
    with Running(desk.keeper.run):
        eventually(lambda: desk.registry.statuses)
    assert desk.registry.statuses == [(1, "live", {"home": 2, "away": 2})]
