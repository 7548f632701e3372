"""The step that tells `player_odds` the positions of the players whom a fixture's odds name.

The odds are written by the odds services, which know no squads, and read through a view. So what the view joins is a
collection of its own, `fixture_players`: two arrays a fixture, names as the odds spell them and positions.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from PROPPR.SharedServices.mapping.players import Ambiguous, Found, Unknown, match_player
from PROPPR.SharedServices.odds.times import moment_of
from PROPPR.SharedServices.storage.fixture_players import FixturePlayers, SquadMan
from PROPPR.SharedServices.storage.statistics import StatisticsStore
from PROPPR.StatsUpdateFM.core.pipeline.fixture_mapping import MappedFixture

Document = dict[str, Any]


class PlayerPositions:
    """Raises LeaseLost and what MongoDB raises."""

    def __init__(self, players: FixturePlayers, statistics: StatisticsStore) -> None:
        self._players = players
        self._statistics = statistics

    def update(self, mapped: Sequence[MappedFixture], seasons: Sequence[str], now: datetime, fence: int) -> int:
        """Write who is who in the odds of these fixtures; how many fixtures changed."""
        names = self._players.names(each.fixture.id for each in mapped)
        named = [each for each in mapped if each.fixture.id in names]
        if not named:
            return 0
        squads = self._players.squads({team for each in named for team in each.team_ids}, seasons)
        documents = []
        for each in named:
            men = [man for team_id in each.team_ids for man in squads.get(team_id, [])]
            documents.append(_document(each, names[each.fixture.id], men, now))
        return self._statistics.write("fixture_players", documents, fence)


def _document(each: MappedFixture, names: Sequence[str], men: Sequence[SquadMan], now: datetime) -> Document:
    by_id = {man.id: man for man in men}
    answers = {name: match_player(name, men) for name in names}
    found = {name: by_id[answer.player_id] for name, answer in answers.items() if isinstance(answer, Found)}
    known = [(name, man) for name, man in found.items() if man.position is not None]
    return {
        "fixture_id": each.fixture.id,
        "kickoff": moment_of(each.fixture.kickoff),
        "names": [name for name, _ in known],
        "player_ids": [man.id for _, man in known],
        "positions": [man.position for _, man in known],
        "ambiguous": [name for name, answer in answers.items() if isinstance(answer, Ambiguous)],
        "unknown": [name for name, answer in answers.items() if isinstance(answer, Unknown)],
        "updated_at": now,
    }
