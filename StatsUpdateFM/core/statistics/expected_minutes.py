"""How long each man of a squad is expected to play in the next match, from how long he played lately.

The rule: over the team's last ten matches whose squad is known, the mean of his minutes, each older match weighing 0.65
of the one after it. A man on the bench or not in the squad played 0; a match he missed injured, suspended or away with
his country says nothing and is left out, as is one before his first for the team and one with his minutes unknown.
Extra time is cut off: minutes are at most 90. Once the line-up of the next match is announced, only his matches in the
same role (starter, or not) count, together with two matches of a usual man in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import fsum

from PROPPR.SharedServices.football.appearances import PlayerMatch, distinct_appearances
from PROPPR.SharedServices.football.model import Lineup, Role

MATCHES = 10
DECAY = 0.65
FULL = 90
USUAL_MINUTES: Mapping[bool, float] = {True: 83.0, False: 8.0}
"""Minutes of a starter, and of a man on the bench whether he comes on or not."""
USUAL_WEIGHT = 2.0


def expected_minutes(squad_rows: Iterable[PlayerMatch], lineup: Lineup | None = None) -> dict[int, float]:
    """Minutes by player id, from the rows of one team's squads (all its men, in any order) and the next line-up.

    Players who are unavailable by the line-up, or not in it once it is confirmed, are left out, like those of whom no
    match says anything. An unconfirmed line-up (the eleven of the last match) only tells who is unavailable.
    """
    rows = distinct_appearances(squad_rows)
    kickoffs = {row.match_id: row.kickoff for row in rows}
    recent = sorted(kickoffs, key=lambda match_id: (kickoffs[match_id], match_id), reverse=True)[:MATCHES]
    played: dict[int, dict[int, PlayerMatch]] = {}
    for row in rows:
        played.setdefault(row.player_id, {})[row.match_id] = row
    roles = {} if lineup is None else {player.id: player.role for player in lineup.players}
    confirmed = lineup is not None and lineup.confirmed
    found: dict[int, float] = {}
    for player_id in {**played, **roles} if confirmed else played:
        role = roles.get(player_id)
        if role is Role.UNAVAILABLE or (confirmed and role is None):
            continue
        minutes = _minutes(played.get(player_id, {}), recent, (role is Role.STARTER) if confirmed else None)
        if minutes is not None:
            found[player_id] = minutes
    return found


def _minutes(own: Mapping[int, PlayerMatch], recent: Sequence[int], starting: bool | None) -> float | None:
    """The weighted mean of one man's minutes; `starting` limits it to matches in that role, None to none."""
    since = max((place for place, match_id in enumerate(recent) if match_id in own), default=-1)
    weights: list[float] = []
    weighted: list[float] = []
    for place, match_id in enumerate(recent[: since + 1]):
        row = own.get(match_id)
        minutes = _counting(row, starting)
        if minutes is not None:
            weights.append(DECAY**place)
            weighted.append(minutes * DECAY**place)
    if starting is not None:
        weights.append(USUAL_WEIGHT)
        weighted.append(USUAL_MINUTES[starting] * USUAL_WEIGHT)
    return fsum(weighted) / fsum(weights) if weights else None


def _counting(row: PlayerMatch | None, starting: bool | None) -> int | None:
    if row is None:
        return 0 if starting is None else None
    if row.role is Role.UNAVAILABLE or row.minutes is None:
        return None
    if starting is not None and (row.role is Role.STARTER) is not starting:
        return None
    return min(row.minutes, FULL)
