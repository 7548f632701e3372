"""The document of `predicted_lines`: the lines that both teams' averages, and the model, suggest for a fixture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from PROPPR.SharedServices.football.appearances import TeamMatch, distinct_matches
from PROPPR.SharedServices.football.statistics import Period, Statistic
from PROPPR.StatsUpdateFM.core.statistics.averages import Average, Window, averages, half_line, select
from PROPPR.StatsUpdateFM.core.statistics.documents import PLACES, FixtureIdentity, iso, rounded
from PROPPR.StatsUpdateFM.core.statistics.model_part import Predictor, model_part

PREFIXES: Mapping[Period, str] = {Period.MATCH: "", Period.FIRST_HALF: "1st_half_", Period.SECOND_HALF: "2nd_half_"}
"""How the fields of a period begin."""


def line_document(
    fixture: FixtureIdentity,
    home_rows: Iterable[TeamMatch],
    away_rows: Iterable[TeamMatch],
    updated_at: datetime,
    predictor: Predictor | None = None,
) -> dict[str, Any]:
    """The fixture's document from the rows of its two teams, in any order; only matches before its kick-off count.

    Averages are over a team's matches home and away. A statistic without an average is left out, and a line needs the
    averages it is made of: never a zero for a missing one. `model` is there where the predictor knows both teams.
    """
    home = _before(home_rows, fixture.home_team_id, fixture.kickoff)
    away = _before(away_rows, fixture.away_team_id, fixture.kickoff)
    document: dict[str, Any] = {
        "fixture_id": fixture.fixture_id,
        "fotmob_match_id": fixture.fotmob_match_id,
        "home_team": fixture.home_team,
        "away_team": fixture.away_team,
        "home_team_id": fixture.home_team_id,
        "away_team_id": fixture.away_team_id,
        "league": fixture.league,
        "season": fixture.season,
        "date": iso(fixture.kickoff),
        "kickoff": fixture.kickoff,
    }
    for window in Window:
        sides = select(home, window, fixture.season), select(away, window, fixture.season)
        for period, prefix in PREFIXES.items():
            document |= _fields(sides, period, prefix, window)
    model = model_part(fixture, predictor) if predictor is not None else {}
    return document | ({"model": model} if model else {}) | {"updated_at": updated_at}


def predicted_lines(
    home: Mapping[Statistic, Average], away: Mapping[Statistic, Average]
) -> dict[str, dict[str, float]]:
    """{statistic: {home, away, total}}: the half line nearest to each average, and to their sum."""
    lines: dict[str, dict[str, float]] = {}
    for statistic in {**home, **away}:
        sides = {"home": home.get(statistic), "away": away.get(statistic)}
        means = {side: round(found.mean, PLACES) for side, found in sides.items() if found is not None}
        if len(means) == len(sides):
            means["total"] = sum(means.values())
        lines[str(statistic)] = {side: half_line(mean) for side, mean in means.items()}
    return lines


def _before(rows: Iterable[TeamMatch], team_id: int | None, kickoff: datetime) -> Sequence[TeamMatch]:
    return distinct_matches(row for row in rows if row.kickoff < kickoff and row.team.id == team_id)


def _fields(
    sides: tuple[Sequence[TeamMatch], Sequence[TeamMatch]], period: Period, prefix: str, window: Window
) -> dict[str, Any]:
    home, away = (averages(rows, period) for rows in sides)
    counts = {side: min(mean.n for mean in found.values()) for side, found in (("home", home), ("away", away)) if found}
    return {
        f"{prefix}predicted_lines_{window}": predicted_lines(home, away),
        f"{prefix}home_averages_{window}": _means(home),
        f"{prefix}away_averages_{window}": _means(away),
        f"{prefix}matches_{window}": counts,
    }


def _means(found: Mapping[Statistic, Average]) -> dict[str, float]:
    return {str(name): rounded(mean.mean) for name, mean in found.items()}
