"""Matches seen from one side: what a team, or a player, did in a match that was played to the end.

Team numbers are those of ninety minutes and of their halves, as `ninety_minutes` puts them together. Player numbers
cover the minutes he played, extra time included, as the source has no split.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from PROPPR.SharedServices.football.model import Match, Number, Player, Position, Role, State, Team
from PROPPR.SharedServices.football.ninety_minutes import REDS, YELLOWS, Numbers, numbers_of
from PROPPR.SharedServices.football.statistics import Period, Statistic


@dataclass(frozen=True, slots=True)
class TeamMatch:
    """A match of one team. `own` and `against` have every period of PERIODS and, in each, every PREDICTED statistic.

    None, or a statistic that is not there, is unknown. `league_id` is the whole competition, not a stage of it.
    """

    match_id: int
    kickoff: datetime
    league_id: int
    season: str
    home: bool
    team: Team
    opponent: Team
    own: Mapping[Period, Numbers]
    against: Mapping[Period, Numbers]

    def number(self, statistic: Statistic, period: Period = Period.MATCH, *, against: bool = False) -> Number | None:
        """The team's number, or what it conceded; None where it is unknown."""
        return (self.against if against else self.own).get(period, {}).get(statistic)


@dataclass(frozen=True, slots=True)
class PlayerMatch:
    """A match of one man of the squad, played or not. `minutes` is nominal, 0 for a man who did not come on.

    `numbers` holds what is known: of a man who did not play nothing.
    """

    match_id: int
    kickoff: datetime
    league_id: int
    season: str
    team_id: int
    opponent_id: int
    home: bool
    player_id: int
    name: str
    position: Position | None
    role: Role
    minutes: int | None
    numbers: Mapping[Statistic, Number] = field(default_factory=dict)
    team_name: str = ""
    opponent_name: str = ""

    @property
    def played(self) -> bool:
        """Whether he was on the pitch at all."""
        return self.role in (Role.STARTER, Role.SUBSTITUTE_USED)


def season_of(kickoff: datetime) -> str:
    """The season a date falls in where the source names none: from July to June, as in "2025/2026"."""
    start = kickoff.year if kickoff.month >= 7 else kickoff.year - 1
    return f"{start}/{start + 1}"


def team_matches(match: Match, season: str | None = None) -> tuple[TeamMatch, TeamMatch] | tuple[()]:
    """The match as home and as away team; empty unless it was played to the end.

    `season` is the name that the league's page gives; without it the match's own, else `season_of` the kick-off.
    """
    if match.state is not State.PLAYED:
        return ()
    home, away = numbers_of(match, True), numbers_of(match, False)
    name = season or match.league.season or season_of(match.kickoff)

    def side(at_home: bool) -> TeamMatch:
        return TeamMatch(
            match_id=match.match_id,
            kickoff=match.kickoff,
            league_id=match.league.competition_id,
            season=name,
            home=at_home,
            team=match.home if at_home else match.away,
            opponent=match.away if at_home else match.home,
            own=home if at_home else away,
            against=away if at_home else home,
        )

    return side(True), side(False)


def player_matches(match: Match, season: str | None = None) -> tuple[PlayerMatch, ...]:
    """The match of every man of both confirmed squads, home first; empty unless it was played to the end."""
    if match.state is not State.PLAYED:
        return ()
    name = season or match.league.season or season_of(match.kickoff)
    lineups = (lineup for lineup in (match.home_lineup, match.away_lineup) if lineup is not None and lineup.confirmed)
    return tuple(_player_match(match, name, player) for lineup in lineups for player in lineup.players)


def distinct_matches(rows: Iterable[TeamMatch]) -> tuple[TeamMatch, ...]:
    """Each match of each team once, newest kick-off first.

    Of two rows of one match the one with more known numbers stays, so that the order of the rows does not matter.
    """
    best: dict[tuple[int, int], TeamMatch] = {}
    for row in rows:
        key = (row.match_id, row.team.id)
        held = best.get(key)
        if held is None or (held is not row and _fullness(row) > _fullness(held)):
            best[key] = row
    return tuple(sorted(best.values(), key=lambda row: (row.kickoff, row.match_id, row.team.id), reverse=True))


def distinct_appearances(rows: Iterable[PlayerMatch]) -> tuple[PlayerMatch, ...]:
    """Each match of each player once, newest kick-off first, by the rule of `distinct_matches`."""
    best: dict[tuple[int, int], PlayerMatch] = {}
    for row in rows:
        key = (row.match_id, row.player_id)
        held = best.get(key)
        if held is None or (held is not row and _player_fullness(row) > _player_fullness(held)):
            best[key] = row
    return tuple(sorted(best.values(), key=lambda row: (row.kickoff, row.match_id, row.player_id), reverse=True))


def by_team_and_season(rows: Iterable[TeamMatch]) -> dict[tuple[int, str], Sequence[TeamMatch]]:
    """The rows of each (team, season), each match once, newest kick-off first."""
    split: dict[tuple[int, str], list[TeamMatch]] = {}
    for row in distinct_matches(rows):
        split.setdefault((row.team.id, row.season), []).append(row)
    return dict(split)


def _player_match(match: Match, season: str, player: Player) -> PlayerMatch:
    team, opponent = (match.home, match.away) if player.home else (match.away, match.home)
    numbers: dict[Statistic, Number] = dict(player.numbers) if player.played else {}
    if player.played and match.full_time_seen:
        mine = [card.kind for card in match.cards if card.player_id == player.id]
        numbers[Statistic.YELLOW_CARDS] = sum(1 for kind in mine if kind in YELLOWS)
        numbers[Statistic.RED_CARDS] = sum(1 for kind in mine if kind in REDS)
    return PlayerMatch(
        match_id=match.match_id,
        kickoff=match.kickoff,
        league_id=match.league.competition_id,
        season=season,
        team_id=team.id,
        opponent_id=opponent.id,
        home=player.home,
        player_id=player.id,
        name=player.name,
        position=player.position,
        role=player.role,
        minutes=player.minutes if player.played else 0,
        numbers=numbers,
        team_name=team.name,
        opponent_name=opponent.name,
    )


def _fullness(row: TeamMatch) -> tuple[int, str]:
    known = [value for side in (row.own, row.against) for part in side.values() for value in part.values()]
    return sum(1 for value in known if value is not None), _written(row.own) + _written(row.against)


def _player_fullness(row: PlayerMatch) -> tuple[int, str]:
    return len(row.numbers) + (row.minutes is not None), _written({Period.ALL: row.numbers}) + f"{row.minutes}"


def _written(numbers: Mapping[Period, Mapping[Statistic, Number | None]]) -> str:
    known = sorted(f"{period}.{name}={value}" for period, part in numbers.items() for name, value in part.items())
    return ";".join(known)
