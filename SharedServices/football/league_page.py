"""A league's page: its season, its seasons, all its matches and teams."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from PROPPR.SharedServices.football.errors import LayoutChanged
from PROPPR.SharedServices.football.listed_match import ListedMatch, OnReject, Row, read_listed_match, read_rows
from PROPPR.SharedServices.football.model import League, Team
from PROPPR.SharedServices.football.page_parts import Part, kind_of, part_of, text

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
    page = part_of(payload, "")
    details = page.part("details")
    season = details.text("selectedSeason")
    league = League(details.id("id"), details.text("name"), details.text_if_any("country"), season=season)
    path, listed = _matches_of(page)
    rows = [Row(f"{path}[{number}]", value, partial(_read_match, league)) for number, value in enumerate(listed)]
    matches = read_rows(rows, on_reject)
    seasons = tuple(name for value in page.rows_if_any("allAvailableSeasons") if (name := text(value)) is not None)
    teams = {team.id: team for match in reversed(matches) for team in (match.away, match.home)}
    table = {team.id: team for team in _table_of(page)}
    played_only = [team for team in reversed(teams.values()) if team.id not in table]
    return LeaguePage(
        league, season, seasons or (season,), matches, (*table.values(), *played_only), details.text_if_any("gender")
    )


def _matches_of(page: Part) -> tuple[str, Sequence[Any]]:
    for key in _LISTS:
        value = page.get(key)
        if isinstance(value, list):
            return page.at(key), value
        if isinstance(value, Mapping) and "allMatches" in value:
            part = page.part(key)
            return part.at("allMatches"), part.rows("allMatches")
    raise LayoutChanged("fixtures.allMatches", f"the list of matches was expected, not {kind_of(page.get('fixtures'))}")


def _read_match(league: League, row: Part) -> ListedMatch | None:
    round_ = text(row.get("round"), text(row.get("roundName")))
    return read_listed_match(row, replace(league, round=round_), round_)


def _table_of(page: Part) -> Iterator[Team]:
    """Give the teams of the table, or of the tables of all groups; a cup may have none."""
    for number, value in enumerate(page.rows_if_any("table")):
        data = Part(value if isinstance(value, Mapping) else {}, f"table[{number}]").part_if_any("data")
        tables = [data.part_if_any("table")]
        tables += [
            Part(each, "").part_if_any("table") for each in data.rows_if_any("tables") if isinstance(each, Mapping)
        ]
        for table in tables:
            for row in table.rows_if_any("all"):
                side = Part(row if isinstance(row, Mapping) else {}, "")
                team_id, name = side.id_if_any("id"), side.text_if_any("name")
                if team_id is not None and name is not None:
                    yield Team(team_id, name)
