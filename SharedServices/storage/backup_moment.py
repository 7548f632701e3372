"""Has MongoDB keep the past for as long as a backup reads it.

A server that is written to all the time works for every second of the past that it keeps, so the embedded one keeps
little of it between two backups (docs/measurements.md).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

log = logging.getLogger(__name__)

WINDOW: Final = "minSnapshotHistoryWindowInSeconds"
BACKUP_SECONDS: Final = 1800
"""For a backup of about 48 GB (docs/backup.md)."""
MONGODB_SECONDS: Final = 300
"""What MongoDB keeps unless it is told otherwise."""


@contextmanager
def past_kept(client: MongoClient[dict[str, Any]], seconds: int = BACKUP_SECONDS) -> Iterator[None]:
    """Within it, MongoDB keeps at least so many seconds from now on; afterwards as many as before.

    A user who may not change that (in containers: the user `backup`) reads with what the server keeps, and so does one
    whose server keeps more. What a killed process left raised, the next one sets to what MongoDB was started with.
    """
    usual = _raised(client, seconds)
    try:
        yield
    finally:
        if usual is not None:
            _set_again(client, usual)


def _raised(client: MongoClient[dict[str, Any]], seconds: int) -> int | None:
    """What is to be set again afterwards; None if nothing was changed."""
    try:
        kept = int(client.admin.command({"getParameter": 1, WINDOW: 1})[WINDOW])
        if kept > seconds:
            return None
        if kept == seconds:  # a killed backup left it so
            options = client.admin.command("getCmdLineOpts")["parsed"].get("setParameter", {})
            return int(options.get(WINDOW, MONGODB_SECONDS))
        client.admin.command({"setParameter": 1, WINDOW: seconds})
    except OperationFailure as error:
        log.info("MongoDB keeps the past as long as it was told to", extra={"reason": str(error)})
        return None
    return kept


def _set_again(client: MongoClient[dict[str, Any]], usual: int) -> None:
    """It costs time, no data, if this fails: the backup is what it is."""
    try:
        client.admin.command({"setParameter": 1, WINDOW: usual})
    except PyMongoError as error:
        log.warning(
            "MongoDB goes on keeping the past as long as a backup needs it",
            extra={"setting": WINDOW, "reason": str(error)},
        )
