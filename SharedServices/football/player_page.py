"""A player's page: who he is, and his recent matches; the only place with the cards of one man per match."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from PROPPR.SharedServices.football.errors import At
from PROPPR.SharedServices.football.fields import (
    Json,
    as_object,
    flag,
    items,
    mapping,
    missing,
    moment,
    optional_integer,
    optional_mapping,
    optional_number,
    optional_text,
    text,
)
from PROPPR.SharedServices.football.listed_match import read_id
from PROPPR.SharedServices.football.model import Position, Score, Team

# Parts of the source's position keys ("rightwingback", "centerattackingmidfielder"), in the order they decide.
_POSITIONS: Final = (
    ("keeper", Position.GOALKEEPER),
    ("midfielder", Position.MIDFIELDER),
    ("back", Position.DEFENDER),
    ("defender", Position.DEFENDER),
    ("sweeper", Position.DEFENDER),
    ("winger", Position.FORWARD),
    ("striker", Position.FORWARD),
    ("forward", Position.FORWARD),
    ("attacker", Position.FORWARD),
)


@dataclass(frozen=True, slots=True)
class Appearance:
    """A recent match of the player. Numbers are None where the page has none.

    `played` is false for a man who stayed on the bench, true for one with minutes, None where neither is clear (one
    who came on in stoppage time has 0 minutes).
    """

    match_id: int
    kickoff: datetime
    league_id: int | None
    team: Team
    opponent_id: int | None
    home: bool | None
    score: Score | None
    played: bool | None
    minutes: int | None
    goals: int | None
    assists: int | None
    yellow_cards: int | None
    red_cards: int | None
    rating: float | None


@dataclass(frozen=True, slots=True)
class PlayerPage:
    """A player with his team of today (None without one) and his recent matches, newest first as on the page."""

    player_id: int
    name: str
    team: Team | None
    position: Position | None
    birth_date: date | None
    gender: str | None
    injured: bool | None
    appearances: tuple[Appearance, ...]


def read_player(payload: Mapping[str, Any]) -> PlayerPage:
    """Read a player's page. Raises LayoutChanged, also for the pages of before 2024, which hold other parts."""
    if "recentMatches" not in payload:
        raise missing("recentMatches")
    birth = optional_mapping(payload, "birthDate")
    with At("birthDate"):
        born = None if birth is None else moment(birth, "utcTime").date()
    return PlayerPage(
        read_id(payload, "id"),
        text(payload, "name"),
        _team(payload),
        _position(payload),
        born,
        optional_text(payload, "gender"),
        bool(payload["injuryInformation"]) if "injuryInformation" in payload else None,
        _appearances(payload),
    )


def _team(payload: Json) -> Team | None:
    team = optional_mapping(payload, "primaryTeam")
    if team is None or not team.get("teamId"):
        return None
    with At("primaryTeam"):
        return Team(read_id(team, "teamId"), text(team, "teamName"))


def _position(payload: Json) -> Position | None:
    description = optional_mapping(payload, "positionDescription") or {}
    with At("positionDescription"):
        primary = optional_mapping(description, "primaryPosition") or {}
        with At("primaryPosition"):
            key = (optional_text(primary, "key") or "").casefold()
    return next((position for word, position in _POSITIONS if word in key), None)


def _appearances(payload: Json) -> tuple[Appearance, ...]:
    found: list[Appearance] = []
    for number, value in enumerate(items(payload, "recentMatches") if payload["recentMatches"] else ()):
        with At("recentMatches", number):
            found.append(_appearance(as_object(value)))
    return tuple(found)


def _appearance(row: Json) -> Appearance:
    date_ = mapping(row, "matchDate")
    with At("matchDate"):
        kickoff = moment(date_, "utcTime")
    home_goals, away_goals = optional_integer(row, "homeScore"), optional_integer(row, "awayScore")
    minutes = optional_integer(row, "minutesPlayed")
    rating = optional_mapping(row, "ratingProps") or {}
    with At("ratingProps"):
        rated = optional_number(rating, "rating" if "rating" in rating else "num")
    return Appearance(
        match_id=read_id(row, "id"),
        kickoff=kickoff,
        league_id=optional_integer(row, "leagueId"),
        team=Team(read_id(row, "teamId"), text(row, "teamName")),
        opponent_id=optional_integer(row, "opponentTeamId"),
        home=None if row.get("isHomeTeam") is None else flag(row, "isHomeTeam"),
        score=None if home_goals is None or away_goals is None else Score(home_goals, away_goals),
        played=_played(row, minutes),
        minutes=minutes,
        goals=optional_integer(row, "goals"),
        assists=optional_integer(row, "assists"),
        yellow_cards=optional_integer(row, "yellowCards"),
        red_cards=optional_integer(row, "redCards"),
        rating=rated,
    )


def _played(row: Json, minutes: int | None) -> bool | None:
    if row.get("playedInMatch") is not None:
        return flag(row, "playedInMatch")
    if minutes:
        return True
    return False if flag(row, "onBench") else None
