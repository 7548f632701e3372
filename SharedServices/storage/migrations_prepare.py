"""What every service does to its database at the start: migrations, collections, retention."""

from __future__ import annotations

import os
import socket
from typing import Any, Final

import pymongo
from pymongo.database import Database
from pymongo.errors import OperationFailure

from PROPPR.SharedServices.service.clock import Clock, SystemClock
from PROPPR.SharedServices.service.errors import TransientError
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.collections import COLLECTIONS, SchemaReport, ensure_collections
from PROPPR.SharedServices.storage.migrations import MIGRATIONS, NEWEST, mark_new, migrate, stored_version
from PROPPR.SharedServices.storage.retention import ensure_retention

Document = dict[str, Any]
UNAUTHORIZED: Final = 13
PATIENCE: Final = 30.0
"""Seconds that the collections may take; migrations take as long as they take."""


def prepare_database(database: Database[Document], settings: Settings, clock: Clock | None = None) -> SchemaReport:
    """Bring the database into this program's shape; where it has it already, this only reads.

    Safe at every start and from several processes at once. A MongoDB user without the right to change the shape is told
    so (TransientError): another user's `proppr migrate` has to do it, and the service goes on by itself afterwards.
    """
    clock = clock or SystemClock()
    try:
        if _is_new(database):
            mark_new(database, MIGRATIONS, clock)
        migrated = migrate(database, MIGRATIONS, clock, holder=f"{socket.gethostname()}-{os.getpid()}")
        with pymongo.timeout(PATIENCE):
            report = ensure_collections(database, settings.proppr_history_days)
            report.changed += ensure_retention(database, settings)
    except OperationFailure as error:
        if error.code != UNAUTHORIZED:
            raise
        raise TransientError(
            "the database has to be brought into shape, which this MongoDB user may not do: run `proppr migrate` as a "
            f"user who may ({error.details.get('errmsg', '') if error.details else error})"
        ) from error
    report.changed += [f"migration {version}" for version in migrated]
    return report


def _is_new(database: Database[Document]) -> bool:
    """Whether nothing of ours has ever been stored in it."""
    if stored_version(database) >= NEWEST:
        return False
    return not {each.name for each in COLLECTIONS} & set(database.list_collection_names())
