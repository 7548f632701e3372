"""What the client keeps of good answers, and under which keys."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from PROPPR.SharedServices.storage.source_cache import CachedResponse


class ResponseCache(Protocol):
    """Keeps the last good answer per key; SourceCache in MongoDB. May raise TransientError."""

    def get(self, key: str) -> CachedResponse | None:
        """Return what is kept."""

    def put(self, key: str, response: CachedResponse) -> bool:
        """Keep an answer; whether it is kept."""

    def confirm(self, key: str, response: CachedResponse) -> None:
        """Note that the source stands by what is kept."""


def day_key(day: date) -> str:
    """The key of a day's list."""
    return f"day:{day:%Y%m%d}"


def league_key(league_id: int, season: str | None = None) -> str:
    """The key of a league's page, in a season or the present one."""
    return f"league:{league_id}" + (f":{season}" if season else "")


def match_key(match_id: int) -> str:
    """The key of a match, however it was read."""
    return f"match:{match_id}"


def team_key(team_id: int) -> str:
    """The key of a team's page."""
    return f"team:{team_id}"


def player_key(player_id: int) -> str:
    """The key of a player's page."""
    return f"player:{player_id}"
