"""The documents of `fixture_mappings`: how a result is stored, and what readers get."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bson import Int64

from PROPPR.SharedServices.mapping.candidates import Candidate
from PROPPR.SharedServices.mapping.fixtures import FixtureMapping
from PROPPR.SharedServices.odds.times import moment_of

Document = dict[str, Any]
MATCH_FIELDS: Final = (
    "fotmob_match_id", "fotmob_home", "fotmob_away", "fotmob_kickoff", "competition_id", "swapped", "score",
)  # fmt: skip
"""What is absent from the document of a fixture without a match; `score` is then the best candidate's."""


@dataclass(frozen=True, slots=True)
class Link:
    """A fixture and its match. Where `swapped`, the fixture's home team is the match's away team."""

    fixture_id: int
    match_id: int
    swapped: bool
    status: str
    score: float | None


@dataclass(frozen=True, slots=True)
class StoredCandidate:
    """A match that a fixture may be, as it was when last looked at."""

    match_id: int
    score: float
    home: str
    away: str
    kickoff: datetime
    league: str
    competition_id: int
    swapped: bool


@dataclass(frozen=True, slots=True)
class StoredMapping:
    """All that is stored of a fixture's mapping. `link` is None where it is open or rejected."""

    fixture_id: int
    status: str
    reason: str
    home: str
    away: str
    country: str
    league: str
    kickoff: datetime | None
    score: float | None
    link: Link | None
    match_home: str | None
    match_away: str | None
    candidates: tuple[StoredCandidate, ...]
    updated_at: datetime


def document_of(result: FixtureMapping) -> Document:
    """Return the document of a result, without the time of its writing."""
    fixture = result.fixture
    document: Document = {
        "fixture_id": Int64(fixture.id),
        "status": result.status,
        "reason": str(result.reason),
        "home": fixture.home,
        "away": fixture.away,
        "country": fixture.country,
        "league": fixture.league,
        "kickoff": moment_of(fixture.kickoff),
        "candidates": [_candidate(candidate) for candidate in result.candidates],
    }
    if result.score is not None:
        document["score"] = result.score
    if result.match is not None:
        document |= _match_values(_candidate(result.match))
    return document


def candidate_values(document: Mapping[str, Any], match_id: int) -> Document:
    """Return what a stored document says of one of its candidates, nothing where it is none of them."""
    for candidate in document.get("candidates", ()):
        if candidate["match_id"] == match_id:
            return _match_values(candidate)
    return {}


def _match_values(candidate: Mapping[str, Any]) -> Document:
    return {
        "fotmob_match_id": Int64(candidate["match_id"]),
        "fotmob_home": candidate["home"],
        "fotmob_away": candidate["away"],
        "fotmob_kickoff": candidate["kickoff"],
        "competition_id": candidate["competition_id"],
        "swapped": candidate["swapped"],
        "score": candidate["score"],
    }


def _candidate(candidate: Candidate) -> Document:
    return {
        "match_id": Int64(candidate.match_id),
        "score": candidate.score,
        "home": candidate.home,
        "away": candidate.away,
        "kickoff": candidate.kickoff,
        "league": candidate.league,
        "competition_id": Int64(candidate.competition_id),
        "swapped": candidate.swapped,
    }


def read_link(document: Mapping[str, Any]) -> Link:
    """Return the link of a document that has a match."""
    return Link(
        int(document["fixture_id"]),
        int(document["fotmob_match_id"]),
        bool(document.get("swapped", False)),
        document["status"],
        document.get("score"),
    )


def read_mapping(document: Mapping[str, Any]) -> StoredMapping:
    """Return a stored document as a value."""
    return StoredMapping(
        fixture_id=int(document["fixture_id"]),
        status=document["status"],
        reason=document.get("reason", ""),
        home=document.get("home") or "",
        away=document.get("away") or "",
        country=document.get("country") or "",
        league=document.get("league") or "",
        kickoff=document.get("kickoff"),
        score=document.get("score"),
        link=read_link(document) if "fotmob_match_id" in document else None,
        match_home=document.get("fotmob_home"),
        match_away=document.get("fotmob_away"),
        candidates=tuple(
            StoredCandidate(
                int(one["match_id"]), one["score"], one["home"], one["away"], one["kickoff"], one["league"],
                int(one["competition_id"]), one["swapped"],
            )
            for one in document.get("candidates", ())
        ),
        updated_at=document["updated_at"],
    )  # fmt: skip
