"""Who is signed in: sessions in MongoDB, known there only by a hash, so that whoever reads the database gets none.

`console_sessions` holds {_id: hash of the cookie, operator, address, created_at, seen_at, expires_at, notices}.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pymongo import ReturnDocument

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.mongo_types import Document, MongoDatabase

COLLECTION: Final = "console_sessions"
IDLE: Final = timedelta(hours=12)
LONGEST: Final = timedelta(days=3)
MOST: Final = 200
"""Sessions at once; with one more the oldest ends."""

_RENEW: Final = timedelta(minutes=1)  # not a write for every request
_MOST_NOTICES: Final = 5


@dataclass(frozen=True, slots=True)
class Session:
    """A session: its `key` in the database (safe to log), and who it is."""

    key: str
    operator: str
    expires_at: datetime


class Sessions:
    """Opens, finds and ends sessions. Every method may raise PyMongoError."""

    def __init__(self, database: MongoDatabase, clock: Clock) -> None:
        self._collection = database[COLLECTION]
        self._clock = clock

    def open(self, operator: str, address: str) -> str:
        """Begin a session and return the value of its cookie: always a new one, whatever the browser had before."""
        token = secrets.token_urlsafe(32)
        now = self._clock.now()
        self._collection.insert_one({
            "_id": key_of(token), "operator": operator, "address": address, "created_at": now, "seen_at": now,
            "expires_at": now + IDLE, "notices": [],
        })  # fmt: skip
        too_old = [one["_id"] for one in self._collection.find({}, {"_id": 1}).sort("created_at", -1).skip(MOST)]
        if too_old:
            self._collection.delete_many({"_id": {"$in": too_old}})
        return token

    def find(self, token: str | None) -> Session | None:
        """Return the session of a cookie, None if there is none or it is over; one that is used lasts longer."""
        if not token or len(token) > 100:
            return None
        now = self._clock.now()
        found = self._collection.find_one({"_id": key_of(token), "expires_at": {"$gt": now}})
        if found is None:
            return None
        if now - found["seen_at"] >= _RENEW:
            expires_at = min(now + IDLE, found["created_at"] + LONGEST)
            self._collection.update_one({"_id": found["_id"]}, {"$set": {"seen_at": now, "expires_at": expires_at}})
        return Session(found["_id"], found["operator"], found["expires_at"])

    def end(self, session: Session) -> None:
        """End a session; its cookie is worth nothing from now on."""
        self._collection.delete_one({"_id": session.key})

    def say(self, session: Session, text: str) -> None:
        """Keep a notice for the next page that the session's browser loads."""
        change: Document = {"$push": {"notices": {"$each": [text[:500]], "$slice": -_MOST_NOTICES}}}
        self._collection.update_one({"_id": session.key}, change)

    def heard(self, session: Session) -> Sequence[str]:
        """Take the notices out."""
        taken = self._collection.find_one_and_update(
            {"_id": session.key, "notices.0": {"$exists": True}}, {"$set": {"notices": []}},
            return_document=ReturnDocument.BEFORE, projection={"notices": 1},
        )  # fmt: skip
        return tuple(taken["notices"]) if taken else ()


def key_of(token: str) -> str:
    """The key under which a cookie's session is stored. The cookie has 256 random bits: a plain hash is enough."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
