"""The pages of matches as the source served them, each with its revisions counted and what it is found by.

A page that says the same as the stored one, as far as anybody reads it, is no new revision and is not written again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bson import Binary, Int64
from pymongo import UpdateOne
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.errors import TransientError
from PROPPR.SharedServices.storage.match_dictionaries import MatchDictionaries

Document = dict[str, Any]
COLLECTION: Final = "fotmob_matches"
ATTEMPTS: Final = 5
_STATE: Final = {
    "_id": 0, "match_id": 1, "kickoff": 1, "league_id": 1, "season": 1, "revision": 1, "settled": 1, "complete": 1,
    "fetched_at": 1, "checked_at": 1, "counted": 1, "fingerprint": 1, "confirmed": 1,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class MatchFacts:
    """What a page is found by. `fingerprint` stands for everything in it that anybody reads.

    `settled` says that it was played to the end, `complete` that its numbers are there, too; `confirmed` that its
    line-ups are those of the match.
    """

    fingerprint: str
    league_id: int
    season: str
    team_ids: tuple[int, ...]
    player_ids: tuple[int, ...] = ()
    settled: bool = False
    complete: bool = False
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Revision:
    """The revision that is stored now, and whether the page that was handed in made it."""

    number: int
    changed: bool


@dataclass(frozen=True, slots=True)
class MatchState:
    """What is known of a stored match without its page. `counted` names the revision that the statistics hold."""

    match_id: int
    kickoff: datetime | None
    league_id: int
    season: str
    revision: int
    settled: bool
    complete: bool
    confirmed: bool
    fetched_at: datetime
    checked_at: datetime
    fingerprint: str
    counted: str | None


@dataclass(frozen=True, slots=True)
class StoredMatch:
    """A stored page: `payload` is byte for byte what was fetched."""

    match_id: int
    payload: bytes
    kickoff: datetime | None
    season: str
    revision: int
    complete: bool
    fetched_at: datetime


class MatchStore:
    """The collection `fotmob_matches`. Raises pymongo's errors, and TransientError where writers stay in the way."""

    def __init__(self, database: Database[Document], clock: Clock) -> None:
        self._matches = database[COLLECTION]
        self._dictionaries = MatchDictionaries(database, clock)
        self._clock = clock

    def rest(self) -> None:
        """Say that no page is about to be read or written: the memory that both take is given back until then."""
        self._dictionaries.rest()

    def save(
        self,
        match_id: int,
        raw: bytes,
        kickoff: datetime | None,
        facts: MatchFacts,
        *,
        fetched_at: datetime | None = None,
    ) -> Revision:
        """Store a page, unless a younger one is stored; a new revision only if its fingerprint differs.

        Durable when it returns. Handing in the same page again changes nothing but `checked_at`.
        """
        fetched = fetched_at or self._clock.now()
        for _ in range(ATTEMPTS):
            stored = self._matches.find_one({"match_id": match_id}, {**_STATE, "player_ids": 1})
            if stored is not None and stored["checked_at"] >= fetched:
                return Revision(stored["revision"], False)
            if stored is not None and stored["fingerprint"] == facts.fingerprint:
                self.touch(match_id, fetched)
                return Revision(stored["revision"], False)
            if self._replace(match_id, raw, kickoff, facts, fetched, stored):
                return Revision(1 if stored is None else stored["revision"] + 1, True)
        raise TransientError(f"other processes keep changing match {match_id}")

    def touch(self, match_id: int, checked_at: datetime) -> None:
        """Note that the source was asked again, and that what is stored still stands."""
        self._matches.update_one({"match_id": match_id}, {"$max": {"checked_at": checked_at}})

    def load(self, match_id: int) -> StoredMatch | None:
        """The stored page of a match."""
        return next(self.load_many([match_id]), None)

    def load_many(self, match_ids: Sequence[int]) -> Iterator[StoredMatch]:
        """The stored pages of these matches, one after the other (earliest kick-off first)."""
        found = self._matches.find({"match_id": {"$in": list(match_ids)}}).sort([("kickoff", 1), ("match_id", 1)])
        for document in found.batch_size(50):
            yield self._decode(document)

    def states(self, match_ids: Iterable[int]) -> dict[int, MatchState]:
        """What is known of these matches; those that were never stored are missing."""
        return self._states({"match_id": {"$in": list(match_ids)}})

    def of_teams(self, team_ids: Iterable[int], season: str) -> dict[int, MatchState]:
        """The stored matches of these teams in a season, whatever the competition."""
        return self._states({"team_ids": {"$in": list(team_ids)}, "season": season})

    def of_players(self, player_ids: Iterable[int], season: str) -> dict[int, MatchState]:
        """The stored matches in a season in whose squads these players were, whatever their team."""
        return self._states({"player_ids": {"$in": list(player_ids)}, "season": season})

    def of_league(self, league_id: int, season: str) -> dict[int, MatchState]:
        """The stored matches of a competition's season."""
        return self._states({"league_id": league_id, "season": season})

    def people_of(self, match_ids: Iterable[int]) -> tuple[set[int], set[int]]:
        """The teams and players of these matches, those included that a revision took out of them."""
        teams: set[int] = set()
        players: set[int] = set()
        chosen = {"match_id": {"$in": list(match_ids)}}
        for document in self._matches.find(chosen, {"team_ids": 1, "player_ids": 1, "removed": 1}):
            teams.update(map(int, document["team_ids"]))
            players.update(map(int, document["player_ids"]))
            players.update(map(int, document.get("removed", ())))
        return teams, players

    def mark_counted(self, marks: Mapping[int, tuple[int, str]]) -> None:
        """Note for each match that the statistics hold this revision, under this name, unless it has changed since."""
        operations = [
            UpdateOne(
                {"match_id": match_id, "revision": revision}, {"$set": {"counted": name}, "$unset": {"removed": 1}}
            )
            for match_id, (revision, name) in marks.items()
        ]
        if operations:
            self._matches.bulk_write(operations, ordered=False, comment="counted matches")

    def _states(self, chosen: Document) -> dict[int, MatchState]:
        return {document["match_id"]: _state(document) for document in self._matches.find(chosen, _STATE)}

    def _replace(
        self, match_id: int, raw: bytes, kickoff: datetime | None, facts: MatchFacts, fetched: datetime,
        stored: Document | None,
    ) -> bool:  # fmt: skip
        """Write the next revision; False if another process was first."""
        news = facts.complete and (stored is None or not stored["complete"])
        codec = self._dictionaries.for_league(facts.league_id, raw if news else None)
        values: Document = {
            "league_id": facts.league_id, "season": facts.season, "team_ids": list(facts.team_ids),
            "player_ids": list(facts.player_ids), "settled": facts.settled, "complete": facts.complete,
            "confirmed": facts.confirmed, "kickoff": kickoff, "fetched_at": fetched, "checked_at": fetched,
            "fingerprint": facts.fingerprint, "payload": Binary(codec.compress(raw)), "dictionary": codec.name,
        }  # fmt: skip
        if stored is None:
            try:
                self._matches.insert_one({"match_id": Int64(match_id), **values, "revision": 1, "counted": None})
            except DuplicateKeyError:
                return False
            return True
        gone = sorted({int(each) for each in stored["player_ids"]} - set(facts.player_ids))
        same = {"match_id": match_id, "revision": stored["revision"]}
        change: Document = {"$set": {**values, "revision": stored["revision"] + 1}}
        if gone:
            change["$addToSet"] = {"removed": {"$each": gone}}
        return self._matches.update_one(same, change).matched_count > 0

    def _decode(self, document: Mapping[str, Any]) -> StoredMatch:
        return StoredMatch(
            match_id=int(document["match_id"]),
            payload=self._dictionaries.named(document["dictionary"]).restore(document["payload"]),
            kickoff=document["kickoff"],
            season=document["season"],
            revision=document["revision"],
            complete=document["complete"],
            fetched_at=document["fetched_at"],
        )


def _state(document: Mapping[str, Any]) -> MatchState:
    return MatchState(
        match_id=int(document["match_id"]),
        kickoff=document["kickoff"],
        league_id=int(document["league_id"]),
        season=document["season"],
        revision=document["revision"],
        settled=document["settled"],
        complete=document["complete"],
        confirmed=document["confirmed"],
        fetched_at=document["fetched_at"],
        checked_at=document["checked_at"],
        fingerprint=document["fingerprint"],
        counted=document.get("counted"),
    )
