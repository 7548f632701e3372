"""The collections accept the documents that are built for them, and refuse what is none."""

from __future__ import annotations

from typing import Any

import pytest
from football_rows import KICKOFF, PLAYER_NUMBERS, SEASON, TEAM, player_row, team_row
from pymongo.database import Database
from pymongo.errors import WriteError

from PROPPR.SharedServices.football.model import Position
from PROPPR.SharedServices.football.statistics import PREDICTED
from PROPPR.SharedServices.storage.collections import ensure_collections
from PROPPR.StatsUpdateFM.core.statistics.documents import (
    FixtureIdentity,
    PlayerIdentity,
    TeamIdentity,
    content_hash,
)
from PROPPR.StatsUpdateFM.core.statistics.line_document import line_document
from PROPPR.StatsUpdateFM.core.statistics.player_document import player_document
from PROPPR.StatsUpdateFM.core.statistics.projection_document import projection_document
from PROPPR.StatsUpdateFM.core.statistics.team_document import team_document

Document = dict[str, Any]
CLUB = TeamIdentity(TEAM.id, TEAM.name, 47, "Premier League", "England")
MAN = PlayerIdentity(7, "Man 7", TEAM.id, TEAM.name, Position.FORWARD)
STRANGER = PlayerIdentity(8, "Man 8", TEAM.id, TEAM.name)
FIXTURE = FixtureIdentity(2**33, "Homeham", "Awayton", "Premier League", KICKOFF.replace(year=2027), SEASON, 5, 10, 20)
UNMAPPED = FixtureIdentity(2**34, "Homeham", "Awayton", "Premier League", KICKOFF, SEASON)


@pytest.fixture
def database(collections: Database[Document]) -> Database[Document]:
    return collections


def documents() -> dict[str, tuple[Document, Document]]:
    """A full and an empty document of each collection."""
    values = {name: 3 for name in PREDICTED}
    teams = [team_row(place, own=values, against=values) for place in range(12)]
    men = [player_row(place, values={name: 1 for name in PLAYER_NUMBERS}) for place in range(12)]
    return {
        "team_stats": (team_document(CLUB, SEASON, teams, KICKOFF), team_document(CLUB, "2026", [], KICKOFF)),
        "player_stats": (player_document(MAN, SEASON, men, KICKOFF), player_document(STRANGER, SEASON, [], KICKOFF)),
        "predicted_lines": (line_document(FIXTURE, teams, [], KICKOFF), line_document(UNMAPPED, [], [], KICKOFF)),
        "player_projections": (
            projection_document(FIXTURE, MAN, men, 88.2, KICKOFF),
            projection_document(FIXTURE, STRANGER, [], 8, KICKOFF),
        ),
    }


def test_what_is_built_can_be_stored_and_says_the_same_when_read(database: Database[Document]) -> None:
    assert not ensure_collections(database).problems
    for name, pair in documents().items():
        database[name].insert_many([{**document, "fence": 3, "content_hash": "x"} for document in pair])
        read = {content_hash(document) for document in database[name].find({})}
        assert read == {content_hash(document) for document in pair}


@pytest.mark.parametrize("name", ["team_stats", "player_stats", "predicted_lines", "player_projections"])
def test_a_document_without_its_parts_is_refused(database: Database[Document], name: str) -> None:
    whole = documents()[name][0]
    bad: list[Document] = [
        {key: value for key, value in whole.items() if key != "updated_at"},
        {**whole, "updated_at": "2026-05-27T04:11:00Z"},
        {**whole, "kickoff": "soon", "season": 2025},
        {**whole, "last_5_matches": [{}] * 6, "form": [1] * 6},
    ]
    for document in bad[: 3 if name == "predicted_lines" else 4]:
        with pytest.raises(WriteError, match="failed validation"):
            database[name].insert_one(document)
