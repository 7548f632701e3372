"""A player's page: who he is, and his recent matches; the only place with the cards of one man per match."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from PROPPR.SharedServices.football.errors import LayoutChanged
from PROPPR.SharedServices.football.model import Position, Score, Team
from PROPPR.SharedServices.football.page_parts import Part, decimal, moment, part_of, whole

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
    page = part_of(payload, "")
    if "recentMatches" not in page.value and "primaryTeam" not in page.value:
        raise LayoutChanged("recentMatches", "the player's matches were expected, not nothing")
    team = page.part_if_any("primaryTeam")
    birth = moment(page.part_if_any("birthDate").get("utcTime"))
    return PlayerPage(
        page.id("id"),
        page.text("name"),
        None if team.id_if_any("teamId") is None else Team(team.id("teamId"), team.text("teamName")),
        _position(page),
        None if birth is None else birth.date(),
        page.text_if_any("gender"),
        bool(page.get("injuryInformation")) if "injuryInformation" in page.value else None,
        _appearances(page),
    )


def _position(page: Part) -> Position | None:
    primary = page.part_if_any("positionDescription").part_if_any("primaryPosition")
    key = (primary.text_if_any("key") or "").casefold()
    return next((position for word, position in _POSITIONS if word in key), None)


def _appearances(page: Part) -> tuple[Appearance, ...]:
    if not page.get("recentMatches"):
        return ()
    path = page.at("recentMatches")
    rows = enumerate(page.rows("recentMatches"))
    return tuple(_appearance(part_of(value, f"{path}[{number}]")) for number, value in rows)


def _appearance(row: Part) -> Appearance:
    kickoff = moment(row.part("matchDate").get("utcTime"))
    if kickoff is None:
        raise LayoutChanged(row.at("matchDate.utcTime"), "the time of kick-off was expected")
    goals = whole(row.get("homeScore")), whole(row.get("awayScore"))
    minutes = whole(row.get("minutesPlayed"))
    rating = row.part_if_any("ratingProps")
    return Appearance(
        row.id("id"),
        kickoff,
        row.id_if_any("leagueId"),
        Team(row.id("teamId"), row.text("teamName")),
        row.id_if_any("opponentTeamId"),
        row.flag("isHomeTeam"),
        None if goals[0] is None or goals[1] is None else Score(goals[0], goals[1]),
        _played(row, minutes),
        minutes,
        whole(row.get("goals")),
        whole(row.get("assists")),
        whole(row.get("yellowCards")),
        whole(row.get("redCards")),
        decimal(rating.get("rating") or rating.get("num")),
    )


def _played(row: Part, minutes: int | None) -> bool | None:
    said = row.flag("playedInMatch")
    if said is not None:
        return said
    if minutes:
        return True
    return False if row.flag("onBench") else None
