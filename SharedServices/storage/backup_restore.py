"""Restoring a backup into an empty database, and proving that what is there is what was backed up."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from bson.raw_bson import RawBSONDocument
from pymongo import ASCENDING
from pymongo.database import Database

from PROPPR.SharedServices.service.errors import FatalError
from PROPPR.SharedServices.storage.backup import Interrupted, Progress, count_documents
from PROPPR.SharedServices.storage.backup_format import (
    Contents,
    Manifest,
    Metadata,
    check_files,
    data_file,
    metadata_file,
    read_documents,
    read_manifest,
    read_metadata,
)

Document = dict[str, Any]
BATCH: Final = 1000
BATCH_BYTES: Final = 8 * 2**20


class NotEmpty(FatalError):
    """The database holds collections already."""


class Different(FatalError):
    """What was restored is not what the backup holds."""


def restore_backup(
    backup: Path,
    database: Database[Document],
    *,
    overwrite: bool = False,
    progress: Progress = lambda name, documents, size: None,
    stop: threading.Event | None = None,
) -> Manifest:
    """Bring the backup's collections, indexes, rules and views into `database`, verify them and return the manifest.

    All files are read and checked before anything is touched. NotEmpty if the database holds collections, unless
    `overwrite`: then it is dropped first. Different if counts, hashes, options or indexes do not agree afterwards:
    documents are compared before the indexes come, so that MongoDB has not expired any yet.
    """
    manifest = read_manifest(backup)
    check_files(backup, manifest)
    held = [name for name in database.list_collection_names() if not name.startswith("system.")]
    if held and not overwrite:
        raise NotEmpty(f"the database {database.name} is not empty ({len(held)} collections)")
    if held:
        database.client.drop_database(database.name)
    stop = stop or threading.Event()
    described = {name: _metadata(backup, manifest, name) for name in _names(manifest)}
    for contents in manifest.collections:
        database.create_collection(contents.name, check_exists=False, **described[contents.name].options)
        _insert(backup, manifest, contents, database, progress, stop)
    for contents in manifest.collections:
        verify_documents(database, contents)
    for metadata in described.values():
        if metadata.kind == "view":
            database.command({"create": metadata.name, **metadata.options})
        else:
            _create_indexes(database, metadata)
    verify_shape(database, described)
    return manifest


def verify_documents(database: Database[Document], contents: Contents) -> None:
    """Compare the number and the hash of a collection's documents with the backup's; Different if they differ."""
    digest, documents = hashlib.sha256(), 0
    batches: Any = database[contents.name].find_raw_batches({}).sort("_id", ASCENDING).hint("_id_")
    for batch in batches:
        digest.update(batch)
        documents += count_documents(batch)
    if documents != contents.documents:
        raise Different(f"{contents.name} has {documents} documents, the backup {contents.documents}")
    if digest.hexdigest() != contents.sha256:
        raise Different(f"{contents.name} has documents that differ from the backup's")


def verify_shape(database: Database[Document], described: Mapping[str, Metadata]) -> None:
    """Compare options (rules, views) and indexes with the backup's; Different if they differ."""
    listed = {entry["name"]: entry for entry in database.list_collections()}
    for name, metadata in described.items():
        entry = listed.get(name)
        if entry is None or entry["type"] != metadata.kind or entry["options"] != metadata.options:
            raise Different(f"{name} has other rules than in the backup, or is not there")
        if metadata.kind == "collection":
            there = {index["name"]: dict(index) for index in database[name].list_indexes()}
            if there != {index["name"]: dict(index) for index in metadata.indexes}:
                raise Different(f"{name} has other indexes than in the backup")


def _names(manifest: Manifest) -> tuple[str, ...]:
    return (*(contents.name for contents in manifest.collections), *manifest.views)


def _metadata(backup: Path, manifest: Manifest, name: str) -> Metadata:
    return read_metadata(metadata_file(backup, manifest.database, name, manifest.compressed))


def _insert(
    backup: Path,
    manifest: Manifest,
    contents: Contents,
    database: Database[Document],
    progress: Progress,
    stop: threading.Event,
) -> None:
    """Insert the documents as they are, byte by byte; they were valid, or let be, when they were written."""
    raw: Any = database[contents.name]
    documents = read_documents(data_file(backup, manifest.database, contents.name, manifest.compressed))
    done = size = 0
    for batch in _batches(documents):
        if stop.is_set():
            raise Interrupted(f"interrupted: {database.name} holds a part of the backup; drop it, or use --overwrite")
        raw.insert_many([RawBSONDocument(each) for each in batch], ordered=False, bypass_document_validation=True)
        done += len(batch)
        size += sum(map(len, batch))
        progress(contents.name, done, size)


def _batches(documents: Iterator[bytes]) -> Iterator[Sequence[bytes]]:
    batch: list[bytes] = []
    size = 0
    for document in documents:
        if batch and (len(batch) == BATCH or size + len(document) > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(document)
        size += len(document)
    if batch:
        yield batch


def _create_indexes(database: Database[Document], metadata: Metadata) -> None:
    wanted = [dict(index) for index in metadata.indexes if index["name"] != "_id_"]
    if wanted:
        database.command({"createIndexes": metadata.name, "indexes": wanted})
