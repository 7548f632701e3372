"""A team's page: its squad, and its matches of all competitions of the season."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from PROPPR.SharedServices.football.errors import At
from PROPPR.SharedServices.football.fields import (
    Json,
    as_object,
    items,
    mapping,
    optional_mapping,
    optional_text,
    text,
)
from PROPPR.SharedServices.football.listed_match import (
    ListedMatch,
    OnReject,
    Row,
    read_id,
    read_listed_match,
    read_rows,
)
from PROPPR.SharedServices.football.model import League, Position, Team

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
    details = mapping(payload, "details")
    with At("details"):
        team = Team(read_id(details, "id"), text(details, "name"))
        country, gender = optional_text(details, "country"), optional_text(details, "gender")
    matches = read_rows(_rows(payload), on_reject)
    return TeamPage(
        team,
        tuple({member.player_id: member for member in _squad(payload)}.values()),
        tuple(sorted(matches, key=lambda match: (match.kickoff, match.match_id))),
        country,
        gender,
    )


def _rows(payload: Json) -> list[Row]:
    fixtures = optional_mapping(payload, "fixtures")
    if fixtures is None:
        return []
    with At("fixtures"):
        listed = mapping(fixtures, "allFixtures")
        with At("allFixtures"):
            rows = items(listed, "fixtures")
    return [Row(("fixtures", "allFixtures", "fixtures", number), row, _read_match) for number, row in enumerate(rows)]


def _read_match(row: Json) -> ListedMatch | None:
    tournament = mapping(row, "tournament")
    with At("tournament"):
        stage = optional_text(tournament, "stage")
        league = League(read_id(tournament, "leagueId"), text(tournament, "name"), round=stage)
    return read_listed_match(row, league, stage)


def _squad(payload: Json) -> Iterator[SquadMember]:
    """Give the players of `squad`, once a list of groups, today an object around it."""
    squad = payload.get("squad")
    groups, place = (squad, ("squad",)) if isinstance(squad, list) else ([], ("squad", "squad"))
    if not isinstance(squad, list) and (around := optional_mapping(payload, "squad")) is not None:
        with At("squad"):
            groups = items(around, "squad")
    for number, group in enumerate(groups):
        with At(*place, number):
            yield from _group(as_object(group))


def _group(group: Json) -> Iterator[SquadMember]:
    title = text(group, "title").casefold()
    if title in _COACHES:
        return
    for number, value in enumerate(items(group, "members")):
        with At("members", number):
            yield _member(as_object(value), _GROUPS.get(title))


def _member(row: Json, position: Position | None) -> SquadMember:
    shirt = optional_text(row, "shirtNumber")
    return SquadMember(
        read_id(row, "id"),
        text(row, "name"),
        position,
        None if shirt == "0" else shirt,
        optional_text(row, "ccode"),
        bool(row["injury"]) if "injury" in row else None,
    )
