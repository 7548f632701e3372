"""The players that a fixture's odds name, and the squads in which they are looked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pymongo.database import Database

Document = dict[str, Any]
MOST_NAMES: Final = 400
"""Of one fixture: two squads under a few spellings each."""


@dataclass(frozen=True, slots=True)
class SquadMan:
    """A player of one of the two teams, as `player_stats` has him. `position` None = unknown."""

    id: int
    name: str
    team_id: int
    position: str | None


class FixturePlayers:
    """Reads `odds_books`, `fotmob_matches` and `player_stats`. Raises pymongo's errors."""

    def __init__(self, database: Database[Document]) -> None:
        self._books = database["odds_books"]
        self._matches = database["fotmob_matches"]
        self._players = database["player_stats"]

    def names(self, fixture_ids: Iterable[int]) -> dict[int, list[str]]:
        """The players' names in the odds of these fixtures, sorted; fixtures without any are missing."""
        found = self._books.aggregate(_names_pipeline(list(fixture_ids)), comment="names of players")
        return {int(document["_id"]): sorted(document["names"])[:MOST_NAMES] for document in found}

    def squads(self, team_ids: Iterable[int], seasons: Sequence[str]) -> dict[int, list[SquadMan]]:
        """The men of these teams in these seasons (newest first), each once and by his newest entry."""
        shown = {"_id": 0, "player_id": 1, "player_name": 1, "team_id": 1, "position": 1, "season": 1}
        teams, known = {"$in": list(team_ids)}, {"$in": list(seasons)}
        # By the matches' squads: an index of players by team would be larger than all of its uses.
        ids = self._matches.distinct("player_ids", {"team_ids": teams, "season": known})
        chosen = {"player_id": {"$in": ids}, "season": known, "team_id": teams}
        found: dict[int, dict[int, SquadMan]] = {}
        for document in sorted(self._players.find(chosen, shown), key=lambda each: seasons.index(each["season"])):
            man = SquadMan(
                int(document["player_id"]), document["player_name"], int(document["team_id"]), document.get("position")
            )
            found.setdefault(man.team_id, {}).setdefault(man.id, man)
        return {team_id: sorted(men.values(), key=lambda man: man.id) for team_id, men in found.items()}


def _names_pipeline(fixture_ids: list[int]) -> list[Document]:
    markets = {"$objectToArray": {"$ifNull": ["$markets", {}]}}
    return [
        {"$match": {"fixture_id": {"$in": fixture_ids}, "has_player": True}},
        {"$project": {"fixture_id": 1, "market": markets}},
        {"$unwind": "$market"},
        {"$unwind": "$market.v.players"},
        {"$group": {"_id": "$fixture_id", "names": {"$addToSet": "$market.v.players.player_name"}}},
    ]
