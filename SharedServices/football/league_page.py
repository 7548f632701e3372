"""A league's page: its season, its seasons, all its matches and teams."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from PROPPR.SharedServices.football.errors import At
from PROPPR.SharedServices.football.fields import (
    Json,
    items,
    mapping,
    optional_items,
    optional_text,
    text,
    wrong,
)
from PROPPR.SharedServices.football.listed_match import (
    ListedMatch,
    OnReject,
    Row,
    read_id,
    read_listed_match,
    read_rows,
)
from PROPPR.SharedServices.football.model import League, Team

# `matches` until about September 2025, `fixtures` since; for a while both, with `fixtures` filled.
_LISTS: Final = ("fixtures", "matches")


@dataclass(frozen=True, slots=True)
class LeaguePage:
    """A league in one season ("2025/2026", or "2026" where it is played within a year).

    `seasons` are those that can be asked for, newest first. `matches` are all of the season, played or not, in the
    order of the page; `teams` those of the table first, in its order, then those that only play.
    """

    league: League
    season: str
    seasons: tuple[str, ...]
    matches: tuple[ListedMatch, ...]
    teams: tuple[Team, ...]
    gender: str | None = None


def read_league(payload: Mapping[str, Any], on_reject: OnReject | None = None) -> LeaguePage:
    """Read a league's page. Raises LayoutChanged; single strange rows go to `on_reject`.

    The page's rows name no stage: each match has the whole competition as its league, and its round.
    """
    details = mapping(payload, "details")
    with At("details"):
        season = text(details, "selectedSeason")
        country, gender = optional_text(details, "country"), optional_text(details, "gender")
        league = League(read_id(details, "id"), text(details, "name"), country, season=season)
    place, listed = _matches_of(payload)
    rows = [Row((*place, number), value, partial(_read_match, league)) for number, value in enumerate(listed)]
    matches = read_rows(rows, on_reject)
    seasons = [name for name in optional_items(payload, "allAvailableSeasons") if isinstance(name, str)]
    teams = {team.id: team for team in _table_of(payload)}
    for match in matches:
        teams.setdefault(match.home.id, match.home)
        teams.setdefault(match.away.id, match.away)
    return LeaguePage(league, season, tuple(seasons) or (season,), matches, tuple(teams.values()), gender)


def _matches_of(payload: Json) -> tuple[tuple[str, ...], list[Any]]:
    """Return where the list of matches is, and the list."""
    for key in _LISTS:
        value = payload.get(key)
        if isinstance(value, list):
            return (key,), value
        if isinstance(value, dict) and "allMatches" in value:
            with At(key):
                return (key, "allMatches"), items(value, "allMatches")
    raise wrong("fixtures.allMatches", "the list of matches", payload.get("fixtures"))


def _read_match(league: League, row: Json) -> ListedMatch | None:
    round_ = optional_text(row, "round") or optional_text(row, "roundName")
    return read_listed_match(row, replace(league, round=round_), round_)


def _table_of(payload: Json) -> Iterator[Team]:
    """Give the teams of the table, or of the tables of all groups; a cup may have none, or one of another shape."""
    for value in _objects(payload.get("table")):
        data = value.get("data")
        if isinstance(data, dict):
            for each in (data, *_objects(data.get("tables"))):
                table = each.get("table")
                yield from _teams_of(table if isinstance(table, dict) else {})


def _teams_of(table: Json) -> Iterator[Team]:
    for row in _objects(table.get("all")):
        if row.get("id") and row.get("name"):
            yield Team(read_id(row, "id"), text(row, "name"))


def _objects(value: object) -> list[Json]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
