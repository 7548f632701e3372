"""The registry against a list that changes: what is over loses its books, also where it was hardly known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from poller_fakes import HOUR_MS, fixture
from pymongo.database import Database

from PROPPR.SharedServices.odds.types import Fixture
from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.storage.fixtures import FixtureStore
from PROPPR.SharedServices.storage.rereads import RereadQueue
from PROPPR.UnifiedAPIPoller.core.registry import FixtureRegistry, RegistryRule

BOOKMAKERS = ("Bet365", "M88")


@dataclass
class Provider:
    """Lists what it is told to."""

    listed: list[Fixture] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    by_id: dict[int, Fixture] = field(default_factory=dict)

    def events(
        self, sport: str, statuses: Sequence[str], from_: datetime, to: datetime, league: str | None = None
    ) -> list[Fixture]:
        return list(self.listed)

    def event(self, event_id: int) -> Fixture | None:
        self.asked.append(event_id)
        return self.by_id.get(event_id)


@dataclass
class Stage:
    """A registry with its provider; `cleared` are the ids of every clearing."""

    registry: FixtureRegistry
    provider: Provider
    store: FixtureStore
    clock: ManualClock
    cleared: list[list[int]]

    @property
    def now(self) -> int:
        return self.clock.now_ms()

    def refresh(self, *listed: Fixture) -> None:
        self.clock.advance(600)
        self.provider.listed = list(listed)
        self.registry.refresh()

    def told(self, *fixtures: Fixture) -> None:
        self.registry.told(fixtures, self.now)

    def status(self, fixture_id: int) -> str:
        return self.store.get([fixture_id])[fixture_id].status


@pytest.fixture
def stage(database: Database[dict[str, Any]]) -> Stage:
    clock = ManualClock(datetime(2026, 11, 21, 12, tzinfo=UTC))
    provider, store, cleared = Provider(), FixtureStore(database, clock), list[list[int]]()
    rule = RegistryRule(("football",), timedelta(minutes=3), timedelta(days=14), 600.0)

    def clear(fixtures: Sequence[Fixture], at: int) -> None:
        cleared.append(sorted(one.id for one in fixtures))

    registry = FixtureRegistry(
        provider, store, RereadQueue(database, clock), clock, rule, bookmakers=lambda: BOOKMAKERS, clear=clear
    )
    return Stage(registry, provider, store, clock, cleared)


def test_what_is_over_is_cleared_at_this_list_and_at_the_next(stage: Stage) -> None:
    live, over = fixture(1, stage.now - HOUR_MS, "live"), fixture(1, stage.now - HOUR_MS, "settled")
    stage.refresh(live)
    stage.refresh(over)
    stage.refresh(over)
    stage.refresh(over)
    assert stage.cleared == [[], [1], [1], []]
    assert stage.status(1) == "settled"


def test_what_is_open_again_at_the_next_list_keeps_its_books(stage: Stage) -> None:
    stage.refresh(fixture(1, stage.now + HOUR_MS, "pending"))
    stage.refresh(fixture(1, stage.now + HOUR_MS, "cancelled"))
    stage.refresh(fixture(1, stage.now + HOUR_MS, "pending"))
    assert stage.cleared == [[], [1], []]


def test_a_fixture_that_came_and_ended_between_two_lists_is_cleared(stage: Stage) -> None:
    stage.refresh()
    stage.told(fixture(1, stage.now - HOUR_MS, "live"))
    stage.refresh(fixture(1, stage.now - HOUR_MS, "settled"))
    assert stage.cleared[1] == [1]
    assert stage.status(1) == "settled"


def test_a_fixture_that_came_and_vanished_between_two_lists_is_looked_up(stage: Stage) -> None:
    stage.refresh()
    stage.told(fixture(1, stage.now - HOUR_MS, "live"))
    for _ in range(4):
        stage.refresh()
    assert stage.provider.asked == [1]
    assert stage.status(1) == "removed"


def test_a_fixture_found_by_id_to_be_over_is_cleared(stage: Stage) -> None:
    stage.refresh(fixture(1, stage.now + HOUR_MS, "pending"))
    stage.provider.by_id[1] = fixture(1, stage.now - 24 * HOUR_MS, "cancelled")
    stage.refresh()
    stage.refresh()
    assert [1] in stage.cleared
    assert stage.status(1) == "cancelled"


def test_after_a_restart_what_is_over_is_cleared_once_more(stage: Stage) -> None:
    over = fixture(1, stage.now - HOUR_MS, "settled")
    stage.refresh(fixture(1, stage.now - HOUR_MS, "live"))
    stage.refresh(over)
    stage.registry.load()
    stage.refresh(over)
    stage.refresh(over)
    assert stage.cleared[2:] == [[1], []]
