"""Positions survive, stay apart by key and filter set, and obey the fencing token."""

from __future__ import annotations

from typing import Any

import pytest
from pymongo.database import Database

from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.storage.stream_state import FencedOut, StreamState, key_hash, priced_fixtures


def test_positions_come_back_and_are_kept_apart(database: Database[dict[str, Any]]) -> None:
    state = StreamState(database, ManualClock(), "key one")
    other = StreamState(database, ManualClock(), "key two")
    state.save("a", 1 << 40, ["Bet365", "M88"], fence=1)
    other.save("a", 5, [], fence=1)
    found = state.load(["a", "b"])
    assert set(found) == {"a"}
    assert found["a"].sequence == 1 << 40
    assert found["a"].bookmakers == {"Bet365", "M88"}
    assert other.load(["a"])["a"].sequence == 5
    assert "key one" not in str(list(database["stream_state"].find()))


def test_a_forgotten_position_is_missing(database: Database[dict[str, Any]]) -> None:
    state = StreamState(database, ManualClock(), "key")
    state.save("a", 7, [], fence=1)
    state.save("a", None, [], fence=1)
    assert state.load(["a"]) == {}


def test_an_older_holder_cannot_write_over_its_successor(database: Database[dict[str, Any]]) -> None:
    state = StreamState(database, ManualClock(), "key")
    state.save("a", 7, [], fence=2)
    with pytest.raises(FencedOut):
        state.save("a", 99, [], fence=1)
    assert state.load(["a"])["a"].sequence == 7
    state.save("a", 8, [], fence=3)


def test_the_hash_of_a_key_is_stable_and_says_nothing() -> None:
    assert key_hash("abc") == key_hash("abc") != key_hash("abd")
    assert "abc" not in key_hash("abc")


def test_priced_fixtures_are_those_with_books(database: Database[dict[str, Any]]) -> None:
    database["odds_books"].insert_many([{"_id": "1|B|team", "fixture_id": 1}, {"_id": "3|B|team", "fixture_id": 3}])
    assert priced_fixtures(database, [1, 2]) == {1}
