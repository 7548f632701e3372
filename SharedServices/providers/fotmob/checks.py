"""Whether an answer is for what was asked. A part that an answer lacks is no contradiction, except for matches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from PROPPR.SharedServices.providers.fotmob.errors import OtherAnswer, SourceChanged

Payload = Mapping[str, Any]
Check = Callable[[Payload], None]
"""Raises OtherAnswer or SourceChanged for an answer that is not to be used."""


def for_match(match_id: int) -> Check:
    """The answer names the match; one that names none is not good."""

    def check(payload: Payload) -> None:
        general = payload.get("general")
        if not isinstance(general, Mapping):
            raise SourceChanged("matchDetails: general is missing")
        _same("matchDetails: general.matchId", general.get("matchId"), match_id, needed=True)

    return check


def for_day(day: date) -> Check:
    """The answer is the list of the day."""
    return lambda payload: _same("matches: date", payload.get("date"), f"{day:%Y%m%d}")


def for_league(league_id: int, season: str | None) -> Check:
    """The answer is the league's, and of the season that was asked for, if any was."""

    def check(payload: Payload) -> None:
        details = payload.get("details")
        if isinstance(details, Mapping):
            _same("leagues: details.id", details.get("id"), league_id)
            if season is not None:
                _same("leagues: details.selectedSeason", details.get("selectedSeason"), season)

    return check


def for_team(team_id: int) -> Check:
    """The answer is the team's."""

    def check(payload: Payload) -> None:
        details = payload.get("details")
        _same("teams: details.id", details.get("id") if isinstance(details, Mapping) else None, team_id)

    return check


def for_player(player_id: int) -> Check:
    """The answer is the player's."""
    return lambda payload: _same("playerData: id", payload.get("id"), player_id)


def _same(what: str, found: object, asked: object, *, needed: bool = False) -> None:
    if found is None and not needed:
        return
    if isinstance(found, bool) or not isinstance(found, int | str):
        raise SourceChanged(f"{what} is missing or of another type")
    if str(found).strip() != str(asked):
        raise OtherAnswer(f"{what} is another one than was asked for")
