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
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import requests
import urllib3.exceptions
from requests.adapters import HTTPAdapter
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from PROPPR.SharedServices.providers.odds_api.bodies import BodyError, NoJson, read_body, read_json, unpack
from PROPPR.SharedServices.providers.odds_api.config import RestConfig
from PROPPR.SharedServices.providers.odds_api.errors import refusal_of
from PROPPR.SharedServices.providers.odds_api.rate_headers import RateHeaders, read_rate_headers, read_sequence
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.errors import ConfigError, ProPprError, RateLimited, SourceChanged, TransientError
from PROPPR.SharedServices.service.redact import Redactor
from PROPPR.SharedServices.tracking.request_tracker import GlobalRequestTracker, Grant

log = logging.getLogger(__name__)

USER_AGENT: Final = "proppr/0.1"
OnRequest = Callable[[str, str, float], None]
"""Called per attempt that was sent: endpoint, outcome (a status, or the kind of failure), seconds."""


class AttemptFailed(TransientError):
    """One attempt failed in a way that the next may not."""


class UnreadableAnswer(SourceChanged):
    """An answer is no JSON: cut off without a sign of it, an edge's page, or a change that more attempts won't mend."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A good answer: the decoded body, the feed position where one was asked for, and when it was received (ms)."""

    payload: object
    sequence: int | None
    received_at: int


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class RestTransport:
    """GETs of one service on one key. Thread-safe; `stop` ends waits between attempts.

    Raises RateLimited (by our budget or by the provider, with the wait in seconds), TransientError after the last
    attempt, SourceChanged for what is no JSON or too large, and the errors of `errors.py`.
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
        """Return the answer of `endpoint` (its path without the first slash), attempted a few times if need be."""
        if keyed and not self._key:
            raise ConfigError("ODDS_API_KEY", "not set, and this request needs it")
        query = dict(parameters or {}) | ({"apiKey": self._key} if keyed and self._key else {})
        retrying = Retrying(
            retry=retry_if_exception_type((AttemptFailed, UnreadableAnswer)),
            stop=stop_after_attempt(self._config.attempts),
            wait=wait_random_exponential(multiplier=self._config.first_wait, max=self._config.longest_wait),
            sleep=self._pause,
            reraise=True,
        )
        return retrying(self._attempt, endpoint, query)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _pause(self, seconds: float) -> None:
        if self._stop.wait(seconds):
            raise TransientError("stopped while waiting for another attempt")

    def _attempt(self, endpoint: str, query: Mapping[str, str]) -> Reply:
        grant = self._tracker.acquire(self._service)
        if not grant:
            raise RateLimited(f"the budget of requests is used up ({grant.reason})", grant.retry_after)
        started = self._clock.monotonic()
        answer, failure = self._exchange(endpoint, query, grant)
        outcome = str(answer.status) if answer is not None else type(failure).__name__
        if self._on_request is not None:
            self._on_request(endpoint.split("/")[0], outcome, self._clock.monotonic() - started)
        if answer is None:
            raise AttemptFailed(f"GET /{endpoint}: {failure}")
        rates = read_rate_headers(answer.headers)
        self._observe(rates, grant)
        if answer.status == 429:
            self._park(rates)
        if not 200 <= answer.status < 300:
            raise self._refused(endpoint, answer.status, self._reason(answer.body), rates)
        payload = self._decoded(endpoint, answer.body)
        if isinstance(payload, dict) and "error" in payload and "id" not in payload:
            raise self._refused(endpoint, answer.status, str(payload["error"]), rates)
        return Reply(payload, read_sequence(answer.headers), self._clock.now_ms())

    def _exchange(self, endpoint: str, query: Mapping[str, str], grant: Grant) -> tuple[_Answer | None, str]:
        """Send once and read the answer. The driver's errors quote the URL with the key: only their kind is told."""
        config = self._config
        deadline = self._clock.monotonic() + config.total_timeout
        unsent = False
        try:
            response = self._session.get(
                f"{config.base_url.rstrip('/')}/{endpoint}",
                params=query,
                headers={"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": USER_AGENT},
                timeout=(config.connect_timeout, config.read_timeout),
                stream=True,
                allow_redirects=False,
            )
            with closing(response):
                body = read_body(response.raw, config.max_bytes, deadline, self._clock)
            return _Answer(response.status_code, response.headers, body), ""
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            unsent, failure = _never_sent(error), type(error).__name__
        except BodyError as error:
            if not error.temporary:
                raise SourceChanged(f"GET /{endpoint}: {error}") from None
            failure = str(error)
        if unsent:
            self._tracker.release(grant)
        return None, failure

    def _decoded(self, endpoint: str, body: bytes) -> object:
        try:
            return read_json(unpack(body, self._config.max_bytes))
        except BodyError as error:
            text = f"GET /{endpoint}: {error}"
            if isinstance(error, NoJson):
                raise UnreadableAnswer(text) from None
            raise (AttemptFailed if error.temporary else SourceChanged)(text) from None

    def _reason(self, body: bytes) -> str:
        """Return what a refusal says: the provider's `error`, or nothing (an edge's HTML page says nothing of use)."""
        try:
            payload = read_json(unpack(body[: 1 << 16], 1 << 16))
        except BodyError:
            return ""
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


def new_session() -> requests.Session:
    """Return a session that never sends a request a second time by itself."""
    session = requests.Session()
    adapter = HTTPAdapter(pool_connections=2, pool_maxsize=8, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def _never_sent(error: BaseException) -> bool:
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
