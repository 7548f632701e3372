"""A bet in our own terms, whichever bot wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from PROPPR.SharedServices.football.model import Score
from PROPPR.SharedServices.grading.market import Market


class Pick(StrEnum):
    """What was backed, where a word says it."""

    HOME = "home"
    DRAW = "draw"
    AWAY = "away"
    HOME_OR_DRAW = "home or draw"
    HOME_OR_AWAY = "home or away"
    DRAW_OR_AWAY = "draw or away"
    OVER = "over"
    UNDER = "under"
    YES = "yes"
    NO = "no"
    ODD = "odd"
    EVEN = "even"

    @property
    def outcomes(self) -> frozenset[str]:
        """The outcomes of a result that it covers."""
        return frozenset(self.value.split(" or "))


class BadBet(ValueError):
    """A field of a bet that can't be settled on: missing, contradictory or out of all bounds."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        self.message = message
        super().__init__(field, message)

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


@dataclass(frozen=True, slots=True)
class Span:
    """A range of a number, both ends included: "2 or 3 goals" is (2, 3), "7+ goals" (7, None)."""

    lowest: int
    highest: int | None


@dataclass(frozen=True, slots=True)
class Horse:
    """What is peculiar to a bet on a horse. `taken` are the place terms agreed; without them the standard ones hold."""

    race_id: str
    runner: str
    places: int | None = None
    fraction: Decimal | None = None
    ante_post: bool = False


@dataclass(frozen=True, slots=True)
class Bet:
    """One bet, or one leg of an accumulator.

    `stake` is the whole outlay, `odds` decimal and above 1. `line` is None where the market has none; of a handicap it
    is the home side's where `own_line` is False, that of the side backed where True; where None the bot did not say,
    and a setting tells. `team` and `player` are names as the bot wrote them; `player_id` and `match_id` are the match
    source's. `score_at_bet` is the score when a bet was placed during a match.
    """

    bet_id: str
    market: Market
    stake: Decimal
    odds: Decimal
    pick: Pick | None = None
    line: Decimal | None = None
    own_line: bool | None = None
    score: tuple[int, int] | None = None
    halves: tuple[Pick, Pick] | None = None
    span: Span | None = None
    team: str | None = None
    player: str | None = None
    player_id: int | None = None
    home_team: str | None = None
    away_team: str | None = None
    fixture_id: int | None = None
    match_id: int | None = None
    kickoff: datetime | None = None
    bookmaker: str | None = None
    user: str | None = None
    live: bool = False
    score_at_bet: Score | None = None
    horse: Horse | None = None


@dataclass(frozen=True, slots=True)
class Accumulator:
    """Several bets of which all have to win. The legs' own stakes mean nothing. `odds` is the price as the bot wrote
    it, None where it wrote none; the legs' odds count.
    """

    bet_id: str
    stake: Decimal
    legs: tuple[Bet, ...]
    odds: Decimal | None = None
    bookmaker: str | None = None
    user: str | None = None
