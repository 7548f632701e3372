"""Reads statistics and predictions from MongoDB for `proppr stats`. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pymongo import ASCENDING
from pymongo.database import Database

from PROPPR.SharedServices.cli.stats_find import Known, KnownFixture
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.storage.fixture_mappings import FixtureMappings

Document = dict[str, Any]
OURS: Final = ("_id", "content_hash", "fence")
MOST_NEXT: Final = 5


@dataclass(frozen=True)
class FixtureReading:
    """The predictions of a fixture: `lines` of predicted_lines, `players` of player_projections, the teams' form."""

    lines: Document
    players: Sequence[Document] = ()
    teams: tuple[Document | None, Document | None] = (None, None)


@dataclass(frozen=True)
class TeamReading:
    """A team's season, and the predicted lines of its next fixtures."""

    team: Document
    coming: Sequence[Document] = ()


@dataclass(frozen=True)
class PlayerReading:
    """A player's season, and his projections for the next fixtures."""

    player: Document
    coming: Sequence[Document] = ()


class StatsReader:
    """Raises pymongo's errors."""

    def __init__(self, database: Database[Document], clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def fixture(self, number: int) -> list[FixtureReading]:
        """The predictions of a fixture by its id at odds-api.io or by FotMob's id of the match: none, one or both."""
        found = self._database["predicted_lines"].find({"$or": [{"fixture_id": number}, {"fotmob_match_id": number}]})
        return [self._whole(_plain(each)) for each in found]

    def predicted(self) -> list[KnownFixture]:
        """Every fixture with predictions."""
        shown = {"fixture_id": 1, "home_team": 1, "away_team": 1, "kickoff": 1, "league": 1}
        return [
            KnownFixture(each["fixture_id"], each["home_team"], each["away_team"], each["kickoff"], each["league"])
            for each in self._database["predicted_lines"].find({}, shown)
        ]

    def registered(self) -> list[KnownFixture]:
        """The coming fixtures of the registry, predicted or not."""
        shown = {"id": 1, "home": 1, "away": 1, "kickoff": 1, "league": 1}
        coming = {"kickoff": {"$gte": self._clock.now()}, "sport": "football"}
        return [
            KnownFixture(each["id"], each["home"], each["away"], each["kickoff"], each.get("league") or "")
            for each in self._database["fixtures"].find(coming, shown)
        ]

    def why_not(self, number: int) -> str:
        """Why nothing is predicted for a fixture or match."""
        mappings = FixtureMappings(self._database, self._clock)
        link = mappings.fixture_of(number)
        mapping = mappings.get(number if link is None else link.fixture_id)
        if mapping is None:
            fixture = self._database["fixtures"].find_one({"id": number}, {"home": 1, "away": 1})
            if fixture is None:
                return f"nobody knows a fixture or match {number}"
            return f"{fixture['home']} - {fixture['away']} has not been looked at yet: `proppr stats run`"
        names = f"{mapping.home} - {mapping.away}"
        if mapping.link is None:
            return f"{names} has no FotMob match ({mapping.reason}): `proppr mappings` lists it"
        return f"{names} is match {mapping.link.match_id}, nothing is predicted for it yet: `proppr stats run`"

    def teams(self) -> list[Known]:
        """Every team of which there are statistics, with its newest season."""
        return self._named("team_stats", "team_id", "team_name", ("country", "league", "season"))

    def players(self) -> list[Known]:
        """Every player of whom there are statistics, with his newest season."""
        return self._named("player_stats", "player_id", "player_name", ("team", "position", "season"))

    def team(self, team_id: int, season: str | None = None) -> TeamReading | None:
        """A team's season, by default the newest; None where there is none."""
        document = self._season("team_stats", {"team_id": team_id}, season)
        if document is None:
            return None
        sides = {"$or": [{"home_team_id": team_id}, {"away_team_id": team_id}]}
        return TeamReading(document, self._coming("predicted_lines", sides))

    def player(self, player_id: int, season: str | None = None) -> PlayerReading | None:
        """A player's season, by default the newest; None where there is none."""
        document = self._season("player_stats", {"player_id": player_id}, season)
        if document is None:
            return None
        projections = self._coming("player_projections", {"player_id": player_id})
        ids = [each["fixture_id"] for each in projections]
        lines = self._database["predicted_lines"].find({"fixture_id": {"$in": ids}}, {"fixture_id": 1, **_NAMES})
        fixtures = {each["fixture_id"]: each for each in lines}
        named = [{**each, **_names_of(fixtures.get(each["fixture_id"]))} for each in projections]
        return PlayerReading(document, named)

    def _whole(self, lines: Document) -> FixtureReading:
        found = self._database["player_projections"].find({"fixture_id": lines["fixture_id"]})
        players = sorted(
            (_plain(each) for each in found), key=lambda each: (-each["expected_minutes"], each["player_name"])
        )
        home, away = (
            None if (team_id := lines.get(name)) is None else self._season("team_stats", {"team_id": team_id}, None)
            for name in ("home_team_id", "away_team_id")
        )
        return FixtureReading(lines, players, (home, away))

    def _named(self, collection: str, key: str, name: str, details: Sequence[str]) -> list[Known]:
        shown = {key: 1, name: 1, "updated_at": 1, **dict.fromkeys(details, 1), "last_10_matches": {"$slice": 1}}
        newest: dict[int, Document] = {}
        for each in self._database[collection].find({}, shown):
            held = newest.get(each[key])
            if held is None or _age(each) > _age(held):
                newest[each[key]] = each
        return [
            Known(number, each[name], ", ".join(str(each[part]) for part in details if each.get(part)))
            for number, each in newest.items()
        ]

    def _season(self, collection: str, key: Mapping[str, Any], season: str | None) -> Document | None:
        wanted = {**key} if season is None else {**key, "season": season}
        newest = max(self._database[collection].find(wanted), key=_age, default=None)
        return None if newest is None else _plain(newest)

    def _coming(self, collection: str, condition: Mapping[str, Any]) -> list[Document]:
        wanted = {**condition, "kickoff": {"$gte": self._clock.now()}}
        found = self._database[collection].find(wanted).sort("kickoff", ASCENDING).limit(MOST_NEXT)
        return [_plain(each) for each in found]


_NAMES: Final = {"home_team": 1, "away_team": 1}


def _names_of(lines: Mapping[str, Any] | None) -> dict[str, str]:
    return {} if lines is None else {name: lines[name] for name in _NAMES}


def _age(document: Mapping[str, Any]) -> tuple[str, str, datetime]:
    """The newest season of several: the one with the latest match."""
    listed = document.get("last_10_matches") or [{}]
    return str(listed[0].get("date", "")), str(document.get("season", "")), document["updated_at"]


def _plain(document: Mapping[str, Any]) -> Document:
    """A document without what only the services need."""
    return {name: value for name, value in document.items() if name not in OURS}
