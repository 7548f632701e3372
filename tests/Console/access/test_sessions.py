"""Sessions: known by their hash only, over when they should be, and as many as there may be."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pymongo.database import Database

from PROPPR.Console.access import sessions as module
from PROPPR.Console.access.sessions import COLLECTION, IDLE, LONGEST, Sessions
from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.storage.collections import ensure_collections

Mongo = Database[dict[str, Any]]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def test_a_session_is_found_by_its_cookie_and_by_nothing_else(database: Mongo, clock: ManualClock) -> None:
    sessions = Sessions(database, clock)
    token = sessions.open("night shift", "192.0.2.1")
    found = sessions.find(token)
    assert found is not None and found.operator == "night shift"
    for other in (None, "", token[:-1], token + "x", found.key, "x" * 10_000, "\udcff"):
        assert sessions.find(other) is None


def test_the_database_does_not_know_the_cookie(database: Mongo, clock: ManualClock) -> None:
    ensure_collections(database)
    token = Sessions(database, clock).open("night shift", "192.0.2.1")
    assert len(token) >= 43
    assert token not in str(list(database[COLLECTION].find()))


def test_every_session_has_a_cookie_of_its_own(database: Mongo, clock: ManualClock) -> None:
    sessions = Sessions(database, clock)
    assert len({sessions.open("a", "") for _ in range(20)}) == 20


def test_an_idle_session_ends(database: Mongo, clock: ManualClock) -> None:
    sessions = Sessions(database, clock)
    token = sessions.open("a", "")
    clock.advance(IDLE.total_seconds() - 1)
    assert sessions.find(token)
    clock.advance(IDLE.total_seconds() - 1)
    assert sessions.find(token), "it was used in between"
    clock.advance(IDLE.total_seconds() + 1)
    assert sessions.find(token) is None


def test_a_session_that_is_used_ends_too(database: Mongo, clock: ManualClock) -> None:
    sessions = Sessions(database, clock)
    token = sessions.open("a", "")
    began = clock.now()
    while sessions.find(token):
        clock.advance(3600)
        assert clock.now() - began <= LONGEST + timedelta(hours=1)
    assert clock.now() - began >= LONGEST


def test_not_every_request_is_a_write(database: Mongo, clock: ManualClock) -> None:
    sessions = Sessions(database, clock)
    token = sessions.open("a", "")
    seen = database[COLLECTION].distinct("seen_at")
    clock.advance(30)
    sessions.find(token)
    assert database[COLLECTION].distinct("seen_at") == seen
    clock.advance(31)
    sessions.find(token)
    assert database[COLLECTION].distinct("seen_at") != seen


def test_an_ended_session_is_over(database: Mongo, clock: ManualClock) -> None:
    sessions = Sessions(database, clock)
    token, other = sessions.open("a", ""), sessions.open("a", "")
    found = sessions.find(token)
    assert found is not None
    sessions.end(found)
    assert sessions.find(token) is None
    assert sessions.find(other)


def test_there_are_only_so_many(database: Mongo, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 5)
    sessions = Sessions(database, clock)
    tokens = []
    for _ in range(8):
        tokens.append(sessions.open("a", ""))
        clock.advance(1)
    assert [sessions.find(token) is not None for token in tokens] == [False] * 3 + [True] * 5


def test_notices_are_heard_once_and_are_bounded(database: Mongo, clock: ManualClock) -> None:
    sessions = Sessions(database, clock)
    found = sessions.find(sessions.open("a", ""))
    assert found is not None
    assert sessions.heard(found) == ()
    for number in range(9):
        sessions.say(found, f"{number}" + "x" * 1000)
    heard = sessions.heard(found)
    assert [text[0] for text in heard] == list("45678")
    assert max(map(len, heard)) == 500
    assert sessions.heard(found) == ()
