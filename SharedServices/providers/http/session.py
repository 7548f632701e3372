"""The HTTP driver, kept from doing what nobody asked for: repeating requests, keeping cookies, logging keys."""

from __future__ import annotations

import logging
from http.cookiejar import DefaultCookiePolicy

import requests
import urllib3.exceptions
from requests.adapters import HTTPAdapter

from PROPPR.SharedServices.service.redact import Redactor


class _Session(requests.Session):
    """Sees no redirects: requests reads a redirect's whole body, and parses its target, even if it is not to follow."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Return that there is none."""
        return None


def new_session() -> requests.Session:
    """Return a session that never sends a request a second time by itself, and keeps no cookies.

    A session may be used by several threads as long as nothing of an answer changes it; cookies would.
    """
    session = _Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
    adapter = HTTPAdapter(pool_connections=2, pool_maxsize=8, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def never_sent(error: BaseException) -> bool:
    """Tell whether no connection came about, so that the provider can't have counted the request."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, urllib3.exceptions.NewConnectionError)


class _WithoutQueries(logging.Filter):
    """urllib3 logs URLs with their query: every one at DEBUG, that of a malformed answer as a warning."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = Redactor().text(record.getMessage()), None
        return True


def redact_driver_log() -> None:
    """Take keys out of what urllib3 logs, for every handler of this process. Calling it again changes nothing."""
    for name in ("connectionpool", "connection", "response", "poolmanager", "util.retry"):
        driver = logging.getLogger(f"urllib3.{name}")
        if not any(isinstance(existing, _WithoutQueries) for existing in driver.filters):
            driver.addFilter(_WithoutQueries())
