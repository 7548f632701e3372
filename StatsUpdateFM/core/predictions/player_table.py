"""Appearances as arrays: what each man did, for how long, and what his team did meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from PROPPR.SharedServices.football.appearances import PlayerMatch, distinct_appearances
from PROPPR.SharedServices.football.model import Position
from PROPPR.SharedServices.football.statistics import Statistic
from PROPPR.StatsUpdateFM.core.predictions.priors import Floats
from PROPPR.StatsUpdateFM.core.predictions.table import PLAYING

PROJECTED: Final = (
    Statistic.GOALS,
    Statistic.ASSISTS,
    Statistic.SHOTS,
    Statistic.SHOTS_ON_TARGET,
    Statistic.FOULS,
)
"""The numbers of a player that are projected, in the order of the columns here."""
EXPECTED: Final = {Statistic.GOALS: Statistic.EXPECTED_GOALS, Statistic.ASSISTS: Statistic.EXPECTED_ASSISTS}
EXPECTED_SHARE: Final = 0.7
"""How much of the evidence the expected number is where it is known; the rest is the number itself."""
EXPECTED_INFORMATION: Final = 2.0
"""An appearance with the expected number known says as much as this many without."""
HALF_LIFE_DAYS: Final = 500.0
"""An appearance this old counts half."""
LEAST_WEIGHT: Final = 0.1
"""Appearances that count less are left out."""
NINETY: Final = 90.0


@dataclass(frozen=True, slots=True)
class Appearances:
    """Appearances, oldest first, a row each. `evidence` and `numbers` have a column for each of PROJECTED, nan where it
    is unknown; `information` is the weight of each piece of evidence. `player` and `team` are places in `players` and
    `teams`, `match` numbers a team's match. `positions` has the last known one of each player.
    """

    players: tuple[int, ...]
    positions: tuple[Position | None, ...]
    teams: tuple[int, ...]
    player: NDArray[np.intp]
    team: NDArray[np.intp]
    match: NDArray[np.intp]
    nineties: Floats
    numbers: Floats
    evidence: Floats
    information: Floats


def read_appearances(rows: Iterable[PlayerMatch], at: datetime) -> Appearances | None:
    """Who played before a moment, with his minutes known; None if nobody. The order of the rows does not matter."""
    oldest = at - timedelta(days=HALF_LIFE_DAYS) * float(np.log2(1 / LEAST_WEIGHT))
    known = [row for row in rows if row.minutes and row.kickoff > oldest and row.kickoff + PLAYING <= at]
    if not known:
        return None
    kept = distinct_appearances(known)[::-1]
    position: dict[int, Position | None] = {}
    for row in kept:
        position[row.player_id] = row.position or position.get(row.player_id)
    players = {player: place for place, player in enumerate(sorted(position))}
    teams = {team: place for place, team in enumerate(sorted({row.team_id for row in kept}))}
    matches: dict[tuple[int, int], int] = {}
    numbers = _columns(kept, PROJECTED)
    expected = _columns(kept, tuple(EXPECTED.get(statistic, statistic) for statistic in PROJECTED))
    has_expected = np.array([statistic in EXPECTED for statistic in PROJECTED]) & np.isfinite(expected)
    mixed = EXPECTED_SHARE * expected + (1 - EXPECTED_SHARE) * numbers
    days = np.array([(at - row.kickoff) / timedelta(days=1) for row in kept])
    weights = 0.5 ** (days / HALF_LIFE_DAYS)
    return Appearances(
        players=tuple(players),
        positions=tuple(position[player] for player in players),
        teams=tuple(teams),
        player=np.array([players[row.player_id] for row in kept]),
        team=np.array([teams[row.team_id] for row in kept]),
        match=np.array([matches.setdefault((row.match_id, row.team_id), len(matches)) for row in kept]),
        nineties=np.array([min(row.minutes or 0, 120) / NINETY for row in kept]),
        numbers=numbers,
        evidence=np.where(has_expected, mixed, numbers),
        information=weights[:, None] * np.where(has_expected, EXPECTED_INFORMATION, 1.0) * np.isfinite(numbers),
    )


def _columns(rows: Iterable[PlayerMatch], statistics: tuple[Statistic, ...]) -> Floats:
    return np.array(
        [[row.numbers.get(statistic, np.nan) for statistic in statistics] for row in rows], dtype=np.float64
    )
