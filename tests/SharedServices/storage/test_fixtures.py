"""The registry of fixtures: newest news wins, nothing known is forgotten, one bad fixture harms no other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from bson import Int64
from pymongo.database import Database

from PROPPR.SharedServices.odds.types import Fixture
from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.storage.fixtures import FixtureStore

NOW = datetime(2026, 5, 27, 4, 11, tzinfo=UTC)
HOUR = timedelta(hours=1)


def make(fixture_id: int = 7_291_391_184, start: datetime = NOW, **changes: Any) -> Fixture:
    milliseconds = int(start.timestamp() * 1000)
    fixture = Fixture(
        id=fixture_id,
        home="Brentford",
        away="Wolverhampton",
        sport="football",
        league="England - Premier League",
        country="England",
        date="2026-05-27T04:11:00Z",
        kickoff=milliseconds,
        status="pending",
    )
    return msgspec.structs.replace(fixture, **changes)


@pytest.fixture
def database(collections: Database[dict[str, Any]]) -> Database[dict[str, Any]]:
    return collections


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def store(database: Database[dict[str, Any]], clock: ManualClock) -> FixtureStore:
    return FixtureStore(database, clock)


def test_what_is_stored_comes_back(store: FixtureStore, database: Database[dict[str, Any]]) -> None:
    fixtures = [
        make(home_id=3429, away_id=3418, scores={"home": 1, "away": 0, "periods": {"p1": {"home": 1, "away": 0}}}),
        make(2, home="Ødegård · Þór"),
    ]
    assert store.upsert_many(fixtures, "websocket").stored == 2
    assert store.get([fixture.id for fixture in fixtures] + [3]) == {fixture.id: fixture for fixture in fixtures}
    assert store.known([2, 3]) == {2}
    document = database["fixtures"].find_one({"id": 2})
    assert document is not None
    assert isinstance(document["id"], Int64)
    assert (document["kickoff"], document["last_seen"], document["source"]) == (NOW, NOW, "websocket")


def test_newer_news_wins_whichever_comes_first(store: FixtureStore, clock: ManualClock) -> None:
    store.upsert_many([make(status="live")], "websocket", seen_at=NOW)
    result = store.upsert_many([make(status="pending"), make(2)], "api_poller", seen_at=NOW - HOUR)
    assert (result.stored, result.outdated, result.refused) == (1, 1, [])
    assert store.get([make().id])[make().id].status == "live"
    clock.advance(60)
    moved = make(status="settled", kickoff=int((NOW + HOUR).timestamp() * 1000), home="Winner of A")
    assert store.upsert_many([moved], "api_poller").stored == 1
    assert store.get([moved.id]) == {moved.id: moved}


def test_what_a_source_leaves_out_is_kept(store: FixtureStore) -> None:
    full = make(home_id=1, away_id=2, scores={"home": 1, "away": 0})
    store.upsert_many([full], "api_poller")
    store.upsert_many([make(status="live")], "websocket")
    assert store.get([full.id]) == {full.id: msgspec.structs.replace(full, status="live")}


def test_bad_fixtures_are_refused_and_the_rest_is_stored(store: FixtureStore) -> None:
    bad = [
        make(2**70),
        make(3, kickoff=10**17),
        make(4, home="\ud800"),
        make(5, scores={"a\0b": 1}),
        make(6, scores={"home": 10**400}),
        make(7, home=None),
    ]
    result = store.upsert_many([*bad, make(1)], "websocket")
    assert result.stored == 1
    assert {fixture_id for fixture_id, _ in result.refused} == {fixture.id for fixture in bad}
    assert all(reason for _, reason in result.refused)
    assert store.known([fixture.id for fixture in bad[1:]] + [1]) == {1}


def test_nothing_to_store_is_no_request(store: FixtureStore) -> None:
    assert store.upsert_many([], "websocket").stored == 0


def test_many_in_one_call(store: FixtureStore) -> None:
    assert store.upsert_many([make(number) for number in range(1, 2502)], "api_poller").stored == 2501
    assert len(store.get(range(1, 2502))) == 2501


def test_status_messages_update_known_fixtures_only(store: FixtureStore) -> None:
    store.upsert_many([make(scores={"home": 0, "away": 0})], "api_poller", seen_at=NOW - HOUR)
    assert store.set_status(make().id, "live", None)
    assert store.get([make().id])[make().id].scores == {"home": 0, "away": 0}
    assert store.set_status(make().id, "settled", {"home": 2, "away": 1})
    assert not store.set_status(make().id, "live", None, seen_at=NOW - HOUR)
    assert not store.set_status(99, "live", None)
    found = store.get([make().id])[make().id]
    assert (found.status, found.scores) == ("settled", {"home": 2, "away": 1})


def test_moving_fixtures_are_the_live_and_the_due(store: FixtureStore) -> None:
    store.upsert_many(
        [
            make(1, NOW - HOUR, status="live"),
            make(2, NOW - HOUR / 60),
            make(3, NOW + HOUR / 60),
            make(4, NOW - 5 * HOUR, status="live"),
            make(5, NOW - HOUR, status="settled"),
            make(6, NOW - HOUR, status="cancelled"),
            make(7, NOW - HOUR / 2, sport="tennis", status="live"),
        ],
        "api_poller",
    )
    assert [fixture.id for fixture in store.live_or_due(NOW)] == [1, 7, 2]
    assert [fixture.id for fixture in store.live_or_due(NOW, sports=["football"])] == [1, 2]
    assert store.count_live_or_due(NOW) == 3
    assert store.count_live_or_due(NOW, ["football", "tennis"]) == 3
    assert store.count_live_or_due(NOW + 10 * HOUR) == 0
    assert [fixture.id for fixture in store.live_or_due(NOW, limit=1)] == [1]


def test_upcoming_fixtures_come_by_kick_off(store: FixtureStore) -> None:
    store.upsert_many(
        [make(1, NOW + 2 * HOUR), make(2, NOW + HOUR), make(3, NOW - HOUR), make(4, NOW + 30 * HOUR)], "api_poller"
    )
    store.upsert_many([make(5, NOW + HOUR, status="cancelled")], "api_poller")
    assert [fixture.id for fixture in store.upcoming(NOW, timedelta(days=1))] == [2, 1]


def test_the_watchdog_s_question_uses_an_index(store: FixtureStore, database: Database[dict[str, Any]]) -> None:
    store.upsert_many([make(1)], "api_poller")
    started = {"$gte": NOW - HOUR, "$lte": NOW}
    plan = database["fixtures"].find({"status": {"$in": ["live", "pending"]}, "kickoff": started}).explain()
    assert "IXSCAN" in str(plan["queryPlanner"]["winningPlan"])
