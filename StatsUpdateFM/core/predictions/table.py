"""The matches that a model is fitted on, as arrays: what was known at a moment, and how much each match counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from PROPPR.SharedServices.football.appearances import TeamMatch, distinct_matches
from PROPPR.SharedServices.football.statistics import Period
from PROPPR.StatsUpdateFM.core.predictions.priors import HALF_LIFE_DAYS, SEASON_WEIGHT, SOURCES, Floats

PLAYING = timedelta(hours=2.5)
"""A match that kicked off later than this before a moment may not be over at it, and is not used."""
BREAK = timedelta(days=60)
"""A league that has not played for so long is between two seasons."""


@dataclass(frozen=True, slots=True)
class Table:
    """Matches, oldest first. `numbers` and `first_half` have a row of 2 x COUNT per match: the home team's SOURCES,
    then the away team's; nan is unknown. `home` and `away` are places in `teams`; `weights` are at most one.
    """

    teams: tuple[int, ...]
    home: NDArray[np.intp]
    away: NDArray[np.intp]
    numbers: Floats
    first_half: Floats
    weights: Floats


def read_table(rows: Iterable[TeamMatch], at: datetime) -> Table | None:
    """The table of what was known `at` a moment; None if there was nothing. The order of the rows does not matter."""
    matches = _known(rows, at)
    if not matches:
        return None
    teams = tuple(sorted({row.team.id for row in matches} | {row.opponent.id for row in matches}))
    place = {team: number for number, team in enumerate(teams)}
    sides = [_sides(row, place) for row in matches]
    return Table(
        teams=teams,
        home=np.array([side[0] for side in sides]),
        away=np.array([side[1] for side in sides]),
        numbers=np.array([_numbers(row, Period.MATCH) for row in matches]),
        first_half=np.array([_numbers(row, Period.FIRST_HALF) for row in matches]),
        weights=_weights(matches, at),
    )


def _known(rows: Iterable[TeamMatch], at: datetime) -> list[TeamMatch]:
    """One row a match, the home team's where there is one, oldest first."""
    chosen: dict[int, TeamMatch] = {}
    for row in distinct_matches(row for row in rows if row.kickoff + PLAYING <= at):
        if row.home or row.match_id not in chosen:
            chosen[row.match_id] = row
    return sorted(chosen.values(), key=lambda row: (row.kickoff, row.match_id))


def _sides(row: TeamMatch, place: dict[int, int]) -> tuple[int, int]:
    own, other = place[row.team.id], place[row.opponent.id]
    return (own, other) if row.home else (other, own)


def _numbers(row: TeamMatch, period: Period) -> list[float]:
    own, against = row.own.get(period, {}), row.against.get(period, {})
    values = []
    for side in (own, against) if row.home else (against, own):
        for source in SOURCES:
            number = side.get(source)
            values.append(np.nan if number is None else float(number))
    return values


def _weights(matches: Sequence[TeamMatch], at: datetime) -> Floats:
    """Half for every half-life of age, and SEASON_WEIGHT for every change of season since."""
    last_day = {row.season: row.kickoff for row in matches}  # oldest first: the last one stays
    seasons = sorted(last_day, key=lambda season: (last_day[season], season), reverse=True)
    ended = 1 if at - matches[-1].kickoff > BREAK else 0
    changes = {season: number + ended for number, season in enumerate(seasons)}
    days = np.array([(at - row.kickoff) / timedelta(days=1) for row in matches])
    passed = np.array([changes[row.season] for row in matches])
    weights: Floats = 0.5 ** (days / HALF_LIFE_DAYS) * SEASON_WEIGHT**passed
    return weights
