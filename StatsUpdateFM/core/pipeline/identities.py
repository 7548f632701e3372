"""Who teams and players are, as their rows show it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PROPPR.SharedServices.football.appearances import PlayerMatch, TeamMatch
from PROPPR.SharedServices.football.model import Position
from PROPPR.StatsUpdateFM.core.statistics.documents import PlayerIdentity, TeamIdentity


@dataclass(frozen=True, slots=True)
class LeagueName:
    """What a league is called, and where it is played (the source's code of the country)."""

    name: str = ""
    country: str = ""


def team_identity(rows: Sequence[TeamMatch], season: str, leagues: Mapping[int, LeagueName]) -> TeamIdentity:
    """The team of these rows (at least one): its newest name, and the league it played most in this season.

    That is its domestic league as soon as a few rounds are played; of two with as many matches the lower id.
    """
    newest = max(rows, key=lambda row: (row.kickoff, row.match_id))
    current = [row for row in rows if row.season == season] or list(rows)
    played = Counter(row.league_id for row in current)
    league_id = min(played, key=lambda each: (-played[each], each))
    league = leagues.get(league_id, LeagueName())
    return TeamIdentity(newest.team.id, newest.team.name, league_id, league.name, league.country)


def player_identity(rows: Sequence[PlayerMatch]) -> PlayerIdentity:
    """The player of these rows (at least one): newest name and team, and the position he has most often."""
    newest = max(rows, key=lambda row: (row.kickoff, row.match_id))
    return PlayerIdentity(newest.player_id, newest.name, newest.team_id, newest.team_name, usual_position(rows))


def usual_position(rows: Sequence[PlayerMatch]) -> Position | None:
    """The position named most often, of two the one named last; None where none is known."""
    ordered = sorted(rows, key=lambda row: (row.kickoff, row.match_id), reverse=True)
    named = [row.position for row in ordered if row.position is not None]
    return max(named, key=named.count) if named else None
