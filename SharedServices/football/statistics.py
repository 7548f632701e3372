"""The numbers of a match that the services know by name, and the stretches of a match they belong to."""

from __future__ import annotations

from enum import StrEnum


class Statistic(StrEnum):
    """A number of a team or of a player in a match. The value is the name in documents."""

    GOALS = "goals"
    ASSISTS = "assists"
    EXPECTED_GOALS = "expected_goals"
    EXPECTED_ASSISTS = "expected_assists"
    SHOTS = "shots"
    SHOTS_ON_TARGET = "shots_on_target"
    SHOTS_OFF_TARGET = "shots_off_target"
    BLOCKED_SHOTS = "blocked_shots"
    CORNERS = "corners"
    YELLOW_CARDS = "yellow_cards"
    RED_CARDS = "red_cards"
    FOULS = "fouls"
    FOULED = "fouled"
    OFFSIDES = "offsides"
    TACKLES = "tackles"
    INTERCEPTIONS = "interceptions"
    CLEARANCES = "clearances"
    SAVES = "saves"
    PASSES = "passes"
    PASSES_COMPLETED = "passes_completed"
    BIG_CHANCES = "big_chances"
    THROW_INS = "throw_ins"
    POSSESSION = "possession"
    OWN_GOALS = "own_goals"
    MINUTES = "minutes"


class Period(StrEnum):
    """A stretch of a match. MATCH is the two halves with their stoppage time; ALL includes extra time."""

    FIRST_HALF = "first_half"
    SECOND_HALF = "second_half"
    MATCH = "match"
    EXTRA_TIME = "extra_time"
    ALL = "all"


PREDICTED = (
    Statistic.GOALS,
    Statistic.CORNERS,
    Statistic.YELLOW_CARDS,
    Statistic.SHOTS,
    Statistic.SHOTS_ON_TARGET,
    Statistic.FOULS,
    Statistic.OFFSIDES,
    Statistic.TACKLES,
)
"""The team statistics for which lines are predicted."""
