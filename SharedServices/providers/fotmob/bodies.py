"""Answers of FotMob by status, type and body: data, a refusal, or something else. Nothing of a body is quoted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from PROPPR.SharedServices.providers.fotmob.errors import NotFound, Refusal, SourceChanged
from PROPPR.SharedServices.providers.http.attempts import AttemptFailed, UnreadableAnswer
from PROPPR.SharedServices.providers.http.bodies import BodyError, read_json
from PROPPR.SharedServices.service.errors import ProPprError

REASON_BYTES: Final = 1 << 16
REFUSALS: Final = frozenset({401, 403, 404, 410, 429, 451})
TEMPORARY: Final = frozenset({408, 425})
LONGEST_VALIDATOR: Final = 200
_TURNSTILE: Final = re.compile(rb"turnstile|cf-chl|challenge-platform|captcha", re.IGNORECASE)


def is_json(headers: Mapping[str, str]) -> bool:
    """Whether the answer says that it is JSON."""
    kind = media_type(headers)
    return kind == "application/json" or kind.endswith("+json")


def is_html(headers: Mapping[str, str]) -> bool:
    """Whether the answer says that it is a page for people."""
    return media_type(headers) in ("text/html", "application/xhtml+xml")


def media_type(headers: Mapping[str, str]) -> str:
    """Return the type that the answer says to be of, in lower case, without parameters."""
    return (headers.get("content-type") or "").partition(";")[0].strip().casefold()


def validator(headers: Mapping[str, str], name: str) -> str | None:
    """Return `etag` or `last-modified`, None where it is missing or not fit to be sent back."""
    value = (headers.get(name) or "").strip()
    return value if value and len(value) <= LONGEST_VALIDATOR and value.isascii() and value.isprintable() else None


def fault_of(what: str, status: int, headers: Mapping[str, str], body: bytes) -> ProPprError:
    """Return the error for an answer that is not 200 or 304, with as much of its body as was read."""
    if status == 404 and is_json(headers):
        return NotFound(f"{what}: 404, not known there")
    if status in REFUSALS:
        return refusal_of(what, status, headers, body)
    if status >= 500 or status in TEMPORARY:
        if status == 503 and (asked := retry_after(headers)) is not None:
            return Refusal(f"{what}: {status}", status, retry_after=asked, everywhere=True)
        return AttemptFailed(f"{what}: {status}")
    if 300 <= status < 400:
        return SourceChanged(f"{what}: {status}, a redirect away from the host, which is not followed")
    return SourceChanged(f"{what}: {status}, which no known answer has")


def refusal_of(what: str, status: int, headers: Mapping[str, str], body: bytes) -> Refusal:
    """Return the refusal that an answer is: by its status, or a page where data was asked for."""
    turnstile = _TURNSTILE.search(body[:REASON_BYTES]) is not None
    reason = "429" if status == 429 else f"{status}, refused"
    if status == 200:
        reason = "a page instead of data"
    if turnstile:
        reason += ", proof of a human visitor is asked for"
    return Refusal(reason, status, retry_after=retry_after(headers), turnstile=turnstile, everywhere=status == 429)


def unreadable(what: str, error: BodyError) -> ProPprError:
    """Return the error for a body that can't be used."""
    return AttemptFailed(f"{what}: {error}") if error.temporary else SourceChanged(f"{what}: {error}")


def check_json(what: str, body: bytes) -> dict[str, object]:
    """Return the body as a JSON object. Raises UnreadableAnswer for no JSON, SourceChanged for another kind of it."""
    try:
        payload = read_json(body)
    except BodyError as error:
        raise UnreadableAnswer(f"{what}: {error}") from None
    if not isinstance(payload, dict):
        raise SourceChanged(f"{what}: the answer is no object")
    return payload


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return `Retry-After` in seconds, None where it is missing or a date."""
    text = (headers.get("retry-after") or "").strip()
    return float(text) if text.isascii() and text.isdigit() and len(text) <= 7 else None
