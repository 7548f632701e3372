"""The document of `team_stats`: a team's recent matches and its averages in a season."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from PROPPR.SharedServices.football.appearances import TeamMatch, distinct_matches
from PROPPR.SharedServices.football.model import Number
from PROPPR.SharedServices.football.ninety_minutes import HALVES
from PROPPR.SharedServices.football.statistics import PREDICTED, Period, Statistic
from PROPPR.StatsUpdateFM.core.statistics.averages import Average, Window, averages, select
from PROPPR.StatsUpdateFM.core.statistics.documents import TeamIdentity, rounded

VENUES: tuple[tuple[str, bool | None], ...] = (("all", None), ("home", True), ("away", False))


def team_document(team: TeamIdentity, season: str, rows: Iterable[TeamMatch], updated_at: datetime) -> dict[str, Any]:
    """The team's document for a season, from its rows in any order (a match that comes twice counts once).

    Rows of other teams are ignored, rows after the season's last match too; rows of earlier seasons only fill the last
    five and ten. All competitions that the rows come from count alike.
    """
    known = rows_until(rows, team.id, season)
    return {
        "team_id": team.id,
        "team_name": team.name,
        "league_id": team.league_id,
        "league": team.league,
        "country": team.country,
        "season": season,
        "matches_played": len(select(known, Window.SEASON, season)),
        "last_5_matches": [match_entry(row) for row in select(known, Window.LAST_5, season)],
        "last_10_matches": [match_entry(row) for row in select(known, Window.LAST_10, season)],
        "averages": {
            window.value: _by_venue(known, window, season) for window in Window if select(known, window, season)
        },
        "halves": {
            half.value: {
                window.value: _block(select(known, window, season), half)
                for window in Window
                if select(known, window, season)
            }
            for half in HALVES
        },
        "updated_at": updated_at,
    }


def rows_until(rows: Iterable[TeamMatch], team_id: int, season: str) -> Sequence[TeamMatch]:
    """The team's matches, each once, newest first, up to its last one of the season (all, where it has none yet)."""
    own = distinct_matches(row for row in rows if row.team.id == team_id)
    last = next((row.kickoff for row in own if row.season == season), None)
    return own if last is None else tuple(row for row in own if row.kickoff <= last)


def match_entry(row: TeamMatch) -> dict[str, Any]:
    """A match as `last_5_matches` and `last_10_matches` list it; numbers that are unknown are left out."""
    return {
        "match_id": row.match_id,
        "date": row.kickoff.date().isoformat(),
        "opponent": row.opponent.name,
        "home": row.home,
        **_result(row.number(Statistic.GOALS), row.number(Statistic.GOALS, against=True)),
        "for": _numbers(row, against=False),
        "against": _numbers(row, against=True),
    }


def _result(own: Number | None, against: Number | None) -> dict[str, str]:
    if own is None or against is None:
        return {}
    return {"result": "W" if own > against else "L" if own < against else "D"}


def _numbers(row: TeamMatch, *, against: bool) -> dict[str, Number]:
    side = (row.against if against else row.own).get(Period.MATCH, {})
    return {str(name): value for name in PREDICTED if (value := side.get(name)) is not None}


def _by_venue(rows: Sequence[TeamMatch], window: Window, season: str) -> dict[str, Any]:
    chosen = {venue: select(rows, window, season, home) for venue, home in VENUES}
    return {venue: _block(matches, Period.MATCH) for venue, matches in chosen.items() if matches}


def _block(rows: Sequence[TeamMatch], period: Period) -> dict[str, Any]:
    """Averages for and against over `n` matches; `fewer` names those that are known in fewer of them."""
    sides = {"for": averages(rows, period), "against": averages(rows, period, against=True)}
    fewer = {
        side: counts
        for side, found in sides.items()
        if (counts := {str(name): mean.n for name, mean in found.items() if mean.n < len(rows)})
    }
    means = {side: _means(found) for side, found in sides.items()}
    return {"n": len(rows), **means, **({"fewer": fewer} if fewer else {})}


def _means(found: dict[Statistic, Average]) -> dict[str, float]:
    return {str(name): rounded(mean.mean) for name, mean in found.items()}
