"""What is a matter of the bookmaker's rules or of taste: the settings of grading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Literal

DEFAULT_VOID_AFTER: Final = timedelta(hours=48)

SINGLE_MATCH_TIES: Final = frozenset({77, 50})
"""Competitions whose knock-out rounds are one match each: World Cup and European Championship."""


@dataclass(frozen=True, slots=True)
class GradingOptions:
    """How bets are settled where rules differ.

    `void_after`: a match that is not played to the end by so long after kick-off is void; `void_after_at` per
    bookmaker. `unused_substitute`: "refund", or "stands" for a bet that counts 0. `settle_early`: overs won and unders
    lost during a match. `abandoned_keeps_decided`: the same for a match that was abandoned. `red_counts`: cards that a
    red card is in card counts, 1 or 2; None where the rule is not known: then a bet settles where both say the same.
    `red_counts_at` per bookmaker. `handicap_line_is`: whose line a handicap is where the bot does not say: that of the
    "home" side as at the odds provider, of the side backed ("own"), or "unclear": then bets on away wait.
    """

    void_after: timedelta = DEFAULT_VOID_AFTER
    void_after_at: Mapping[str, timedelta] = field(default_factory=dict)
    unused_substitute: Literal["refund", "stands"] = "refund"
    settle_early: bool = False
    abandoned_keeps_decided: bool = False
    red_counts: Literal[1, 2] | None = None
    red_counts_at: Mapping[str, Literal[1, 2]] = field(default_factory=dict)
    handicap_line_is: Literal["home", "own", "unclear"] = "home"
    single_match_ties: frozenset[int] = SINGLE_MATCH_TIES

    def delay(self, bookmaker: str | None) -> timedelta:
        """How long after kick-off a match has to be played to the end at this bookmaker."""
        return self.void_after_at.get(_key(bookmaker), self.void_after)

    def red_cards(self, bookmaker: str | None) -> Literal[1, 2] | None:
        """How many cards a red one is at this bookmaker, None where it is not known."""
        return self.red_counts_at.get(_key(bookmaker), self.red_counts)


def _key(bookmaker: str | None) -> str:
    return (bookmaker or "").strip().casefold()
