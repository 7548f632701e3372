"""Parts of the source's pages as plain values, tolerant of the types that drift: ids as text, numbers as text.

A part that is needed and not there, or not of a kind known, raises LayoutChanged with its path.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, overload

from PROPPR.SharedServices.football.errors import LayoutChanged

LARGEST_ID = 2**63
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEARS = (1850, 2200)
_DIGITS = re.compile(r"\d{1,18}")
Default = TypeVar("Default")


@dataclass(frozen=True, slots=True)
class Part:
    """A JSON object of a page and the path to it."""

    value: Mapping[str, Any]
    path: str = ""

    def at(self, key: str) -> str:
        """Return the path of a key."""
        return f"{self.path}.{key}" if self.path else key

    def get(self, key: str) -> object:
        """Return what is there, None where nothing is."""
        return self.value.get(key)

    def part(self, key: str) -> Part:
        """Return the object under a key. Raises LayoutChanged where there is none."""
        return part_of(self.value.get(key), self.at(key))

    def part_if_any(self, key: str) -> Part:
        """Return the object under a key, an empty one where there is none: null, false and [] are its placeholders."""
        value = self.value.get(key)
        return Part(value if isinstance(value, Mapping) else {}, self.at(key))

    def rows(self, key: str) -> Sequence[Any]:
        """Return the list under a key. Raises LayoutChanged where there is none."""
        value = self.value.get(key)
        if not isinstance(value, list):
            raise LayoutChanged(self.at(key), f"a list was expected, not {kind_of(value)}")
        return value

    def rows_if_any(self, key: str) -> Sequence[Any]:
        """Return the list under a key, an empty one where there is none."""
        value = self.value.get(key)
        return value if isinstance(value, list) else ()

    def id(self, key: str) -> int:
        """Return an id above zero, given as a number or as digits. Raises LayoutChanged."""
        found = whole(self.value.get(key))
        if found is None or not 0 < found < LARGEST_ID:
            raise LayoutChanged(self.at(key), f"an id was expected, not {kind_of(self.value.get(key))}")
        return found

    def id_if_any(self, key: str) -> int | None:
        """Return an id, None where there is none above zero."""
        found = whole(self.value.get(key))
        return found if found is not None and 0 < found < LARGEST_ID else None

    def text(self, key: str) -> str:
        """Return a text that is not empty. Raises LayoutChanged."""
        found = text(self.value.get(key))
        if found is None:
            raise LayoutChanged(self.at(key), f"a text was expected, not {kind_of(self.value.get(key))}")
        return found

    def text_if_any(self, key: str) -> str | None:
        """Return a text (a number as its digits), None where there is none."""
        return text(self.value.get(key))

    def flag(self, key: str) -> bool | None:
        """Return true or false, None where neither is said."""
        value = self.value.get(key)
        return value if isinstance(value, bool) else None


def part_of(value: object, path: str) -> Part:
    """Return a JSON object as a part. Raises LayoutChanged for anything else."""
    if not isinstance(value, Mapping):
        raise LayoutChanged(path or "page", f"an object was expected, not {kind_of(value)}")
    return Part(value, path)


def kind_of(value: object) -> str:
    """Name the JSON kind of a value, for messages."""
    if value is None:
        return "nothing"
    kinds = {bool: "a flag", int: "a number", float: "a number", str: "another text", list: "a list"}
    return kinds.get(type(value), "an object")


def whole(value: object) -> int | None:
    """Return a whole number not below zero, also from its digits; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    if isinstance(value, int):
        return value if value >= 0 else None
    if isinstance(value, str) and value.isascii() and _DIGITS.fullmatch(value.strip()):
        return int(value)
    return None


def decimal(value: object) -> float | None:
    """Return a finite number, also from its text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str) or (isinstance(value, str) and "_" in value):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if abs(number) < float("inf") else None


@overload
def text(value: object) -> str | None: ...
@overload
def text(value: object, default: Default) -> str | Default: ...
def text(value: object, default: object = None) -> object:
    """Return a text without blanks around it (no-break spaces are blanks), a number as its digits; else `default`."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return (value.replace("\u00a0", " ").strip() or default) if isinstance(value, str) else default


def moment(value: object) -> datetime | None:
    """Return an ISO text (UTC where it names no zone), or whole ms since 1970, as a time in UTC; else None."""
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value.strip())
            found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        elif isinstance(value, int) and not isinstance(value, bool):
            found = _EPOCH + timedelta(milliseconds=value)
        else:
            return None
    except (ValueError, OverflowError):
        return None
    return found if _YEARS[0] <= found.year < _YEARS[1] else None
