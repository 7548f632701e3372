"""What an address asks for: read leniently. What can't be read is as if it had not been given."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, TypeVar

from flask import request

LONGEST: Final = 200
HIGHEST_PAGE: Final = 100_000
FIRST_YEAR, LAST_YEAR = 1970, 9000
Option = TypeVar("Option", bound=str)


def text(name: str, most: int = LONGEST) -> str:
    """A text without blanks around it and without NUL (BSON refuses it), cut to `most`; empty where there is none."""
    return request.args.get(name, "").replace("\x00", "").strip()[:most]


def option(name: str, options: Sequence[Option]) -> Option:
    """One of the options, by default the first."""
    given = request.args.get(name, "")
    return next((one for one in options if one == given), options[0])


def number(name: str) -> float | None:
    """A finite number, written with a point or a comma; None where there is none."""
    try:
        value = float(text(name, 40).replace(",", "."))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def page_number() -> int:
    """The page of a list, from 1."""
    given = text("page", 10)
    return max(1, min(HIGHEST_PAGE, int(given))) if given.isascii() and given.isdigit() else 1


def day(name: str) -> datetime | None:
    """The beginning of a day in UTC, `2026-11-21`, of a year that MongoDB and we can count on from; else None."""
    try:
        found = datetime.fromisoformat(text(name, 10)).replace(tzinfo=UTC)
    except ValueError:
        return None
    return found if FIRST_YEAR <= found.year <= LAST_YEAR else None
