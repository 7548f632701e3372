"""How well 'scores at least one goal' is foretold of Premier League players, season by season, never looking ahead."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from math import log
from pathlib import Path

from PROPPR.SharedServices.football.appearances import PlayerMatch, TeamMatch
from PROPPR.SharedServices.football.model import Position, Role, Team
from PROPPR.SharedServices.football.statistics import Period, Statistic
from PROPPR.StatsUpdateFM.core.predictions import fit, fit_players

POSITIONS = {
    "GK": Position.GOALKEEPER,
    "GKP": Position.GOALKEEPER,
    "DEF": Position.DEFENDER,
    "MID": Position.MIDFIELDER,
    "FWD": Position.FORWARD,
}
MINUTES_DECAY = 0.75
"""Weight of an appearance against the next one in the minutes expected of a man who plays."""
USUAL_MINUTES = {
    Position.GOALKEEPER: 88.0,
    Position.DEFENDER: 70.0,
    Position.MIDFIELDER: 55.0,
    Position.FORWARD: 52.0,
    None: 60.0,
}
USUAL_WEIGHT = 2.0
"""Those of a new man, and the appearances that they count for."""
YEARS_KEPT = timedelta(days=700)


@dataclass(frozen=True)
class Season:
    """Appearances (minutes are more than zero), and the goals and expected goals of their teams."""

    players: list[PlayerMatch]
    teams: list[TeamMatch]


@dataclass(frozen=True)
class Judged:
    """Log-loss of the model and of the position's base rate over so many appearances."""

    count: int
    scored: int
    model: float
    base: float

    @property
    def gain(self) -> float:
        """The share of the base rate's log-loss that the model saves."""
        return 1 - self.model / self.base


def read_players(path: Path) -> Season:
    """The whole table. Players are known by name, as ids change from season to season; teams likewise."""
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        lines = list(csv.DictReader(stream))
    ids: dict[str, int] = {}
    matches: dict[tuple[str, str], int] = {}
    players, sides = [], {}
    expected: dict[tuple[int, bool], float] = defaultdict(float)
    for line in lines:
        home = line["was_home"] == "True"
        key = (line["kickoff_time"], line["team"] if home else line["opp"])
        match = matches.setdefault(key, len(matches))
        player = _player(line, match, home, ids)
        players.append(player)
        sides[match, home] = (player, line)
        if line["expected_goals"]:
            expected[match, home] += float(line["expected_goals"])
    teams = [_team(*side, expected) for side in sides.values()]
    return Season(players, teams)


def _player(line: dict[str, str], match: int, home: bool, ids: dict[str, int]) -> PlayerMatch:
    name = line["name"].rstrip("0123456789").replace("_", " ").strip()
    numbers: dict[Statistic, float] = {
        Statistic.GOALS: int(line["goals_scored"]),
        Statistic.ASSISTS: int(line["assists"]),
    }
    for statistic in (Statistic.EXPECTED_GOALS, Statistic.EXPECTED_ASSISTS):
        if line[str(statistic)]:
            numbers[statistic] = float(line[str(statistic)])
    return PlayerMatch(
        match_id=match,
        kickoff=datetime.fromisoformat(line["kickoff_time"]),
        league_id=47,
        season=line["Season"],
        team_id=ids.setdefault(f"team {line['team']}", len(ids)),
        opponent_id=ids.setdefault(f"team {line['opp']}", len(ids)),
        home=home,
        player_id=ids.setdefault(name, len(ids)),
        name=name,
        position=POSITIONS.get(line["position"]),
        role=Role.STARTER,
        minutes=int(line["minutes"]),
        numbers=numbers,
    )


def _team(row: PlayerMatch, line: dict[str, str], expected: dict[tuple[int, bool], float]) -> TeamMatch:
    def side(home: bool) -> dict[Period, dict[Statistic, float | None]]:
        goals = float(line["team_h_score" if home else "team_a_score"])
        return {
            Period.MATCH: {
                Statistic.GOALS: goals,
                Statistic.EXPECTED_GOALS: expected.get((row.match_id, home)),
            }
        }

    return TeamMatch(
        match_id=row.match_id,
        kickoff=row.kickoff,
        league_id=row.league_id,
        season=row.season,
        home=row.home,
        team=Team(row.team_id, line["team"]),
        opponent=Team(row.opponent_id, line["opp"]),
        own=side(row.home),
        against=side(not row.home),
    )


def judge(data: Season, seasons: Sequence[str], refit: int = 1) -> Judged:
    """Foretell every appearance of the seasons from what was known on the morning of its day.

    That he plays is known, not for how long. The base rate is that of his position's appearances so far. With `refit`
    above one the models are renewed only on every so many-th day of play, so that the latest matches are not known.
    """
    minutes: dict[int, tuple[float, float]] = {}
    base: dict[Position | None, list[float]] = defaultdict(lambda: [1.0, 10.0])
    losses, base_losses, scored = [], [], 0
    ordered = sorted(data.players, key=lambda row: (row.kickoff, row.match_id, row.player_id))
    model, teams, number = None, None, 0
    for day, group in groupby(ordered, key=lambda row: row.kickoff.replace(hour=0, minute=0, second=0)):
        rows = list(group)
        tested = [row for row in rows if row.season in seasons]
        if tested:
            if number % refit == 0:
                model = fit_players(data.players, day)
                teams = fit([row for row in data.teams if row.kickoff > day - YEARS_KEPT], day)
            number += 1
            assert model is not None and teams is not None
            for row in tested:
                pair = (row.team_id, row.opponent_id) if row.home else (row.opponent_id, row.team_id)
                sides = teams.predict(*pair, Statistic.GOALS)
                assert sides is not None
                expected = {Statistic.GOALS: sides[0 if row.home else 1].mean}
                played, weight = minutes.get(row.player_id, (0.0, 0.0))
                time = (USUAL_WEIGHT * USUAL_MINUTES[row.position] + played) / (USUAL_WEIGHT + weight)
                chance = model.project(row.player_id, row.position, time, expected)[Statistic.GOALS].over(0.5)
                usual = base[row.position]
                goal = row.numbers[Statistic.GOALS] > 0
                scored += goal
                losses.append(_loss(chance, goal))
                base_losses.append(_loss(usual[0] / usual[1], goal))
        for row in rows:
            played, weight = minutes.get(row.player_id, (0.0, 0.0))
            minutes[row.player_id] = MINUTES_DECAY * played + (row.minutes or 0), MINUTES_DECAY * weight + 1
            base[row.position][0] += row.numbers[Statistic.GOALS] > 0
            base[row.position][1] += 1
    return Judged(len(losses), scored, sum(losses) / len(losses), sum(base_losses) / len(losses))


def _loss(chance: float, happened: bool) -> float:
    bounded = min(max(chance, 1e-4), 1 - 1e-4)
    return -log(bounded if happened else 1 - bounded)
