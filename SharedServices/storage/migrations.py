"""Forward migrations of stored documents: each runs once, whoever starts it, however often it is killed.

A migration works in small batches. Each batch is one transaction with the note of how far it has come, so it takes
effect exactly once: a killed migration goes on behind its last batch, in whatever process comes next. A lease lets one
process work at a time; its fencing token is in the note, so one that slept through the lease's end stores nothing.

A migration never changes once it is released; a new one follows it. There is no way back: an older program works on
documents that a migration has changed (so it must be written), or the database is restored from a backup.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pymongo import UpdateOne
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, OperationFailure

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.leases import TTL, Lease, LeaseLost, fenced_update

Document = dict[str, Any]
Operation = UpdateOne
COLLECTION: Final = "schema_versions"
LEASE: Final = "schema-migrations"
BATCH: Final = 500
log = logging.getLogger(__name__)


class Step:
    """What a migration works with: the database, where it stopped last time, and the only way to store something."""

    def __init__(
        self,
        database: Database[Document],
        session: ClientSession,
        version: int,
        token: int,
        cursor: object,
        clock: Clock,
    ) -> None:
        self.database = database
        self.cursor = cursor
        self._session = session
        self.changed = 0
        self._version = version
        self._token = token
        self._clock = clock

    def now(self) -> datetime:
        """The time."""
        return self._clock.now()

    def store(self, collection: str, operations: Sequence[Operation], cursor: object) -> None:
        """Make these changes and note `cursor` (any BSON value), both or none; LeaseLost if another works on it."""

        def write(session: ClientSession) -> int:
            note = {"$set": {"cursor": cursor, "updated_at": self._clock.now()}, "$inc": {"changed": len(operations)}}
            ours = {"_id": self._version, "fence": self._token, "state": "running"}
            if self.database[COLLECTION].update_one(ours, note, session=session).matched_count == 0:
                raise LeaseLost(f"migration {self._version} is another process's now")
            if not operations:
                return 0
            changes = list(operations)
            done = self.database[collection].bulk_write(changes, bypass_document_validation=True, session=session)
            return done.modified_count

        self.changed += self._session.with_transaction(write)
        self.cursor = cursor

    def each(
        self, collection: str, where: Document, change: Callable[[Document], Document], fields: Document | None = None
    ) -> None:
        """Change the documents that match `where`, in the order of _id from the cursor on, by the update that `change`
        makes of each one."""
        while True:
            condition = where if self.cursor is None else {"$and": [where, {"_id": {"$gt": self.cursor}}]}
            found = list(self.database[collection].find(condition, fields).sort("_id", 1).limit(BATCH))
            if not found:
                return
            operations = [UpdateOne({"_id": each["_id"]}, change(each)) for each in found]
            self.store(collection, operations, found[-1]["_id"])


@dataclass(frozen=True, slots=True)
class Migration:
    """A numbered change: versions follow each other without a gap, from 1 on."""

    version: int
    purpose: str
    run: Callable[[Step], None]


def stored_version(database: Database[Document]) -> int:
    """The version that the database has: that of the last migration that is done, 0 if there was none."""
    done = database[COLLECTION].find_one({"state": "done"}, sort=[("_id", -1)])
    return int(done["_id"]) if done else 0


def unfinished(database: Database[Document]) -> Document | None:
    """The note of a migration that has begun and is not done."""
    return database[COLLECTION].find_one({"state": "running"}, sort=[("_id", 1)])


def mark_new(database: Database[Document], migrations: Sequence[Migration], clock: Clock) -> None:
    """Note of an empty database that it has the newest shape already; several processes may do so at once."""
    now = clock.now()
    notes = [
        {"_id": each.version, "purpose": each.purpose, "state": "done", "started_at": now, "finished_at": now,
         "changed": 0, "by": "new database"}
        for each in migrations
    ]  # fmt: skip
    for note in notes:
        try:
            database[COLLECTION].insert_one(note)
        except DuplicateKeyError:
            continue


def migrate(
    database: Database[Document],
    migrations: Sequence[Migration],
    clock: Clock,
    *,
    holder: str,
    stop: threading.Event | None = None,
    ttl: float = TTL,
) -> list[int]:
    """Run the migrations that are missing, in order, and return the versions that this process has finished.

    Returns when the database has the newest version, whoever brought it there, or when `stop` is set. Raises the
    errors of MongoDB and of the migrations themselves; the next call goes on where this one stopped. A database that is
    newer than `migrations` is left alone.
    """
    newest = max((each.version for each in migrations), default=0)
    if stored_version(database) >= newest:
        return []
    stop = stop or threading.Event()
    lease = Lease(database, LEASE, holder, ttl=ttl, clock=clock)
    lease.start()
    finished: list[int] = []
    try:
        while not stop.is_set() and (version := stored_version(database)) < newest:
            token = lease.token
            if token is None:
                clock.wait(stop, 0.1)
                continue
            following = next(each for each in migrations if each.version == version + 1)
            try:
                _run(database, following, token, clock, holder)
                finished.append(following.version)
            except LeaseLost:
                log.warning("migration taken over by another process", extra={"version": following.version})
    finally:
        lease.stop(clock.monotonic() + 3.0)
    return finished


def _run(database: Database[Document], migration: Migration, token: int, clock: Clock, holder: str) -> None:
    notes = database[COLLECTION]
    _end_predecessor(database, notes.find_one({"_id": migration.version}))
    with database.client.start_session() as session:
        begun: dict[str, Document] = {
            "$set": {
                "state": "running",
                "purpose": migration.purpose,
                "by": holder,
                "session": session.session_id["id"],
            },
            "$setOnInsert": {"started_at": clock.now(), "changed": 0, "cursor": None},
        }
        which = {"_id": migration.version, "state": {"$ne": "done"}}
        if not fenced_update(notes, which, begun, token):
            raise LeaseLost(f"migration {migration.version} is another process's now")
        note = notes.find_one({"_id": migration.version}) or {}
        log.info("migration runs", extra={"version": migration.version, "goes_on": note.get("cursor") is not None})
        migration.run(Step(database, session, migration.version, token, note.get("cursor"), clock))
    ours = {"_id": migration.version, "fence": token}
    done = {"$set": {"state": "done", "finished_at": clock.now()}, "$unset": {"cursor": "", "session": ""}}
    if notes.update_one(ours, done).matched_count == 0:
        raise LeaseLost(f"migration {migration.version} is another process's now")
    log.info("migration done", extra={"version": migration.version})


def _end_predecessor(database: Database[Document], note: Document | None) -> None:
    """End the session of a process that was killed: MongoDB keeps its open transaction and locks for a minute."""
    if note is None or "session" not in note:
        return
    try:
        database.client.admin.command("killSessions", [{"id": note["session"]}])
    except OperationFailure as error:  # another user's session; then the minute has to pass
        log.info("can't end the session of the process before", extra={"reason": str(error)[:200]})


# ------------------------------------------------------------------------------------------------- the migrations

_DATED = ("horse_results", "fixture_mappings", "team_stats", "player_stats")


def _dates(step: Step) -> None:
    """Documents that came from elsewhere have no `updated_at`: from now on retention counts from it."""
    for name in _DATED[_DATED.index(step.cursor) if step.cursor in _DATED else 0 :]:
        missing = {"updated_at": {"$not": {"$type": "date"}}}
        while found := list(step.database[name].find(missing, {"_id": 1}).limit(BATCH)):
            changes = [UpdateOne({"_id": each["_id"]}, {"$set": {"updated_at": step.now()}}) for each in found]
            step.store(name, changes, name)


MIGRATIONS: Final = (Migration(1, "Date what other programs stored undated, so that it can expire", _dates),)
NEWEST: Final = MIGRATIONS[-1].version
