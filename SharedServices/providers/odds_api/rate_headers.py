"""The provider's headers about rates, positions and time: each optional, checked, and not believed beyond reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from PROPPR.SharedServices.odds.times import parse_iso_ms

_MAX_COUNT = 10**9
_MAX_SEQUENCE = 2**63
_MAX_DATE = 40
_YEARS = (2000, 2200)


@dataclass(frozen=True, slots=True)
class RateHeaders:
    """x-ratelimit-limit, -remaining and -reset (an instant), and Retry-After in seconds, as far as they were sent."""

    limit: int | None = None
    remaining: int | None = None
    reset: datetime | None = None
    retry_after: int | None = None

    @property
    def any(self) -> bool:
        """Whether anything is said about the budget."""
        return self.limit is not None or self.remaining is not None


def read_rate_headers(headers: Mapping[str, str]) -> RateHeaders:
    """Read the headers of an answer; what is missing or malformed is None."""
    return RateHeaders(
        limit=_count(headers.get("x-ratelimit-limit"), _MAX_COUNT),
        remaining=_count(headers.get("x-ratelimit-remaining"), _MAX_COUNT),
        reset=_instant(headers.get("x-ratelimit-reset")),
        retry_after=_count(headers.get("retry-after"), 86_400),
    )


def read_sequence(headers: Mapping[str, str]) -> int | None:
    """Return X-OddsAPI-Seq, the feed position of a snapshot."""
    return _count(headers.get("x-oddsapi-seq"), _MAX_SEQUENCE)


def read_provider_time(headers: Mapping[str, str]) -> int | None:
    """Return the `Date` of an answer, when its sender made it, in ms (whole seconds)."""
    text = headers.get("date")
    try:
        at = None if text is None or len(text) > _MAX_DATE else parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    if at is None or at.tzinfo is None or not _YEARS[0] <= at.year < _YEARS[1]:
        return None
    return int(at.timestamp()) * 1000


def _count(text: str | None, below: int) -> int | None:
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 19:
        return None
    count = int(text)
    return count if count < below else None


def _instant(text: str | None) -> datetime | None:
    try:
        milliseconds = parse_iso_ms(text or "")
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
