"""Real matches as the rows that predictions are fitted on: recorded FotMob seasons, football-data tables."""

from __future__ import annotations

import csv
import gzip
import json
from datetime import UTC, date, datetime, time
from pathlib import Path

from PROPPR.SharedServices.football.appearances import TeamMatch, team_matches
from PROPPR.SharedServices.football.model import Number, Team
from PROPPR.SharedServices.football.reading import read_match
from PROPPR.SharedServices.football.statistics import Period, Statistic

FULL = {
    Statistic.GOALS: ("FTHG", "FTAG"),
    Statistic.SHOTS: ("HS", "AS"),
    Statistic.SHOTS_ON_TARGET: ("HST", "AST"),
    Statistic.CORNERS: ("HC", "AC"),
    Statistic.YELLOW_CARDS: ("HY", "AY"),
}
HALF = {Statistic.GOALS: ("HTHG", "HTAG")}
# How the football-data tables call teams that FotMob calls otherwise.
FOTMOB_NAMES = {
    "Bournemouth": "AFC Bournemouth",
    "Brighton": "Brighton & Hove Albion",
    "Leeds": "Leeds United",
    "Leicester": "Leicester City",
    "Man City": "Manchester City",
    "Man United": "Manchester United",
    "Newcastle": "Newcastle United",
    "Nott'm Forest": "Nottingham Forest",
    "Tottenham": "Tottenham Hotspur",
    "West Ham": "West Ham United",
    "Wolves": "Wolverhampton Wanderers",
}


def fotmob_season(folder: Path, season: str) -> list[TeamMatch]:
    """Every recorded match of a folder that was played to the end, two rows each."""
    rows: list[TeamMatch] = []
    for path in sorted(folder.glob("*.json.gz")):
        rows += team_matches(read_match(json.loads(gzip.decompress(path.read_bytes()))), season)
    return rows


def table_season(folder: Path, division: str, year: int, ids: dict[str, int] | None = None) -> list[TeamMatch]:
    """A division's season that ended in `year`, two rows a match; teams in `ids` (by FotMob's name) keep their id.

    Kick-off is noon. Tables that have day and month exchanged for the days up to the 12th are put right.
    """
    with gzip.open(folder / f"season_{year}.csv.gz", "rt", encoding="utf-8") as stream:
        lines = [line for line in csv.DictReader(stream) if line["Div"] == division]
    days = [date.fromisoformat(line["Date"]) for line in lines]
    outside = sum(not date(year - 1, 7, 1) <= day <= date(year, 8, 5) for day in days)
    if outside > 10:
        days = [date(day.year, day.day, day.month) if day.day <= 12 else day for day in days]
    numbers = dict(ids or {})
    rows: list[TeamMatch] = []
    for place, (day, line) in enumerate(zip(days, lines, strict=True)):
        teams = [_team(line[column], numbers) for column in ("HomeTeam", "AwayTeam")]
        sides = [_numbers(line, side) for side in (0, 1)]
        rows += [
            TeamMatch(
                match_id=year * 10_000 + place,
                kickoff=datetime.combine(day, time(12), UTC),
                league_id=1,
                season=f"{year - 1}/{year}",
                home=side == 0,
                team=teams[side],
                opponent=teams[1 - side],
                own=sides[side],
                against=sides[1 - side],
            )
            for side in (0, 1)
        ]
    return rows


def _team(name: str, numbers: dict[str, int]) -> Team:
    called = FOTMOB_NAMES.get(name, name)
    # Beside any id of FotMob's; a negative one says so.
    return Team(numbers.setdefault(called, -1 - len(numbers)), called)


def _numbers(line: dict[str, str], side: int) -> dict[Period, dict[Statistic, Number | None]]:
    whole = {statistic: _number(line[columns[side]]) for statistic, columns in FULL.items()}
    first = {statistic: _number(line[columns[side]]) for statistic, columns in HALF.items()}
    return {Period.MATCH: whole, Period.FIRST_HALF: first}


def _number(text: str) -> Number | None:
    """A number of the table, where a missing one is empty or -1."""
    return int(float(text)) if text and float(text) >= 0 else None
