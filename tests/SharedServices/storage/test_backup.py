"""A backup is one moment of a database that is being written, and comes back byte by byte."""

from __future__ import annotations

import gzip
import shutil
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from bson import Decimal128, Int64, ObjectId, json_util
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.database import Database
from pymongo.errors import WriteError

from PROPPR.SharedServices.service.clock import ManualClock, SystemClock
from PROPPR.SharedServices.service.errors import TransientError
from PROPPR.SharedServices.storage.backup import Interrupted, TooSlow, make_backup
from PROPPR.SharedServices.storage.backup_format import Damaged, check_files, data_file, read_documents, read_manifest
from PROPPR.SharedServices.storage.backup_moment import BACKUP_SECONDS
from PROPPR.SharedServices.storage.backup_restore import Different, NotEmpty, restore_backup, verify_documents
from PROPPR.SharedServices.storage.backup_store import remove_old, stored_backups
from PROPPR.SharedServices.storage.collections import COLLECTIONS, VIEWS, ensure_collections

Document = dict[str, Any]
CLOCK = SystemClock()
ODD = "strange/näme: 100%"
STARTED_WITH = 15
"""Seconds of the past that the tests' server keeps (conftest.py)."""


def seconds_kept(database: Database[Document]) -> int:
    found = database.client.admin.command("getParameter", 1, minSnapshotHistoryWindowInSeconds=1)
    return int(found["minSnapshotHistoryWindowInSeconds"])


@pytest.fixture
def other(database: Database[Document]) -> Iterator[Database[Document]]:
    """A second database, to restore into."""
    second = database.client[f"{database.name}_back"]
    yield second
    database.client.drop_database(second.name)


@pytest.fixture
def filled(database: Database[Document]) -> Database[Document]:
    """All collections, with documents of every kind of value that the services store."""
    ensure_collections(database)
    now = datetime(2026, 11, 21, 4, 11, 5, 123_000, tzinfo=UTC)
    database.client.admin.command("setParameter", 1, minSnapshotHistoryWindowInSeconds=STARTED_WITH)
    database["leases"].insert_many([{"_id": f"lease {number}", "token": Int64(number)} for number in range(3000)])
    database["service_logs"].insert_one(
        {"timestamp": datetime(2020, 1, 1, tzinfo=UTC), "service": "a", "level": "ERROR", "message": "long expired"}
    )
    database["team_tracked_bets"].insert_one(
        {"bet_id": "b1", "stake": Decimal128("10.05"), "at": now, "who": ObjectId(), "raw": b"\0\1", "$odd.name": None}
    )
    database[ODD].insert_one({"_id": 1.5, "a": [1, Int64(1), 1.0, "ü", None, True, {}]})
    database[ODD].create_index([("a", -1), ("b", "2dsphere")], partialFilterExpression={"b": {"$exists": True}})
    return database


def everything(database: Database[Document]) -> Document:
    """All that can be seen of a database."""
    found: Document = {}
    for entry in database.list_collections():
        if entry["name"].startswith("system."):
            continue
        is_view = entry["type"] == "view"
        indexes = [] if is_view else [dict(index) for index in database[entry["name"]].list_indexes()]
        documents = list(database[entry["name"]].find().sort("_id", 1))
        found[entry["name"]] = (entry["type"], entry["options"], sorted(indexes, key=str), documents)
    return found


@pytest.mark.parametrize("compressed", [True, False])
def test_what_is_restored_is_what_was_backed_up(
    filled: Database[Document], other: Database[Document], tmp_path: Path, compressed: bool
) -> None:
    backup = make_backup(filled, tmp_path, CLOCK, compressed=compressed, schema_version=7)
    manifest = restore_backup(backup, other)
    assert manifest.schema_version == 7 and manifest.documents == 3003
    assert everything(other) == everything(filled) and len(everything(other)) == len(COLLECTIONS) + len(VIEWS) + 1
    with pytest.raises(WriteError):  # the rules are in force
        other["service_logs"].insert_one({"a": 1})
    assert ensure_collections(other).changed == [], "the next start of a service has nothing to mend"


def test_the_files_are_those_of_mongodump(filled: Database[Document], tmp_path: Path) -> None:
    folder = make_backup(filled, tmp_path, CLOCK) / filled.name
    assert len(list(folder.glob("*.bson.gz"))) == len(COLLECTIONS) + 1, "views have no documents"
    assert len(list(folder.glob("*.metadata.json.gz"))) == len(COLLECTIONS) + len(VIEWS) + 1
    assert (folder / "strange%2Fn%C3%A4me%3A%20100%25.bson.gz").exists()
    fixtures = json_util.loads(gzip.decompress((folder / "fixtures.metadata.json.gz").read_bytes()).decode())
    assert set(fixtures) == {"options", "indexes", "uuid", "collectionName", "type"}
    assert fixtures["indexes"][0] == {"v": 2, "key": {"_id": 1}, "name": "_id_"}
    assert fixtures["options"]["validator"]["$jsonSchema"] and len(fixtures["uuid"]) == 32
    view = json_util.loads(gzip.decompress((folder / "team_odds.metadata.json.gz").read_bytes()).decode())
    assert view["options"]["viewOn"] == "fixtures" and view["type"] == "view" and view["indexes"] == []
    assert folder.parent.stat().st_mode & 0o77 == 0, "bets are nobody else's business"


@pytest.mark.skipif(shutil.which("mongorestore") is None, reason="mongorestore is not on this machine")
def test_mongorestore_reads_it(
    filled: Database[Document], other: Database[Document], mongo_uri: str, tmp_path: Path
) -> None:
    backup = make_backup(filled, tmp_path, CLOCK)
    renamed = ["--nsFrom", f"{filled.name}.*", "--nsTo", f"{other.name}.*"]
    subprocess.run(["mongorestore", "--gzip", *renamed, f"--uri={mongo_uri}", str(backup)], check=True)
    assert everything(other) == everything(filled)


def test_a_backup_is_one_moment_while_others_write(
    database: Database[Document], other: Database[Document], tmp_path: Path
) -> None:
    """Money moves between two accounts in transactions; in any backup the sum is right."""
    database["a"].insert_many([{"_id": number, "money": 1000, "fill": "x" * 20_000} for number in range(200)])
    database["z"].insert_many([{"_id": number, "money": 0} for number in range(200)])
    stop, moves = threading.Event(), 0

    def move() -> None:
        nonlocal moves
        with database.client.start_session() as session:
            while not stop.is_set():
                with session.start_transaction():
                    database["a"].update_one({"_id": moves % 200}, {"$inc": {"money": -1}}, session=session)
                    database["z"].update_one({"_id": moves % 200}, {"$inc": {"money": 1}}, session=session)
                moves += 1

    mover = threading.Thread(target=move)
    mover.start()
    sums, moments = [], []
    try:
        for _ in range(3):
            before = moves
            manifest = restore_backup(make_backup(database, tmp_path, CLOCK), other, overwrite=True)
            assert moves > before, "it was written meanwhile"
            moved = [sum(each["money"] for each in other[name].find()) for name in ("a", "z")]
            sums.append(sum(moved))
            moments.append(moved[1])
            assert manifest.documents == 400
    finally:
        stop.set()
        mover.join()
    assert sums == [200_000] * 3
    assert moments == sorted(moments) and moments[0] < moments[-1]


def test_nothing_is_overwritten_unasked(filled: Database[Document], other: Database[Document], tmp_path: Path) -> None:
    backup = make_backup(filled, tmp_path, CLOCK)
    other["mine"].insert_one({"_id": 1})
    with pytest.raises(NotEmpty):
        restore_backup(backup, other)
    assert other.list_collection_names() == ["mine"]
    restore_backup(backup, other, overwrite=True)
    assert everything(other) == everything(filled)


def damages(path: Path) -> dict[str, bytes]:
    data = bytearray(gzip.decompress(path.read_bytes()))
    data[-10] ^= 1
    return {
        "a bit": gzip.compress(bytes(data)),
        "cut short": path.read_bytes()[:-20],
        "half a document": gzip.compress(bytes(data[:-3])),
        "empty": b"",
        "something else": b"hello",
    }


def test_a_damaged_backup_is_refused_before_anything_is_touched(
    filled: Database[Document], other: Database[Document], tmp_path: Path
) -> None:
    backup = make_backup(filled, tmp_path / "all", CLOCK)
    whole = data_file(backup, filled.name, "leases", True)
    other["mine"].insert_one({"_id": 1})
    for damage, data in {**damages(whole), "absent": None}.items():
        damaged = shutil.copytree(backup, tmp_path / damage)
        path = data_file(damaged, filled.name, "leases", True)
        if data is None:
            path.unlink()
        else:
            path.write_bytes(data)
        with pytest.raises(Damaged, match="leases"):
            restore_backup(damaged, other, overwrite=True)
        assert other.list_collection_names() == ["mine"], damage


def test_a_document_that_came_back_differently_is_found(
    filled: Database[Document], other: Database[Document], tmp_path: Path
) -> None:
    backup = make_backup(filled, tmp_path, CLOCK)
    manifest = restore_backup(backup, other)
    contents = next(each for each in manifest.collections if each.name == "leases")
    other["leases"].update_one({"_id": "lease 7"}, {"$set": {"token": 7}})  # the same number, another type
    with pytest.raises(Different, match="leases has documents that differ"):
        verify_documents(other, contents)
    other["leases"].delete_one({"_id": "lease 7"})
    with pytest.raises(Different, match="2999 documents"):
        verify_documents(other, contents)


def test_an_interrupted_backup_leaves_nothing(filled: Database[Document], tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(Interrupted):
        make_backup(filled, tmp_path, CLOCK, stop=stop)
    (tmp_path / ".partial-killed").mkdir()
    assert stored_backups(tmp_path) == []
    backup = make_backup(filled, tmp_path, CLOCK)
    assert [path.name for path in tmp_path.iterdir() if path.name != ".lock"] == [backup.name]


def test_two_at_once_do_not_share_a_directory(filled: Database[Document], tmp_path: Path) -> None:
    refused: list[BaseException] = []

    def second(name: str, documents: int, size: int) -> None:
        if not refused:
            with pytest.raises(TransientError) as caught:
                make_backup(filled, tmp_path, CLOCK)
            refused.append(caught.value)

    make_backup(filled, tmp_path, CLOCK, progress=second)
    assert "locked by another process" in str(refused[0])


def test_a_moment_that_mongodb_let_go_of_is_told(filled: Database[Document], tmp_path: Path) -> None:
    """Somebody else has MongoDB forget at once, and the reader takes longer."""
    filled["leases"].update_many({}, {"$set": {"fill": "x" * 12_000}})  # more than one batch of 16 MB

    def slow(name: str, documents: int, size: int) -> None:
        if name == "leases":
            filled.client.admin.command("setParameter", 1, minSnapshotHistoryWindowInSeconds=0)
            for number in range(30):
                filled["noise"].insert_one({"number": number})
                threading.Event().wait(0.1)

    with pytest.raises(TooSlow, match="minSnapshotHistoryWindowInSeconds"):
        make_backup(filled, tmp_path, CLOCK, progress=slow)
    assert stored_backups(tmp_path) == []
    assert seconds_kept(filled) == STARTED_WITH


@pytest.mark.parametrize("before", [STARTED_WITH, BACKUP_SECONDS])
def test_mongodb_keeps_the_past_for_as_long_as_a_backup_reads(
    filled: Database[Document], tmp_path: Path, before: int
) -> None:
    """And no longer, whatever a killed backup left behind."""
    filled.client.admin.command("setParameter", 1, minSnapshotHistoryWindowInSeconds=before)
    seen: set[int] = set()
    make_backup(filled, tmp_path, CLOCK, progress=lambda *_: seen.add(seconds_kept(filled)))
    assert seen == {BACKUP_SECONDS}
    assert seconds_kept(filled) == STARTED_WITH


def test_an_operator_who_keeps_more_of_the_past_goes_on_keeping_it(filled: Database[Document], tmp_path: Path) -> None:
    filled.client.admin.command("setParameter", 1, minSnapshotHistoryWindowInSeconds=2 * BACKUP_SECONDS)
    seen: set[int] = set()
    make_backup(filled, tmp_path, CLOCK, progress=lambda *_: seen.add(seconds_kept(filled)))
    assert seen == {2 * BACKUP_SECONDS} == {seconds_kept(filled)}


def test_the_newest_are_kept(database: Database[Document], tmp_path: Path) -> None:
    clock = ManualClock()
    made = []
    for _ in range(5):
        made.append(make_backup(database, tmp_path, clock))
        clock.advance(3600)
    assert [each.path for each in stored_backups(tmp_path)] == made[::-1]
    assert stored_backups(tmp_path)[0].age(clock.now()).total_seconds() == 3600
    assert remove_old(tmp_path, "another database", 1) == []
    assert remove_old(tmp_path, database.name, 2) == [made[2], made[1], made[0]]
    assert remove_old(tmp_path, database.name, 0) == [made[3]], "the newest always stays"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc.$é", max_size=4), inner, max_size=3),
    max_leaves=10,
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(documents=st.lists(st.dictionaries(st.text("abcé", min_size=1, max_size=4), VALUES, max_size=5), max_size=20))
def test_any_document_comes_back_byte_by_byte(
    database: Database[Document], other: Database[Document], tmp_path: Path, documents: list[Document]
) -> None:
    database["any"].drop()
    database.create_collection("any")
    for number, document in enumerate(documents):
        database["any"].insert_one({"_id": number, **document})
    backup = make_backup(database, tmp_path, CLOCK)
    manifest = read_manifest(backup)
    check_files(backup, manifest)
    assert len(list(read_documents(data_file(backup, database.name, "any", True)))) == len(documents)
    restore_backup(backup, other, overwrite=True)
