"""One football match as FotMob tells it, in the terms of the game: the same values whatever layout they came in.

A number that is None is unknown; 0 is known to be zero. Team and player numbers never contain the penalty shootout.
The statistics services and the grader read the same model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from PROPPR.SharedServices.football.statistics import Period, Statistic

Number = int | float


class State(StrEnum):
    """Where a match stands. Only PLAYED is played to the end by the rule of the sport."""

    SCHEDULED = "scheduled"
    LIVE = "live"
    PLAYED = "played"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"
    ABANDONED = "abandoned"
    AWARDED = "awarded"
    UNKNOWN = "unknown"


class Ending(StrEnum):
    """How a played match ended."""

    FULL_TIME = "FT"
    EXTRA_TIME = "AET"
    PENALTIES = "Pen"


class CardKind(StrEnum):
    """A card as shown; a man sent off by two yellows has a YELLOW and a SECOND_YELLOW."""

    YELLOW = "yellow"
    SECOND_YELLOW = "second_yellow"
    RED = "red"


class Position(StrEnum):
    """A player's usual position."""

    GOALKEEPER = "goalkeeper"
    DEFENDER = "defender"
    MIDFIELDER = "midfielder"
    FORWARD = "forward"


class Role(StrEnum):
    """What a man of the squad did in the match."""

    STARTER = "starter"
    SUBSTITUTE_USED = "substitute_used"
    SUBSTITUTE_UNUSED = "substitute_unused"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class League:
    """A competition; `parent_id` is it where `id` is only a stage or group of it."""

    id: int
    name: str
    country_code: str | None = None
    parent_id: int | None = None
    season: str | None = None
    round: str | None = None

    @property
    def competition_id(self) -> int:
        """The id of the whole competition."""
        return self.parent_id or self.id


@dataclass(frozen=True, slots=True)
class Team:
    """A team of the match."""

    id: int
    name: str


@dataclass(frozen=True, slots=True, order=True)
class Minute:
    """A moment on the match clock: 45+2 is Minute(45, 2), first half, though 47 > 45."""

    minute: int
    stoppage: int = 0

    @property
    def period(self) -> Period:
        """The half it belongs to, or EXTRA_TIME."""
        if self.minute <= 45:
            return Period.FIRST_HALF
        return Period.SECOND_HALF if self.minute <= 90 else Period.EXTRA_TIME


@dataclass(frozen=True, slots=True)
class Score:
    """Goals of both sides."""

    home: int
    away: int


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal that stands. `home` is the side that profits; `player_id` of an own goal is a man of the other side."""

    at: Minute
    home: bool
    player_id: int | None
    player_name: str
    own_goal: bool = False
    penalty: bool = False
    assist_id: int | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A card that stands. `on_pitch` is false for coaches and men who were not playing, None where that is unknown."""

    at: Minute
    home: bool
    kind: CardKind
    player_id: int | None
    player_name: str
    on_pitch: bool | None = None


@dataclass(frozen=True, slots=True)
class Substitution:
    """One man on, one man off; None where the source leaves one open."""

    at: Minute
    home: bool
    on_id: int | None
    off_id: int | None


@dataclass(frozen=True, slots=True)
class MissedPenalty:
    """A penalty of the match (not of the shootout) that was missed or saved."""

    at: Minute
    home: bool
    player_id: int | None


@dataclass(frozen=True, slots=True)
class Shot:
    """A shot of the match, shootout and own goals left out. `on_target` is Opta's: a goal or a save, no block."""

    at: Minute
    period: Period
    home: bool
    player_id: int | None
    goal: bool
    on_target: bool
    blocked: bool
    expected_goals: float | None = None


@dataclass(frozen=True, slots=True)
class Player:
    """A man of the squad in this match. `numbers` cover the whole match with extra time, as far as they are known.

    `minutes` is nominal (at most 90, or 120), None where unknown and for a man who did not play; `came_on` and
    `went_off` are by substitution. A statistic that `numbers` lacks is unknown; a man's cards are in Match.cards.
    """

    id: int
    name: str
    home: bool
    role: Role
    position: Position | None = None
    shirt: str | None = None
    minutes: int | None = None
    came_on: Minute | None = None
    went_off: Minute | None = None
    rating: float | None = None
    numbers: Mapping[Statistic, Number] = field(default_factory=dict)

    @property
    def played(self) -> bool:
        """Whether he was on the pitch at all, be it for a minute that no number shows."""
        return self.role in (Role.STARTER, Role.SUBSTITUTE_USED)


@dataclass(frozen=True, slots=True)
class Lineup:
    """The squad of one side. `confirmed` is false for the previous eleven that is shown before a match."""

    confirmed: bool
    formation: str | None
    players: tuple[Player, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """Everything known of one match.

    `score` is after extra time, `score_90` after ninety minutes, `score_half` at half-time, `shootout` the penalties;
    each None where it is not known or did not happen. `team_numbers[period]` is (home, away) per statistic: a period
    that is not in the mapping is unknown, a statistic that is not in it too. `full_time_seen` says that the source
    lists the end of the second half. Events are in the order of the clock. `season` is often not on the page (None).
    YELLOW_CARDS in `team_numbers` is the source's number: a man's first yellow leaves it when a second sends him off.
    """

    match_id: int
    layout: str
    league: League
    kickoff: datetime
    home: Team
    away: Team
    state: State
    ending: Ending | None = None
    coverage: str | None = None
    gender: str | None = None
    score: Score | None = None
    score_90: Score | None = None
    score_half: Score | None = None
    shootout: Score | None = None
    full_time_seen: bool = False
    goals: tuple[Goal, ...] = ()
    cards: tuple[Card, ...] = ()
    substitutions: tuple[Substitution, ...] = ()
    missed_penalties: tuple[MissedPenalty, ...] = ()
    shots: tuple[Shot, ...] | None = None
    home_lineup: Lineup | None = None
    away_lineup: Lineup | None = None
    team_numbers: Mapping[Period, Mapping[Statistic, tuple[Number | None, Number | None]]] = field(default_factory=dict)

    def players(self) -> tuple[Player, ...]:
        """All men of both squads."""
        return tuple(
            player for lineup in (self.home_lineup, self.away_lineup) if lineup is not None for player in lineup.players
        )

    def team_number(self, statistic: Statistic, home: bool, period: Period = Period.MATCH) -> Number | None:
        """A side's number in a period, None where it is unknown."""
        pair = self.team_numbers.get(period, {}).get(statistic)
        return None if pair is None else pair[0 if home else 1]
