"""What a market is settled on: a rule, the quantity it counts, the stretch of the match, and whose number it is."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from PROPPR.SharedServices.football.statistics import Period, Statistic


class Rule(StrEnum):
    """The rule of a market; see `rules/` for each."""

    TOTAL = "over/under"
    EXACT_TOTAL = "exact total"
    ODD_EVEN = "odd/even"
    HANDICAP = "Asian handicap"
    EUROPEAN_HANDICAP = "European handicap"
    RESULT = "1X2"
    DOUBLE_CHANCE = "double chance"
    DRAW_NO_BET = "draw no bet"
    BOTH_TEAMS_TO_SCORE = "both teams to score"
    CORRECT_SCORE = "correct score"
    HALF_TIME_FULL_TIME = "half-time/full-time"
    CLEAN_SHEET = "clean sheet"
    WIN_TO_NIL = "win to nil"
    TO_QUALIFY = "to qualify"
    PLAYER_TOTAL = "player over/under"
    FIRST_SCORER = "first goalscorer"
    LAST_SCORER = "last goalscorer"
    HORSE_WIN = "horse to win"
    HORSE_PLACE = "horse to be placed"
    HORSE_EACH_WAY = "horse each way"


class Built(StrEnum):
    """Quantities that are built from events instead of read from the source."""

    CARDS = "cards"
    BOOKING_POINTS = "booking_points"
    BOOKINGS = "bookings"  # cards or points: the line tells which
    GOALS_AND_ASSISTS = "goals_and_assists"


Quantity = Statistic | Built


class Scope(StrEnum):
    """Whose number counts. ANY: the team's if the bet names one, else the match's."""

    MATCH = "match"
    HOME = "home"
    AWAY = "away"
    TEAM = "team"
    ANY = "any"
    PLAYER = "player"


@dataclass(frozen=True, slots=True)
class Market:
    """A market that can be settled. `fixed_line` is the line where the name says it (goalscorer: over 0.5)."""

    rule: Rule
    quantity: Quantity = Statistic.GOALS
    period: Period = Period.MATCH
    scope: Scope = Scope.MATCH
    fixed_line: Decimal | None = None

    @property
    def is_player(self) -> bool:
        """Whether it is about one man."""
        return self.scope is Scope.PLAYER

    @property
    def is_horse(self) -> bool:
        """Whether it is about a race."""
        return self.rule in (Rule.HORSE_WIN, Rule.HORSE_PLACE, Rule.HORSE_EACH_WAY)

    def __str__(self) -> str:
        parts = [str(self.rule)]
        if not self.is_horse:
            parts += [str(self.scope), str(self.quantity), str(self.period)]
        return ", ".join(parts)
