"""What odds-api.io refuses, as errors whose class says what to do about it. Their texts hold no key."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from PROPPR.SharedServices.service.errors import ConfigError, ProPprError, RateLimited, SourceChanged, TransientError

__all__ = [
    "AccessRefused",
    "BookmakerRefused",
    "BookmakerUnknown",
    "KeyRefused",
    "LookbackRefused",
    "NotFound",
    "RateLimited",
    "RequestRefused",
    "SourceChanged",
    "TransientError",
    "refusal_of",
]

MAX_TEXT = 300
_ALLOWED = re.compile(r"\bAllowed:\s*(.+?)\s*(?:\.\s+To reset|\.\s+Upgrade|\.?\s*$)", re.IGNORECASE | re.DOTALL)
_SINCE = re.compile(r"\bsince\b", re.IGNORECASE)
_BOOKMAKER = re.compile(r"\bbookmakers?\b", re.IGNORECASE)
# An error body behind a 200 has no status that says whose fault it is: it is ours only where the text says so. Taken
# for a refusal, a bookmaker would be set aside for an hour because the provider had a bad moment.
_BLAMES = re.compile(
    r"\b(?:since|bookmakers?|invalid|missing|required|must|unknown|too many|maximum|not (?:found|allowed|supported)|"
    r"forbidden|unauthori[sz]ed|your plan)\b",
    re.IGNORECASE,
)
_TOO_MANY = re.compile(r"\b(?:too many|maximum)\b", re.IGNORECASE)
# `bookmaker 'X'` or `bookmaker: X`. A name ends with the text, a sentence or a comma; inside it dots are its own.
_NAMED = (
    re.compile(r"\bbookmakers?\b[^\"'`:=]{0,20}([\"'`])(?P<name>[^\"'`]{1,100})\1", re.IGNORECASE),
    re.compile(r"\bbookmakers?\b[^:=]{0,20}[:=]\s*(?P<name>[^\"'`\s].{0,99}?)\s*(?:[,;]|\.\s|\.?$)", re.IGNORECASE),
)


class KeyRefused(ConfigError):
    """401: the key is not, or no longer, valid. Retrying is of no use."""

    def __init__(self, message: str) -> None:
        super().__init__("ODDS_API_KEY", message)


class RequestRefused(ProPprError):
    """400 and other answers that say the request itself is wrong; the same request never works."""


class NotFound(RequestRefused):
    """404: no such event, or nothing of it."""


class LookbackRefused(RequestRefused):
    """400: `since` lies further back than the provider remembers; what changed before has to be read otherwise."""


class BookmakerUnknown(RequestRefused):
    """400 for a bookmaker that the provider does not know, or was not told; the whole request is refused.

    `bookmaker` is its name, None where the answer does not say it.
    """

    def __init__(self, message: str, bookmaker: str | None = None) -> None:
        self.bookmaker = bookmaker
        super().__init__(message)


class AccessRefused(ProPprError):
    """403: the plan does not include what was asked."""


class BookmakerRefused(AccessRefused):
    """403 for a bookmaker outside the account's selection; the whole request is refused.

    `allowed` are the names that the answer lists as selected, which is authoritative; None where it lists none.
    """

    def __init__(self, message: str, allowed: Iterable[str] | None = None) -> None:
        self.allowed: tuple[str, ...] | None = None if allowed is None else tuple(allowed)
        super().__init__(message)


def refusal_of(status: int, message: str, redact: Callable[[str], str]) -> ProPprError:
    """Return the error for an answer's status (200 for an error body behind it) and its message, redacted."""
    text = f"{status}: {redact(message)[:MAX_TEXT] or 'no reason given'}"
    folded = message.casefold()
    if status == 429 or (status == 200 and "rate limit" in folded):
        return RateLimited(text)
    if status == 401 or (status == 200 and "api key" in folded):
        return KeyRefused(text)
    if status == 403 or (status == 200 and "access denied" in folded):
        return _access_refused(message, text)
    if status == 404:
        return NotFound(text)
    if status >= 500 or status in (408, 425):
        return TransientError(text)
    if status == 200 and not _BLAMES.search(message):
        return TransientError(text)
    if 300 <= status < 400:
        return SourceChanged(f"{status}: the API redirects, which is not followed, to keep the key where it is")
    return _request_refused(text)


def _request_refused(text: str) -> RequestRefused:
    if _SINCE.search(text):
        return LookbackRefused(text)
    if _BOOKMAKER.search(text) and not _TOO_MANY.search(text):
        named = next((found for pattern in _NAMED if (found := pattern.search(text))), None)
        return BookmakerUnknown(text, None if named is None else named["name"])
    return RequestRefused(text)


def _access_refused(message: str, text: str) -> AccessRefused:
    listed = _ALLOWED.search(message)
    if listed is not None:
        names = [name.strip() for name in listed.group(1).split(",")]
        return BookmakerRefused(text, [name for name in names if name])
    if "bookmaker" in message.casefold():
        return BookmakerRefused(text)
    return AccessRefused(text)
