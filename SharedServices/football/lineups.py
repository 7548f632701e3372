"""The squads of a match, in the shape of layouts B2 and C: `lineup.homeTeam` and `awayTeam`, numbers apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from PROPPR.SharedServices.football.errors import At
from PROPPR.SharedServices.football.events import Events
from PROPPR.SharedServices.football.fields import (
    Json,
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
)
from PROPPR.SharedServices.football.model import Lineup, Minute, Player, Position, Role
from PROPPR.SharedServices.football.player_numbers import Numbers, read_numbers
from PROPPR.SharedServices.football.statistics import Statistic

POSITIONS = {0: Position.GOALKEEPER, 1: Position.DEFENDER, 2: Position.MIDFIELDER, 3: Position.FORWARD}
_CONFIRMED = "standard"
_LAST_MINUTE = 89
_ON_THE_PITCH = frozenset({"goal", "assist", "ownGoal", "missedPenalty"})  # a card proves nothing: the bench gets some


@dataclass(slots=True)
class Changes:
    """Who came on and went off, and when, by the events."""

    on: dict[int, Minute] = field(default_factory=dict)
    off: dict[int, Minute] = field(default_factory=dict)

    @classmethod
    def of(cls, events: Events) -> Changes:
        """Collect the substitutions of a match."""
        changes = cls()
        for event in events.substitutions:
            if event.on_id is not None:
                changes.on[event.on_id] = event.at
            if event.off_id is not None:
                changes.off[event.off_id] = event.at
        return changes


def credible(minutes: float | None, role: Role, came_on: Minute | None) -> int | None:
    """Return a man's minutes, None for zeros that can't be: early captures show 0 for whole teams that played.

    Zero is right for a man who came on in the last minute or in stoppage time.
    """
    if minutes is None or role not in (Role.STARTER, Role.SUBSTITUTE_USED):
        return None
    late = came_on is not None and (came_on.stoppage > 0 or came_on.minute >= _LAST_MINUTE)
    return int(minutes) if minutes > 0 or (late and role is Role.SUBSTITUTE_USED) else None


def read_player_numbers(content: Json) -> dict[int, Numbers]:
    """Read `content.playerStats`: the numbers of each man by id, empty for one with an empty list.

    Raises LayoutChanged.
    """
    told = optional_mapping(content, "playerStats") or {}
    numbers: dict[int, Numbers] = {}
    with At("playerStats"):
        for key, man in told.items():
            with At(key):
                id_ = integer({key: key}, key)  # until 2025 the key is the only place of the id
                groups = items(as_object(man), "stats")
                with At("stats"):
                    numbers[id_] = read_numbers(groups)
    return numbers


def read_lineups(lineup: Json, numbers: Mapping[int, Numbers], changes: Changes) -> tuple[Lineup, Lineup]:
    """Read both sides of a line-up. Raises LayoutChanged."""
    confirmed = text(lineup, "lineupType") == _CONFIRMED
    home, away = (_side(lineup, key, confirmed, numbers, changes) for key in ("homeTeam", "awayTeam"))
    return home, away


def _side(lineup: Json, key: str, confirmed: bool, numbers: Mapping[int, Numbers], changes: Changes) -> Lineup:
    side = mapping(lineup, key)
    home = key == "homeTeam"
    with At(key):
        starters = _men(items(side, "starters"), "starters", Role.STARTER, home, numbers, changes)
        subs = _men(items(side, "subs"), "subs", Role.SUBSTITUTE_UNUSED, home, numbers, changes)
        away = _men(optional_items(side, "unavailable"), "unavailable", Role.UNAVAILABLE, home, {}, Changes())
        return Lineup(confirmed, optional_text(side, "formation"), (*starters, *subs, *away))


def _men(
    listed: Iterable[object], key: str, role: Role, home: bool, numbers: Mapping[int, Numbers], changes: Changes
) -> list[Player]:
    men: list[Player] = []
    for index, man in enumerate(listed):
        with At(key, index):
            men.append(_man(as_object(man), role, home, numbers, changes))
    return men


def _man(man: Json, role: Role, home: bool, numbers: Mapping[int, Numbers], changes: Changes) -> Player:
    id_ = integer(man, "id")
    own = numbers.get(id_, {})
    performance = optional_mapping(man, "performance") or {}
    with At("performance"):
        moves = _moves(performance)
        if role is Role.SUBSTITUTE_UNUSED and (
            own or id_ in changes.on or "subIn" in moves or _did_something(performance)
        ):
            role = Role.SUBSTITUTE_USED
        rating = optional_number(performance, "rating")
    came_on = changes.on.get(id_, moves.get("subIn"))
    return Player(
        id=id_,
        name=text(man, "name"),
        home=home,
        role=role,
        position=POSITIONS.get(optional_integer(man, "usualPlayingPositionId")),  # type: ignore[arg-type] # None: no key
        shirt=optional_text(man, "shirtNumber"),
        minutes=credible(own.pop(Statistic.MINUTES, None), role, came_on),
        came_on=came_on,
        went_off=changes.off.get(id_, moves.get("subOut")),
        rating=rating,
        numbers=own,
    )


def _moves(performance: Json) -> dict[str, Minute]:
    moves: dict[str, Minute] = {}
    for index, move in enumerate(optional_items(performance, "substitutionEvents")):
        with At("substitutionEvents", index):
            shown = as_object(move)
            moves[text(shown, "type")] = Minute(integer(shown, "time"))
    return moves


def _did_something(performance: Json) -> bool:
    for index, event in enumerate(optional_items(performance, "events")):
        with At("events", index):
            if text(as_object(event), "type") in _ON_THE_PITCH:
                return True
    return False
