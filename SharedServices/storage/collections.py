"""Bringing a database into the declared shape: collections, rules, indexes, expiry and views.

`ensure_collections` is safe to run from many processes at once and again at every start: what is right is left alone,
what is missing is created, what has drifted is changed in place. It never drops a collection or a document.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from pymongo.database import Database
from pymongo.errors import OperationFailure

from PROPPR.SharedServices.service.errors import ConfigError, TransientError
from PROPPR.SharedServices.storage.bookkeeping_collections import BOOKKEEPING_COLLECTIONS
from PROPPR.SharedServices.storage.football_collections import FOOTBALL_COLLECTIONS
from PROPPR.SharedServices.storage.odds_collections import ODDS_COLLECTIONS
from PROPPR.SharedServices.storage.schema import DAY, Collection, Index, View
from PROPPR.SharedServices.storage.views import VIEWS

__all__ = ["COLLECTIONS", "VIEWS", "SchemaReport", "ensure_collections"]

Document = dict[str, Any]
COLLECTIONS: tuple[Collection, ...] = (*ODDS_COLLECTIONS, *FOOTBALL_COLLECTIONS, *BOOKKEEPING_COLLECTIONS)

NAMESPACE_EXISTS = 48
DUPLICATE_KEY = 11000
# What another process doing the same work at the same moment may cause: lock timeout, lock busy, an index there with
# other options, write conflict, conflicting operation, collection changed underneath, index build aborted.
BUSY = frozenset({24, 46, 85, 86, 112, 117, 246, 276})
ATTEMPTS = 20
# Four times the default: what is compressed together is larger, and less is lost to the disk's blocks of 4 KB.
COMPRESSED_PAGE = "128KB"


@dataclass(slots=True)
class SchemaReport:
    """What was done. `problems` are for a person to solve: the services work without, but not as well guarded."""

    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def ensure_collections(database: Database[Document], history_days: int = 90) -> SchemaReport:
    """Create or repair everything that is declared; prices' history is kept for `history_days`.

    Raises pymongo's connection errors, and TransientError if other processes stayed in the way.
    """
    report = SchemaReport()
    found: Mapping[str, Mapping[str, Any]] = {entry["name"]: entry for entry in database.list_collections()}
    for collection in COLLECTIONS:
        entry = found.get(collection.name)
        _patiently(partial(_ensure_collection, database, collection, entry, report))
        _patiently(partial(_ensure_indexes, database, collection, history_days, report))
    for view in VIEWS:
        _patiently(partial(_ensure_view, database, view, found.get(view.name), report))
    return report


def _patiently(step: Callable[[], None]) -> None:
    pause = threading.Event()
    for attempt in range(ATTEMPTS):
        try:
            step()
            return
        except OperationFailure as error:
            if error.code not in BUSY:
                raise
            busy = error
        pause.wait(0.01 * (attempt + 1))
    raise TransientError(f"other processes kept MongoDB from preparing its collections ({busy.details})") from busy


def _ensure_collection(
    database: Database[Document], collection: Collection, entry: Mapping[str, Any] | None, report: SchemaReport
) -> None:
    options: Document = {}
    if collection.rules is not None:
        validator = {"$jsonSchema": collection.rules}
        options = {"validator": validator, "validationLevel": collection.level, "validationAction": "error"}
    engine: Document = {}
    if collection.compressor is not None:
        compressed = f"block_compressor={collection.compressor}"
        engine = {
            "storageEngine": _engine(f"{compressed},leaf_page_max={COMPRESSED_PAGE}"),
            "indexOptionDefaults": {"storageEngine": _engine(compressed)},
        }
    entry = entry or _created(database, collection.name, options | engine, report)
    if entry is None:
        return
    if entry["type"] != "collection":
        raise ConfigError("MONGO_DATABASE", f"holds a {entry['type']} named {collection.name}; it must be a collection")
    _modify(database, collection.name, entry["options"], options, report)


def _engine(configuration: str) -> Document:
    return {"wiredTiger": {"configString": configuration}}


def _ensure_view(
    database: Database[Document], view: View, entry: Mapping[str, Any] | None, report: SchemaReport
) -> None:
    options: Document = {"viewOn": view.source, "pipeline": list(view.pipeline)}
    entry = entry or _created(database, view.name, options, report)
    if entry is None:
        return
    if entry["type"] != "view":
        raise ConfigError("MONGO_DATABASE", f"holds a {entry['type']} named {view.name}; rename it: it must be a view")
    _modify(database, view.name, entry["options"], options, report)


def _created(
    database: Database[Document], name: str, options: Mapping[str, Any], report: SchemaReport
) -> Mapping[str, Any] | None:
    """Create and return None, or return what another process has created in the meantime."""
    try:
        database.command({"create": name, **options})
    except OperationFailure as error:
        if error.code != NAMESPACE_EXISTS:
            raise
        return next(iter(database.list_collections(filter={"name": name})))
    report.created.append(name)
    return None


def _modify(
    database: Database[Document],
    name: str,
    stored: Mapping[str, Any],
    wanted: Mapping[str, Any],
    report: SchemaReport,
) -> None:
    if {option: stored.get(option) for option in wanted} != wanted:
        database.command({"collMod": name, **wanted})
        report.changed.append(name)


def _ensure_indexes(
    database: Database[Document], collection: Collection, history_days: int, report: SchemaReport
) -> None:
    if not collection.indexes:
        return
    present = {_keys(entry): entry for entry in database[collection.name].list_indexes()}
    missing: list[Document] = []
    for declared in collection.indexes:
        wanted = _index_options(declared, history_days)
        entry = present.get(_keys(wanted))
        if entry is None:
            missing.append(wanted)
        elif not _same(entry, wanted):
            missing += _change_index(database, collection.name, entry, wanted)
            report.changed.append(f"{collection.name}.{entry['name']}")
    _create_indexes(database, collection.name, missing, report)


def _create_indexes(database: Database[Document], name: str, wanted: Sequence[Document], report: SchemaReport) -> None:
    if not wanted:
        return
    try:
        database.command({"createIndexes": name, "indexes": list(wanted)})
    except OperationFailure as error:
        if error.code != DUPLICATE_KEY:
            raise
        if len(wanted) == 1:
            report.problems.append(f"{name}.{wanted[0]['name']} can't be made unique: the collection has duplicates")
            return
        for each in wanted:
            _create_indexes(database, name, [each], report)
    else:
        report.created += [f"{name}.{each['name']}" for each in wanted]


def _change_index(
    database: Database[Document], name: str, entry: Mapping[str, Any], wanted: Document
) -> Sequence[Document]:
    """Change the expiry in place; drop an index that differs otherwise and return what is to be created instead."""
    expiry = wanted.get("expireAfterSeconds")
    if expiry is not None and "expireAfterSeconds" in entry and _same({**entry, "expireAfterSeconds": expiry}, wanted):
        database.command({"collMod": name, "index": {"name": entry["name"], "expireAfterSeconds": expiry}})
        return ()
    database[name].drop_index(entry["name"])
    return (wanted,)


def _index_options(declared: Index, history_days: int) -> Document:
    options: Document = {"key": dict(declared.keys), "name": declared.name}
    if declared.unique:
        options["unique"] = True
    if declared.sparse:
        options["sparse"] = True
    if declared.expires_after is not None:
        days_or_seconds = declared.expires_after
        options["expireAfterSeconds"] = history_days * DAY if days_or_seconds == "history" else days_or_seconds
    return options


def _keys(entry: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    return tuple((field, int(direction)) for field, direction in entry["key"].items())


def _same(entry: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return all(entry.get(option) == wanted.get(option) for option in ("unique", "sparse", "expireAfterSeconds"))
