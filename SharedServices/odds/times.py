"""The provider's times as integers: milliseconds since the Unix epoch, UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_ISO = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?([Zz]|[+-]\d{2}:\d{2})",
    re.ASCII,
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
DAY_MS = 86_400_000
YEAR_2000_MS = 946_684_800_000
"""2000-01-01T00:00:00Z: no quote is older."""


def parse_iso_ms(text: str) -> int:
    """Return the milliseconds of an ISO-8601 instant with a zone and 0-9 fractional digits.

    Digits below the millisecond are cut off. Raises ValueError for anything else, also for a time without a zone,
    which could mean any hour.
    """
    match = _ISO.fullmatch(text) if len(text) <= 40 else None
    if match is None:
        raise ValueError("not an ISO-8601 instant with a zone")
    day, time, fraction, zone = match.groups()
    zone = "+00:00" if zone in "Zz" else zone
    whole = datetime.fromisoformat(f"{day}T{time}{zone}")
    return milliseconds_of(whole) + int((fraction or "")[:3].ljust(3, "0"))


def milliseconds_of(moment: datetime) -> int:
    """Return the milliseconds of an instant with a zone; what is below a millisecond is cut off."""
    return (moment - _EPOCH) // _MILLISECOND


def moment_of(milliseconds: int) -> datetime:
    """Return the instant, in UTC: MongoDB's dates are as fine."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


@lru_cache(maxsize=8192)
def cached_iso_ms(text: str) -> int:
    """`parse_iso_ms`, remembering the newest few thousand texts: markets of one message share their time."""
    return parse_iso_ms(text)


def format_iso_ms(milliseconds: int) -> str:
    """Return `2026-05-27T04:11:00.532Z`, always with three fractional digits."""
    instant = moment_of(milliseconds)
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03d}Z".zfill(24)


def format_iso_seconds(milliseconds: int) -> str:
    """Return `2026-05-27T04:11:00Z`, the form of the provider's kick-off dates."""
    return f"{format_iso_ms(milliseconds)[:19]}Z"


def is_plausible_quote_time(milliseconds: int, received_at: int | None) -> bool:
    """Tell whether a quote can be of this time: since 2000 and at most a day after it was received."""
    if milliseconds < YEAR_2000_MS:
        return False
    return received_at is None or milliseconds <= received_at + DAY_MS
