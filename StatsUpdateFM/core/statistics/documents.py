"""What the documents of the statistics have in common: who they are about, rounding, and their fingerprint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from PROPPR.SharedServices.football.model import Number, Position

PLACES = 4
"""Decimal places of every fractional number in a document."""

_BOOKKEEPING = frozenset({"_id", "updated_at", "content_hash", "fence"})  # what the store adds says nothing


@dataclass(frozen=True, slots=True)
class TeamIdentity:
    """A team and the league it is listed under (its domestic one, where it plays in several)."""

    id: int
    name: str
    league_id: int
    league: str
    country: str


@dataclass(frozen=True, slots=True)
class PlayerIdentity:
    """A player and his team of today. `position` None = unknown."""

    id: int
    name: str
    team_id: int
    team: str
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class FixtureIdentity:
    """A fixture of odds-api.io with what FotMob calls it; the ids of FotMob are None where it is not mapped.

    The names are those of odds-api.io, so that readers find the same in `team_odds`. `season` is FotMob's name of it.
    """

    fixture_id: int
    home_team: str
    away_team: str
    league: str
    kickoff: datetime
    season: str
    fotmob_match_id: int | None = None
    home_team_id: int | None = None
    away_team_id: int | None = None


def rounded(number: Number) -> float:
    """The number as documents hold it."""
    return round(float(number), PLACES) + 0.0  # + 0.0 makes -0.0 a plain zero


def iso(moment: datetime) -> str:
    """A moment as the readers' `date` fields have it: UTC, whole seconds, "2026-05-16T15:30:00Z"."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def content_hash(document: Mapping[str, Any]) -> str:
    """A fingerprint of what the document says: equal for equal content, whenever it was written.

    `updated_at` and what the store adds (`_id`, `content_hash`, `fence`) are left out. The order of fields does not
    matter: a document that was read back from MongoDB has the fingerprint of the one that was written.
    """
    content = {key: value for key, value in document.items() if key not in _BOOKKEEPING}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds")
    raise TypeError(f"a document holds no {type(value).__name__}")
