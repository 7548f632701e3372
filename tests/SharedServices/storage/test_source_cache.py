"""The last good answers of a source, in a real MongoDB."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.service.errors import TransientError
from PROPPR.SharedServices.storage import housekeeping, source_cache
from PROPPR.SharedServices.storage.bookkeeping_collections import MOST_KEPT
from PROPPR.SharedServices.storage.source_cache import CachedResponse, SourceCache

BODY = b'{"details":{"id":47}}' + b" " * 10_000


@pytest.fixture
def database(collections: Database[dict[str, Any]]) -> Database[dict[str, Any]]:
    return collections


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def cache(database: Database[dict[str, Any]], clock: ManualClock) -> SourceCache:
    return SourceCache(database, clock)


def test_what_is_put_comes_back_exactly(cache: SourceCache, clock: ManualClock) -> None:
    assert cache.get("league:47") is None
    full = CachedResponse(BODY, clock.now(), 'W/"a"', "Sat, 16 May 2026 10:00:00 GMT", "page")
    bare = CachedResponse(b"{}", clock.now())
    assert cache.put("league:47", full)
    assert cache.put("league:48", bare)
    assert cache.get("league:47") == full
    assert cache.get("league:48") == bare
    assert cache.put("league:47", bare)
    assert cache.get("league:47") == bare
    cache.forget("league:47")
    assert cache.get("league:47") is None


def test_it_is_stored_small_and_expires(
    cache: SourceCache, clock: ManualClock, database: Database[dict[str, Any]]
) -> None:
    cache.put("day:20260516", CachedResponse(BODY, clock.now()))
    stored = database["source_cache"].find_one() or {}
    assert len(stored["body"]) < 200
    assert stored["expires_at"] == clock.now() + timedelta(days=14)


def test_a_confirmation_keeps_it_longer_unless_another_came(cache: SourceCache, clock: ManualClock) -> None:
    old, new = CachedResponse(b"{}", clock.now(), '"1"'), CachedResponse(b'{"a":1}', clock.now(), '"2"')
    cache.put("team:1", old)
    clock.advance(3600)
    cache.confirm("team:1", CachedResponse(old.body, clock.now(), old.etag))
    assert cache.get("team:1") == CachedResponse(old.body, clock.now(), old.etag)
    cache.put("team:1", new)
    clock.advance(3600)
    cache.confirm("team:1", CachedResponse(old.body, clock.now(), old.etag))
    assert cache.get("team:1") == new


def test_what_is_too_large_is_not_kept(cache: SourceCache, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_cache, "MOST_STORED", 1000)
    cache.put("team:1", CachedResponse(b"{}", clock.now()))
    assert not cache.put("team:1", CachedResponse(random.Random(1).randbytes(2000), clock.now()))
    assert cache.get("team:1") is None
    monkeypatch.setattr(source_cache, "MOST_BYTES", 1000)
    assert not cache.put("team:2", CachedResponse(BODY, clock.now()))


def test_bodies_that_are_stored_elsewhere_are_not_stored_twice(
    database: Database[dict[str, Any]], clock: ManualClock
) -> None:
    matches: dict[str, bytes] = {}
    cache = SourceCache(database, clock, {"match": matches.get})
    response = CachedResponse(BODY, clock.now(), '"1"')
    assert cache.put("match:7", response)
    assert "body" not in (database["source_cache"].find_one() or {})
    assert cache.get("match:7") is None  # not stored there yet
    matches["match:7"] = BODY
    assert cache.get("match:7") == response
    matches["match:7"] = b"{}"  # replaced: the validators belong to another body
    assert cache.get("match:7") is None
    cache.put("team:7", response)
    assert cache.get("team:7") == response


@pytest.mark.parametrize("body", [None, b"", b"rubbish", b"(\xb5/\xfd\x04\x00"])
def test_what_can_not_be_read_is_not_there(
    cache: SourceCache, clock: ManualClock, database: Database[dict[str, Any]], body: bytes | None
) -> None:
    cache.put("team:1", CachedResponse(b"{}", clock.now()))
    change = {"$unset": {"body": ""}} if body is None else {"$set": {"body": body}}
    database["source_cache"].update_one({"_id": "team:1"}, change)
    assert cache.get("team:1") is None


def test_the_number_of_documents_is_bounded(
    cache: SourceCache, clock: ManualClock, database: Database[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MOST_KEPT, "source_cache", ("expires_at", 5))
    for number in range(12):
        clock.advance(1)
        cache.put(f"team:{number}", CachedResponse(b"{}", clock.now()))
    housekeeping.keep_house(database)
    kept = sorted(int(each["_id"].removeprefix("team:")) for each in database["source_cache"].find())
    assert kept == [7, 8, 9, 10, 11]


def test_without_mongodb_it_says_so(clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_cache, "TIMEOUT", 0.2)
    with MongoClient[dict[str, Any]]("mongodb://127.0.0.1:1/", serverSelectionTimeoutMS=100) as away:
        cache = SourceCache(away["none"], clock)
        for call in (
            lambda: cache.get("team:1"),
            lambda: cache.put("team:1", CachedResponse(b"{}", clock.now())),
            lambda: cache.confirm("team:1", CachedResponse(b"{}", clock.now())),
        ):
            with pytest.raises(TransientError, match="out of reach"):
                call()
