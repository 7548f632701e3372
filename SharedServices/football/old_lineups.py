"""The squads of a match, in the shape of layouts A and B: `lineup.lineup[2]`, each man with his numbers."""

from __future__ import annotations

from PROPPR.SharedServices.football.errors import At
from PROPPR.SharedServices.football.fields import (
    Json,
    as_items,
    as_object,
    integer,
    items,
    mapping,
    optional_integer,
    optional_items,
    optional_mapping,
    optional_number,
    optional_text,
    text,
    wrong,
)
from PROPPR.SharedServices.football.lineups import POSITIONS, Changes, credible
from PROPPR.SharedServices.football.model import Lineup, Minute, Player, Role
from PROPPR.SharedServices.football.player_numbers import read_numbers
from PROPPR.SharedServices.football.statistics import Statistic


def read_old_lineups(lineup: Json, changes: Changes, teams: tuple[int, int], started: bool) -> tuple[Lineup, Lineup]:
    """Read both sides, home first. There is no mark of confirmed line-ups: those of a match that `started` are.

    Raises LayoutChanged.
    """
    sides: list[Lineup] = []
    for index, side in enumerate(items(lineup, "lineup", 2)):
        with At("lineup", index):
            team = optional_integer(as_object(side), "teamId")  # a postponed match may name no team
            if team != teams[index] and (started or team is not None):
                raise wrong("teamId", f"the id {teams[index]}", team)
            sides.append(_side(side, index == 0, changes, started))
    return sides[0], sides[1]


def _side(side: Json, home: bool, changes: Changes, started: bool) -> Lineup:
    men: list[Player] = []
    for row, listed in enumerate(optional_items(side, "players")):
        with At("players", row):
            line = as_items(listed)
        for index, man in enumerate(line):
            with At("players", row, index):
                men.append(_man(as_object(man), Role.STARTER, home, changes))
    for index, man in enumerate(optional_items(side, "bench")):
        with At("bench", index):
            men.append(_man(as_object(man), Role.SUBSTITUTE_UNUSED, home, changes))
    for row, listed in enumerate(optional_items(side, "nonAvailablePlayers")):
        with At("nonAvailablePlayers", row):
            line = as_items(listed)
        for index, man in enumerate(line):
            with At("nonAvailablePlayers", row, index):
                men.append(_man(as_object(man), Role.UNAVAILABLE, home, Changes()))
    return Lineup(started, optional_text(side, "lineup"), tuple(men))


def _man(man: Json, role: Role, home: bool, changes: Changes) -> Player:
    id_ = integer(man, "id")
    minutes = optional_integer(man, "minutesPlayed")
    came_on = changes.on.get(id_, _minute(man, "timeSubbedOn"))
    if role is Role.SUBSTITUTE_UNUSED and (came_on is not None or minutes):
        role = Role.SUBSTITUTE_USED
    played = role in (Role.STARTER, Role.SUBSTITUTE_USED)
    with At("stats"):
        numbers = read_numbers(optional_items(man, "stats")) if played else {}
    shown = numbers.pop(Statistic.MINUTES, None)
    if shown is not None and not minutes:
        minutes = int(shown)
    rating = optional_mapping(man, "rating") or {}
    name = mapping(man, "name")
    with At("name"):
        full_name = text(name, "fullName")
    with At("rating"):
        number = optional_number(rating, "num")
    return Player(
        id=id_,
        name=full_name,
        home=home,
        role=role,
        position=POSITIONS.get(optional_integer(man, "usualPosition")),  # type: ignore[arg-type] # None: no key
        shirt=optional_text(man, "shirt"),
        minutes=credible(minutes, role, came_on),
        came_on=came_on,
        went_off=changes.off.get(id_, _minute(man, "timeSubbedOff")),
        rating=number,
        numbers=numbers,
    )


def _minute(man: Json, key: str) -> Minute | None:
    minute = optional_integer(man, key)
    return None if minute is None else Minute(minute)
