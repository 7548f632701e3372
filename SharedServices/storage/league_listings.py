"""The matches of a league's season as its page last listed them, and what has been made of them.

`worked` holds, per step of a run, a key that stands for everything the step's result depends on: the same key again
means that there is nothing to do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import bson
from pymongo.database import Database

from PROPPR.SharedServices.football.league_page import LeaguePage
from PROPPR.SharedServices.football.listed_match import ListedMatch
from PROPPR.SharedServices.football.model import Ending, League, Score, State, Team

Document = dict[str, Any]
COLLECTION: Final = "fotmob_leagues"


@dataclass(frozen=True, slots=True)
class Listing:
    """A league's season: `matches` in the order of the page, `digest` of all that the page says of them."""

    league_id: int
    season: str
    name: str
    country: str
    seasons: tuple[str, ...]
    matches: tuple[ListedMatch, ...]
    fetched_at: datetime
    digest: str = ""
    worked: Mapping[str, str] = field(default_factory=dict)


class LeagueListings:
    """The collection `fotmob_leagues`. Raises pymongo's errors."""

    def __init__(self, database: Database[Document]) -> None:
        self._leagues = database[COLLECTION]

    def save(self, page: LeaguePage, fetched_at: datetime, league_id: int) -> Listing:
        """Store what a page lists, unless a younger one is stored; the listing that is stored then.

        `league_id` is the id it was asked by. A page that says the same only moves `fetched_at`.
        """
        rows = [_encode(match) for match in page.matches]
        head = {"name": page.league.name, "country": page.league.country_code or "", "seasons": list(page.seasons)}
        digest = hashlib.blake2b(bson.encode({**head, "matches": rows}), digest_size=12).hexdigest()
        key = {"league_id": league_id, "season": page.season}
        stored = self._leagues.find_one(key, {"digest": 1, "fetched_at": 1})
        change: Document = {"fetched_at": fetched_at}
        if stored is None or stored["digest"] != digest:
            change |= {**head, "matches": rows, "digest": digest}
        newer = {**key, "fetched_at": {"$lte": fetched_at}} if stored is not None else key
        self._leagues.update_one(newer, {"$set": change}, upsert=stored is None)
        return _decode(self._leagues.find_one(key) or {})

    def load(self, league_id: int, season: str | None = None) -> Listing | None:
        """The listing of a season, by default of the newest one; None where none is stored."""
        key: Document = {"league_id": league_id} | ({} if season is None else {"season": season})
        document = self._leagues.find_one(key, sort=[("season", -1)])
        return None if document is None else _decode(document)

    def newest(self, league_ids: Iterable[int]) -> dict[int, Listing]:
        """The newest listing of each of these leagues; those without one are missing."""
        found = ((league_id, self.load(league_id)) for league_id in league_ids)
        return {league_id: listing for league_id, listing in found if listing is not None}

    def with_match(self, match_id: int) -> Listing | None:
        """The newest listing that has this match."""
        document = self._leagues.find_one({"matches": {"$elemMatch": {"0": match_id}}}, sort=[("fetched_at", -1)])
        return None if document is None else _decode(document)

    def followed(self, since: datetime) -> list[int]:
        """The leagues whose page was read since then."""
        return sorted(self._leagues.distinct("league_id", {"fetched_at": {"$gte": since}}))

    def mark_worked(self, league_id: int, season: str, step: str, key: str) -> None:
        """Note that a step has done all there is to do for this key. Only after its results are stored."""
        self._leagues.update_one({"league_id": league_id, "season": season}, {"$set": {f"worked.{step}": key}})


def seasons_of(listing: Listing) -> tuple[str, ...]:
    """The season that is listed and the one before it, where the page names one."""
    names = list(listing.seasons)
    place = names.index(listing.season) if listing.season in names else -1
    before = names[place + 1 : place + 2] if place >= 0 else []
    return (listing.season, *before)


def _encode(match: ListedMatch) -> list[Any]:
    score = match.score
    return [
        match.match_id, match.kickoff, match.home.id, match.home.name, match.away.id, match.away.name,
        str(match.state), None if match.ending is None else str(match.ending),
        None if score is None else [score.home, score.away], match.round,
    ]  # fmt: skip


def _decode(document: Mapping[str, Any]) -> Listing:
    league = League(document["league_id"], document["name"], document["country"] or None, season=document["season"])
    return Listing(
        league_id=int(document["league_id"]),
        season=document["season"],
        name=document["name"],
        country=document["country"],
        seasons=tuple(document["seasons"]),
        matches=tuple(_listed(row, league) for row in document["matches"]),
        fetched_at=document["fetched_at"],
        digest=document["digest"],
        worked=document.get("worked", {}),
    )


def _listed(row: list[Any], league: League) -> ListedMatch:
    match_id, kickoff, home_id, home, away_id, away, state, ending, score, round_ = row
    return ListedMatch(
        match_id, league, kickoff, Team(home_id, home), Team(away_id, away), State(state),
        None if ending is None else Ending(ending), None if score is None else Score(*score), round_,
    )  # fmt: skip
