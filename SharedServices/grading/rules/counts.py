"""Counts of cards: what a booking is worth. All other counts are numbers of the source, taken as they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from PROPPR.SharedServices.football.model import CardKind


@dataclass(frozen=True, slots=True)
class CardWorth:
    """What a yellow and a red card count. The second yellow of a man is never a yellow of its own, only his red."""

    yellow: int
    red: int

    def of(self, kind: CardKind) -> int:
        """What a card as shown counts: a SECOND_YELLOW is a red, its man's first yellow stands."""
        return self.yellow if kind is CardKind.YELLOW else self.red


BOOKING_POINTS: Final = CardWorth(10, 25)
"""Ten points a yellow, 25 a red; a man has at most 35 (the rule of all bookmakers that offer points)."""

RED_COUNTS_ONE: Final = CardWorth(1, 1)
"""Cards counted as shown, two at most a man (Paddy Power: yellow 1, red 1, two yellows 2 cards)."""

RED_COUNTS_TWO: Final = CardWorth(1, 2)
"""A red counts as two cards, three at most a man (the rule of Asian card lines)."""


def worth_of(shown: Iterable[CardKind], worth: CardWorth) -> int:
    """What the cards count in all. Yellow and second yellow of one man: 2 cards, 3 where a red is two, 35 points."""
    return sum(worth.of(kind) for kind in shown)
