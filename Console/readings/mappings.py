"""The fixtures whose FotMob match is not sure, with all that a person needs to settle each; players who may be two."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from bson import Int64

from PROPPR.Console.readings.bounds import bounded
from PROPPR.SharedServices.mapping.fixtures import BAR, MARGIN, Reason
from PROPPR.SharedServices.service.mongo_types import MongoDatabase
from PROPPR.SharedServices.storage.fixture_mappings import REJECTED, TAKEN, FixtureMappings
from PROPPR.SharedServices.storage.mapping_documents import StoredCandidate, StoredMapping, read_mapping

COLLECTION: Final = "fixture_mappings"
PAGE: Final = 50
MOST_PAGES: Final = 20
MOST_BY_HAND: Final = 20
MOST_PLAYERS: Final = 50
MOST_NAMES: Final = 12
SINCE: Final = timedelta(days=1)
_REASONS: Final[Mapping[str, str]] = {
    Reason.NOTHING_LIKE_IT: "FotMob lists nothing like it.",
    Reason.BELOW_BAR: f"No match reaches the score of {BAR:.2f} that is taken without a person.",
    Reason.AMBIGUOUS: f"Two matches fit almost equally well: their scores are less than {MARGIN:.2f} apart.",
    Reason.RIVAL: f"Another fixture fits the same match almost equally well (less than {MARGIN:.2f} apart).",
    Reason.PLACEHOLDER: "A side is not a team yet (like Winner Group A).",
    Reason.ESPORTS: "It looks like a game on a screen.",
    Reason.NOT_FOOTBALL: "It is not football.",
    TAKEN: "Its match belongs to another fixture already.",
    REJECTED: "Somebody said that it has no match.",
    "settled by hand": "Somebody chose its match.",
    "never mapped": "Nobody has looked for its match yet.",
}


@dataclass(frozen=True, slots=True)
class Holder:
    """The fixture that has a match already."""

    fixture_id: int
    teams: str
    kickoff: datetime | None
    by_hand: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """A match that a fixture may be. `apart`: its kick-off less the fixture's, in seconds; `holder`: who has it."""

    match: StoredCandidate
    apart: float | None
    holder: Holder | None


@dataclass(frozen=True, slots=True)
class Open:
    """A fixture with the matches it may be, best first, and why none was taken."""

    mapping: StoredMapping
    why: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class TwoMen:
    """A fixture of which the odds name players that could be two men of the squads: they get no position."""

    fixture_id: int
    kickoff: datetime | None
    teams: str
    names: tuple[str, ...]
    others: int


@dataclass(frozen=True, slots=True)
class MappingsPage:
    """The page: open fixtures by kick-off, from a day ago on; what was settled by hand, the last kick-off first."""

    open: tuple[Open, ...]
    number: int
    has_more: bool
    by_hand: tuple[Open, ...]
    players: tuple[TwoMen, ...]


def read_mappings(database: MongoDatabase, mappings: FixtureMappings, now: datetime, number: int = 0) -> MappingsPage:
    """Read the page of this number (from 0, at most 19). Raises pymongo's errors."""
    number = min(max(0, number), MOST_PAGES - 1)
    begin, end = number * PAGE, (number + 1) * PAGE
    with bounded():
        rows = mappings.unresolved(now - SINCE, end + 1)
        by_hand = _settled(database) if number == 0 else []
        holders = _holders(database, [*rows[begin:end], *by_hand])
        players = _players(database, now - SINCE) if number == 0 else ()
    return MappingsPage(
        tuple(_open(row, holders) for row in rows[begin:end]),
        number,
        len(rows) > end and number + 1 < MOST_PAGES,
        tuple(_open(row, holders) for row in by_hand),
        players,
    )


def read_one(database: MongoDatabase, mappings: FixtureMappings, fixture_id: int) -> Open | None:
    """A fixture with its choices; of one that was never looked at what the registry has. None where nobody knows it."""
    with bounded():
        found = mappings.get(fixture_id) or _registered(database, fixture_id)
        return None if found is None else _open(found, _holders(database, [found]))


def read_holder(database: MongoDatabase, match_id: int) -> Holder | None:
    """The fixture that has a match, None where no fixture has it. Raises pymongo's errors."""
    with bounded():
        return _holders_of(database, [match_id]).get(match_id)


def why(mapping: StoredMapping) -> str:
    """Why a fixture is as it is, in a sentence."""
    return _REASONS.get(mapping.reason, mapping.reason)


def _open(mapping: StoredMapping, holders: Mapping[int, Holder]) -> Open:
    choices = []
    for candidate in mapping.candidates:
        holder = holders.get(candidate.match_id)
        apart = None if mapping.kickoff is None else (candidate.kickoff - mapping.kickoff).total_seconds()
        is_other = holder is not None and holder.fixture_id != mapping.fixture_id
        choices.append(Choice(candidate, apart, holder if is_other else None))
    return Open(mapping, why(mapping), tuple(choices))


def _settled(database: MongoDatabase) -> list[StoredMapping]:
    found = database[COLLECTION].find({"status": "manual"}).sort("kickoff", -1).limit(MOST_BY_HAND)
    return [read_mapping(document) for document in found]


def _registered(database: MongoDatabase, fixture_id: int) -> StoredMapping | None:
    shown = {"_id": 0, "id": 1, "home": 1, "away": 1, "country": 1, "league": 1, "kickoff": 1, "last_seen": 1}
    fixture = database["fixtures"].find_one({"id": fixture_id}, shown)
    if fixture is None:
        return None
    head: dict[str, Any] = {"status": "unresolved", "reason": "never mapped", "updated_at": fixture.get("last_seen")}
    return read_mapping({**fixture, **head, "fixture_id": fixture["id"]})


def _holders(database: MongoDatabase, rows: Iterable[StoredMapping]) -> dict[int, Holder]:
    return _holders_of(database, {candidate.match_id for row in rows for candidate in row.candidates})


def _holders_of(database: MongoDatabase, match_ids: Iterable[int]) -> dict[int, Holder]:
    wanted = [Int64(match_id) for match_id in match_ids]
    if not wanted:
        return {}
    shown = {"_id": 0, "fixture_id": 1, "fotmob_match_id": 1, "home": 1, "away": 1, "kickoff": 1, "status": 1}
    found = database[COLLECTION].find({"fotmob_match_id": {"$in": wanted}}, shown)
    return {
        int(one["fotmob_match_id"]): Holder(
            int(one["fixture_id"]), _teams(one.get("home"), one.get("away")), one.get("kickoff"),
            one["status"] == "manual",
        )
        for one in found
    }  # fmt: skip


def _players(database: MongoDatabase, begin: datetime) -> tuple[TwoMen, ...]:
    chosen = {"kickoff": {"$gte": begin}, "ambiguous.0": {"$exists": True}}
    shown = {"_id": 0, "fixture_id": 1, "kickoff": 1, "ambiguous": 1}
    found = list(database["fixture_players"].find(chosen, shown).sort("kickoff", 1).limit(MOST_PLAYERS))
    ids = [one["fixture_id"] for one in found]
    named = database["fixtures"].find({"id": {"$in": ids}}, {"_id": 0, "id": 1, "home": 1, "away": 1})
    teams = {int(one["id"]): _teams(one.get("home"), one.get("away")) for one in named}
    return tuple(_two_men(one, teams) for one in found)


def _two_men(document: Mapping[str, Any], teams: Mapping[int, str]) -> TwoMen:
    names: Sequence[str] = [str(name) for name in document["ambiguous"]]
    fixture_id = int(document["fixture_id"])
    return TwoMen(
        fixture_id, document.get("kickoff"), teams.get(fixture_id, f"fixture {fixture_id}"),
        tuple(names[:MOST_NAMES]), max(0, len(names) - MOST_NAMES),
    )  # fmt: skip


def _teams(home: object, away: object) -> str:
    return f"{home or '?'} - {away or '?'}"
