"""A made-up league for the tests: who meets whom, and with which numbers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import permutations
from random import Random

from PROPPR.SharedServices.football.appearances import TeamMatch
from PROPPR.SharedServices.football.model import Number, Team
from PROPPR.SharedServices.football.statistics import PREDICTED, Period, Statistic

START = datetime(2024, 8, 10, 14, tzinfo=UTC)
LEVEL: Mapping[Statistic, float] = {
    Statistic.GOALS: 1.4,
    Statistic.CORNERS: 5.0,
    Statistic.YELLOW_CARDS: 2.0,
    Statistic.SHOTS: 12.5,
    Statistic.SHOTS_ON_TARGET: 4.3,
    Statistic.FOULS: 11.0,
    Statistic.OFFSIDES: 1.8,
    Statistic.TACKLES: 16.0,
}
Numbers = Mapping[Statistic, Number | None]


def match(
    match_id: int,
    kickoff: datetime,
    teams: tuple[int, int],
    numbers: tuple[Numbers, Numbers],
    season: str = "2024/2025",
    first_half: tuple[Numbers, Numbers] = ({}, {}),
) -> tuple[TeamMatch, TeamMatch]:
    """Both rows of a match."""
    sides = [Team(team, f"Team {team}") for team in teams]
    parts = [{Period.MATCH: numbers[side], Period.FIRST_HALF: first_half[side]} for side in (0, 1)]

    def row(side: int) -> TeamMatch:
        other = 1 - side
        return TeamMatch(
            match_id, kickoff, 9, season, side == 0, sides[side], sides[other], parts[side], parts[other]
        )  # fmt: skip

    return row(0), row(1)


def season(teams: int = 8, seed: int = 1, spread: float = 0.0, rounds: int = 1) -> list[TeamMatch]:
    """Everybody meets everybody at home and away, three matches a day; a team's number matters by `spread`.

    Team 0 makes least, the last team most; what a team lets be made is the other way round.
    """
    random = Random(seed)
    fixtures = list(permutations(range(teams), 2)) * rounds
    random.shuffle(fixtures)
    rows: list[TeamMatch] = []
    for place, (home, away) in enumerate(fixtures):
        strength = spread * (home - away) / teams
        numbers = tuple(
            {statistic: _drawn(random, LEVEL[statistic] * 2.718**edge) for statistic in PREDICTED}
            for edge in (0.1 + strength, -0.1 - strength)
        )
        rows += match(place, START + timedelta(days=place // 3), (home, away), (numbers[0], numbers[1]))
    return rows


def _drawn(random: Random, mean: float) -> int:
    """A Poisson number: arrivals in unit time."""
    count, time = 0, random.expovariate(mean)
    while time < 1:
        count, time = count + 1, time + random.expovariate(mean)
    return count
