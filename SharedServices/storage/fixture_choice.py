"""Choosing fixtures of the registry for a backfill, read without their names and scores."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bson import Int64
from pymongo import ASCENDING
from pymongo.database import Database

from PROPPR.SharedServices.odds.times import milliseconds_of
from PROPPR.SharedServices.storage.backfills import Selection

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A fixture of a selection; `kickoff` in ms since the epoch."""

    id: int
    kickoff: int
    status: str


class FixtureChoice:
    """Reads the collection `fixtures`. Raises pymongo's errors."""

    def __init__(self, database: Database[Document]) -> None:
        self._fixtures = database["fixtures"]

    def choose(self, selection: Selection, most: int) -> list[Chosen]:
        """The registered fixtures of a selection, earliest kick-off first, `most` of them at most."""
        found = self._fixtures.find(_condition(selection), {"_id": 0, "id": 1, "kickoff": 1, "status": 1})
        return [
            Chosen(int(one["id"]), milliseconds_of(one["kickoff"]), one["status"])
            for one in found.sort([("kickoff", ASCENDING), ("id", ASCENDING)]).limit(most)
        ]

    def unknown(self, ids: Iterable[int]) -> list[int]:
        """Those of the ids that are not registered, in their order, each once."""
        wanted = list(dict.fromkeys(ids))
        found = self._fixtures.find({"id": {"$in": [Int64(each) for each in wanted]}}, {"_id": 0, "id": 1})
        known = {int(one["id"]) for one in found}
        return [each for each in wanted if each not in known]

    def leagues(self) -> list[tuple[str, str]]:
        """Every (country, league) of the registry."""
        groups = self._fixtures.aggregate([{"$group": {"_id": {"country": "$country", "league": "$league"}}}])
        return sorted((group["_id"].get("country") or "", group["_id"]["league"]) for group in groups)


def _condition(selection: Selection) -> Document:
    condition: Document = {}
    if selection.ids:
        condition["id"] = {"$in": [Int64(each) for each in selection.ids]}
    if selection.leagues:
        condition["$or"] = [{"country": country, "league": league} for country, league in selection.leagues]
    if selection.sports:
        condition["sport"] = {"$in": list(selection.sports)}
    bounds = {"$gte": selection.since, "$lte": selection.until}
    kickoff = {operator: at for operator, at in bounds.items() if at is not None}
    return {**condition, "kickoff": kickoff} if kickoff else condition
