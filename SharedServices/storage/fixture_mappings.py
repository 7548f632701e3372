"""Which FotMob match each fixture is: made by rule, settled by hand, or still open with its best candidates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from bson import Int64
from pymongo import ASCENDING, UpdateOne
from pymongo.database import Database
from pymongo.errors import BulkWriteError, DuplicateKeyError

from PROPPR.SharedServices.mapping.fixtures import FixtureMapping, Reason
from PROPPR.SharedServices.mapping.leagues import LeagueKey, confirmed_leagues
from PROPPR.SharedServices.mapping.names import fold
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.errors import ProPprError, TransientError
from PROPPR.SharedServices.storage.mapping_documents import (
    MATCH_FIELDS,
    Link,
    StoredMapping,
    candidate_values,
    document_of,
    read_link,
    read_mapping,
)

Document = dict[str, Any]
DUPLICATE_KEY: Final = 11000
TAKEN: Final = "the match is another fixture's"
REJECTED: Final = "rejected by hand"
MOST_LISTED: Final = 1000
_OFF_THE_FIELD: Final = (Reason.ESPORTS, Reason.NOT_FOOTBALL)
_WITHDRAWING: Final = (Reason.AMBIGUOUS, Reason.PLACEHOLDER, *_OFF_THE_FIELD)


class MappingRefused(ProPprError):
    """A mapping by hand that can't be made; the text says why."""


class MatchTaken(MappingRefused):
    """The match was given to another fixture by hand."""

    def __init__(self, match_id: int, fixture_id: int) -> None:
        self.match_id, self.fixture_id = match_id, fixture_id
        super().__init__(f"match {match_id} was given to fixture {fixture_id} by hand: reject that one first")


@dataclass(slots=True)
class Stored:
    """What became of a run's results, as ids of fixtures: mapped, open, left as a person settled them.

    `taken` are (fixture, match) pairs whose match another fixture holds, `withdrawn` the fixtures that lost theirs.
    """

    mapped: list[int] = field(default_factory=list)
    unresolved: list[int] = field(default_factory=list)
    by_hand: list[int] = field(default_factory=list)
    taken: list[tuple[int, int]] = field(default_factory=list)
    withdrawn: list[int] = field(default_factory=list)


class FixtureMappings:
    """The collection `fixture_mappings`: one fixture per match and one match per fixture, enforced by its indexes.

    What a person settled or rejected is never changed by a rule. Readers must heed `Link.swapped`: the fixture's home
    team is the match's away team then.
    """

    def __init__(self, database: Database[Document], clock: Clock) -> None:
        self._mappings = database["fixture_mappings"]
        self._fixtures = database["fixtures"]
        self._clock = clock

    def store(self, results: Iterable[FixtureMapping]) -> Stored:
        """Store what a run found, in any order and as often as wanted; what has not changed is not written again.

        A match that another fixture holds stays there, and the fixture stays open. A mapping made by rule outlives a
        run that did not see its match; it is withdrawn when the fixture's teams or league have changed or a second
        match is as near. Games on a screen and other sports are not stored. Raises TransientError.
        """
        wanted = {result.fixture.id: result for result in results}
        found = self._mappings.find({"fixture_id": {"$in": [Int64(one) for one in wanted]}}, {"_id": 0})
        old = {int(document["fixture_id"]): document for document in found}
        outcome = Stored()
        changed = {one: result for one, result in wanted.items() if self._is_news(result, old.get(one), outcome)}
        self._release(changed, old)
        self._write(changed, outcome)
        return outcome

    def settle(self, fixture_id: int, match_id: int, swapped: bool | None = None) -> Link:
        """Give a fixture its match by hand, for good; `swapped` None means as the stored candidate says.

        A fixture that a rule gave this match to loses it and is open again. Raises MatchTaken where a person gave it
        away, MappingRefused where nobody knows the fixture.
        """
        self._known(fixture_id)
        holder = self._mappings.find_one({"fotmob_match_id": match_id})
        if holder is not None and int(holder["fixture_id"]) != fixture_id:
            if holder["status"] == "manual":
                raise MatchTaken(match_id, int(holder["fixture_id"]))
            self._open({"fixture_id": holder["fixture_id"], "status": "auto", "fotmob_match_id": match_id}, TAKEN)
        document = self._mappings.find_one({"fixture_id": fixture_id}) or {}
        values = candidate_values(document, match_id)
        if swapped is not None:
            values["swapped"] = swapped
        values |= {"fotmob_match_id": Int64(match_id), "status": "manual", "reason": "settled by hand"}
        gone = {name: "" for name in MATCH_FIELDS if name not in values}
        try:
            self._set_by_hand(fixture_id, values, gone)
        except DuplicateKeyError as error:  # somebody else was quicker
            raise MappingRefused(f"match {match_id} was given to another fixture just now: look again") from error
        return Link(fixture_id, match_id, bool(values.get("swapped")), "manual", values.get("score"))

    def reject(self, fixture_id: int) -> None:
        """Note by hand, for good, that a fixture has no match. Raises MappingRefused where nobody knows the fixture."""
        self._known(fixture_id)
        self._set_by_hand(fixture_id, {"status": "manual", "reason": REJECTED}, dict.fromkeys(MATCH_FIELDS, ""))

    def match_of(self, fixture_id: int) -> Link | None:
        """The match of a fixture, None where it is open or rejected."""
        return self.matches_of([fixture_id]).get(fixture_id)

    def matches_of(self, fixture_ids: Iterable[int]) -> dict[int, Link]:
        """The matches of these fixtures; those without one are missing."""
        condition = {"fixture_id": {"$in": [Int64(one) for one in fixture_ids]}, "fotmob_match_id": {"$exists": True}}
        links = (read_link(document) for document in self._mappings.find(condition))
        return {link.fixture_id: link for link in links}

    def fixture_of(self, match_id: int) -> Link | None:
        """The fixture that a match is mapped to, None where there is none."""
        document = self._mappings.find_one({"fotmob_match_id": match_id})
        return None if document is None else read_link(document)

    def unresolved(self, since: datetime | None = None, limit: int = MOST_LISTED) -> list[StoredMapping]:
        """The open fixtures that kick off at `since` or later (default: a day ago), earliest first."""
        begin = since or self._clock.now() - timedelta(days=1)
        condition = {"status": "unresolved", "kickoff": {"$gte": begin}}
        found = self._mappings.find(condition).sort([("kickoff", ASCENDING), ("fixture_id", ASCENDING)]).limit(limit)
        return [read_mapping(one) for one in found]

    def listed(self, since: datetime | None = None, limit: int = MOST_LISTED) -> list[StoredMapping]:
        """All fixtures with their mappings that kick off at `since` or later (default: a day ago), earliest first."""
        begin = since or self._clock.now() - timedelta(days=1)
        found = self._mappings.find({"kickoff": {"$gte": begin}}).sort("kickoff", ASCENDING).limit(limit)
        return [read_mapping(one) for one in found]

    def get(self, fixture_id: int) -> StoredMapping | None:
        """What is known of one fixture's mapping."""
        document = self._mappings.find_one({"fixture_id": fixture_id})
        return None if document is None else read_mapping(document)

    def changed_by_hand(self, since: datetime) -> list[int]:
        """The fixtures that kicked off and since then were given another match, or lost theirs, by a person's word."""
        by_hand = [{"status": "manual"}, {"status": "unresolved", "reason": TAKEN}]
        condition = {"$or": by_hand, "kickoff": {"$lte": self._clock.now()}, "updated_at": {"$gte": since}}
        found = self._mappings.find(condition, {"fixture_id": 1}).sort("updated_at", -1).limit(MOST_LISTED)
        return [int(document["fixture_id"]) for document in found]

    def confirmed_leagues(self) -> dict[LeagueKey, int]:
        """The competitions that people's settlements agree on, for `match_fixtures`."""
        condition = {"status": "manual", "competition_id": {"$exists": True}, "league": {"$exists": True}}
        settled = self._mappings.find(condition).sort("updated_at", -1).limit(MOST_LISTED)
        return confirmed_leagues((one["country"], one["league"], int(one["competition_id"])) for one in settled)

    def _is_news(self, result: FixtureMapping, old: Mapping[str, Any] | None, outcome: Stored) -> bool:
        """Whether a result has to be written; counts what it comes to where it has not."""
        fixture_id = result.fixture.id
        if old is None:
            return result.reason not in _OFF_THE_FIELD
        if old["status"] == "manual":
            outcome.by_hand.append(fixture_id)
            return False
        if old["status"] == "auto" and result.status == "unresolved":
            if result.reason not in _WITHDRAWING and _reads_as_before(result, old):
                outcome.mapped.append(fixture_id)
                return False
            outcome.withdrawn.append(fixture_id)
            return True
        new = document_of(result)
        if all(old.get(name) == value for name, value in new.items()):
            (outcome.mapped if result.status == "auto" else outcome.unresolved).append(fixture_id)
            return False
        return True

    def _release(self, changed: Mapping[int, FixtureMapping], old: Mapping[int, Mapping[str, Any]]) -> None:
        """Take away the matches that fixtures no longer have, so that others of the same run can get them."""
        for fixture_id, result in changed.items():
            before = old.get(fixture_id, {}).get("fotmob_match_id")
            if before is not None and (result.match is None or result.match.match_id != before):
                self._open({"fixture_id": fixture_id, "status": "auto", "fotmob_match_id": before}, result.reason)

    def _write(self, changed: Mapping[int, FixtureMapping], outcome: Stored) -> None:
        documents = {fixture_id: document_of(result) for fixture_id, result in changed.items()}
        refused = self._upsert(documents)
        taken = {fixture_id for fixture_id, is_match in refused.items() if is_match}
        again = {
            fixture_id: {name: value for name, value in documents[fixture_id].items() if name not in MATCH_FIELDS}
            | {"status": "unresolved", "reason": TAKEN, "score": documents[fixture_id].get("score")}
            for fixture_id in taken
        }
        refused |= self._upsert(again)
        for fixture_id, result in changed.items():
            if refused.get(fixture_id) is False:
                outcome.by_hand.append(fixture_id)
            elif fixture_id in taken and result.match is not None:
                outcome.taken.append((fixture_id, result.match.match_id))
                outcome.unresolved.append(fixture_id)
            else:
                (outcome.mapped if result.status == "auto" else outcome.unresolved).append(fixture_id)

    def _upsert(self, documents: Mapping[int, Document]) -> dict[int, bool]:
        """Write documents, not over a person's word; of those refused: {fixture id: whether for its match}."""
        order = list(documents)
        now = self._clock.now()
        operations = [
            UpdateOne(
                {"fixture_id": Int64(fixture_id), "status": {"$ne": "manual"}},
                {
                    "$set": {**documents[fixture_id], "updated_at": now},
                    "$unset": {name: "" for name in MATCH_FIELDS if name not in documents[fixture_id]},
                },
                upsert=True,
            )
            for fixture_id in order
        ]
        if not operations:
            return {}
        try:
            self._mappings.bulk_write(operations, ordered=False, comment="fixture mappings")
        except BulkWriteError as error:
            return {order[number]: is_match for number, is_match in _duplicates(error)}
        return {}

    def _open(self, condition: Document, reason: str) -> None:
        values = {"status": "unresolved", "reason": str(reason), "updated_at": self._clock.now()}
        gone = dict.fromkeys(MATCH_FIELDS, "")
        self._mappings.update_one(condition, {"$set": values, "$unset": gone})

    def _set_by_hand(self, fixture_id: int, values: Document, gone: Mapping[str, str]) -> None:
        update: Document = {"$set": {**values, "updated_at": self._clock.now()}}
        if gone:
            update["$unset"] = dict(gone)
        self._mappings.update_one({"fixture_id": Int64(fixture_id)}, update, upsert=True)

    def _known(self, fixture_id: int) -> None:
        """Have a document of the fixture, from the registry if need be. Raises MappingRefused."""
        if self._mappings.find_one({"fixture_id": fixture_id}, {"_id": 1}) is not None:
            return
        fixture = self._fixtures.find_one({"id": fixture_id})
        if fixture is None:
            raise MappingRefused(f"nobody knows a fixture {fixture_id}")
        head = {name: fixture.get(name) for name in ("home", "away", "country", "league", "kickoff")}
        values = {**head, "status": "unresolved", "reason": "never mapped", "updated_at": self._clock.now()}
        self._mappings.update_one({"fixture_id": Int64(fixture_id)}, {"$setOnInsert": values}, upsert=True)


def _reads_as_before(result: FixtureMapping, old: Mapping[str, Any]) -> bool:
    names = ("home", "away", "country", "league")
    return all(fold(getattr(result.fixture, name)) == fold(old.get(name) or "") for name in names)


def _duplicates(error: BulkWriteError) -> Sequence[tuple[int, bool]]:
    """The operations refused as duplicates, and whether it was for the match. Raises TransientError for all else."""
    if error.details.get("writeConcernErrors"):
        raise TransientError("MongoDB did not confirm that a majority stored the mappings") from error
    failures = error.details.get("writeErrors", [])
    for failure in failures:
        if failure["code"] != DUPLICATE_KEY:
            raise TransientError(f"MongoDB refused to store mappings (code {failure['code']})") from error
    return [(failure["index"], "fotmob_match_id" in failure.get("keyPattern", {})) for failure in failures]
