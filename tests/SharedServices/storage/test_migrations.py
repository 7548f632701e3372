"""Migrations take effect exactly once: several processes at once, killed at any moment, asleep through their lease."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bson import Int64
from migration_child import DOCUMENTS, MIGRATIONS, VERSIONS
from pymongo import UpdateOne
from pymongo.database import Database
from support import eventually

from PROPPR.SharedServices.service.clock import ManualClock, SystemClock
from PROPPR.SharedServices.service.leases import LeaseLost
from PROPPR.SharedServices.service.settings import load_settings
from PROPPR.SharedServices.storage import migrations as own
from PROPPR.SharedServices.storage.migrations import Migration, Step, migrate, stored_version, unfinished
from PROPPR.SharedServices.storage.migrations_prepare import prepare_database

Document = dict[str, Any]
CHILD = Path(__file__).parents[2] / "migration_child.py"
CLOCK = SystemClock()


def start(database: Database[Document], uri: str, name: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, str(CHILD), uri, database.name, name], stdout=subprocess.PIPE, text=True)


def fill(database: Database[Document]) -> None:
    database["things"].insert_many([{"_id": number, "count": 0, "names": []} for number in range(DOCUMENTS)])


def assert_once(database: Database[Document]) -> None:
    things = list(database["things"].find())
    assert len(things) == DOCUMENTS
    assert {each["count"] for each in things} == {1}, "each document was counted up exactly once"
    assert all(each["names"] == ["second"] for each in things)
    assert stored_version(database) == VERSIONS and unfinished(database) is None
    assert [note["changed"] for note in database["schema_versions"].find().sort("_id", 1)] == [DOCUMENTS] * VERSIONS


def test_each_migration_runs_once_and_in_order(database: Database[Document]) -> None:
    fill(database)
    assert migrate(database, MIGRATIONS, CLOCK, holder="a") == [1, 2]
    assert_once(database)
    assert migrate(database, MIGRATIONS, CLOCK, holder="b") == []
    assert migrate(database, MIGRATIONS[:1], CLOCK, holder="an older program") == []
    assert_once(database)


@pytest.mark.processes
def test_several_processes_at_once(database: Database[Document], mongo_uri: str) -> None:
    fill(database)
    processes = [start(database, mongo_uri, str(number)) for number in range(4)]
    answers = [process.communicate(timeout=60)[0].strip() for process in processes]
    assert [process.returncode for process in processes] == [0] * 4
    assert sorted(version for answer in answers for version in answer.split()) == ["1", "2"]
    assert_once(database)


@pytest.mark.processes
@pytest.mark.parametrize("seed", [1, 2])
def test_killed_in_the_middle_and_taken_over(database: Database[Document], mongo_uri: str, seed: int) -> None:
    """kill -9 at any moment, six times; what comes next goes on behind the last batch."""
    fill(database)
    chance = random.Random(seed)
    notes, cursors = database["schema_versions"], []
    for number in range(6):
        process = start(database, mongo_uri, f"victim {number}")
        seen = notes.find_one({"state": "running"}) or {"cursor": None}
        eventually(
            lambda seen=seen: (notes.find_one({"state": "running"}) or seen) != seen or stored_version(database) == 2,
            20.0,
        )
        threading.Event().wait(chance.uniform(0, 0.05))
        process.kill()
        process.communicate()
        running = notes.find_one({"state": "running"})
        cursors.append((stored_version(database), -1 if running is None else running["cursor"] or 0))
    assert cursors == sorted(cursors) and len(set(cursors)) > 1, "it never went back"
    last = start(database, mongo_uri, "last")
    last.communicate(timeout=60)
    assert last.returncode == 0
    assert_once(database)


def test_who_slept_through_the_end_of_the_lease_stores_nothing(database: Database[Document]) -> None:
    fill(database)
    asleep: list[Step] = []

    def falls_asleep(step: Step) -> None:
        if not asleep:
            asleep.append(step)
            database["schema_versions"].update_one({"_id": 1}, {"$inc": {"fence": 5}})  # another one's, with its token
            with pytest.raises(LeaseLost):
                step.store("things", [UpdateOne({"_id": 0}, {"$inc": {"count": 1}})], 0)
            database["schema_versions"].update_one({"_id": 1}, {"$inc": {"fence": -5}})
        step.each("things", {}, lambda each: {"$inc": {"count": 1}})

    migrate(database, [Migration(1, "sleeps", falls_asleep)], CLOCK, holder="a")
    assert {each["count"] for each in database["things"].find()} == {1}


def test_a_batch_and_its_note_are_stored_together_or_not_at_all(database: Database[Document]) -> None:
    fill(database)

    def fails(step: Step) -> None:
        good = UpdateOne({"_id": 0}, {"$inc": {"count": 1}})
        bad = UpdateOne({"_id": 1}, {"$inc": {"names": 1}})
        step.store("things", [good, bad], 1)

    with pytest.raises(Exception, match="non-numeric"):
        migrate(database, [Migration(1, "fails", fails)], CLOCK, holder="a")
    assert database["things"].find_one({"_id": 0})["count"] == 0
    note = unfinished(database)
    assert note is not None and note["cursor"] is None and note["changed"] == 0
    assert migrate(database, MIGRATIONS, CLOCK, holder="mended") == [1, 2]
    assert_once(database)


def test_told_to_stop_it_leaves_the_rest_for_later(database: Database[Document]) -> None:
    fill(database)
    stop = threading.Event()
    stop.set()
    assert migrate(database, MIGRATIONS, CLOCK, holder="a", stop=stop) == []
    assert stored_version(database) == 0


def test_versions_follow_each_other() -> None:
    assert [each.version for each in own.MIGRATIONS] == list(range(1, own.NEWEST + 1))


def test_a_new_database_has_the_newest_shape_and_an_old_one_gets_it(database: Database[Document]) -> None:
    settings = load_settings({}, None)
    assert prepare_database(database, settings).created
    assert stored_version(database) == own.NEWEST
    assert {note["by"] for note in database["schema_versions"].find()} == {"new database"}
    second = prepare_database(database, settings)
    assert (second.created, second.changed, second.problems) == ([], [], [])


def test_undated_documents_are_dated(database: Database[Document]) -> None:
    old = datetime(2026, 1, 1, tzinfo=UTC)
    rows = [{"race_id": "r", "runner": str(number)} for number in range(1200)]
    database["horse_results"].insert_many([*rows, {"race_id": "r", "runner": "dated", "updated_at": old}])
    database["fixture_mappings"].insert_one({"fixture_id": Int64(1), "status": "auto", "updated_at": "yesterday"})
    clock = ManualClock(old + timedelta(days=300))
    report = prepare_database(database, load_settings({}, None), clock)
    assert "migration 1" in report.changed
    dates = database["horse_results"].distinct("updated_at")
    assert dates == [old, clock.now()]
    assert database["fixture_mappings"].find_one()["updated_at"] == clock.now()
