"""The document of `player_stats`: a player's recent appearances and his numbers in a season."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from math import fsum
from typing import Any

from PROPPR.SharedServices.football.appearances import PlayerMatch, distinct_appearances
from PROPPR.SharedServices.football.model import Number, Position, Role
from PROPPR.SharedServices.football.statistics import Statistic
from PROPPR.StatsUpdateFM.core.statistics.averages import average
from PROPPR.StatsUpdateFM.core.statistics.documents import PlayerIdentity, rounded

PER_MATCH = (
    Statistic.GOALS,
    Statistic.ASSISTS,
    Statistic.SHOTS,
    Statistic.SHOTS_ON_TARGET,
    Statistic.FOULS,
    Statistic.TACKLES,
    Statistic.YELLOW_CARDS,
)
"""What each listed appearance shows; a goalkeeper's also his saves."""

PER_SEASON = (
    *PER_MATCH,
    Statistic.RED_CARDS,
    Statistic.EXPECTED_GOALS,
    Statistic.EXPECTED_ASSISTS,
    Statistic.FOULED,
    Statistic.OFFSIDES,
    Statistic.INTERCEPTIONS,
    Statistic.PASSES,
)
FORM_MATCHES = 5


def player_document(
    player: PlayerIdentity, season: str, rows: Iterable[PlayerMatch], updated_at: datetime
) -> dict[str, Any]:
    """The player's document for a season, from his rows in any order (a match that comes twice counts once).

    Only matches in which he was on the pitch are listed, newest first; the last five and ten reach back into earlier
    seasons, for other teams too. A number that is unknown in an appearance is left out there and counted nowhere.
    """
    played = appearances_until(rows, player.id, season)
    current = [row for row in played if row.season == season]
    position = player.position or _usual_position(played)
    wanted = with_saves(PER_SEASON, position)
    entries = [_entry(row, with_saves(PER_MATCH, position)) for row in played[:10]]
    minutes = [row.minutes for row in current if row.minutes is not None]
    return {
        "player_id": player.id,
        "player_name": player.name,
        "team_id": player.team_id,
        "team": player.team,
        "position": None if position is None else str(position),
        "season": season,
        "appearances": len(current),
        "starts": sum(1 for row in current if row.role is Role.STARTER),
        "minutes": sum(minutes),
        "last_5_matches": entries[:5],
        "last_10_matches": entries,
        "season_stats": season_stats(current, wanted),
        "home": _venue([row for row in current if row.home]),
        "away": _venue([row for row in current if not row.home]),
        "form": form(played),
        "updated_at": updated_at,
    }


def appearances_until(rows: Iterable[PlayerMatch], player_id: int, season: str) -> Sequence[PlayerMatch]:
    """The matches he played in, each once, newest first, up to his last of the season (all, if he has none in it)."""
    own = [row for row in distinct_appearances(row for row in rows if row.player_id == player_id) if row.played]
    last = next((row.kickoff for row in own if row.season == season), None)
    return own if last is None else [row for row in own if row.kickoff <= last]


def form(played: Sequence[PlayerMatch], size: int = FORM_MATCHES) -> list[int]:
    """Newest first, 1 for an appearance in which he scored, 0 for another; one whose goals are unknown is left out."""
    goals = (row.numbers.get(Statistic.GOALS) for row in played[:size])
    return [int(number > 0) for number in goals if number is not None]


def per_match(played: Sequence[PlayerMatch], wanted: Iterable[Statistic]) -> dict[str, float]:
    """The average per appearance of each statistic that is known in at least one."""
    found = {name: average(row.numbers.get(name) for row in played) for name in wanted}
    return {str(name): rounded(mean.mean) for name, mean in found.items() if mean is not None}


def per_90(played: Sequence[PlayerMatch], statistic: Statistic) -> tuple[float, int] | None:
    """His number per ninety minutes and the minutes behind it: of appearances where number and minutes are known."""
    known = [
        (number, row.minutes)
        for row in played
        if row.minutes is not None and (number := row.numbers.get(statistic)) is not None
    ]
    minutes = sum(spent for _, spent in known)
    return (90 * fsum(number for number, _ in known) / minutes, minutes) if minutes else None


def season_stats(played: Sequence[PlayerMatch], wanted: Iterable[Statistic]) -> dict[str, Any]:
    """`totals`, `per_90` and `per_match`; `fewer` says in how many appearances a number is known, if not in all."""
    totals: dict[str, Number] = {}
    rates: dict[str, float] = {}
    fewer: dict[str, int] = {}
    for statistic in wanted:
        known = [number for row in played if (number := row.numbers.get(statistic)) is not None]
        if not known:
            continue
        totals[str(statistic)] = _total(known)
        rate = per_90(played, statistic)
        if rate is not None:
            rates[str(statistic)] = rounded(rate[0])
        if len(known) < len(played):
            fewer[str(statistic)] = len(known)
    means = per_match(played, (Statistic(name) for name in totals))
    return {"totals": totals, "per_90": rates, "per_match": means, **({"fewer": fewer} if fewer else {})}


def with_saves(wanted: tuple[Statistic, ...], position: Position | None) -> tuple[Statistic, ...]:
    """The statistics that matter for the position."""
    return (*wanted, Statistic.SAVES) if position is Position.GOALKEEPER else wanted


def _total(known: Sequence[Number]) -> Number:
    total = fsum(known)
    return int(total) if all(isinstance(number, int) for number in known) else rounded(total)


def _entry(row: PlayerMatch, wanted: Iterable[Statistic]) -> dict[str, Any]:
    return {
        "match_id": row.match_id,
        "date": row.kickoff.date().isoformat(),
        "opponent": row.opponent_name,
        "home": row.home,
        "started": row.role is Role.STARTER,
        **({} if row.minutes is None else {"minutes": row.minutes}),
        **{str(name): number for name in wanted if (number := row.numbers.get(name)) is not None},
    }


def _venue(played: Sequence[PlayerMatch]) -> dict[str, Any]:
    minutes = sum(row.minutes for row in played if row.minutes is not None)
    return {"appearances": len(played), "minutes": minutes, "per_match": per_match(played, PER_MATCH)}


def _usual_position(played: Sequence[PlayerMatch]) -> Position | None:
    positions = [row.position for row in played if row.position is not None]
    return max(positions, key=lambda position: (positions.count(position), position.value)) if positions else None
