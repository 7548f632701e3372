"""What `proppr doctor` looks at for the care of the data: schema version, retention, backups, MongoDB users."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from pymongo.database import Database

from PROPPR.SharedServices.cli.findings import Finding, Level
from PROPPR.SharedServices.cli.poller_picture import counted
from PROPPR.SharedServices.cli.stats_readings import age_words
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.backup_store import stored_backups
from PROPPR.SharedServices.storage.migrations import NEWEST, stored_version, unfinished
from PROPPR.SharedServices.storage.retention import RETENTION, differences
from PROPPR.SharedServices.storage.users import BY_NAME

Documents = Database[dict[str, Any]]
OLD: Final = timedelta(hours=26)
"""A backup a day, and the time that it takes."""
TOO_MIGHTY: Final = frozenset({
    "root", "__system", "dbOwner", "userAdmin", "userAdminAnyDatabase", "dbAdminAnyDatabase", "clusterAdmin",
    "readWriteAnyDatabase", "restore",
})  # fmt: skip


def check_data_care(database: Documents, settings: Settings, clock: Clock) -> Iterator[Finding]:
    """All of it; an empty database has nothing to look at but its users."""
    if database.list_collection_names():
        yield check_schema(database)
        yield check_retention(database, settings)
        yield check_backups(settings, clock)
    yield check_users(database)


def check_schema(database: Documents) -> Finding:
    """Whether the documents have this program's shape."""
    version, begun = stored_version(database), unfinished(database)
    subject, mend = "schema version", "`proppr migrate`, or start any service: it goes on where it was"
    if version > NEWEST:
        detail = f"{version}, this program knows {NEWEST}: a newer one has been here"
        return Finding(subject, "warning", detail, "update this program")
    if begun is not None:
        detail = f"{version} of {NEWEST}; migration {begun['_id']} has begun: {begun['changed']:,} documents so far"
        return Finding(subject, "warning", detail, mend)
    if version < NEWEST:
        return Finding(subject, "warning", f"{version} of {NEWEST}", mend)
    return Finding(subject, "ok", f"{version}, the newest")


def check_retention(database: Documents, settings: Settings) -> Finding:
    """Whether MongoDB deletes what the settings say, and nothing else."""
    wrong = [kept.collection for kept, _, _ in differences(database, settings)]
    if wrong:
        detail = f"not as the settings want it: {', '.join(wrong)}"
        return Finding("retention", "warning", detail, "`proppr migrate`, or start any service")
    names = sorted({kept.setting for kept in RETENTION})
    days = {name: int(getattr(settings, name.lower())) for name in names}
    words = [f"{name} {f'{number} days' if number else 'for ever'}" for name, number in days.items()]
    return Finding("retention", "ok", f"history {settings.proppr_history_days} days; {'; '.join(words)}")


def check_backups(settings: Settings, clock: Clock) -> Finding:
    """How old the newest backup is. Without a key there is only simulated data, which needs none."""
    where = settings.proppr_backup_dir
    found = stored_backups(where, settings.mongo_database)
    if not found:
        level: Level = "ok" if settings.odds_api_key is None else "warning"
        return Finding("backups", level, f"none in {where}", "`proppr backup` every day, by a timer: docs/backup.md")
    age = found[0].age(clock.now())
    detail = f"{counted(len(found), 'backup')} in {where}, the newest {age_words(age)} old"
    if age > OLD:
        return Finding("backups", "warning", detail, "`proppr backup` every day, by a timer: docs/backup.md")
    return Finding("backups", "ok", detail)


def check_users(database: Documents) -> Finding:
    """As whom we are here, and whether that user can do more than it needs."""
    status = database.client.admin.command("connectionStatus")["authInfo"]
    users = [f"{user['user']}@{user['db']}" for user in status["authenticatedUsers"]]
    if not users:
        host = (database.client.address or ("", 0))[0]
        detail = f"MongoDB at {host} asks for no password"
        if host in ("127.0.0.1", "localhost", "::1"):
            return Finding("MongoDB's users", "ok", f"{detail}; it is on this machine")
        return Finding(
            "MongoDB's users", "warning", detail, "start it with --auth, then `proppr users`: docs/backup.md"
        )
    roles = sorted({str(role["role"]) for role in status["authenticatedUserRoles"]})
    mighty = sorted(TOO_MIGHTY.intersection(roles))
    if mighty:
        detail = f"{', '.join(users)} has the role {', '.join(mighty)}: more than a service needs"
        return Finding("MongoDB's users", "warning", detail, "`proppr users --apply`, and each service its own user")
    if not set(roles) & set(BY_NAME):
        return Finding("MongoDB's users", "ok", f"{', '.join(users)} with {', '.join(roles)}, not by `proppr users`")
    return Finding("MongoDB's users", "ok", f"{', '.join(users)}: the rights of its job")
