"""One request to FotMob at a time: at a polite rate, within the day's budget, bounded, never repeated when refused.

Every request that is sent waits for its turn and takes one of the budget, further attempts and redirects included. A
refusal is never answered by another attempt: the path is left alone for a time that grows. No cookies are kept, and no
challenge is answered.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import urljoin, urlsplit

import requests
import urllib3.exceptions

from PROPPR.SharedServices.providers.fotmob import bodies
from PROPPR.SharedServices.providers.fotmob.circuit import Circuits, SourceState
from PROPPR.SharedServices.providers.fotmob.config import FotMobConfig
from PROPPR.SharedServices.providers.fotmob.errors import (
    NotFound,
    RateLimited,
    Refusal,
    SourceChanged,
    StalePage,
)
from PROPPR.SharedServices.providers.fotmob.pace import Pace
from PROPPR.SharedServices.providers.http.attempts import AttemptFailed, retrying
from PROPPR.SharedServices.providers.http.bodies import BodyError, receive
from PROPPR.SharedServices.providers.http.session import never_sent, new_session
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.tracking.request_tracker import GlobalRequestTracker

MAX_REDIRECTS: Final = 2
OnRequest = Callable[[str, str, float], None]
"""Called per request that was sent: path, outcome (a status, or the kind of failure), seconds."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked. `path` is its short name: the unit of refusals and metrics. `validators` make it conditional.

    `page`: HTML is wanted, not JSON. `may_be_stale`: a page in answer of 404 is no refusal yet, but a StalePage.
    """

    path: str
    url: str
    query: Mapping[str, str] = field(default_factory=dict)
    validators: Mapping[str, str] = field(default_factory=dict)
    page: bool = False
    may_be_stale: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """A good answer: its unpacked body (decoded too, if it is no page), or word that the known one still holds."""

    body: bytes
    payload: dict[str, object]
    not_modified: bool = False
    etag: str | None = None
    last_modified: str | None = None


class FotMobTransport:
    """GETs from any number of threads; `stop` ends all waits.

    Raises RateLimited when the budget has nothing left, SourceRefused, NotFound, TransientError after the last attempt
    and SourceChanged for what is no JSON object, too large, or a redirect away from the host.
    """

    def __init__(
        self,
        config: FotMobConfig,
        *,
        clock: Clock,
        stop: threading.Event,
        budget: GlobalRequestTracker | None,
        on_request: OnRequest | None = None,
        session: requests.Session | None = None,
    ) -> None:
        self._config = config
        self._clock = clock
        self._stop = stop
        self._budget = budget
        self._on_request = on_request
        self._pace = Pace(config.pause, clock, stop)
        probe = config.total_timeout * config.attempts
        self._circuits = Circuits(config.first_refusal, config.longest_refusal, probe, clock)
        self._session = session or new_session()

    def get(self, request: Request) -> Reply:
        """Return a good answer, after a few attempts if need be."""
        self._circuits.admit(request.path)
        try:
            reply = retrying(self._config, self._clock, self._stop)(self._attempt, request)
        except Refusal as refusal:
            if refusal.status == 404 and self._circuits.missed(request.path):
                raise NotFound(f"{request.path}: 404, a page", is_page=True) from None
            raise self._circuits.refused(request.path, refusal) from None
        except AttemptFailed as failure:
            self._circuits.failed(request.path, "fails")
            raise failure
        except NotFound:
            self._circuits.succeeded(request.path)
            raise
        except SourceChanged:
            self._circuits.answered()
            raise
        self._circuits.succeeded(request.path)
        return reply

    def state(self) -> SourceState:
        """Return how the source is now."""
        return self._circuits.state()

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _attempt(self, request: Request) -> Reply:
        """Send once, and once more to each place of the same host that the answer points to."""
        for _ in range(MAX_REDIRECTS + 1):
            answer = self._send(request)
            if isinstance(answer, Reply):
                return answer
            request = replace(request, url=answer, query={})
        raise SourceChanged(f"{request.path}: redirects without end")

    def _send(self, request: Request) -> Reply | str:
        """Send one request; the answer, or the URL of the same host that it redirects to."""
        config = self._config
        self._pace.turn()
        grant = None if self._budget is None else self._budget.acquire()
        if grant is not None and not grant:
            raise RateLimited(f"the day's budget of requests is used up ({grant.reason})", grant.retry_after)
        started = self._clock.monotonic()
        accept = "text/html" if request.page else "application/json"
        headers = {"Accept": accept, "Accept-Encoding": "gzip", "User-Agent": config.user_agent}
        try:
            response = self._session.get(
                request.url,
                params=request.query,
                headers=headers | dict(request.validators),
                timeout=(config.connect_timeout, config.read_timeout),
                stream=True,
                allow_redirects=False,
            )
            with closing(response):
                self._observe(request, str(response.status_code), started)
                return self._receive(request, response, started + config.total_timeout)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            kind = type(error).__name__
            self._observe(request, kind, started)
            if self._budget is not None and grant is not None and never_sent(error):
                self._budget.release(grant)
            raise AttemptFailed(f"{request.path}: {kind}") from None
        except BodyError as error:
            raise bodies.unreadable(request.path, error) from None

    def _receive(self, request: Request, response: requests.Response, deadline: float) -> Reply | str:
        status, headers = response.status_code, response.headers
        if status == 304 and request.validators:
            return Reply(b"", {}, not_modified=True)
        if 300 <= status < 400 and (target := _same_host(response)) is not None:
            return target
        if status != 200:
            fault = bodies.fault_of(request.path, status, headers, self._reason(response, deadline))
            is_stale = request.may_be_stale and status == 404 and isinstance(fault, Refusal)
            raise StalePage(f"{request.path}: 404") if is_stale else fault
        if request.page:
            body = receive(response.raw, self._config.max_bytes, deadline, self._clock)
            return Reply(body, {})
        if not bodies.is_json(headers):
            if bodies.is_html(headers):
                raise bodies.refusal_of(request.path, status, headers, self._reason(response, deadline))
            raise SourceChanged(f"{request.path}: the answer is of another type than JSON")
        body = receive(response.raw, self._config.max_bytes, deadline, self._clock)
        payload = bodies.check_json(request.path, body)
        etag, modified = bodies.validator(headers, "etag"), bodies.validator(headers, "last-modified")
        return Reply(body, payload, etag=etag, last_modified=modified)

    def _reason(self, response: requests.Response, deadline: float) -> bytes:
        """Return what a refusal says, as far as it is short and arrives: the status alone says enough."""
        try:
            return receive(response.raw, bodies.REASON_BYTES, deadline, self._clock)
        except (BodyError, requests.RequestException, urllib3.exceptions.HTTPError):
            return b""

    def _observe(self, request: Request, outcome: str, started: float) -> None:
        if self._on_request is not None:
            self._on_request(request.path, outcome, self._clock.monotonic() - started)


def _same_host(response: requests.Response) -> str | None:
    """Return where a redirect leads, if it is a place of the same scheme, host and port."""
    location = response.headers.get("location")
    if not location:
        return None
    try:
        target = urljoin(response.url, location)
        origin, there = urlsplit(response.url), urlsplit(target)
        same = (origin.scheme, origin.hostname, origin.port) == (there.scheme, there.hostname, there.port)
    except ValueError:
        return None
    return target if same and not there.username else None
