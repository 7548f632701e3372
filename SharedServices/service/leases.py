"""One at a time in the whole fleet: a lease in MongoDB by the server's clock, with fencing tokens."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import pymongo
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError, PyMongoError

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.components import Check, ThreadedComponent
from PROPPR.SharedServices.service.errors import TransientError
from PROPPR.SharedServices.service.mongo_types import Document, MongoCollection, MongoDatabase

log = logging.getLogger(__name__)

COLLECTION = "leases"
TTL = 6.0
_MARGIN = 0.1  # of the ttl: the holder gives up so much earlier than the server, for clocks that run differently


class LeaseLost(TransientError):
    """The lease is somebody else's, or may be: do not do what only its holder may do."""


class Lease(ThreadedComponent):
    """A named lease, a Component.

    At most one holder at a time: `held` turns false by the local monotonic clock before the lease ends on the server,
    also while MongoDB is away. A holder that died is replaced after at most `ttl` plus one attempt (1 s apart). The
    fencing token grows with every change of holder and never comes back, not even if the lease's document is deleted.

    As a Component it acquires and renews in a thread of its own; stop() says that the lease is lost (if it was held),
    then releases it. `on_acquired(token)` and `on_lost()` are called from that thread, in turns, and must be quick:
    while they run, nothing is renewed. Waiting as a standby is a healthy state. Without start(), call acquire(),
    renew() and release() yourself.
    Stored: _id = name, holder, nonce, token, acquired_at, renewed_at, expires_at.
    """

    def __init__(
        self,
        database: MongoDatabase,
        name: str,
        holder: str,
        ttl: float = TTL,
        clock: Clock | None = None,
        *,
        on_acquired: Callable[[int], None] | None = None,
        on_lost: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(f"lease {name}", self._run, clock)
        self.lease = name
        self.holder = holder
        self.ttl = ttl
        self.held_by: str | None = None
        self._collection = database[COLLECTION]
        self._nonce = uuid.uuid4().hex  # tells two holders of the same name apart: a restarted process is a new one
        self._token: int | None = None
        self._valid_until = 0.0
        self._on_acquired = on_acquired
        self._on_lost = on_lost
        self._told: int | None = None  # the token that on_acquired() heard of
        self._error: str | None = None
        self._lock = threading.Lock()

    @property
    def held(self) -> bool:
        """True while the lease is surely ours."""
        return self.token is not None

    @property
    def token(self) -> int | None:
        """The fencing token while the lease is surely ours, else None."""
        with self._lock:
            return self._token if self._clock.monotonic() < self._valid_until else None

    def guard(self) -> int:
        """Return the fencing token for a write that only the holder may do; LeaseLost if we are not the holder."""
        token = self.token
        if token is None:
            raise LeaseLost(f"the lease {self.lease} is not ours (holder: {self.held_by or 'unknown'})")
        return token

    def acquire(self) -> int | None:
        """Take the lease if it is free or keep it if it is ours; the token, or None if somebody else holds it.

        Raises PyMongoError if MongoDB is away.
        """
        return self._take(only_if_ours=False)

    def renew(self) -> bool:
        """Keep the lease for another `ttl`; False if it is not ours any more."""
        return self._take(only_if_ours=True) is not None

    def release(self) -> None:
        """Give the lease up, so that a standby takes it at once. Raises PyMongoError if MongoDB is away."""
        with self._lock:
            self._token, self._valid_until = None, 0.0
        with pymongo.timeout(self._patience()):
            ours = {"_id": self.lease, "nonce": self._nonce}
            self._collection.update_one(ours, [{"$set": {"expires_at": "$$NOW", "holder": None, "nonce": None}}])

    def _own_check(self) -> Check:
        """Say whether we hold the lease, wait as a standby, or can't reach it."""
        token = self.token
        if token is not None:
            return Check(True, f"active: holds {self.lease}, token {token}")
        if self._error:
            return Check(False, f"standby: {self._error}", None, "degraded")
        return Check(True, f"standby: {self.lease} is held by {self.held_by or 'nobody yet'}")

    def _patience(self) -> float:
        return self.ttl / 3

    def _take(self, only_if_ours: bool) -> int | None:
        asked_at = self._clock.monotonic()
        patience = self._patience()
        with self._lock:
            if self._token is not None and self._valid_until > asked_at:
                # An answer that comes after we had to give up is of no use.
                patience = max(0.05, min(patience, self._valid_until - asked_at))
        with pymongo.timeout(patience):
            stored = self._update(only_if_ours)
        with self._lock:
            self.held_by = stored.get("holder") if stored else None
            if stored and stored.get("nonce") == self._nonce:
                self._token = int(stored["token"])
                # Counted from before the question: the server's ttl can only have begun later.
                self._valid_until = asked_at + self.ttl * (1 - _MARGIN)
                return self._token if self._clock.monotonic() < self._valid_until else None
            self._token, self._valid_until = None, 0.0
            return None

    def _update(self, only_if_ours: bool) -> Document | None:
        pipeline = _taking(self.holder, self._nonce, self.ttl, only_if_ours)
        for attempt in (1, 2):
            try:
                return self._collection.find_one_and_update(
                    {"_id": self.lease}, pipeline, upsert=not only_if_ours, return_document=ReturnDocument.AFTER
                )
            except DuplicateKeyError:  # two made the document at once: the other was first, so now it exists
                if attempt == 2:
                    raise
        return None

    def _run(self, stop: threading.Event) -> None:
        try:
            while not stop.is_set():
                self._step()
                stop.wait(self._pause())
        finally:
            self._tell_lost()
            self._release_quietly()

    def _step(self) -> None:
        if self.token is None:
            self._tell_lost()  # before asking, which may take a while
        try:
            token = self.acquire()
            self._error = None
        except (PyMongoError, TransientError) as error:
            self._error = f"{type(error).__name__}: MongoDB does not answer"
            token = self.token
            log.warning("lease not renewed", extra={"lease": self.lease, "error": str(error)[:300]})
        if token == self._told:
            return
        # Also between two tokens of ours: whoever slept through the end of the first must hear of it.
        self._tell_lost()
        if token is not None:
            self._told = token
            log.info("lease acquired", extra={"lease": self.lease, "token": token})
            if self._on_acquired is not None:
                self._on_acquired(token)

    def _pause(self) -> float:
        """Seconds until the next attempt: in time to notice the end of the lease, quickly while it isn't ours."""
        with self._lock:
            left = self._valid_until - self._clock.monotonic() if self._token is not None else 0.0
        return max(0.05, min(self.ttl / 3, left)) if left > 0 else min(1.0, self.ttl / 6)

    def _tell_lost(self) -> None:
        if self._told is None:
            return
        self._told = None
        log.warning("lease given up", extra={"lease": self.lease, "held_by": self.held_by})
        if self._on_lost is not None:
            self._on_lost()

    def _release_quietly(self) -> None:
        try:
            self.release()
        except PyMongoError as error:
            # Not lost, only late: a standby takes over when the ttl has passed.
            log.warning("lease not released", extra={"lease": self.lease, "error": str(error)[:300]})


def fenced_update(
    collection: MongoCollection,
    filter_: Mapping[str, Any],
    update: Mapping[str, Mapping[str, Any]],
    token: int,
    *,
    field: str = "fence",
) -> bool:
    """Update the one document of `filter_` unless a holder with a higher token wrote it before; True if it was written.

    Inserts the document if there is none, so `filter_` must name its unique key. This is what makes a lease safe: a
    holder that slept through the end of its lease is refused by the data itself.
    """
    not_newer = {"$or": [{field: {"$exists": False}}, {field: {"$lte": token}}]}
    fenced = {**update, "$set": {**update.get("$set", {}), field: token}}
    try:
        result = collection.update_one({"$and": [dict(filter_), not_newer]}, fenced, upsert=True)
    except DuplicateKeyError:  # the document exists but carries a higher token, so the upsert tried to insert
        return False
    return result.matched_count > 0 or result.upserted_id is not None


def _taking(holder: str, nonce: str, ttl: float, only_if_ours: bool) -> list[Document]:
    """Return the pipeline that takes or keeps the lease by the server's clock and leaves it alone otherwise."""
    expired = {"$lte": [{"$ifNull": ["$expires_at", "$$NOW"]}, "$$NOW"]}
    ours = {"$and": [{"$eq": ["$nonce", nonce]}, {"$not": [expired]}]}
    until = {"$dateAdd": {"startDate": "$$NOW", "unit": "millisecond", "amount": round(ttl * 1000)}}
    kept = {"$mergeObjects": ["$$ROOT", {"renewed_at": "$$NOW", "expires_at": until}]}
    # At least the time in milliseconds: tokens grow even if the document with the last one was deleted.
    token = {"$max": [{"$add": [{"$ifNull": ["$token", 0]}, 1]}, {"$toLong": "$$NOW"}]}
    taken = {
        "_id": "$_id", "holder": {"$literal": holder}, "nonce": nonce, "token": {"$toLong": token},
        "acquired_at": "$$NOW", "renewed_at": "$$NOW", "expires_at": until,
    }  # fmt: skip
    # Too late to renew: without its nonce the answer can't be mistaken for a lease of ours.
    ended = {"$mergeObjects": ["$$ROOT", {"holder": None, "nonce": None}]}
    branches = [{"case": ours, "then": kept}, {"case": expired, "then": ended if only_if_ours else taken}]
    return [{"$replaceWith": {"$switch": {"branches": branches, "default": "$$ROOT"}}}]
