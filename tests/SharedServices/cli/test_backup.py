"""`proppr backup`, `restore`, `migrate`, `users`, and what the doctor says of them, against a real database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from pymongo.database import Database

from PROPPR.SharedServices.cli.backup_findings import check_backups, check_data_care, check_retention, check_schema
from PROPPR.SharedServices.cli.backup_work import patient
from PROPPR.SharedServices.cli.main import main
from PROPPR.SharedServices.cli.users import address
from PROPPR.SharedServices.service.clock import ManualClock, SystemClock
from PROPPR.SharedServices.service.settings import Settings, load_settings
from PROPPR.SharedServices.storage.backup import make_backup
from PROPPR.SharedServices.storage.backup_store import stored_backups
from PROPPR.SharedServices.storage.migrations_prepare import prepare_database

Document = dict[str, Any]


@pytest.fixture
def environment(mongo_uri: str, database: Database[Document], tmp_path: Path) -> dict[str, str]:
    return {
        "MONGO_URI": mongo_uri,
        "MONGO_DATABASE": database.name,
        "ODDS_API_KEY": "a-key",
        "PROPPR_DATA_DIR": str(tmp_path / "data"),
        "PROPPR_BACKUP_DIR": str(tmp_path / "backups"),
        "PROPPR_BACKUP_KEEP": "2",
        "COLUMNS": "300",
    }


@pytest.fixture
def settings(environment: dict[str, str]) -> Settings:
    return load_settings(environment, None)


@pytest.fixture
def other(database: Database[Document]) -> Iterator[Database[Document]]:
    yield database.client[f"{database.name}_back"]
    database.client.drop_database(f"{database.name}_back")


def proppr(environment: dict[str, str], *arguments: str) -> Result:
    name, *rest = arguments
    return CliRunner().invoke(main, [name, "--env-file", "no-such-file", *rest], env=environment)


def test_backed_up_and_restored(
    environment: dict[str, str], database: Database[Document], other: Database[Document], tmp_path: Path
) -> None:
    database["leases"].insert_many([{"_id": f"lease {number}", "token": number} for number in range(500)])
    for _ in range(3):
        made = proppr(environment, "backup")
        assert made.exit_code == 0, made.output
        assert "500 documents of 1 collections" in made.output and "checked" in made.output
    assert "removed" in made.output and len(stored_backups(tmp_path / "backups")) == 2
    assert database.name in proppr(environment, "backup", "--list").output
    into = ("restore", "latest", "--database", other.name)
    assert proppr(environment, *into).exit_code == 0
    again = proppr(environment, *into)
    assert again.exit_code == 1 and "--overwrite drops what it holds" in again.output
    assert proppr(environment, *into, "--overwrite").exit_code == 0
    assert list(other["leases"].find().sort("_id")) == list(database["leases"].find().sort("_id"))


def test_verified_by_restoring_it(environment: dict[str, str], database: Database[Document]) -> None:
    prepare_database(database, load_settings(environment, None))
    made = proppr(environment, "backup", "--verify")
    assert made.exit_code == 0 and "every document, index and rule is the same" in made.output, made.output
    backup = stored_backups(Path(environment["PROPPR_BACKUP_DIR"]))[0].path
    (backup / database.name / "leases.bson.gz").unlink()
    tried = proppr(environment, "restore", str(backup), "--trial")
    assert tried.exit_code == 1 and "leases.bson.gz can't be read: it is not there" in tried.output


def test_services_at_work_are_not_overwritten(environment: dict[str, str], database: Database[Document]) -> None:
    beat = {"_id": "a", "service": "unified-poller", "state": "running", "beat_at": SystemClock().now()}
    database["service_heartbeats"].insert_one(beat)
    assert proppr(environment, "backup").exit_code == 0
    refused = proppr(environment, "restore", "latest", "--overwrite")
    assert refused.exit_code == 1 and "unified-poller work on" in refused.output
    assert database["service_heartbeats"].count_documents({}) == 1


def test_what_goes_wrong_is_told(environment: dict[str, str]) -> None:
    empty = proppr(environment, "backup")
    assert empty.exit_code == 1 and "is empty" in empty.output
    assert "there is no backup" in proppr(environment, "restore", "latest").output
    assert "it is not there" in proppr(environment, "restore", "no-such-directory").output
    assert proppr(environment, "restore", "latest", "--database", "a.b/c").exit_code in (1, 2)


def test_migrate_says_what_it_does(environment: dict[str, str], database: Database[Document]) -> None:
    database["horse_results"].insert_one({"race_id": "r", "runner": "a"})
    dry = proppr(environment, "migrate", "--dry-run")
    assert "migration 1:" in dry.output and "version 0 of 1; nothing was changed" in dry.output, dry.output
    assert database["schema_versions"].find_one() is None
    done = proppr(environment, "migrate")
    assert done.exit_code == 0 and "migration 1" in done.output and "version 1 of 1" in done.output
    assert "0 things created, 0 changed" in proppr(environment, "migrate").output


def test_users_are_printed_without_secrets(environment: dict[str, str], database: Database[Document]) -> None:
    printed = proppr(environment, "users").output
    assert printed.count("db.createUser(") == 8 and f'getSiblingDB("{database.name}")' in printed


def test_users_are_applied_and_their_addresses_kept(
    environment: dict[str, str], database: Database[Document], tmp_path: Path
) -> None:
    folder = tmp_path / "users"
    try:
        first = proppr(environment, "users", "--apply", str(folder), "--only", "backup")
        assert first.exit_code == 0 and "backup: created" in first.output, first.output
        file = folder / "backup.uri"
        text = file.read_text()
        assert file.stat().st_mode & 0o77 == 0 and f"authSource={database.name}" in text
        assert "backup: brought up to date" in proppr(environment, "users", "--apply", str(folder)).output
        assert file.read_text() == text and len(list(folder.iterdir())) == 8
        assert text.strip() not in first.output
        kept = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
        assert proppr(environment, "users", "--apply", str(folder)).exit_code == 0
        assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == kept, "what is right is not written"
    finally:
        database.command("dropAllUsersFromDatabase")
        database.command("dropAllRolesFromDatabase")


def test_addresses() -> None:
    uri = "mongodb://root:p%40ss@a:1,b:2/other?replicaSet=proppr&authSource=admin"
    settings = load_settings({"MONGO_URI": uri}, None)
    assert address(settings, "bots", "secret") == "mongodb://bots:secret@a:1,b:2/?replicaSet=proppr&authSource=proppr"
    assert patient("mongodb://h") == "mongodb://h/?socketTimeoutMS=600000&wTimeoutMS=0"
    assert patient("mongodb://h/?sockettimeoutms=1").count("imeout") == 2


def test_the_doctor_looks_at_all_of_it(
    database: Database[Document], settings: Settings, environment: dict[str, str]
) -> None:
    clock = ManualClock(SystemClock().now())
    prepare_database(database, settings)
    assert check_backups(settings, clock).level == "warning"
    make_backup(database, settings.proppr_backup_dir, clock)
    findings = list(check_data_care(database, settings, clock))
    assert [finding.level for finding in findings] == ["ok"] * 4, findings
    assert [finding.subject for finding in findings] == ["schema version", "retention", "backups", "MongoDB's users"]
    clock.advance(timedelta(hours=27).total_seconds())
    assert "27 h old" in check_backups(settings, clock).detail and check_backups(settings, clock).level == "warning"
    shorter = load_settings({**environment, "PROPPR_BETS_DAYS": "400"}, None)
    assert "team_tracked_bets" in check_retention(database, shorter).detail
    database["schema_versions"].update_one({"_id": 1}, {"$set": {"state": "running"}})
    assert "migration 1 has begun" in check_schema(database).detail
    database["schema_versions"].insert_one({"_id": 9, "state": "done"})
    assert "a newer one has been here" in check_schema(database).detail


def test_retention_follows_the_settings(database: Database[Document], settings: Settings) -> None:
    def expiry(name: str) -> int | None:
        index = {each["name"]: each for each in database[name].list_indexes()}.get("retention")
        return None if index is None else index["expireAfterSeconds"]

    prepare_database(database, settings)
    assert (expiry("team_stats"), expiry("team_tracked_bets")) == (1100 * 86_400, None)
    changed = settings.model_copy(update={"proppr_bets_days": 400, "proppr_statistics_days": 0})
    report = prepare_database(database, changed)
    assert "team_tracked_bets: kept for 400 days after grading.graded_at" in report.changed
    assert (expiry("team_stats"), expiry("team_tracked_bets")) == (None, 400 * 86_400)
    prepare_database(database, changed.model_copy(update={"proppr_bets_days": 30}))
    assert expiry("team_tracked_bets") == 30 * 86_400
    assert prepare_database(database, settings).changed and prepare_database(database, settings).changed == []
