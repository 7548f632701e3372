"""The document of `player_projections`: what a player is expected to do in a fixture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from PROPPR.SharedServices.football.appearances import PlayerMatch, distinct_appearances
from PROPPR.SharedServices.football.statistics import Statistic
from PROPPR.StatsUpdateFM.core.statistics.documents import FixtureIdentity, PlayerIdentity, rounded
from PROPPR.StatsUpdateFM.core.statistics.player_document import form, per_90, per_match

PROJECTED = (
    Statistic.GOALS,
    Statistic.ASSISTS,
    Statistic.SHOTS,
    Statistic.SHOTS_ON_TARGET,
    Statistic.FOULS,
)
RATE_MATCHES = 20
LEAST_MINUTES = 180
"""Minutes behind a rate before it is projected without a model: below, one shot would say too much."""


def projection_document(
    fixture: FixtureIdentity,
    player: PlayerIdentity,
    rows: Iterable[PlayerMatch],
    minutes: float,
    updated_at: datetime,
    projected: Mapping[Statistic, float] | None = None,
) -> dict[str, Any]:
    """The player's document for a fixture from his rows, in any order; only matches before its kick-off count.

    `minutes` are those expected of him. `projected` are the numbers that a model expects in those minutes; without them
    his rate per ninety minutes over his last twenty appearances is taken, where it rests on LEAST_MINUTES at least.
    What can't be said is left out.
    """
    before = (row for row in rows if row.player_id == player.id and row.kickoff < fixture.kickoff)
    played = [row for row in distinct_appearances(before) if row.played]
    numbers = _by_rate(played, minutes) if projected is None else projected
    return {
        "fixture_id": fixture.fixture_id,
        "player_id": player.id,
        "player_name": player.name,
        "team_id": player.team_id,
        "team": player.team,
        "position": None if player.position is None else str(player.position),
        "kickoff": fixture.kickoff,
        "method": "average" if projected is None else "model",
        **{f"projected_{name}": rounded(numbers[name]) for name in PROJECTED if name in numbers},
        "expected_minutes": round(minutes, 1),
        "avg_stats_last5": per_match(played[:5], PROJECTED),
        "form": form(played),
        "updated_at": updated_at,
    }


def _by_rate(played: Sequence[PlayerMatch], minutes: float) -> dict[Statistic, float]:
    rates = {name: per_90(played[:RATE_MATCHES], name) for name in PROJECTED}
    return {name: rate[0] * minutes / 90 for name, rate in rates.items() if rate and rate[1] >= LEAST_MINUTES}
