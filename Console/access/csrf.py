"""Forms that only our own pages can send: a token that belongs to the session, and where the browser says it was."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final
from urllib.parse import urlsplit

from werkzeug.datastructures import Headers

FIELD: Final = "csrf_token"
HEADER: Final = "X-CSRF-Token"


def token_of(secret: str) -> str:
    """The token of a session's cookie (or, before a sign-in, of the visitor's): nothing has to be stored for it."""
    return hmac.new(secret.encode("utf-8", "surrogatepass"), b"proppr console form", hashlib.sha256).hexdigest()


def is_right(secret: str | None, given: str | None) -> bool:
    """Whether the form's token is that of the cookie, compared in constant time."""
    if not secret or not given:
        return False
    return hmac.compare_digest(token_of(secret).encode(), given.encode("utf-8", "surrogatepass"))


def comes_from_us(headers: Headers, host: str) -> bool:
    """Whether the browser says that one of our pages sent this: by Sec-Fetch-Site, else by Origin.

    A client that says neither is no browser of today; the token alone decides there.
    """
    site = headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = headers.get("Origin")
    return origin is None or urlsplit(origin).netloc.lower() == host.lower()
