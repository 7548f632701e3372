"""What all tests share: a real MongoDB, an empty database per test, and the real data where it is at hand."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from memory_folder import folder_in_memory
from pymongo import MongoClient
from pymongo.database import Database

REAL_DATA = Path(__file__).parents[2] / "shared" / "real"
_numbers = count(1)

# A busy machine is no failure: nothing is judged by how long it took. In CI the examples are the same in every run, so
# that a verdict can be repeated; elsewhere they are new ones each time.
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("here"), derandomize=True, database=None, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


@pytest.fixture(scope="session")
def mongo_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A one-node replica set for this worker's session (started in about 0.3 s at the first use, then discarded).

    Don't stop or kill it: a test that does so starts its own EmbeddedServer.
    """
    from PROPPR.SharedServices.storage.embedded import EmbeddedServer  # here: tests without MongoDB start quicker

    # Hundreds of databases are dropped in minutes, and their files stay so long: in 300 s they are more than a process
    # may have open.
    folder = folder_in_memory() or tmp_path_factory.mktemp("mongo")
    server = EmbeddedServer(
        folder,
        cache_bytes=256 * 2**20,
        oplog_bytes=256 * 2**20,
        linger=1.0,
        history_seconds=15,
        checkpoint_seconds=15,
    )
    server.start()
    with MongoClient[dict[str, Any]](server.uri) as client:
        # Tests live at a date of their own: what "expires in a month" there may be long expired for the server.
        client.admin.command({"setParameter": 1, "ttlMonitorEnabled": False, "ttlMonitorSleepSecs": 1})
    yield server.uri
    server.discard()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def mongo_client(mongo_uri: str) -> Iterator[MongoClient[dict[str, Any]]]:
    """A client of the tests' server: aware UTC datetimes, majority and journal like in production."""
    with MongoClient[dict[str, Any]](
        mongo_uri, tz_aware=True, w="majority", journal=True, serverSelectionTimeoutMS=5000
    ) as client:
        yield client


@pytest.fixture
def database(
    mongo_client: MongoClient[dict[str, Any]], request: pytest.FixtureRequest
) -> Iterator[Database[dict[str, Any]]]:
    """A fresh, empty database, dropped after the test."""
    readable = re.sub(r"\W+", "_", request.node.name)[:30]
    fresh = mongo_client[f"{readable}_{next(_numbers)}"]
    yield fresh
    mongo_client.drop_database(fresh.name)


@pytest.fixture(scope="session")
def _standing(mongo_client: MongoClient[dict[str, Any]]) -> Database[dict[str, Any]]:
    from PROPPR.SharedServices.storage.collections import ensure_collections

    standing = mongo_client["standing"]
    ensure_collections(standing)
    return standing


@pytest.fixture
def collections(_standing: Database[dict[str, Any]]) -> Database[dict[str, Any]]:
    """A database with all our collections and views, empty: made once and emptied, which is quicker than made anew.

    For tests that leave its shape alone, and no process or thread behind that still writes.
    """
    for entry in _standing.list_collections():
        if entry["type"] == "collection" and not entry["name"].startswith("system."):
            _standing[entry["name"]].delete_many({})
    return _standing


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The directory of captured real data; skips where it is absent (it is not part of the repository)."""
    if not REAL_DATA.is_dir():
        pytest.skip("the real data (../shared/real, beside the repository) is not here")
    return REAL_DATA
