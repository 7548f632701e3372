"""How often a sign-in may fail: per address and altogether, remembered in MongoDB, so that no restart forgets it.

An attempt is counted before it is judged, in one atomic step, so attempts in parallel are not free; a right one takes
its address's count back. `console_logins` holds {_id: "address:<address>" or "all", failures, last_at, blocked_until,
expires_at}.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.mongo_types import Document, MongoDatabase

COLLECTION: Final = "console_logins"
FORGET_AFTER: Final = 900.0
"""Seconds without an attempt after which the count begins anew."""


@dataclass(frozen=True, slots=True)
class Limit:
    """So many attempts are free; then each makes the next one wait: `first` seconds, twice as many, up to `longest`."""

    free: int
    first: float
    longest: float

    def wait(self, failures: int) -> float:
        """The seconds to wait after so many failures in a row."""
        beyond = failures - self.free
        return 0.0 if beyond < 0 else min(self.longest, self.first * 2.0 ** min(beyond, 40))


PER_ADDRESS: Final = Limit(free=5, first=5.0, longest=900.0)
# Whoever has many addresses can make a sign-in wait for up to half a minute; who is signed in, and programs with the
# right token, notice nothing.
ALTOGETHER: Final = Limit(free=50, first=1.0, longest=30.0)


class Throttle:
    """Counts the attempts to sign in. Every method may raise PyMongoError: then nobody gets in."""

    def __init__(self, database: MongoDatabase, clock: Clock) -> None:
        self._collection = database[COLLECTION]
        self._clock = clock

    def take(self, address: str) -> float:
        """Count an attempt from `address` and return 0.0, or the seconds to wait, and count nothing."""
        now = self._clock.now()
        key = _key(address)
        wait = self._take(key, PER_ADDRESS, now)
        if wait:
            return wait
        wait = self._take("all", ALTOGETHER, now)
        if wait:  # others' fault: it does not count against this one
            self._collection.update_one({"_id": key}, {"$inc": {"failures": -1}, "$set": {"blocked_until": now}})
        return wait

    def forgive(self, address: str) -> None:
        """Forget the failures of an address: somebody has signed in from there."""
        self._collection.delete_one({"_id": _key(address)})
        self._collection.update_one({"_id": "all", "failures": {"$gt": 0}}, {"$inc": {"failures": -1}})

    def _take(self, key: str, limit: Limit, now: datetime) -> float:
        free = {"_id": key, "$or": [{"blocked_until": {"$lte": now}}, {"blocked_until": None}]}
        try:
            self._collection.find_one_and_update(
                free, _counted(limit, now), upsert=True, return_document=ReturnDocument.AFTER
            )
        except DuplicateKeyError:  # it is there and blocked, so that the upsert wanted to insert it
            found = self._collection.find_one({"_id": key}) or {}
            until = found.get("blocked_until") or now
            return max(1.0, float((until - now).total_seconds()))
        return 0.0


def _counted(limit: Limit, now: datetime) -> list[Document]:
    forgotten = {"$lt": [{"$ifNull": ["$last_at", now]}, now - timedelta(seconds=FORGET_AFTER)]}
    failures = {"$add": [{"$cond": [forgotten, 0, {"$ifNull": ["$failures", 0]}]}, 1]}
    beyond = {"$min": [{"$subtract": ["$failures", limit.free]}, 40]}
    wait = {"$min": [limit.longest, {"$multiply": [limit.first, {"$pow": [2, beyond]}]}]}
    until = {"$dateAdd": {"startDate": now, "unit": "millisecond", "amount": {"$toLong": {"$multiply": [wait, 1000]}}}}
    return [
        {"$set": {"failures": failures}},
        {"$set": {
            "last_at": now, "blocked_until": {"$cond": [{"$lt": ["$failures", limit.free]}, now, until]},
            "expires_at": now + timedelta(seconds=FORGET_AFTER + limit.longest),
        }},
    ]  # fmt: skip


def _key(address: str) -> str:
    """One key for what one household or attacker has: an address, or a whole /64 of IPv6."""
    try:
        found = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return f"address:{address[:60]}"
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return f"address:{found.ipv4_mapped}"
        return f"address:{ipaddress.ip_network((found, 64), strict=False)}"
    return f"address:{found}"
