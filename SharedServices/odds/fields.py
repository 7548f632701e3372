"""Reading single values of untrusted JSON, each with its limits. All raise WireError, and nothing else."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from PROPPR.SharedServices.odds.prices import PriceError, parse_number
from PROPPR.SharedServices.odds.rejects import WireError
from PROPPR.SharedServices.odds.times import cached_iso_ms, is_plausible_quote_time

MAX_NAME = 200
MAX_URL = 2000
MAX_INT64 = (1 << 63) - 1
MAX_LINE = 1e6
_MAX_UNIX_SECONDS = 253_402_300_799  # the end of the year 9999
_REFUSED_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def text_fault(text: str) -> str | None:
    """Return why `text` is no name (`empty`, `too_long`, `control_character`), or None if it is one."""
    if len(text) > MAX_NAME:
        return "too_long"
    if not text or text.isspace():
        return "empty"
    if text.isprintable():
        return None
    if any(char in _BIDI_CONTROLS or unicodedata.category(char) in _REFUSED_CATEGORIES for char in text):
        return "control_character"
    return None


def read_text(value: object, field: str) -> str:
    """Return a name of 1-200 characters without control characters or lone surrogates."""
    if not isinstance(value, str):
        raise WireError("missing" if value is None else "wrong_type", field)
    fault = text_fault(value)
    if fault is not None:
        raise WireError(fault, field)
    return value


def read_optional_text(value: object, field: str) -> str | None:
    """`read_text`, where null, missing and the empty string mean that there is none."""
    return None if value is None or value == "" else read_text(value, field)


def read_object(value: object, field: str) -> Mapping[str, Any]:
    """Return a JSON object none of whose keys could be taken for a database operator."""
    if not isinstance(value, dict):
        raise WireError("missing" if value is None else "wrong_type", field)
    for key in value:
        if not isinstance(key, str):
            raise WireError("wrong_type", field)
        if key.startswith("$"):
            raise WireError("dollar_key", field)
    return value


def read_list(value: object, field: str, limit: int) -> list[Any]:
    """Return a JSON array of at most `limit` elements; null is the empty one."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise WireError("wrong_type", field)
    if len(value) > limit:
        raise WireError("too_many", field)
    return value


def read_id(value: object, field: str) -> int:
    """Return a positive int64 from its number (REST) or its digits (WebSocket)."""
    if isinstance(value, str):
        if not 0 < len(value) <= 19 or not (value.isascii() and value.isdigit()):
            raise WireError("bad_id", field)
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise WireError("missing" if value is None else "wrong_type", field)
    if not 0 < value <= MAX_INT64:
        raise WireError("bad_id", field)
    return value


def read_line_number(value: object, field: str) -> float | None:
    """Return a handicap or total; None where it is absent. A text that is no number is an error, not an absence."""
    if value is None:
        return None
    try:
        number = None if isinstance(value, bool) else parse_number(value)
    except PriceError:
        raise WireError("wrong_type", field) from None
    if number is None or abs(number) > MAX_LINE:
        raise WireError("bad_number", field)
    return number + 0.0  # -0.0 becomes 0.0


def read_quote_time(value: object, field: str, received_at: int | None) -> int:
    """Return the milliseconds of a market's `updatedAt`; refuses what no quote can be dated."""
    if not isinstance(value, str):
        raise WireError("missing" if value is None else "wrong_type", field)
    try:
        milliseconds = cached_iso_ms(value) if len(value) <= 40 else 0
    except ValueError:
        raise WireError("bad_time", field) from None
    if not is_plausible_quote_time(milliseconds, received_at):
        raise WireError("implausible_time", field)
    return milliseconds


def read_message_time(value: object, field: str, received_at: int | None) -> int | None:
    """Return the milliseconds of a message `timestamp`: unix seconds, or ISO as in the early documentation."""
    if value is None:
        return None
    if isinstance(value, str):
        return read_quote_time(value, field, received_at)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise WireError("wrong_type", field)
    if not 0 < value <= _MAX_UNIX_SECONDS:
        raise WireError("bad_time", field)
    milliseconds = int(value * 1000)
    if not is_plausible_quote_time(milliseconds, received_at):
        raise WireError("implausible_time", field)
    return milliseconds


def read_url(value: object, field: str) -> str | None:
    """Return an http(s) address of at most 2,000 printable characters; None where there is none."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise WireError("wrong_type", field)
    if len(value) > MAX_URL or not value.isprintable() or not value.startswith(("https://", "http://")):
        raise WireError("bad_url", field)
    return value
