"""What the boundary says about input it does not take: the error inside, the reject outside."""

from __future__ import annotations

import re

import msgspec

EXCERPT_LENGTH = 80
REASONS = frozenset(
    {
        "missing",
        "wrong_type",
        "empty",
        "too_long",
        "control_character",
        "dollar_key",  # a key that a database could take for an operator
        "bad_key",
        "bad_id",
        "bad_number",  # not finite, or beyond every limit
        "bad_time",
        "implausible_time",  # before 2000 or more than a day ahead
        "bad_url",
        "too_many",
        "too_deep",
        "oversized",
        "invalid_json",
        "not_an_object",
        "not_a_list",
        "unknown_type",
        "error_body",
        "unasked_bookmaker",
        "unasked_sport",
        "internal",  # a fault of this code; `field` is the class of the exception
    }
)
"""Every reason there is, so that counting by reason stays bounded."""

_EMAIL = re.compile(r"[^\s\"'<>@,:]{1,64}@[^\s\"'<>@,]{1,190}")
_KEY = re.compile(r"(?i)(api_?key|token|secret|password)([\"'\s]*[=:][\"'\s]*)[^&\s\"',}]*")
_QUERY = re.compile(r"\?[^\s\"']*")


class WireError(ValueError):
    """Input of the provider that can't be taken.

    `reason` is one of a small set of words (a metric label), `field` the path of the value (`markets[3].odds[0].home`).
    Neither ever holds a value of the input.
    """

    def __init__(self, reason: str, field: str) -> None:
        super().__init__(f"{reason} at {field}" if field else reason)
        self.reason = reason
        self.field = field

    def under(self, prefix: str) -> WireError:
        """Return the same error with its field path prefixed."""
        if not self.field or self.field.startswith("["):
            return WireError(self.reason, prefix + self.field)
        return WireError(self.reason, f"{prefix}.{self.field}")


class Reject(msgspec.Struct, frozen=True, gc=False):
    """One refused part of a message: counted, and otherwise without effect.

    `lossy` is True where current prices may have been lost with it: the caller then reads the book again by REST.
    `excerpt` is short, printable and free of e-mail addresses, keys and URL queries.
    """

    reason: str
    field: str
    lossy: bool
    fixture_id: int | None = None
    excerpt: str = ""


def redacted_excerpt(data: bytes | str, length: int = EXCERPT_LENGTH) -> str:
    """Return the first `length` characters of `data`, printable and without anything that could be a secret."""
    head = data[: 3 * length]
    text = head.decode("utf-8", "replace") if isinstance(head, bytes) else head
    text = _KEY.sub(r"\1\2<redacted>", _EMAIL.sub("<email>", text))
    text = _QUERY.sub("?<query>", text)
    return "".join(char if char.isprintable() else "?" for char in text[:length])
