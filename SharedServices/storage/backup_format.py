"""How a backup lies on disk: mongodump's directory format, and a manifest of our own beside it.

<backup>/manifest.json                         ours: counts, hashes, the moment; mongorestore skips it
<backup>/<database>/<collection>.bson.gz       the documents, one after the other, ordered by _id
<backup>/<database>/<collection>.metadata.json.gz   options (rules, view), indexes, uuid, type
"""

from __future__ import annotations

import gzip
import hashlib
import os
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, NoReturn
from urllib.parse import quote

import msgspec
from bson import json_util

from PROPPR.SharedServices.service.errors import FatalError

MANIFEST: Final = "manifest.json"
FORMAT: Final = 1
LARGEST_DOCUMENT: Final = 16 * 2**20 + 16 * 1024
"""Bytes that MongoDB stores at most, with the allowance that it makes itself."""
_READ: Final = 1 << 20


class Damaged(FatalError):
    """A backup is not what its manifest says, or has none."""


class Contents(msgspec.Struct, frozen=True):
    """One collection of a backup. `sha256` is that of its documents' bytes, in the order of `_id`, uncompressed."""

    name: str
    documents: int
    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """What a backup holds. All documents are those of one moment, `snapshot` (seconds since 1970, UTC)."""

    format: int
    database: str
    started_at: str
    finished_at: str
    snapshot: int
    mongodb: str
    schema_version: int
    compressed: bool
    collections: tuple[Contents, ...]
    views: tuple[str, ...]

    @property
    def documents(self) -> int:
        """Documents of all collections."""
        return sum(each.documents for each in self.collections)

    @property
    def bytes(self) -> int:
        """Their size in MongoDB's own format, uncompressed."""
        return sum(each.bytes for each in self.collections)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What brings a collection or view back besides its documents."""

    name: str
    kind: Literal["collection", "view"]
    options: Mapping[str, Any]
    indexes: tuple[Mapping[str, Any], ...] = ()
    uuid: str | None = None


def data_file(backup: Path, database: str, name: str, compressed: bool) -> Path:
    """Where a collection's documents are."""
    return backup / _escaped(database) / f"{_escaped(name)}.bson{'.gz' if compressed else ''}"


def metadata_file(backup: Path, database: str, name: str, compressed: bool) -> Path:
    """Where a collection's or view's metadata are."""
    return backup / _escaped(database) / f"{_escaped(name)}.metadata.json{'.gz' if compressed else ''}"


def write_metadata(path: Path, metadata: Metadata) -> None:
    """Write it as mongodump does: canonical extended JSON."""
    document: dict[str, Any] = {"options": metadata.options, "indexes": list(metadata.indexes)}
    if metadata.uuid is not None:
        document["uuid"] = metadata.uuid
    document |= {"collectionName": metadata.name, "type": metadata.kind}
    text = json_util.dumps(document, json_options=json_util.CANONICAL_JSON_OPTIONS).encode()
    with path.open("xb") as file:
        file.write(gzip.compress(text, mtime=0) if path.suffix == ".gz" else text)
        file.flush()
        os.fsync(file.fileno())


def read_metadata(path: Path) -> Metadata:
    """Read what write_metadata() or mongodump wrote; Damaged if it is not there or not readable."""
    try:
        raw = path.read_bytes()
        text = gzip.decompress(raw) if path.suffix == ".gz" else raw
        options = json_util.CANONICAL_JSON_OPTIONS.with_options(tz_aware=True)
        found = json_util.loads(text.decode(), json_options=options)
        return Metadata(
            found["collectionName"], found["type"], found["options"], tuple(found["indexes"]), found.get("uuid")
        )
    except (OSError, EOFError, ValueError, KeyError) as error:
        _damaged(path, error)


def write_manifest(backup: Path, manifest: Manifest) -> None:
    """Write the manifest; it comes last, so a directory without one is not a backup."""
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
    with (backup / MANIFEST).open("xb") as file:
        file.write(text + b"\n")
        file.flush()
        os.fsync(file.fileno())


def read_manifest(backup: Path) -> Manifest:
    """Read the manifest; Damaged if there is none, or one that this program can't read."""
    path = backup / MANIFEST
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError) as error:
        _damaged(path, error)
    if manifest.format != FORMAT:
        raise Damaged(f"{path} has format {manifest.format}; this program reads {FORMAT}")
    return manifest


def read_documents(path: Path) -> Iterator[bytes]:
    """The documents of a file, one by one, in bounded memory; Damaged where it breaks off or is not BSON."""
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            while head := file.read(4):
                size = struct.unpack("<i", head)[0] if len(head) == 4 else 0
                if not 5 <= size <= LARGEST_DOCUMENT:
                    raise Damaged(f"{path} holds something that is not a document")
                body = file.read(size - 4)
                if len(body) != size - 4 or body[-1] != 0:
                    raise Damaged(f"{path} breaks off within a document")
                yield head + body
    except (OSError, EOFError, zlib.error) as error:
        _damaged(path, error)


def check_files(backup: Path, manifest: Manifest) -> None:
    """Read every file and compare counts, sizes and hashes with the manifest; Damaged names the first that differs."""
    for contents in manifest.collections:
        path = data_file(backup, manifest.database, contents.name, manifest.compressed)
        digest, documents, size = hashlib.sha256(), 0, 0
        for document in read_documents(path):
            digest.update(document)
            documents += 1
            size += len(document)
        if (documents, size, digest.hexdigest()) != (contents.documents, contents.bytes, contents.sha256):
            raise Damaged(f"{path} is not what was written: {documents} documents, {contents.documents} were written")
    for name in (*(contents.name for contents in manifest.collections), *manifest.views):
        read_metadata(metadata_file(backup, manifest.database, name, manifest.compressed))


def _escaped(name: str) -> str:
    # As mongodump does it: letters, digits and these stay.
    return quote(name, safe="$&+=@")


def _damaged(path: Path, error: Exception) -> NoReturn:
    reason = "it is not there" if isinstance(error, FileNotFoundError) else f"{type(error).__name__}: {error}"
    raise Damaged(f"{path} can't be read: {reason}") from error
