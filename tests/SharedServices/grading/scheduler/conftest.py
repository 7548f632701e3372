"""A prepared database for all tests of a file: preparing one takes longer than most of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from grading_rig import GradingRig
from pymongo import MongoClient
from pymongo.database import Database

from PROPPR.SharedServices.storage.collections import ensure_collections

Document = dict[str, Any]


@pytest.fixture(scope="module")
def prepared(mongo_client: MongoClient[Document], request: pytest.FixtureRequest) -> Iterator[Database[Document]]:
    made = mongo_client[f"prepared_{request.module.__name__.rpartition('.')[2]}"[:60]]
    ensure_collections(made)
    yield made
    mongo_client.drop_database(made.name)


@pytest.fixture
def rig(prepared: Database[Document]) -> Iterator[GradingRig]:
    for name in prepared.list_collection_names(filter={"type": "collection"}):
        if not name.startswith("system."):
            prepared[name].delete_many({})
    made = GradingRig(prepared)
    yield made
    made.close()
