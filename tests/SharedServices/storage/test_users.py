"""On a MongoDB that asks for passwords: each user can do what its role names, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from guarded_mongod import GuardedMongod, guarded_mongod
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import OperationFailure

from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.service.errors import TransientError
from PROPPR.SharedServices.service.settings import load_settings
from PROPPR.SharedServices.storage.backup import make_backup
from PROPPR.SharedServices.storage.collections import COLLECTIONS, VIEWS
from PROPPR.SharedServices.storage.migrations_prepare import prepare_database
from PROPPR.SharedServices.storage.users import BY_NAME, USERS, User, apply_users, script

Document = dict[str, Any]
NAME = "proppr"
SERVICES = ("websocket-updater", "unified-poller", "stats-pipeline", "grading-scheduler")
NAMES = [each.name for each in COLLECTIONS]
SETTINGS = load_settings({}, None)


@pytest.fixture(scope="module")
def mongod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardedMongod]:
    with guarded_mongod(tmp_path_factory.mktemp("guarded")) as server:
        with server.client(server.uri()) as root:
            made = apply_users(root[NAME], {user.name: password(user.name) for user in USERS})
            assert made == [f"{user.name}: created" for user in USERS]
        with connected(server, "proppr-setup") as setup:
            prepare_database(setup[NAME], SETTINGS)
        yield server


def password(user: str) -> str:
    return f"password-of-{user}"


def connected(server: GuardedMongod, user: str) -> MongoClient[Document]:
    return server.client(server.uri(user, password(user), NAME))


def allowed(attempt: Callable[[], object]) -> bool:
    """Whether MongoDB lets it happen; what fails for another reason was allowed."""
    try:
        attempt()
    except OperationFailure as error:
        return error.code != 13
    return True


def rights(database: Database[Document], name: str) -> dict[str, bool]:
    """What is possible on a collection; nothing is changed by trying."""
    nobody = {"_id": "nobody"}
    collection = database[name]
    return {
        "find": allowed(lambda: collection.find_one(nobody)),
        "insert": allowed(lambda: _insert(database, name)),
        "update": allowed(lambda: collection.update_many(nobody, {"$set": {"a": 1}})),
        "remove": allowed(lambda: collection.delete_many(nobody)),
        "changeStream": allowed(lambda: collection.watch(max_await_time_ms=1).close()),
    }


def _insert(database: Database[Document], name: str) -> None:
    """An insert that an index refuses after MongoDB has allowed it, or that is taken back."""
    with database.client.start_session() as session:
        session.start_transaction()
        try:
            database[name].insert_one({"_id": "tried"}, session=session)
        finally:
            session.abort_transaction()


def expected(user: User, name: str) -> dict[str, bool]:
    written, inserted = name in user.writes or user.shapes, name in user.inserts
    return {
        "find": written or inserted or name in (*user.reads, *user.watches),
        "insert": written or inserted,
        "update": written,
        "remove": written,
        "changeStream": name in user.watches,
    }


@pytest.mark.parametrize("user", USERS, ids=lambda user: user.name)
def test_each_user_can_do_what_is_declared_and_nothing_else(mongod: GuardedMongod, user: User) -> None:
    with connected(mongod, user.name) as client:
        database = client[NAME]
        wrong = {name: found for name in NAMES if (found := rights(database, name)) != expected(user, name)}
        assert wrong == {}
        for view in VIEWS:
            readable = view.name in (*user.reads, *user.watches) or user.shapes
            assert allowed(lambda view=view: database[view.name].find_one({"id": 1})) == readable
        refused: dict[str, Callable[[], object]] = {
            "another database": lambda: client["another"]["a"].find_one(),
            "another database's writes": lambda: client["another"]["a"].insert_one({}),
            "the users": lambda: client["admin"]["system.users"].find_one(),
            "a user": lambda: database.command("createUser", "mine", pwd="x", roles=[]),
            "its own role": lambda: database.command("grantRolesToUser", user.name, roles=["dbOwner"]),
            "another's password": lambda: database.command("updateUser", "backup", pwd="x"),
            "the database": lambda: client.drop_database(NAME),
            "a collection's end": lambda: database["leases"].drop(),
            "the oplog": lambda: client["local"]["oplog.rs"].find_one(),
            "the server": lambda: client.admin.command("shutdown"),
            "a parameter": lambda: client.admin.command("setParameter", 1, logLevel=1),
        }  # fmt: skip
        shape: dict[str, Callable[[], object]] = {
            "an index": lambda: database["leases"].create_index("nobody"),
            "rules": lambda: database.command("collMod", "leases", validator={}),
            "an index's end": lambda: database["leases"].drop_index("nobody_1"),
        }
        assert [what for what, attempt in refused.items() if allowed(attempt)] == []
        assert [what for what, attempt in shape.items() if allowed(attempt)] == (list(shape) if user.shapes else [])


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_starts_on_a_prepared_database_by_reading_alone(mongod: GuardedMongod, name: str) -> None:
    before = len(mongod.refusals())
    with connected(mongod, name) as client:
        report = prepare_database(client[NAME], SETTINGS)
    assert (report.created, report.changed, report.problems) == ([], [], [])
    assert len(mongod.refusals()) == before


def test_a_service_that_finds_another_shape_says_who_mends_it(mongod: GuardedMongod) -> None:
    with mongod.client(mongod.uri()) as root, connected(mongod, "unified-poller") as poller:
        root[NAME]["fixtures"].drop_index("id_1")
        with pytest.raises(TransientError, match="proppr migrate"):
            prepare_database(poller[NAME], SETTINGS)
        with connected(mongod, "proppr-setup") as setup:
            assert prepare_database(setup[NAME], SETTINGS).created == ["fixtures.id_1"]
        assert prepare_database(poller[NAME], SETTINGS).created == []


def test_the_backup_user_can_make_a_backup(mongod: GuardedMongod, tmp_path: Path) -> None:
    with connected(mongod, "backup") as client:
        assert make_backup(client[NAME], tmp_path, SystemClock()).is_dir()


def test_the_setup_user_shortens_a_retention(mongod: GuardedMongod) -> None:
    for days in ("300", "0", "1100"):
        with connected(mongod, "proppr-setup") as setup:
            settings = load_settings({"PROPPR_BETS_DAYS": days, "PROPPR_HISTORY_DAYS": "30"}, None)
            assert prepare_database(setup[NAME], settings).changed
    with connected(mongod, "proppr-setup") as setup:
        prepare_database(setup[NAME], SETTINGS)


def test_applied_again_it_takes_away_what_is_not_declared(mongod: GuardedMongod) -> None:
    with mongod.client(mongod.uri()) as root, connected(mongod, "backup") as backup:
        more = [{"resource": {"db": NAME, "collection": "leases"}, "actions": ["remove"]}]
        root[NAME].command("grantPrivilegesToRole", "backup", privileges=more)
        assert allowed(lambda: backup[NAME]["leases"].delete_many({"_id": "nobody"}))
        assert apply_users(root[NAME], {}, ["backup"]) == ["backup: brought up to date"]
        assert not allowed(lambda: backup[NAME]["leases"].delete_many({"_id": "nobody"}))
        assert allowed(lambda: backup[NAME]["leases"].find_one()), "and the password is the same"


def test_everything_declared_exists() -> None:
    known = {*NAMES, *(view.name for view in VIEWS)}
    for user in USERS:
        assert {*user.writes, *user.reads, *user.watches, *user.inserts} <= known
    assert set(SERVICES) <= set(BY_NAME)
    text = script(NAME)
    assert all(f'createUser({{user: "{user.name}"' in text for user in USERS) and "password-of" not in text
