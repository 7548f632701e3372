"""What expires is deleted by MongoDB at its time and not before: for every index with an expiry that we make."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from pymongo.database import Database
from support import eventually

from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.service.settings import load_settings
from PROPPR.SharedServices.storage.collections import COLLECTIONS, ensure_collections
from PROPPR.SharedServices.storage.retention import RETENTION, ensure_retention

Document = dict[str, Any]
SETTINGS = {"MONGO_URI": "mongodb://unused", "PROPPR_STATISTICS_DAYS": "1100", "PROPPR_BETS_DAYS": "400"}
MARGIN = timedelta(hours=1)


@pytest.fixture
def expiring(database: Database[Document]) -> Iterator[Database[Document]]:
    """A database whose server deletes what has expired. Alone this takes a minute: so long it sleeps at its start."""
    ensure_collections(database)
    ensure_retention(database, load_settings(SETTINGS, None))
    database.client.admin.command({"setParameter": 1, "ttlMonitorEnabled": True})
    yield database
    database.client.admin.command({"setParameter": 1, "ttlMonitorEnabled": False})


def passes(database: Database[Document]) -> int:
    """How often the server has looked."""
    return int(database.client.admin.command("serverStatus")["metrics"]["ttl"]["passes"])


def put(document: Document, path: str, value: Any) -> None:
    *parents, last = path.split(".")
    for each in parents:
        document = document.setdefault(each, {})
    document[last] = value


def expiries(database: Database[Document], name: str) -> list[tuple[str, timedelta]]:
    """The dates by which documents of a collection expire, and how long after them."""
    return [
        (next(iter(index["key"])), timedelta(seconds=index["expireAfterSeconds"]))
        for index in database[name].list_indexes()
        if "expireAfterSeconds" in index
    ]


def pair(database: Database[Document], name: str, field: str, after: timedelta, now: datetime) -> list[Document]:
    """Two documents with something in every field that has an index: one that expired an hour ago, one in an hour."""
    made = []
    for which, moment in (("past", now - after - MARGIN), ("kept", now - after + MARGIN)):
        document: Document = {"_id": f"{which} {field}"}
        for index in database[name].list_indexes():
            for each in index["key"].keys() - {"_id"}:
                put(document, each, document["_id"])
            for each in index.get("partialFilterExpression", ()):
                put(document, each, now)
        for other, its in expiries(database, name):
            put(document, other, now - its + MARGIN)
        put(document, field, moment)
        made.append(document)
    return made


def test_what_is_past_its_time_goes_and_nothing_else(expiring: Database[Document]) -> None:
    now = SystemClock().now()
    wanted: dict[str, set[str]] = {}
    for name in [collection.name for collection in COLLECTIONS]:
        for field, after in expiries(expiring, name):
            expiring[name].insert_many(pair(expiring, name, field, after, now), bypass_document_validation=True)
            wanted.setdefault(name, set()).add(f"kept {field}")
    assert wanted.keys() >= {"odds_books", "odds_history", "price_drops", "service_logs", "all_value_bets"}
    assert wanted.keys() >= {kept.collection for kept in RETENTION}

    def left() -> dict[str, set[str]]:
        return {name: {each["_id"] for each in expiring[name].find({}, {"_id": 1})} for name in wanted}

    eventually(lambda: left() == wanted, 70, "what is past its time to be gone, and nothing else")
    looked = passes(expiring)
    eventually(lambda: passes(expiring) > looked + 1, 30, "the server to look again")
    assert left() == wanted
