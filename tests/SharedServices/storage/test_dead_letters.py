"""Dead letters take anything, stay bounded, and never disturb the one who writes them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo import MongoClient
from pymongo.database import Database

from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.storage import dead_letters
from PROPPR.SharedServices.storage.collections import ensure_collections
from PROPPR.SharedServices.storage.dead_letters import DeadLetters
from PROPPR.SharedServices.storage.housekeeping import keep_house, keep_newest

NOW = datetime(2026, 5, 27, tzinfo=UTC)
NESTED: list[Any] = []
for _ in range(100_000):
    NESTED = [NESTED]

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.integers(), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture(autouse=True, scope="module")
def patient() -> Iterator[None]:
    """The tests' server shares a machine that may stall: a letter may take longer than a service would wait for it."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(dead_letters, "TIMEOUT", 60.0)
        yield


def test_keeps_what_it_was_and_why(database: Database[dict[str, Any]]) -> None:
    ensure_collections(database)
    DeadLetters(database, ManualClock(NOW), "updater").put("odds", "too deep", {"$set": {"a.b": "Ø"}})
    stored = database["dead_letters"].find_one({}, {"_id": 0})
    assert stored == {
        "kind": "odds",
        "reason": "too deep",
        "service": "updater",
        "excerpt": '{"$set": {"a.b": "Ø"}}',
        "characters": 22,
        "recorded_at": NOW,
    }


class Mute:
    def __repr__(self) -> str:
        raise ValueError("no words")


@pytest.mark.parametrize(
    "document",
    [NESTED, "\ud800", b"\xff\x00", {"x": {1, 2}}, {"n": 10**5000}, float("nan"), {"a": Mute()}],
    ids=["nested", "surrogate", "bytes", "set", "huge", "nan", "mute"],
)
def test_takes_the_worst(database: Database[dict[str, Any]], document: object) -> None:
    ensure_collections(database)
    letters = DeadLetters(database, ManualClock(NOW))
    letters.put("odds\ud800", "why\ud800", document)
    assert (letters.stored, letters.lost) == (1, 0)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(document=anything, reason=st.text(st.characters()))
def test_takes_anything(database: Database[dict[str, Any]], document: object, reason: str) -> None:
    letters = DeadLetters(database, ManualClock(NOW))
    letters.put("odds", reason, document)
    assert letters.stored == 1


def test_redacts_before_it_cuts(database: Database[dict[str, Any]]) -> None:
    letters = DeadLetters(database, ManualClock(NOW), redact=lambda text: text.replace("t1ger", "[redacted]"))
    letters.put("odds", "with t1ger", {"url": "t1ger" * 10_000})
    stored = database["dead_letters"].find_one()
    assert stored is not None
    assert "t1g" not in str(stored)
    assert len(stored["excerpt"]) == 16_000
    assert stored["characters"] > 50_000


def test_a_flood_is_counted_not_stored(database: Database[dict[str, Any]]) -> None:
    clock = ManualClock(NOW)
    letters = DeadLetters(database, clock)
    for _ in range(350):
        letters.put("odds", "why", {})
    assert (letters.stored, letters.lost) == (300, 50)
    clock.advance(60)
    letters.put("odds", "why", {})
    assert letters.stored == database["dead_letters"].count_documents({}) == 301


def test_letters_wait_while_mongodb_is_away(
    database: Database[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dead_letters, "TIMEOUT", 0.02)
    monkeypatch.setattr(dead_letters, "MOST_WAITING", 3)
    with MongoClient[dict[str, Any]]("mongodb://127.0.0.1:9/", serverSelectionTimeoutMS=10) as away:
        letters = DeadLetters(away["test"], ManualClock(NOW))
        for number in range(5):
            letters.put("odds", "why", number)
        assert (letters.waiting, letters.stored, letters.lost) == (3, 0, 2)
        assert not letters.flush()
        monkeypatch.undo()
        letters._letters = database["dead_letters"]  # MongoDB is back
        assert letters.flush()
    assert sorted(letter["excerpt"] for letter in database["dead_letters"].find()) == ["2", "3", "4"]


def test_housekeeping_keeps_the_newest(database: Database[dict[str, Any]]) -> None:
    logs = database["service_logs"]
    logs.insert_many({"_id": number, "timestamp": NOW + timedelta(seconds=number // 2)} for number in range(20))
    assert keep_newest(database, "service_logs", "timestamp", 20) == 0
    assert keep_newest(database, "service_logs", "timestamp", 5) == 14  # the sixth shares the fifth's instant
    assert sorted(document["_id"] for document in logs.find()) == list(range(14, 20))
    assert keep_house(database) == 0
