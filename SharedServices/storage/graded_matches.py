"""What the grader asks of stored matches beyond one match: those that have changed, and those not looked at again."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from pymongo.database import Database

from PROPPR.SharedServices.storage.league_listings import COLLECTION as LISTINGS
from PROPPR.SharedServices.storage.matches import COLLECTION as MATCHES

Document = dict[str, Any]
MOST: Final = 20_000


class GradedMatches:
    """Reads `fotmob_matches` and `fotmob_leagues`. Raises pymongo's errors."""

    def __init__(self, database: Database[Document]) -> None:
        self._matches = database[MATCHES]
        self._listings = database[LISTINGS]

    def revised_since(self, moment: datetime) -> dict[int, int]:
        """The matches that got a second or later revision since then, with its number; the newest 20,000."""
        condition = {"fetched_at": {"$gte": moment}, "revision": {"$gt": 1}}
        found = self._matches.find(condition, {"match_id": 1, "revision": 1}).sort("fetched_at", -1).limit(MOST)
        return {int(each["match_id"]): int(each["revision"]) for each in found}

    def begun_between(self, begin: datetime, end: datetime) -> list[int]:
        """The matches that kicked off in between, earliest first; at most 20,000."""
        condition = {"kickoff": {"$gte": begin, "$lt": end}}
        found = self._matches.find(condition, {"match_id": 1}).sort("kickoff", 1).limit(MOST)
        return [int(each["match_id"]) for each in found]

    def listed_under(self, match_id: int) -> tuple[int, str] | None:
        """The league and season under which the statistics list a match."""
        condition = {"matches": {"$elemMatch": {"0": match_id}}}
        found = self._listings.find_one(condition, {"league_id": 1, "season": 1}, sort=[("fetched_at", -1)])
        return None if found is None else (int(found["league_id"]), found["season"])
