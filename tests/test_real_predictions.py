"""Predictions on real Premier League seasons, match by match: better than every plain average, and fast."""

from __future__ import annotations

from pathlib import Path

import pytest
from player_predictions import judge, read_players
from prediction_rows import fotmob_season
from predictions import BASELINES, MODEL, Results, unbeaten, walk

from PROPPR.SharedServices.football.statistics import Statistic
from PROPPR.StatsUpdateFM.core.predictions import fit_players

SEASONS = {"2022/2023": "premier_league_2022_23", "2025/2026": "premier_league_2025_26"}
ASKED = (
    Statistic.GOALS,
    Statistic.CORNERS,
    Statistic.SHOTS,
    Statistic.SHOTS_ON_TARGET,
    Statistic.YELLOW_CARDS,
)


@pytest.mark.parametrize("season", SEASONS)
def test_team_numbers_are_better_foretold_than_by_any_plain_average(real_data: Path, season: str) -> None:
    results = walk(fotmob_season(real_data / "fotmob" / SEASONS[season], season))
    of_teams: Results = {key: found for key, found in results.items() if not key[1]}
    assert {statistic for statistic, _ in of_teams} >= set(ASKED)
    assert all(len(found[MODEL].losses) >= 400 for found in of_teams.values())
    assert unbeaten(of_teams) == []
    for key, found in results.items():
        if key[1]:
            # A match's total is nearly the league's mean: docs/predictions.md has the few that are not beaten.
            best = min(found[name].figures()[2] for name in BASELINES[:3])
            assert found[MODEL].figures()[2] < best * 1.02, key


def test_scorers_are_foretold_at_least_five_percent_better_than_by_position(real_data: Path) -> None:
    data = read_players(real_data / "football_data" / "players" / "epl_player_matches_2019_2024.csv.gz")
    assert fit_players(data.players, min(row.kickoff for row in data.players)) is None
    found = judge(data, ("2022-23", "2023-24"), refit=16)
    assert found.count > 20_000
    assert found.gain > 0.05
