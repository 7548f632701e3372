"""Collections as data: what each holds, who may write what into it, how it is found and when it expires."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Keys = tuple[tuple[str, int], ...]
Rules = Mapping[str, Any]
DAY = 86_400

# BSON types by meaning. Numbers written by other languages' drivers may come as any of the numeric types.
TEXT: Rules = {"bsonType": "string"}
DATE: Rules = {"bsonType": "date"}
INT64: Rules = {"bsonType": "long"}
WHOLE: Rules = {"bsonType": ["int", "long"]}
NUMBER: Rules = {"bsonType": ["int", "long", "double", "decimal"]}
FLAG: Rules = {"bsonType": "bool"}
OBJECT: Rules = {"bsonType": "object"}
BINARY: Rules = {"bsonType": "binData"}
LIST: Rules = {"bsonType": "array"}
ANY: Rules = {}


def one_of(*values: str) -> Rules:
    """A string that is one of these."""
    return {"enum": list(values)}


def or_null(rules: Rules) -> Rules:
    """The same, or null."""
    if "enum" in rules:
        return {"enum": [*rules["enum"], None]}
    kind = rules["bsonType"]
    return {**rules, "bsonType": [*(kind if isinstance(kind, list) else [kind]), "null"]}


def list_of(rules: Rules, most: int | None = None) -> Rules:
    """An array of such values, of at most `most`."""
    return {"bsonType": "array", "items": rules} | ({} if most is None else {"maxItems": most})


def record(required: Mapping[str, Rules], optional: Mapping[str, Rules] | None = None) -> Rules:
    """An object with these fields; fields that are not named are allowed."""
    rules: dict[str, Any] = {"bsonType": "object", "properties": {**required, **(optional or {})}}
    return rules | ({"required": list(required)} if required else {})


@dataclass(frozen=True, slots=True)
class Index:
    """An index. `expires_after` (seconds, or "history" for the history's retention) makes it a TTL index."""

    keys: Keys
    unique: bool = False
    sparse: bool = False
    expires_after: int | Literal["history"] | None = None

    @property
    def name(self) -> str:
        """MongoDB's own default name."""
        return "_".join(f"{field}_{direction}" for field, direction in self.keys)


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection: `purpose` in one sentence, `key` that identifies a document, rules that MongoDB enforces.

    `level` "strict" refuses every bad write. "moderate" lets documents that are bad already be updated: for collections
    that other programs write too, where only our own fields have rules. `compressor` is the storage engine's, for
    documents and indexes, None for its defaults; it is chosen when a collection is created.
    """

    name: str
    purpose: str
    key: str
    rules: Rules | None = None
    level: Literal["strict", "moderate"] = "strict"
    indexes: tuple[Index, ...] = ()
    compressor: Literal["zstd"] | None = None


@dataclass(frozen=True, slots=True)
class View:
    """A read-only collection, computed from `source` by `pipeline` when it is read."""

    name: str
    source: str
    purpose: str
    pipeline: tuple[Mapping[str, Any], ...]


def index(
    *fields: str, unique: bool = False, sparse: bool = False, expires_after: int | Literal["history"] | None = None
) -> Index:
    """An index over fields; a leading `-` means descending."""
    keys = tuple((field.removeprefix("-"), -1 if field.startswith("-") else 1) for field in fields)
    return Index(keys, unique, sparse, expires_after)
