"""One REST request at a time: within the budget, bounded in time and size, retried above the budget, never leaking.

Every attempt that reaches the provider takes one request of the fleet's budget first; urllib3's own retries are off,
because they would not. The key is in the query of the URL, so nothing that quotes a URL may leave this module: the
driver's exceptions are replaced, not chained, and what it logs is redacted.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Protocol

import requests
import urllib3.exceptions

from PROPPR.SharedServices.providers.http.attempts import AttemptFailed, UnreadableAnswer, retrying
from PROPPR.SharedServices.providers.http.bodies import (
    Body,
    BodyError,
    NoJson,
    RawBody,
    chunks_of,
    read_json,
    receive,
)
from PROPPR.SharedServices.providers.http.session import never_sent, new_session, redact_driver_log
from PROPPR.SharedServices.providers.odds_api.config import RestConfig
from PROPPR.SharedServices.providers.odds_api.errors import refusal_of
from PROPPR.SharedServices.providers.odds_api.listing import JsonReader, ListingReader
from PROPPR.SharedServices.providers.odds_api.rate_headers import (
    RateHeaders,
    read_provider_time,
    read_rate_headers,
    read_sequence,
)
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.errors import ConfigError, ProPprError, RateLimited, SourceChanged, TransientError
from PROPPR.SharedServices.service.redact import Redactor
from PROPPR.SharedServices.tracking.request_tracker import GlobalRequestTracker, Grant

log = logging.getLogger(__name__)

USER_AGENT: Final = "proppr/0.1"
REASON_BYTES: Final = 1 << 16
OnRequest = Callable[[str, str, float], None]
"""Called per attempt that was sent: endpoint, outcome (a status, or the kind of failure), seconds."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A good answer: the decoded body or the Listing, and the feed position where one was asked for.

    `asked_at` and `received_at` are ms of our clock, before the request and after the last byte; `provider_time` is the
    answer's `Date` in ms, where it has one.
    """

    payload: object
    sequence: int | None
    asked_at: int
    received_at: int
    provider_time: int | None


@dataclass(frozen=True, slots=True)
class _Request:
    """What is asked, the limits of the answer, and who reads it."""

    endpoint: str
    query: Mapping[str, str]
    max_bytes: int
    total_timeout: float
    reader: Callable[[], Reader]


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came of one attempt: an answer with its payload (a refusal: its text), or why there is none."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    payload: object = None
    fault: ProPprError | None = None
    outcome: str = ""


class Reader(Protocol):
    """Reads a good body as it arrives; JsonReader or ListingReader."""

    def feed(self, piece: bytes) -> None: ...
    def finish(self, body: Body) -> object: ...


class RestTransport:
    """GETs of one service on one key, from any number of threads; `stop` ends waits between attempts.

    Both calls raise RateLimited (by our budget or by the provider, with the wait in seconds), TransientError after the
    last attempt, SourceChanged for what is no JSON or too large, and the errors of `errors.py`.
    """

    def __init__(
        self,
        config: RestConfig,
        tracker: GlobalRequestTracker,
        *,
        clock: Clock,
        service: str,
        session: requests.Session | None = None,
        stop: threading.Event | None = None,
        on_request: OnRequest | None = None,
    ) -> None:
        self._config = config
        self._tracker = tracker
        self._clock = clock
        self._service = service
        self._stop = stop or threading.Event()
        self._on_request = on_request
        self._key = None if config.key is None else config.key.get_secret_value()
        self._redactor = Redactor([self._key] if self._key else [])
        self._session = session or new_session()
        redact_driver_log()

    def get(self, endpoint: str, parameters: Mapping[str, str] | None = None, *, keyed: bool = True) -> Reply:
        """Return the decoded answer of `endpoint` (its path without the first slash)."""
        config = self._config
        query = self._query(parameters, keyed)
        return self._send(_Request(endpoint, query, config.max_bytes, config.total_timeout, JsonReader))

    def get_listing(self, endpoint: str, parameters: Mapping[str, str], *, large: bool = False) -> Reply:
        """Return the answer of an endpoint of odds as a Listing (or decoded where it is no list)."""
        config = self._config
        max_bytes, timeout = config.max_bytes, config.total_timeout
        if large:
            max_bytes, timeout = config.large_bytes, config.large_timeout

        def reader() -> Reader:
            return ListingReader(self._clock.now_ms)

        return self._send(_Request(endpoint, self._query(parameters, True), max_bytes, timeout, reader))

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _query(self, parameters: Mapping[str, str] | None, keyed: bool) -> dict[str, str]:
        if keyed and not self._key:
            raise ConfigError("ODDS_API_KEY", "not set, and this request needs it")
        return dict(parameters or {}) | ({"apiKey": self._key} if keyed and self._key else {})

    def _send(self, request: _Request) -> Reply:
        """Attempt a few times if need be."""
        return retrying(self._config, self._clock, self._stop)(self._attempt, request)

    def _attempt(self, request: _Request) -> Reply:
        grant = self._tracker.acquire(self._service)
        if not grant:
            raise RateLimited(f"the budget of requests is used up ({grant.reason})", grant.retry_after)
        asked_at, started = self._clock.now_ms(), self._clock.monotonic()
        answer = self._exchange(request, grant)
        if self._on_request is not None:
            self._on_request(request.endpoint.split("/")[0], answer.outcome, self._clock.monotonic() - started)
        rates = read_rate_headers(answer.headers)
        self._observe(rates, grant)
        if answer.status == 429:
            self._park(rates)
        if answer.status is not None and not 200 <= answer.status < 300:
            raise self._refused(request.endpoint, answer.status, str(answer.payload), rates)
        if answer.fault is not None:
            raise answer.fault
        payload = answer.payload
        if isinstance(payload, dict) and "error" in payload and "id" not in payload:
            raise self._refused(request.endpoint, 200, str(payload["error"]), rates)
        now = self._clock.now_ms()
        return Reply(payload, read_sequence(answer.headers), asked_at, now, read_provider_time(answer.headers))

    def _exchange(self, request: _Request, grant: Grant) -> _Answer:
        """Send once and read the answer. The driver's errors quote the URL with the key: only their kind is told."""
        config = self._config
        deadline = self._clock.monotonic() + request.total_timeout
        try:
            response = self._session.get(
                f"{config.base_url.rstrip('/')}/{request.endpoint}",
                params=request.query,
                headers={"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": USER_AGENT},
                timeout=(config.connect_timeout, config.read_timeout),
                stream=True,
                allow_redirects=False,
            )
            with closing(response):
                return self._receive(request, response, deadline)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            kind, unsent = type(error).__name__, never_sent(error)
        if unsent:
            self._tracker.release(grant)
        return _Answer(fault=AttemptFailed(f"GET /{request.endpoint}: {kind}"), outcome=kind)

    def _receive(self, request: _Request, response: requests.Response, deadline: float) -> _Answer:
        status, headers = response.status_code, response.headers
        if not 200 <= status < 300:
            return _Answer(status, headers, self._reason(response.raw, deadline), outcome=str(status))
        body, reader = Body(request.max_bytes), request.reader()
        try:
            for chunk in chunks_of(response.raw, request.max_bytes, deadline, self._clock):
                for piece in body.add(chunk):
                    reader.feed(piece)
            for piece in body.complete():
                reader.feed(piece)
            return _Answer(status, headers, reader.finish(body), outcome=str(status))
        except BodyError as error:
            return _Answer(status, headers, None, _fault(request.endpoint, error), type(error).__name__)

    def _reason(self, raw: RawBody, deadline: float) -> str:
        """Return what a refusal says: the provider's `error`, or nothing (an edge's HTML page says nothing of use)."""
        try:
            payload = read_json(receive(raw, REASON_BYTES, deadline, self._clock))
        except (BodyError, requests.RequestException, urllib3.exceptions.HTTPError):
            return ""  # the status alone says enough
        return str(payload.get("error") or payload.get("message") or "") if isinstance(payload, dict) else ""

    def _refused(self, endpoint: str, status: int, reason: str, rates: RateHeaders) -> ProPprError:
        error = refusal_of(status, reason, self._redactor.text)
        if isinstance(error, RateLimited):
            if status != 429:
                self._park(rates)
            return RateLimited(f"GET /{endpoint}: {error}", self._wait_after(rates))
        if isinstance(error, TransientError):
            return AttemptFailed(f"GET /{endpoint}: {error}")
        return error

    def _observe(self, rates: RateHeaders, grant: Grant) -> None:
        if not rates.any:
            return
        try:
            self._tracker.observe(rates.limit, rates.remaining, rates.reset, grant)
        except TransientError as error:  # the answer is good all the same, and the next one brings the headers again
            log.warning("the provider's rate headers were not stored", extra={"reason": str(error)})

    def _park(self, rates: RateHeaders) -> None:
        wait = self._wait_after(rates)
        log.warning("the provider refuses requests for now", extra={"seconds": wait, "service": self._service})
        try:
            self._tracker.park(None if wait is None else self._clock.now() + timedelta(seconds=wait))
        except TransientError as error:  # the caller is told to wait; without MongoDB nobody else can ask
            log.warning("the fleet was not parked", extra={"reason": str(error)})

    def _wait_after(self, rates: RateHeaders) -> float | None:
        """Return the seconds until the provider accepts requests again, 1 to 3600; None where it does not say."""
        if rates.reset is not None:
            wait = (rates.reset - self._clock.now()).total_seconds()
        elif rates.retry_after is not None:
            wait = float(rates.retry_after)
        else:
            return None
        return min(3600.0, max(1.0, wait))


def _fault(endpoint: str, error: BodyError) -> ProPprError:
    text = f"GET /{endpoint}: {error}"
    if isinstance(error, NoJson):
        return UnreadableAnswer(text)
    return AttemptFailed(text) if error.temporary else SourceChanged(text)
