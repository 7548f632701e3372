"""Making a backup: every document as it was at one moment, streamed to disk in bounded memory.

The moment is a snapshot of the replica set: all collections are read at the same cluster time, while the services go
on writing. MongoDB keeps the past for `minSnapshotHistoryWindowInSeconds`, which is made longer for the backup where
that is allowed (`backup_moment.py`); one that takes longer fails and says so. Nothing is locked.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec
from pymongo import ASCENDING
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import OperationFailure

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.errors import FatalError, TransientError
from PROPPR.SharedServices.storage.backup_format import (
    FORMAT,
    Contents,
    Manifest,
    Metadata,
    data_file,
    metadata_file,
    write_manifest,
    write_metadata,
)
from PROPPR.SharedServices.storage.backup_moment import past_kept
from PROPPR.SharedServices.storage.file_locks import locked

Document = dict[str, Any]
Progress = Callable[[str, int, int], None]
"""Told the collection and its documents and bytes so far."""

PARTIAL: Final = ".partial-"
SNAPSHOT_TOO_OLD: Final = 239
SNAPSHOT_UNAVAILABLE: Final = 246
ATTEMPTS: Final = 3
COMPRESSION: Final = 3
"""gzip's level: twice as fast as the usual 6, and a tenth larger."""


class TooSlow(FatalError):
    """MongoDB let go of the moment before everything was read."""


class Interrupted(TransientError):
    """The backup was told to stop; nothing of it is left."""


class Sink(Protocol):
    """What is written to."""

    def write(self, data: bytes, /) -> object: ...


def make_backup(
    database: Database[Document],
    directory: Path,
    clock: Clock,
    *,
    compressed: bool = True,
    schema_version: int = 0,
    progress: Progress = lambda name, documents, size: None,
    stop: threading.Event | None = None,
) -> Path:
    """Write a backup of `database` into a new directory below `directory`, named by the time, and return its path.

    It appears under its name when it is complete and on disk; a killed one leaves a `.partial-` directory, which the
    next one removes. One at a time per directory (TransientError). Raises TooSlow, Interrupted, OSError, PyMongoError.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    with locked(directory / ".lock", "exclusive", timeout=1.0):
        for leftover in directory.glob(f"{PARTIAL}*"):
            shutil.rmtree(leftover)
        started = clock.now()
        final = directory / name_of(started)
        partial = directory / f"{PARTIAL}{final.name}"
        partial.mkdir(mode=0o700)
        try:
            for attempt in range(1, ATTEMPTS + 1):
                try:
                    manifest = _dump(_Task(database, partial, compressed, progress, stop), started, schema_version)
                    break
                except OperationFailure as error:
                    _once_more_or_raise(error, attempt)
                    shutil.rmtree(partial / database.name, ignore_errors=True)
            write_manifest(partial, msgspec.structs.replace(manifest, finished_at=clock.now().isoformat()))
            _sync_directory(partial / database.name)
            _sync_directory(partial)
            partial.rename(final)
            _sync_directory(directory)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
        return final


def name_of(moment: datetime) -> str:
    """The name of a backup that began at `moment` (UTC)."""
    return moment.strftime("%Y-%m-%dT%H-%M-%S.%fZ")


class _Task:
    """One attempt at a backup."""

    def __init__(
        self,
        database: Database[Document],
        root: Path,
        compressed: bool,
        progress: Progress,
        stop: threading.Event | None,
    ) -> None:
        self.database = database
        self.root = root
        self.compressed = compressed
        self._progress = progress
        self._stop = stop or threading.Event()

    def collection(self, name: str, session: ClientSession) -> Contents:
        """Copy the documents of one collection as the session's snapshot has them."""
        path = data_file(self.root, self.database.name, name, self.compressed)
        digest, documents, size = hashlib.sha256(), 0, 0
        # Ordered by _id, by its index: the hash of what was restored can then be computed in the same order.
        batches: Any = self.database[name].find_raw_batches({}, session=session).sort("_id", ASCENDING).hint("_id_")
        with _durable(path) as sink:
            for batch in batches:
                if self._stop.is_set():
                    raise Interrupted("the backup was interrupted; nothing of it is left")
                sink.write(batch)
                digest.update(batch)
                documents += count_documents(batch)
                size += len(batch)
                self._progress(name, documents, size)
        return Contents(name, documents, size, digest.hexdigest())

    def metadata(self, metadata: Metadata) -> None:
        """Write what describes a collection or view."""
        write_metadata(metadata_file(self.root, self.database.name, metadata.name, self.compressed), metadata)


def _dump(task: _Task, started: datetime, schema_version: int) -> Manifest:
    database = task.database
    (task.root / database.name).mkdir(mode=0o700)
    listed = sorted(database.list_collections(), key=lambda entry: str(entry["name"]))
    described = [_described(database, entry) for entry in listed if not entry["name"].startswith("system.")]
    for metadata in described:
        task.metadata(metadata)
    contents: list[Contents] = []
    names = [metadata.name for metadata in described if metadata.kind == "collection"]
    with past_kept(database.client), database.client.start_session(snapshot=True) as session:
        contents += [task.collection(name, session) for name in names]
        moment = session._snapshot_time if names else None
    return Manifest(
        format=FORMAT,
        database=database.name,
        started_at=started.isoformat(),
        finished_at="",
        snapshot=moment.time if moment is not None else int(started.timestamp()),
        mongodb=str(database.client.server_info()["version"]),
        schema_version=schema_version,
        compressed=task.compressed,
        collections=tuple(contents),
        views=tuple(metadata.name for metadata in described if metadata.kind == "view"),
    )


def _described(database: Database[Document], entry: Mapping[str, Any]) -> Metadata:
    name, kind = str(entry["name"]), str(entry["type"])
    if kind == "view":
        return Metadata(name, "view", entry["options"])
    if kind != "collection":
        raise FatalError(f"{name} is a {kind}: only collections and views can be backed up")
    indexes = tuple(dict(index) for index in database[name].list_indexes())
    uuid = entry["info"]["uuid"]  # a UUID or plain bytes, as the client was told
    return Metadata(name, "collection", entry["options"], indexes, getattr(uuid, "bytes", uuid).hex())


def count_documents(batch: bytes) -> int:
    """How many documents a batch of BSON holds."""
    position, documents, end = 0, 0, len(batch)
    while position < end:
        position += struct.unpack_from("<i", batch, position)[0]
        documents += 1
    return documents


@contextmanager
def _durable(path: Path) -> Iterator[Sink]:
    """A new file, compressed if its name says so, that is on disk at the end of the block."""
    with path.open("xb") as file:
        if path.suffix == ".gz":
            with gzip.GzipFile(filename="", mode="wb", compresslevel=COMPRESSION, fileobj=file, mtime=0) as packed:
                yield packed
        else:
            yield file
        file.flush()
        os.fsync(file.fileno())


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _once_more_or_raise(error: OperationFailure, attempt: int) -> None:
    """A collection or index that has just been made is not in the snapshot yet: a newer one has it."""
    if error.code == SNAPSHOT_TOO_OLD:
        raise TooSlow(
            "MongoDB keeps the past for too short a time to read everything (minSnapshotHistoryWindowInSeconds); "
            "docs/backup.md says how to make it longer"
        ) from error
    if error.code != SNAPSHOT_UNAVAILABLE or attempt == ATTEMPTS:
        raise error
