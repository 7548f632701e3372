"""What an operator says about alerts: acknowledged, muted; and what the senders must remember together.

`alert_control` holds {_id: "mute:<pattern>", kind: "mute", pattern, by, reason, created_at, expires_at} and
{_id: "channel:<name>", kind: "channel", not_before, last_error}: until when a channel must not be used.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pymongo

from PROPPR.SharedServices.service.alert_documents import COLLECTION, later
from PROPPR.SharedServices.service.mongo_types import Document, MongoDatabase

CONTROL = "alert_control"
MOST_MUTES = 200
_PATIENCE = 3.0


@dataclass(frozen=True, slots=True)
class Mute:
    """Alerts whose key matches `pattern` (* and ? as in file names) are not told before `until`."""

    pattern: str
    until: datetime
    by: str
    reason: str

    def covers(self, key: str) -> bool:
        """Whether the alert of this key is muted by it."""
        return re.fullmatch(_regular(self.pattern), key, re.DOTALL) is not None


class AlertControl:
    """Reads alerts and changes what an operator may change. Every method may raise PyMongoError."""

    def __init__(self, database: MongoDatabase) -> None:
        self._alerts = database[COLLECTION]
        self._control = database[CONTROL]

    def listed(self, *, everything: bool = False, limit: int = 100) -> list[Document]:
        """Return the alerts that fail, the critical and then the newest first; with `everything` also what was."""
        chosen: Document = {} if everything else {"state": "failing"}
        rank = {"$indexOfArray": [["critical", "warning", "info"], "$severity"]}
        failing = {"$eq": ["$state", "failing"]}
        with pymongo.timeout(_PATIENCE):
            return list(self._alerts.aggregate([
                {"$match": chosen},
                {"$set": {"_rank": {"$cond": [failing, rank, 9]}}},
                {"$sort": {"_rank": 1, "last_seen_at": -1, "_id": 1}},
                {"$limit": limit},
                {"$unset": ["_rank", "recent"]},
            ]))  # fmt: skip

    def acknowledge(self, pattern: str, by: str) -> list[str]:
        """Say that somebody takes care of the failing alerts whose key matches; the keys of those newly acknowledged.

        It ends the reminders and keeps the e-mail from being sent, until the alert recovers and fails again.
        """
        chosen = {**matching([pattern]), "state": "failing", "acknowledged_at": None}
        with pymongo.timeout(_PATIENCE):
            keys = [found["_id"] for found in self._alerts.find(chosen, {"_id": 1}).limit(1000)]
            said = {"acknowledged_at": "$$NOW", "acknowledged_by": {"$literal": by[:100]}}
            return [
                key for key in keys
                if self._alerts.update_one({**chosen, "_id": key}, [{"$set": said}]).modified_count
            ]  # fmt: skip

    def mute(self, pattern: str, seconds: float, by: str = "", reason: str = "") -> Mute:
        """Keep quiet, on every channel, about keys that match, for so many seconds. Replaces an earlier one.

        Raises ValueError for an empty pattern, no time, or more than 200 mutes at once.
        """
        if not pattern or len(pattern) > 200 or not 0 < seconds <= 366 * 86_400:
            raise ValueError("needs a pattern of 1 to 200 characters and a time of up to a year")
        if len(self.mutes()) >= MOST_MUTES:
            raise ValueError(f"there are {MOST_MUTES} mutes already")
        stored = {
            "kind": "mute", "pattern": {"$literal": pattern}, "by": {"$literal": by[:100]},
            "reason": {"$literal": reason[:500]}, "created_at": "$$NOW", "expires_at": later(seconds),
        }  # fmt: skip
        with pymongo.timeout(_PATIENCE):
            self._control.update_one({"_id": f"mute:{pattern}"}, [{"$set": stored}], upsert=True)
        return next(mute for mute in self.mutes() if mute.pattern == pattern)

    def unmute(self, pattern: str) -> bool:
        """End a mute; False if there is none of this very pattern."""
        with pymongo.timeout(_PATIENCE):
            return self._control.delete_one({"_id": f"mute:{pattern}", "kind": "mute"}).deleted_count > 0

    def mutes(self) -> list[Mute]:
        """Return the mutes in force (the server's clock decides), the first to end first."""
        active = {"kind": "mute", "$expr": {"$gt": ["$expires_at", "$$NOW"]}}
        with pymongo.timeout(_PATIENCE):
            found = list(self._control.find(active).sort("expires_at", 1).limit(MOST_MUTES))
        return [Mute(one["pattern"], one["expires_at"], one["by"], one["reason"]) for one in found]

    def muted(self) -> Document | None:
        """Return the filter of muted alerts, None if nothing is muted."""
        patterns = [mute.pattern for mute in self.mutes()]
        return matching(patterns) if patterns else None

    def hold(self, channel: str, seconds: float, error: str) -> None:
        """Remember that a channel must not be used for so long, whichever process takes over."""
        stored = {"kind": "channel", "not_before": later(seconds), "last_error": {"$literal": error[:300]}}
        with pymongo.timeout(_PATIENCE):
            self._control.update_one({"_id": f"channel:{channel}"}, [{"$set": stored}], upsert=True)

    def held_for(self, channel: str) -> float:
        """Return the seconds for which a channel must not be used yet, by the server's clock."""
        left = {"$max": [0, {"$subtract": ["$not_before", "$$NOW"]}]}
        with pymongo.timeout(_PATIENCE):
            found = list(self._control.aggregate([
                {"$match": {"_id": f"channel:{channel}"}}, {"$project": {"left": left}},
            ]))  # fmt: skip
        return float(found[0]["left"] or 0) / 1000 if found else 0.0


def matching(patterns: Sequence[str]) -> Document:
    """Return the filter of alerts whose key matches one of the patterns."""
    return {"$or": [{"_id": {"$regex": rf"^{_regular(pattern)}\z", "$options": "s"}} for pattern in patterns]}


def _regular(pattern: str) -> str:
    parts = {"*": ".*", "?": "."}
    return "".join(parts.get(character) or re.escape(character) for character in pattern)
