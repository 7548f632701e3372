"""A living day: fixtures appear, are cancelled, postponed and played again; the truth knows all of it and says it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

import pytest
from simulator_clients import Mirror
from support import eventually

from PROPPR.SharedServices.simulator.config import SimulatorConfig, SimulatorConfigError
from PROPPR.SharedServices.simulator.day import FixtureMaker, is_placeholder
from PROPPR.SharedServices.simulator.generator import Generator
from PROPPR.SharedServices.simulator.matchday import MATCH_MS
from PROPPR.SharedServices.simulator.messages import Fixture, Message

START = 1_760_000_000_000
HOUR = 3_600_000


class _Day:
    """A generator whose clock passes `step` ms a message, and what it said and was."""

    def __init__(self, step: int = 20_000, **settings: Any) -> None:
        self.now = START
        self._step = step
        config = SimulatorConfig(**({"fixtures": 100, "time_factor": 60.0, "living": True, "seed": 5} | settings))
        self.generator = Generator(config, START, lambda: self.now, lambda: self.now)
        self.first = {fixture.id: (fixture.away, fixture.kickoff) for fixture in self.fixtures.values()}
        self.messages: list[Message] = []
        self.statuses: dict[int, list[str]] = {}
        for fixture in self.fixtures.values():
            self._note(fixture)

    @property
    def fixtures(self) -> dict[int, Fixture]:
        return self.generator.truth.fixtures

    def run(self, hours: float) -> _Day:
        until = self.now + int(hours * HOUR)
        while self.now < until:
            self.now += self._step
            message = self.generator.next()
            self.messages.append(message)
            if message.kind == "status":
                self._note(message.fixture)
        return self

    def _note(self, fixture: Fixture) -> None:
        self.statuses.setdefault(fixture.id, []).append(fixture.status)


@pytest.fixture(scope="module")
def day() -> _Day:
    return _Day(new_fixtures_per_hour=3.0, seed=6).run(34)


def test_every_kind_of_life_occurs(day: _Day) -> None:
    lives = Counter(">".join(statuses) for statuses in day.statuses.values())
    assert lives["pending>live>settled"] > 40 and lives["live>settled"] > 3
    assert lives["pending>cancelled"] >= 1
    assert any(life.startswith("pending>postponed>pending") for life in lives), lives


def test_a_match_is_played_at_its_time(day: _Day) -> None:
    begun = [m for m in day.messages if m.kind == "status" and day.statuses[m.fixture.id][-2:] == ["live", "settled"]]
    assert begun
    for fixture_id, statuses in day.statuses.items():
        fixture = day.fixtures[fixture_id]
        if statuses[-1] == "settled":
            assert fixture.kickoff + MATCH_MS <= day.now
        if statuses[-1] == "pending":
            assert fixture.kickoff >= day.now - 30 * 60_000, "no kick-off is forgotten"


def test_fixtures_appear_and_their_books_open_later(day: _Day) -> None:
    new = [fixture for fixture in day.fixtures.values() if fixture.id not in day.first]
    assert 60 < len(new) < 150
    assert len({fixture.id for fixture in day.fixtures.values()}) == len(day.fixtures) == len(day.first) + len(new)
    spoken = [message for message in day.messages if message.fixture in new and message.book is not None]
    first = {}
    for message in spoken:
        first.setdefault((message.fixture.id, message.book.feed), message.kind)  # type: ignore[union-attr]
    assert first and set(first.values()) == {"created"}
    assert len({fixture_id for fixture_id, _ in first}) >= len(new) - 3


def test_placeholders_become_teams_under_the_same_id(day: _Day) -> None:
    placeholders = [fixture_id for fixture_id, (away, _) in day.first.items() if away.startswith("Winner of")]
    named = [day.fixtures[fixture_id] for fixture_id in placeholders if not is_placeholder(day.fixtures[fixture_id])]
    assert len(placeholders) == 4 and len(named) >= 3
    assert all(fixture.away_id >= 500_000 for fixture in named)


def test_what_is_off_has_no_books(day: _Day) -> None:
    off = [fixture for fixture in day.fixtures.values() if fixture.status in ("cancelled", "postponed", "settled")]
    assert {fixture.status for fixture in off} >= {"cancelled", "settled"}
    for fixture in off:
        for feed in day.generator.truth.feeds:
            book = day.generator.truth.book(fixture, feed)
            assert book is None or (book.state == "deleted" and not book.markets)


def test_kickoffs_move_and_postponed_fixtures_get_another_day(day: _Day) -> None:
    shifts = [day.fixtures[i].kickoff - kickoff for i, (_, kickoff) in day.first.items()]
    assert any(shift == 15 * 60_000 for shift in shifts) and any(shift > 10 * HOUR for shift in shifts)


def test_the_messages_add_up_to_the_truth() -> None:
    """A reader of the change log alone ends with the books as they are."""
    day = _Day(fixtures=30, new_fixtures_per_hour=2.0, change_log_size=1_000_000)
    truth = day.generator.truth
    for fixture in list(day.fixtures.values()):
        for feed in truth.feeds:
            truth.book(fixture, feed)
    held = {
        (book.fixture.id, book.feed, market.name): market.rows
        for book in truth.all_books()
        for market in book.markets.values()
    }
    day.run(20)
    for change in truth.changes.newest():
        key = (change.fixture_id, change.feed, change.market)
        assert held.get(key, b"[]") == change.before, change
        held[key] = change.after
    expected = {
        (book.fixture.id, book.feed, market.name): market.rows
        for book in truth.all_books()
        for market in book.markets.values()
    }
    assert {key: rows for key, rows in held.items() if rows != b"[]"} == {
        key: rows for key, rows in expected.items() if rows != b"[]"
    }


def test_the_same_seed_lives_the_same_day() -> None:
    digests = [_Day(fixtures=40, new_fixtures_per_hour=4.0).run(12).generator.truth.digest(0) for _ in range(2)]
    assert digests[0] == digests[1]
    assert digests[0] != _Day(fixtures=40, new_fixtures_per_hour=4.0, seed=6).run(12).generator.truth.digest(0)


def test_the_horizon_can_be_two_weeks() -> None:
    fixtures = FixtureMaker(1, 336.0, 211).day(1000, START)
    ahead = [(fixture.kickoff - START) / HOUR for fixture in fixtures]
    assert max(ahead) > 320 and sum(1 for hours in ahead if hours <= 0) < 30
    assert sum(1 for hours in ahead if hours > 168) > 400


def test_names_do_not_run_out() -> None:
    fixtures = FixtureMaker(1, 30.0, 211).day(7_000, START)
    assert len({fixture.home for fixture in fixtures}) == 7_000
    assert len({fixture.id for fixture in fixtures}) == 7_000


@pytest.mark.parametrize("settings", [{"horizon_hours": 0}, {"new_fixtures_per_hour": -1}])
def test_impossible_days_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(SimulatorConfigError, match=next(iter(settings))):
        SimulatorConfig(**settings)


def test_rest_and_the_status_channel_tell_of_cancellations(simulate: Any) -> None:
    simulated = simulate(
        fixtures=60, seed=5, start=START, time_factor=3600.0, rate=0.1, living=True, horizon_hours=8, paused=True
    )
    socket = simulated.connect(channels="odds,status", markets="ML")
    simulated.order("resume")
    eventually(lambda: _status(simulated, "cancelled"), 30.0, "a cancelled fixture")
    simulated.order("pause")
    cancelled = _status(simulated, "cancelled")[0]
    event_id = cancelled["id"]
    assert simulated.get(f"/events/{event_id}").json()["status"] == "cancelled"
    assert event_id not in [
        event["id"] for event in simulated.get("/events", sport="football", status="pending").json()
    ]
    answer = simulated.get("/odds/multi", eventIds=event_id, bookmakers="M88,Bet365")
    assert answer.json() == []
    assert datetime.fromisoformat(cancelled["date"])
    from simulator_clients import read_until

    messages = read_until(socket, simulated.control("stats")["sequence"])
    mine = [message for message in messages if message.get("id") == str(event_id)]
    assert mine[-1]["type"] == "status" and mine[-1]["status"] == "cancelled"
    mirror = Mirror()
    for message in mine:
        mirror.apply(message)
    assert not any(mirror.books.values())


def _status(simulated: Any, status: str) -> Any:
    return simulated.get("/events", sport="football", status=status).json()
