"""Small stored documents of the statistics, as the services write them, for tests of what shows them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

Document = dict[str, Any]
CHANGED = datetime(2026, 8, 20, 6, 0, tzinfo=UTC)
KICKOFF = datetime(2100, 8, 22, 14, 0, tzinfo=UTC)
"""Far ahead: a coming fixture whenever the tests run."""
HOME, AWAY = 9825, 8456
STATISTICS = ("goals", "corners", "yellow_cards", "shots", "shots_on_target", "fouls", "offsides", "tackles")


def team(team_id: int = HOME, name: str = "Arsenal", **changes: Any) -> Document:
    """A team of `team_stats`, whose corners are never known, and whose shots are not in its last match."""
    averages = {
        "n": 10,
        "for": {"goals": 1.5, "shots": 12.25},
        "against": {"goals": 0.0},
        "fewer": {"for": {"shots": 9}},
    }
    document = {
        "team_id": team_id, "team_name": name, "league_id": 47, "league": "Premier League", "country": "ENG",
        "season": "2026/2027", "matches_played": 10,
        "last_10_matches": [_match(number) for number in range(10)],
        "averages": {window: {"all": averages, "home": averages} for window in ("last5", "last10", "season")},
        "halves": {"first_half": {"season": {"n": 10, "for": {"goals": 0.5}, "against": {"goals": 0.4}}}},
        "updated_at": CHANGED, "content_hash": "x", "fence": 1,
    }  # fmt: skip
    document["last_5_matches"] = document["last_10_matches"][:5]  # type: ignore[index]
    return {**document, **changes}


def player(player_id: int = 961995, name: str = "Bukayo Saka", **changes: Any) -> Document:
    """A player of `player_stats`, whose fouls are never known."""
    listed = [
        {"match_id": 100 - number, "date": _day(number), "opponent": "Brentford", "home": number % 2 == 0,
         "started": number != 3, "minutes": 90 - number, "goals": number % 2, "assists": 0, "shots": 3}
        for number in range(10)
    ]  # fmt: skip
    season = {"totals": {"goals": 5, "expected_goals": 3.25}, "per_90": {"goals": 0.5556}, "per_match": {"goals": 0.5}}
    document = {
        "player_id": player_id, "player_name": name, "team_id": HOME, "team": "Arsenal", "position": "forward",
        "season": "2026/2027", "appearances": 10, "starts": 9, "minutes": 855, "last_5_matches": listed[:5],
        "last_10_matches": listed, "season_stats": season,
        "home": {"appearances": 5, "minutes": 430, "per_match": {"goals": 0.0}},
        "away": {"appearances": 5, "minutes": 425, "per_match": {"goals": 1.0}},
        "form": [0, 1, 0, 1, 0], "updated_at": CHANGED,
    }  # fmt: skip
    return {**document, **changes}


def lines(fixture_id: int = 70505028, **changes: Any) -> Document:
    """A fixture of `predicted_lines` with goals only, whose away team has no average."""
    goals = {"mean": 1.62, "dispersion": 1.0, "over": [[0.5, 0.8021], [1.5, 0.4815], [2.5, 0.004]]}
    sides = {side: {**goals, "mean": mean} for side, mean in (("away", 0.9), ("total", 2.52))}
    document: Document = {
        "fixture_id": fixture_id, "fotmob_match_id": 4813374, "home_team": "Arsenal", "away_team": "Brentford FC",
        "home_team_id": HOME, "away_team_id": AWAY, "league": "Premier League", "season": "2026/2027",
        "date": "2100-08-22T14:00:00Z", "kickoff": KICKOFF, "updated_at": CHANGED,
        "model": {"match": {"goals": {**sides, "home": goals}}},
    }  # fmt: skip
    for window in ("last10", "last5", "season"):
        for prefix in ("", "1st_half_", "2nd_half_"):
            document[f"{prefix}predicted_lines_{window}"] = {"goals": {"home": 1.5}}
            document[f"{prefix}home_averages_{window}"] = {"goals": 1.7}
            document[f"{prefix}away_averages_{window}"] = {}
            document[f"{prefix}matches_{window}"] = {"home": 10}
    return {**document, **changes}


def projection(player_id: int = 961995, name: str = "Bukayo Saka", **changes: Any) -> Document:
    """A man of `player_projections`, of whose fouls nothing is known."""
    document = {
        "fixture_id": 70505028, "player_id": player_id, "player_name": name, "team_id": HOME, "team": "Arsenal",
        "position": "forward", "kickoff": KICKOFF, "method": "model", "projected_goals": 0.41, "projected_assists": 0.0,
        "projected_shots": 2.9, "projected_shots_on_target": 1.2, "expected_minutes": 81.4,
        "avg_stats_last5": {"goals": 0.4}, "form": [0, 1, 0, 1, 0], "updated_at": CHANGED,
    }  # fmt: skip
    return {**document, **changes}


def _match(number: int) -> Document:
    own = {"goals": number % 3, "fouls": 11} | ({} if number == 0 else {"shots": 10 + number})
    return {
        "match_id": 100 - number, "date": _day(number), "opponent": f"Opponent $_{number}$", "home": number % 2 == 0,
        "result": "WDL"[number % 3], "for": own, "against": {"goals": 0},
    }  # fmt: skip


def _day(number: int) -> str:
    return (CHANGED - timedelta(days=7 * number + 1)).date().isoformat()
