"""Requests that are refused with the provider's error body, and the parameters whose misuse leads there."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from PROPPR.SharedServices.simulator.catalogue import find_sport

# RFC 3339 with time and zone: a bare date is refused.
_INSTANT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")


class Refused(Exception):
    """A request answered with the provider's error body; `headers` go with it."""

    def __init__(self, status: int, text: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.headers = headers or {}


def instant(query: dict[str, str], name: str) -> int | None:
    """A time parameter in ms; None where it is absent."""
    text = query.get(name)
    if text is None:
        return None
    if not _INSTANT.match(text):
        raise Refused(400, f"Invalid {name}. Use RFC3339, e.g. 2026-01-01T00:00:00Z")
    return int(datetime.fromisoformat(text).astimezone(UTC).timestamp() * 1000)


def whole(query: dict[str, str], name: str, default: int) -> int:
    """A whole number, or the default where it is absent."""
    try:
        return int(query.get(name, default))
    except ValueError:
        raise Refused(400, f"Invalid {name}") from None


def required_sport(query: dict[str, str]) -> str:
    """The slug of the sport that the request names."""
    text = query.get("sport", "")
    if not text:
        raise Refused(400, "Missing sport")
    sport = find_sport(text)
    if sport is None:
        raise Refused(400, "Invalid sport")
    return sport
