"""What happened when: goals, cards, substitutions, missed penalties, ends of halves."""

from __future__ import annotations

from dataclasses import dataclass, field

from PROPPR.SharedServices.football.errors import At
from PROPPR.SharedServices.football.fields import (
    Json,
    as_object,
    boolean,
    flag,
    integer,
    items,
    mapping,
    optional_integer,
    optional_mapping,
    optional_text,
    present,
    text,
    wrong,
)
from PROPPR.SharedServices.football.model import (
    Card,
    CardKind,
    Goal,
    Minute,
    MissedPenalty,
    Score,
    Substitution,
)

_CARDS = {"Yellow": CardKind.YELLOW, "YellowRed": CardKind.SECOND_YELLOW, "Red": CardKind.RED}
_OFF_PITCH = frozenset({"coach", "not_on_pitch"})
HALF_TIME, FULL_TIME = "HT", "FT"
_HALVES = {"halftime_short": HALF_TIME, "fulltime_short": FULL_TIME, HALF_TIME: HALF_TIME, FULL_TIME: FULL_TIME}


@dataclass(slots=True)
class Events:
    """The events of a match, each list in the order of the clock; `ends` has the score at HT and FT where it is told.

    `ended` names the halves whose end is listed.
    """

    goals: list[Goal] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)
    substitutions: list[Substitution] = field(default_factory=list)
    missed_penalties: list[MissedPenalty] = field(default_factory=list)
    ended: set[str] = field(default_factory=set)
    ends: dict[str, Score] = field(default_factory=dict)


def read_events(match_facts: Json) -> Events:
    """Read `matchFacts.events`, which is null or empty before a match.

    Types of events that say nothing about the game's numbers (VAR, AddedTime, Comment) are passed over, and so is the
    shootout. Raises LayoutChanged.
    """
    events = Events()
    present(match_facts, "events")
    told = optional_mapping(match_facts, "events")
    if told is None:
        return events
    with At("events"):
        for index, event in enumerate(items(told, "events")):
            with At("events", index):
                _read(as_object(event), events)
    for listed in (events.goals, events.cards, events.substitutions, events.missed_penalties):
        listed.sort(key=lambda event: event.at)
    return events


def _read(event: Json, events: Events) -> None:
    kind = text(event, "type")
    if kind == "Goal":
        if not flag(event, "isPenaltyShootoutEvent"):
            events.goals.append(_goal(event))
    elif kind == "Card":
        events.cards.append(_card(event))
    elif kind == "Substitution":
        events.substitutions.append(_substitution(event))
    elif kind == "MissedPenalty":
        if not flag(event, "isPenaltyShootoutEvent"):
            events.missed_penalties.append(MissedPenalty(_minute(event), boolean(event, "isHome"), _player(event)[0]))
    elif kind == "Half":
        _half(event, events)


def _minute(event: Json) -> Minute:
    """The clock stays at 45, 90, 105 and 120 in stoppage time; the minutes beyond are told apart."""
    present(event, "overloadTime")
    return Minute(integer(event, "time"), optional_integer(event, "overloadTime") or 0)


def _player(event: Json) -> tuple[int | None, str]:
    player = mapping(event, "player")
    with At("player"):
        return optional_integer(player, "id"), optional_text(player, "name") or ""


def _goal(event: Json) -> Goal:
    player_id, name = _player(event)
    for key in ("ownGoal", "goalDescriptionKey"):  # null, but there
        present(event, key)
    description = optional_text(event, "goalDescriptionKey")
    return Goal(
        at=_minute(event),
        home=boolean(event, "isHome"),
        player_id=player_id,
        player_name=name,
        own_goal=flag(event, "ownGoal") or description == "owngoal",
        penalty=description == "penalty",
        assist_id=optional_integer(event, "assistPlayerId"),
    )


def _card(event: Json) -> Card:
    player_id, name = _player(event)
    shown = text(event, "card")
    if shown not in _CARDS:
        raise wrong("card", "Yellow, YellowRed or Red", shown)
    description = optional_mapping(event, "cardDescription")
    with At("cardDescription"):
        off_pitch = description is not None and optional_text(description, "localizedKey") in _OFF_PITCH
    return Card(
        at=_minute(event),
        home=boolean(event, "isHome"),
        kind=_CARDS[shown],
        player_id=player_id,
        player_name=name,
        on_pitch=False if off_pitch else None,
    )


def _substitution(event: Json) -> Substitution:
    swap = items(event, "swap", 2)
    men: list[int | None] = []
    for index, man in enumerate(swap):
        with At("swap", index):
            men.append(optional_integer(as_object(man), "id"))
    return Substitution(_minute(event), boolean(event, "isHome"), on_id=men[0], off_id=men[1])


def _half(event: Json, events: Events) -> None:
    key = optional_text(event, "halfStrKey") or optional_text(event, "halfStrShort") or ""
    half = _HALVES.get(key)
    if half is None:  # the end of extra time, or of a half of it
        return
    events.ended.add(half)
    if event.get("homeScore") is not None and event.get("awayScore") is not None:
        events.ends[half] = Score(integer(event, "homeScore"), integer(event, "awayScore"))
