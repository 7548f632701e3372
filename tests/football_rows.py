"""Rows of matches for the tests of statistics: builders with few words, and hypothesis strategies of whole seasons."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from PROPPR.SharedServices.football.appearances import PlayerMatch, TeamMatch
from PROPPR.SharedServices.football.model import Number, Position, Role, Team
from PROPPR.SharedServices.football.ninety_minutes import PERIODS, Numbers
from PROPPR.SharedServices.football.statistics import PREDICTED, Period, Statistic

KICKOFF = datetime(2025, 8, 16, 14, 0, tzinfo=UTC)
SEASON, EARLIER = "2025/2026", "2024/2025"
TEAM = Team(10, "Homeham United")
PLAYER_NUMBERS = (Statistic.GOALS, Statistic.ASSISTS, Statistic.SHOTS, Statistic.SHOTS_ON_TARGET, Statistic.FOULS)


def numbers(values: Mapping[Statistic, Number | None] | None = None) -> Numbers:
    """A period's numbers: unknown where nothing is said."""
    return dict.fromkeys(PREDICTED) | dict(values or {})


def team_row(
    match_id: int,
    *,
    week: int | None = None,
    home: bool = True,
    season: str = SEASON,
    team: Team = TEAM,
    own: Mapping[Statistic, Number | None] | None = None,
    against: Mapping[Statistic, Number | None] | None = None,
    first_half: Mapping[Statistic, Number | None] | None = None,
) -> TeamMatch:
    """A match of `team`, played `week` (else `match_id`) weeks after the season's first."""
    return TeamMatch(
        match_id=match_id,
        kickoff=KICKOFF + timedelta(weeks=match_id if week is None else week),
        league_id=47,
        season=season,
        home=home,
        team=team,
        opponent=Team(1000 + match_id, f"Opponent {match_id}"),
        own={Period.MATCH: numbers(own), Period.FIRST_HALF: numbers(first_half), Period.SECOND_HALF: numbers()},
        against={Period.MATCH: numbers(against), Period.FIRST_HALF: numbers(), Period.SECOND_HALF: numbers()},
    )


def player_row(
    match_id: int,
    *,
    player_id: int = 7,
    week: int | None = None,
    home: bool = True,
    season: str = SEASON,
    role: Role = Role.STARTER,
    minutes: int | None = 90,
    position: Position | None = Position.FORWARD,
    values: Mapping[Statistic, Number] | None = None,
) -> PlayerMatch:
    """A match of a man of TEAM."""
    played = role in (Role.STARTER, Role.SUBSTITUTE_USED)
    return PlayerMatch(
        match_id=match_id,
        kickoff=KICKOFF + timedelta(weeks=match_id if week is None else week),
        league_id=47,
        season=season,
        team_id=TEAM.id,
        opponent_id=1000 + match_id,
        home=home,
        player_id=player_id,
        name=f"Man {player_id}",
        position=position,
        role=role,
        minutes=minutes if played else 0,
        numbers=dict(values or {}) if played else {},
        team_name=TEAM.name,
        opponent_name=f"Opponent {match_id}",
    )


# Every number of both sides of a match from one draw of bytes: a draw for each would make the tests slow.
_SIDES = 2 * len(PERIODS) * len(PREDICTED)
_matches = st.binary(min_size=_SIDES, max_size=_SIDES)


def _sides(drawn: bytes) -> list[dict[Period, Numbers]]:
    values = iter(None if byte >= 200 else byte % 31 for byte in drawn)
    return [{period: {name: next(values) for name in PREDICTED} for period in PERIODS} for _ in range(2)]


@st.composite
def team_seasons(draw: st.DrawFn, most: int = 25) -> list[TeamMatch]:
    """Matches of TEAM over the end of one season and the next, each once, oldest first, at different moments."""
    count = draw(st.integers(0, most))
    begin = draw(st.integers(0, count))
    sides = [_sides(draw(_matches)) for _ in range(count)]
    return [
        TeamMatch(
            match_id=place + 1,
            kickoff=KICKOFF + timedelta(days=place),
            league_id=47,
            season=EARLIER if place < begin else SEASON,
            home=draw(st.booleans()),
            team=TEAM,
            opponent=Team(1000 + place, f"Opponent {place}"),
            own=sides[place][0],
            against=sides[place][1],
        )
        for place in range(count)
    ]


_ROLES = tuple(Role)
_appearances = st.binary(min_size=3 + len(PLAYER_NUMBERS), max_size=3 + len(PLAYER_NUMBERS))


@st.composite
def player_seasons(draw: st.DrawFn, most: int = 14) -> list[PlayerMatch]:
    """Matches of the man 7 over the end of one season and the next, each once, oldest first."""
    drawn = draw(st.lists(_appearances, max_size=most))
    begin = draw(st.integers(0, len(drawn)))
    return [
        player_row(
            place,
            home=venue % 2 == 0,
            season=EARLIER if place <= begin else SEASON,
            role=_ROLES[role % len(_ROLES)],
            minutes=None if minutes > 200 else minutes % 121,
            values={name: value % 10 for name, value in zip(PLAYER_NUMBERS, values, strict=True) if value < 200},
        )
        for place, (venue, role, minutes, *values) in enumerate(drawn, 1)
    ]
