"""A team's page: its squad, and its matches of all competitions of the season."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, Final

from PROPPR.SharedServices.football.listed_match import ListedMatch, OnReject, Row, read_listed_match, read_rows
from PROPPR.SharedServices.football.model import League, Position, Team
from PROPPR.SharedServices.football.page_parts import Part, part_of, text

_GROUPS: Final[Mapping[str, Position]] = MappingProxyType(
    {
        "keepers": Position.GOALKEEPER,
        "goalkeepers": Position.GOALKEEPER,
        "defenders": Position.DEFENDER,
        "midfielders": Position.MIDFIELDER,
        "attackers": Position.FORWARD,
        "forwards": Position.FORWARD,
    }
)
_COACHES: Final = frozenset({"coach", "coaches"})


@dataclass(frozen=True, slots=True)
class SquadMember:
    """A player of the squad. `injured` is None where the page does not speak of injuries."""

    player_id: int
    name: str
    position: Position | None = None
    shirt: str | None = None
    country_code: str | None = None
    injured: bool | None = None


@dataclass(frozen=True, slots=True)
class TeamPage:
    """A team with its squad (no coaches) and its listed matches, oldest first.

    Opponents are called by their short names here; the league's page has the full ones.
    """

    team: Team
    squad: tuple[SquadMember, ...]
    matches: tuple[ListedMatch, ...]
    country_code: str | None = None
    gender: str | None = None


def read_team(payload: Mapping[str, Any], on_reject: OnReject | None = None) -> TeamPage:
    """Read a team's page. Raises LayoutChanged; single strange matches go to `on_reject`.

    A squad or a list of matches that is left empty by the page (null, or no such tab) is empty; one of another shape
    than known is a changed layout.
    """
    page = part_of(payload, "")
    details = page.part("details")
    matches = read_rows(_rows(page), on_reject)
    return TeamPage(
        Team(details.id("id"), details.text("name")),
        tuple({member.player_id: member for member in _squad(page)}.values()),
        tuple(sorted(matches, key=lambda match: (match.kickoff, match.match_id))),
        details.text_if_any("country"),
        details.text_if_any("gender"),
    )


def _rows(page: Part) -> list[Row]:
    fixtures = page.part_if_any("fixtures")
    if not fixtures.value:
        return []
    listed = fixtures.part("allFixtures")
    path = listed.at("fixtures")
    return [Row(f"{path}[{number}]", value, _read_match) for number, value in enumerate(listed.rows("fixtures"))]


def _read_match(row: Part) -> ListedMatch | None:
    tournament = row.part("tournament")
    stage = text(tournament.get("stage"))
    league = League(tournament.id("leagueId"), tournament.text("name"), round=stage)
    return read_listed_match(row, league, stage)


def _squad(page: Part) -> Iterator[SquadMember]:
    """Give the players of `squad`, once a list of groups, today an object around it."""
    value = page.get("squad")
    if not value:
        return
    groups, path = (value, "squad") if isinstance(value, list) else (page.part("squad").rows("squad"), "squad.squad")
    for number, group in enumerate(groups):
        yield from _group(part_of(group, f"{path}[{number}]"))


def _group(group: Part) -> Iterator[SquadMember]:
    title = group.text("title").casefold()
    if title in _COACHES:
        return
    members = group.rows("members")
    read = partial(_member, _GROUPS.get(title))
    for number, value in enumerate(members):
        yield read(part_of(value, f"{group.at('members')}[{number}]"))


def _member(position: Position | None, row: Part) -> SquadMember:
    shirt = row.text_if_any("shirtNumber")
    return SquadMember(
        row.id("id"),
        row.text("name"),
        position,
        None if shirt == "0" else shirt,
        row.text_if_any("ccode"),
        bool(row.get("injury")) if "injury" in row.value else None,
    )
