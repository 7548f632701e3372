"""Collections come into being once, are repaired where they drifted, and refuse what is declared bad."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest
from bson import Int64
from pymongo import MongoClient, monitoring
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, WriteError

from PROPPR.SharedServices.service.errors import ConfigError
from PROPPR.SharedServices.storage.collections import COLLECTIONS, VIEWS, ensure_collections

Document = dict[str, Any]
NOW = datetime(2026, 5, 27, 4, 11, tzinfo=UTC)
DECLARED = {collection.name for collection in COLLECTIONS} | {view.name for view in VIEWS}

FIXTURE: Document = {
    "id": Int64(7_291_391_184),
    "home": "Brentford",
    "away": "Wolverhampton",
    "sport": "football",
    "league": "England - Premier League",
    "country": "England",
    "date": "2026-05-29T00:30:00Z",
    "kickoff": NOW,
    "status": "pending",
    "last_seen": NOW,
}

ENSURE = """
import sys
from pymongo import MongoClient
from PROPPR.SharedServices.storage.collections import ensure_collections
database = MongoClient(sys.argv[1], w="majority")[sys.argv[2]]
sys.stdin.readline()
report = ensure_collections(database, int(sys.argv[3]))
print(len(report.created), len(report.problems))
"""


def shape(database: Database[Document]) -> Document:
    """Everything about the database's collections but their identity."""
    found = {}
    for entry in database.list_collections():
        indexes = [] if entry["type"] == "view" else list(database[entry["name"]].list_indexes())
        found[entry["name"]] = (entry["type"], entry["options"], sorted(index["name"] for index in indexes))
    return found


def ttl(database: Database[Document], collection: str) -> int | None:
    indexes = database[collection].list_indexes()
    return next((index["expireAfterSeconds"] for index in indexes if "expireAfterSeconds" in index), None)


def test_creates_everything_once(database: Database[Document]) -> None:
    first = ensure_collections(database)
    names = set(database.list_collection_names()) - {"system.views"}
    assert names == DECLARED
    assert names <= set(first.created)
    before = shape(database)
    second = ensure_collections(database)
    assert (second.created, second.changed, second.problems) == ([], [], [])
    assert shape(database) == before


def test_what_is_to_be_small_is_compressed_with_its_indexes(database: Database[Document]) -> None:
    ensure_collections(database)
    named = [each.name for each in COLLECTIONS if each.compressor == "zstd"]
    assert {"fotmob_matches", "player_stats", "team_stats"} <= set(named)
    for name in named:
        stats = database.command("collStats", name, indexDetails=True)
        assert "block_compressor=zstd" in stats["wiredTiger"]["creationString"]
        assert "leaf_page_max=128KB" in stats["wiredTiger"]["creationString"]
        indexes = [each["creationString"] for each in stats["indexDetails"].values()]
        assert len(indexes) > 1
        assert all("block_compressor=zstd" in each for each in indexes)


class Asked(monitoring.CommandListener):
    """The names of all commands."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        self.names.append(event.command_name)

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Not of interest."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Not of interest."""


def test_where_all_is_there_it_is_only_looked_at(collections: Database[Document], mongo_uri: str) -> None:
    """Every process does so at its start."""
    asked = Asked()
    with MongoClient[Document](mongo_uri, event_listeners=[asked]) as client:
        ensure_collections(client[collections.name])
    assert set(asked.names) == {"listCollections", "listIndexes", "endSessions"}
    assert len(asked.names) <= len(COLLECTIONS) + 2


@pytest.mark.processes
def test_processes_at_once_do_not_hinder_each_other(mongo_uri: str, database: Database[Document]) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", ENSURE, mongo_uri, database.name, str(days)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for days in (90, 90, 30, 90)
    ]
    answers = [process.communicate("\n", timeout=60)[0].split() for process in processes]
    assert [process.returncode for process in processes] == [0] * 4
    assert all(problems == "0" for _, problems in answers)
    assert ensure_collections(database).created == []
    assert ttl(database, "odds_history") == 90 * 86_400
    assert set(database.list_collection_names()) >= DECLARED


def test_repairs_a_changed_validator_view_and_index(database: Database[Document]) -> None:
    ensure_collections(database)
    before = shape(database)
    database.command("collMod", "fixtures", validator={}, validationLevel="off")
    database.command("collMod", "team_odds", viewOn="odds_books", pipeline=[])
    database["fixtures"].drop_index("id_1")
    database["fixtures"].create_index("id")
    database["fixtures"].create_index("league", name="mine")
    report = ensure_collections(database)
    assert set(report.changed) == {"fixtures", "team_odds", "fixtures.id_1"}
    database["fixtures"].drop_index("mine")
    assert shape(database) == before


def test_adds_rules_to_a_collection_that_a_write_created(database: Database[Document]) -> None:
    database["service_logs"].insert_one({"anything": 1})
    ensure_collections(database)
    with pytest.raises(WriteError):
        database["service_logs"].insert_one({"anything": 2})


def test_another_retention_changes_the_expiry_in_place(database: Database[Document]) -> None:
    ensure_collections(database, history_days=90)
    ensure_collections(database, history_days=7)
    assert ttl(database, "odds_history") == ttl(database, "price_drops") == 7 * 86_400


def test_reports_an_index_that_duplicates_forbid_and_goes_on(database: Database[Document]) -> None:
    database["team_tracked_bets"].insert_many([{"bet_id": 1}, {"bet_id": 1}])
    report = ensure_collections(database)
    assert [problem.split(" ")[0] for problem in report.problems] == ["team_tracked_bets.bet_id_1"]
    assert "status_1_kickoff_1" in {index["name"] for index in database["team_tracked_bets"].list_indexes()}
    assert "team_odds" in report.created


def test_refuses_a_collection_where_a_view_must_be(database: Database[Document]) -> None:
    database["team_odds"].insert_one({"id": 1})
    with pytest.raises(ConfigError, match="team_odds"):
        ensure_collections(database)
    assert database["team_odds"].count_documents({}) == 1


def test_fixtures_are_unique_by_a_64_bit_id(database: Database[Document]) -> None:
    ensure_collections(database)
    database["fixtures"].insert_one(dict(FIXTURE))
    with pytest.raises(DuplicateKeyError):
        database["fixtures"].insert_one(dict(FIXTURE))
    for bad in ({"id": 5}, {"id": "5"}, {"kickoff": "2026-05-29T00:30:00Z"}, {"home": None}):
        with pytest.raises(WriteError):
            database["fixtures"].insert_one({**FIXTURE, "id": Int64(5), **bad})


def test_bots_may_write_what_they_like_beside_our_fields(database: Database[Document]) -> None:
    database["team_tracked_bets"].insert_one({"bet_id": 1, "grading": "odd"})
    ensure_collections(database)
    bets = database["team_tracked_bets"]
    bets.update_one({"bet_id": 1}, {"$set": {"stake": "ten"}})  # bad already: left to the bot
    bets.insert_one({"bet_id": 2, "anything": [1, {"a": None}], "status": "pending"})
    bets.insert_many([{"bet_id": number, "status": status} for number, status in enumerate(("wonn", 0, None, {}), 3)])
    with pytest.raises(WriteError):
        bets.insert_one({"bet_id": 9, "grading": "odd"})


def test_everything_that_grows_with_time_expires_or_is_a_registry_of_things() -> None:
    registries = {"fixtures", "team_stats", "player_stats", "predicted_lines", "player_projections", "fotmob_matches"}
    registries |= {"fixture_mappings", "horse_results", "overtime_placed_bets"}
    registries |= {f"{kind}_tracked_bets" for kind in ("team", "player", "horse")}
    few = {"api_requests", "leases", "stream_state", "fotmob_dictionaries", "schema_versions"}
    expiring = {each.name for each in COLLECTIONS if any(index.expires_after is not None for index in each.indexes)}
    assert {each.name for each in COLLECTIONS} == registries | few | expiring
