"""The fleet's one budget of requests to the provider, shared in MongoDB.

Any number of processes on any number of machines ask one document per window length, on the clock of the MongoDB
server: in no stretch of the window's length are more than `max_requests` granted, whatever is killed and whenever.
A process that dies between a grant and its request loses that one request for a window, no more. Without MongoDB
nothing is granted (TransientError): a request that can't be counted must not be made.

What this relies on: grants survive (majority, journalled), and the server's clock is kept right (NTP). A clock that
is set back only delays the budget; one that jumps ahead, by a failover to a wrong clock, returns it that much early.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import pymongo
from pymongo import ReadPreference, ReturnDocument, WriteConcern
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, PyMongoError
from pymongo.read_concern import ReadConcern

from PROPPR.SharedServices.odds.times import milliseconds_of
from PROPPR.SharedServices.service.clock import Clock, SystemClock
from PROPPR.SharedServices.service.errors import TransientError
from PROPPR.SharedServices.service.settings import load_settings
from PROPPR.SharedServices.storage import client
from PROPPR.SharedServices.tracking.budget import Rules
from PROPPR.SharedServices.tracking.pipeline import decision_pipeline, observation_pipeline, parking_pipeline
from PROPPR.SharedServices.tracking.shares import DEFAULT_SHARES, OTHERS, Shares
from PROPPR.SharedServices.tracking.usage import Grant, ServiceUsage, Usage, usage_of
from PROPPR.SharedServices.tracking.window import Window

__all__ = ["GlobalRequestTracker", "Grant", "ServiceUsage", "Usage"]

COLLECTION = "api_requests"
ANSWER = {"_id": 0, "last": 1, "sequence": 1, "tick": 1, "now": {"$toLong": "$$NOW"}}
SHORTEST_VALIDITY = 1.0
PARKED_WITHOUT_RESET_MS = 60_000

Document = dict[str, Any]


class GlobalRequestTracker:
    """Grants requests to the provider, at most `max_requests` in any `window_hours` (a fraction is fine) of the fleet.

    Give every process the same numbers. `shares` maps a service to its guaranteed fraction (or number) of the budget,
    see `shares.py` for the rule of lending; `service` is who asks when a call names nobody; `budget` names the
    provider's account, of which there may be several. Without `database` the one of the settings is used, connected
    at the first call. Thread-safe. Every method raises TransientError when MongoDB does not answer within `timeout`
    seconds.
    """

    def __init__(
        self,
        max_requests: int = 5000,
        window_hours: float = 1,
        *,
        database: Database[Document] | None = None,
        clock: Clock | None = None,
        shares: Mapping[str, float | int] = DEFAULT_SHARES,
        service: str = OTHERS,
        budget: str = "odds_api",
        timeout: float = 5.0,
    ) -> None:
        if max_requests < 1:
            raise ValueError(f"max_requests must be at least 1, not {max_requests}")
        window = Window.of_hours(window_hours)
        self._rules = Rules(max_requests, window, Shares.of(shares, max_requests))
        self._database = database
        self._clock = clock or SystemClock()
        self._service = service
        self._timeout = timeout
        self._key = f"{budget}:{window.window_ms}"
        self._validity = max(SHORTEST_VALIDITY, window.margin_ms / 2000)
        self._pipeline = lru_cache(maxsize=64)(self._build_pipeline)
        self._held = threading.local()
        self._lock = threading.Lock()
        self._observed: tuple[int | None, int | None, int | None] | None = None

    def acquire(self, service: str | None = None, cost: int = 1) -> Grant:
        """Ask for `cost` requests, all or nothing, in one atomic step; the grant is true when they may be made.

        An answer that took too long to be still usable is given back and counts as refused.
        """
        if not 1 <= cost <= self._rules.max_requests:
            raise ValueError(f"cost must be between 1 and {self._rules.max_requests}, not {cost}")
        account = self._rules.shares.account(service or self._service)
        grant = self._ask(account, cost, forced=False)
        if grant and self._clock.monotonic() >= grant.use_before:
            self.release(grant)
            return Grant(False, account, cost, "reserved", retry_after=self._rules.window.bucket_ms / 1000)
        return grant

    def release(self, grant: Grant) -> None:
        """Give back a grant of which no request was sent, not even in part. Safe to call late, not twice."""
        if not grant:
            return
        count = f"counts.{grant.service}.{grant.bucket}"
        with _transient("give a request back"), pymongo.timeout(self._timeout):
            self._collection.update_one(
                {"_id": self._key, count: {"$gte": grant.cost}},
                {"$inc": {count: -grant.cost, f"used.{grant.service}": -grant.cost}},
            )

    def can_make_request(self) -> bool:
        """Return whether one request may be made now, and hold it for this thread until `record_request`.

        So the pair `if can_make_request(): ...; record_request()` keeps the limit too, however many processes run it.
        What is held and not recorded is used for the next call, or given back when it has become too old.
        """
        held: Grant | None = getattr(self._held, "grant", None)
        if held is not None:
            if self._clock.monotonic() < held.use_before:
                return True
            self._held.grant = None
            self.release(held)
        grant = self.acquire()
        self._held.grant = grant if grant else None
        return bool(grant)

    def record_request(self) -> None:
        """Count one request: the one that `can_make_request` holds, else one that is made without asking."""
        held: Grant | None = getattr(self._held, "grant", None)
        self._held.grant = None
        if held is not None and self._clock.monotonic() < held.use_before:
            return
        self._ask(self._rules.shares.account(self._service), 1, forced=True)
        if held is not None:  # it was held too long ago: the request counts from now on, and only once
            self.release(held)

    def observe(
        self, limit: int | None, remaining: int | None, reset: datetime | None, grant: Grant | None = None
    ) -> None:
        """Take over what the provider's rate headers say, each of them optional. It can only lower the budget.

        `grant` is that of the request which was answered: of the grants after it, at most `remaining` more are given
        until `reset` (at most one window ahead). A lower `limit` holds until another is observed.
        """
        limit = None if limit is None or limit < 1 else limit
        reset_ms = None if reset is None else _milliseconds(reset)
        sequence = None if grant is None or not grant else grant.sequence
        ceiling = None if remaining is None or sequence is None else sequence + max(0, remaining)
        seen = (limit, ceiling, reset_ms)
        with self._lock:
            known = ceiling is not None and reset_ms is not None and seen == self._observed
        pipeline = observation_pipeline(self._rules, limit, remaining, reset_ms, sequence)
        if known or not pipeline:
            return
        self._update("take over the provider's headers", pipeline)
        with self._lock:
            self._observed = seen

    def park(self, until: datetime | None = None) -> None:
        """Refuse everything, fleet-wide, until the time (at most one window ahead; a minute where it is not known)."""
        until_ms = self._server_now() + PARKED_WITHOUT_RESET_MS if until is None else _milliseconds(until)
        self._update("park the fleet", parking_pipeline(self._rules, until_ms))

    def usage(self) -> Usage:
        """Return who used how much of the window that ends now, and what is free."""
        with _transient("read the budget"), pymongo.timeout(self._timeout):
            stored = self._collection.find_one({"_id": self._key})
        return usage_of(stored or {}, self._server_now(), self._rules)

    def _ask(self, account: str, cost: int, *, forced: bool) -> Grant:
        asked_at = self._clock.monotonic()
        answer = self._update("count a request", self._pipeline(account, cost, forced), ANSWER)
        last = answer["last"]
        if not last["granted"]:
            # A repeated reply (the driver's retry) lacks the computed time: asking again in one bucket is right then.
            now = answer.get("now", last["retry_at"] - self._rules.window.bucket_ms)
            wait = max(1, last["retry_at"] - now) / 1000
            return Grant(False, account, cost, last["reason"], retry_after=wait)
        return Grant(
            True,
            account,
            cost,
            at_ms=last["at"],
            sequence=answer["sequence"],
            bucket=answer["tick"],
            use_before=asked_at + self._validity,
        )

    def _build_pipeline(self, account: str, cost: int, forced: bool) -> Sequence[Document]:
        return decision_pipeline(self._rules, account, cost, forced=forced)

    def _update(self, what: str, pipeline: Sequence[Document], projection: Document | None = None) -> Document:
        with _transient(what), pymongo.timeout(self._timeout):
            for last_attempt in (False, True):
                try:
                    return self._find_and_modify(pipeline, projection or {"_id": 1})
                except DuplicateKeyError:  # two processes created the document at once: it exists now
                    if last_attempt:
                        raise
        raise AssertionError("unreachable")

    def _find_and_modify(self, pipeline: Sequence[Document], projection: Document) -> Document:
        found = self._collection.find_one_and_update(
            {"_id": self._key},
            pipeline,
            upsert=True,
            return_document=ReturnDocument.AFTER,
            projection=projection,
        )
        return found or {}  # never empty: an upsert returns what it made

    def _server_now(self) -> int:
        with _transient("read the server's clock"), pymongo.timeout(self._timeout):
            hello = self._collection.database.command("hello")
        return _milliseconds(hello["localTime"])

    @property
    def _collection(self) -> Collection[Document]:
        if self._database is None:
            self._database = _database_of_the_settings()
        return self._database.get_collection(
            COLLECTION,
            write_concern=WriteConcern(w="majority", j=True),
            read_concern=ReadConcern("majority"),
            read_preference=ReadPreference.PRIMARY,
        )


@contextmanager
def _transient(what: str) -> Iterator[None]:
    try:
        yield
    except PyMongoError as error:
        # The driver's own text names hosts and may quote the document: the kind of the error is enough here.
        raise TransientError(
            f"the request budget is out of reach: could not {what} ({type(error).__name__})"
        ) from error


def _milliseconds(at: datetime) -> int:
    if at.tzinfo is None:  # MongoDB's times, from a client that was not told to make them aware
        at = at.replace(tzinfo=UTC)
    return milliseconds_of(at)


def _database_of_the_settings() -> Database[Document]:
    settings = load_settings()
    return client.database(client.connect(settings, service="tracker"), settings)
