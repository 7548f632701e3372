"""Take values out of a payload with the types they must have; types that the source is known to vary are accepted.

Each function takes the object and the key, and raises LayoutChanged with the key as its path. Where a part may be
missing the source writes null, false, [] or {} for it: all of them are None here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from PROPPR.SharedServices.football.errors import LayoutChanged

Json = Mapping[str, Any]
Number = int | float

_NUMBER = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,18})?")
_AMOUNT = re.compile(r"(-?[0-9]{1,9}(?:\.[0-9]{1,18})?)(?:/([0-9]{1,9}))?(?: \(([0-9]{1,3})%\))?")
_MARKS = dict.fromkeys(map(ord, "\u200b\u200e\u200f\u202a\u202c\ufeff"))


def found(value: object) -> str:
    """Say what a value is, for the text of an error."""
    kinds: dict[type, str] = {dict: "an object", list: "a list", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), f"{value!r}"[:60])


def wrong(key: str, expected: str, value: object) -> LayoutChanged:
    """Return the error for a value at `key` that is not what was expected."""
    return LayoutChanged(key, f"expected {expected}, found {found(value)}")


def missing(key: str) -> LayoutChanged:
    """Return the error for a key that is not there."""
    return LayoutChanged(key, "is not there")


def present(parent: Json, key: str) -> Any:  # noqa: ANN401 - whatever the payload has there
    """Return what is at `key`, which must be there, be it null."""
    try:
        return parent[key]
    except KeyError:
        raise missing(key) from None


def mapping(parent: Json, key: str) -> dict[str, Any]:
    """Return the object at `key`."""
    value = present(parent, key)
    if not isinstance(value, dict):
        raise wrong(key, "an object", value)
    return value


def optional_mapping(parent: Json, key: str) -> dict[str, Any] | None:
    """Return the object at `key`, None for a placeholder of one or no key at all."""
    value = parent.get(key)
    if isinstance(value, dict):
        return value or None
    if value is None or value is False or value == []:
        return None
    raise wrong(key, "an object or null", value)


def items(parent: Json, key: str, length: int | None = None) -> list[Any]:
    """Return the list at `key`, of `length` if that is given."""
    value = present(parent, key)
    if not isinstance(value, list) or (length is not None and len(value) != length):
        raise wrong(key, "a list" if length is None else f"a list of {length}", value)
    return value


def optional_items(parent: Json, key: str) -> list[Any]:
    """Return the list at `key`, an empty one for a placeholder of one or no key at all."""
    value = parent.get(key)
    if isinstance(value, list):
        return value
    if value is None or value is False or value == {}:
        return []
    raise wrong(key, "a list or null", value)


def as_items(value: object) -> list[Any]:
    """Return an element of a list, which must be a list itself."""
    if not isinstance(value, list):
        raise wrong("", "a list", value)
    return value


def as_object(value: object) -> dict[str, Any]:
    """Return an element of a list, which must be an object."""
    if not isinstance(value, dict):
        raise wrong("", "an object", value)
    return value


def boolean(parent: Json, key: str) -> bool:
    """Return the true or false at `key`."""
    value = present(parent, key)
    if not isinstance(value, bool):
        raise wrong(key, "true or false", value)
    return value


def flag(parent: Json, key: str) -> bool:
    """Return the true or false at `key`, false where it is null or not there."""
    return parent.get(key) is not None and boolean(parent, key)


def text(parent: Json, key: str) -> str:
    """Return the cleaned text at `key`."""
    value = present(parent, key)
    if not isinstance(value, str):
        raise wrong(key, "a text", value)
    return clean(value)


def optional_text(parent: Json, key: str) -> str | None:
    """Return the cleaned text (or number, as text) at `key`, None where there is none."""
    value = parent.get(key)
    if value is None or value is False or value == "":
        return None
    if isinstance(value, str | int) and not isinstance(value, bool):
        return clean(str(value))
    raise wrong(key, "a text or null", value)


def integer(parent: Json, key: str) -> int:
    """Return the whole number at `key`, which may be written as a text."""
    value = present(parent, key)
    if type(value) is int:
        return value
    number = _whole(value)
    if number is None:
        raise wrong(key, "a whole number", value)
    return number


def optional_integer(parent: Json, key: str) -> int | None:
    """Return the whole number at `key`, None where it is null, empty or not there."""
    value = parent.get(key)
    if value is None or value == "" or value is False:
        return None
    return integer(parent, key)


def optional_number(parent: Json, key: str) -> float | None:
    """Return the number at `key`, which may be written as a text; None where it is null, empty or not there."""
    value = parent.get(key)
    if value is None or value == "" or value is False:
        return None
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise wrong(key, "a number or null", value)


def moment(parent: Json, key: str) -> datetime:
    """Return the time at `key`, written in ISO 8601, in UTC (a time without a zone is UTC in this source)."""
    value = present(parent, key)
    try:
        when = datetime.fromisoformat(value)
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise wrong(key, "a time", value) from None


def pair(parent: Json, key: str) -> tuple[int, int]:
    """Return the two whole numbers at `key`: home and away."""
    values = items(parent, key, 2)
    numbers = {str(side): value for side, value in enumerate(values)}
    try:
        return integer(numbers, "0"), integer(numbers, "1")
    except LayoutChanged as error:
        raise wrong(f"{key}[{error.path}]", "a whole number", numbers[error.path]) from None


def amount(value: object) -> tuple[Number | None, int | None, int | None]:
    """Split a shown number into (count, of how many, percentage): 7, "1.84", "31/34 (91%)", "344 (85%)", None.

    Raises LayoutChanged (with an empty path) if it is none of these.
    """
    kind = type(value)
    if kind is int or kind is float:
        return value, None, None  # type: ignore[return-value] # the line above proves it
    if value is None:
        return None, None, None
    if isinstance(value, str) and (match := _AMOUNT.fullmatch(value)):
        count, total, percentage = match.groups()
        return _parsed(count), None if total is None else int(total), None if percentage is None else int(percentage)
    raise wrong("", 'a number or a text like "31/34 (91%)"', value)


def clean(name: str) -> str:
    """Return a name without direction marks, its spaces single and ordinary."""
    if name.isascii() and "  " not in name:
        return name.strip()
    return " ".join(name.translate(_MARKS).split())


def _parsed(number: str) -> Number:
    return float(number) if "." in number else int(number)


def _whole(value: object) -> int | None:
    if isinstance(value, str) and _NUMBER.fullmatch(value) and "." not in value:
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return None
