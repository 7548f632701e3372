"""A team's numbers in ninety minutes and in their halves.

Cards are counted from the events, not taken from the source's team numbers: those leave out the first yellow of a man
who is sent off by a second one. So YELLOW_CARDS = yellow cards shown, first yellows of such men included and second
yellows not; RED_CARDS = straight reds and second yellows. Cards of coaches and of men on the bench don't count.
"""

from __future__ import annotations

from collections.abc import Mapping

from PROPPR.SharedServices.football.model import CardKind, Match, Number
from PROPPR.SharedServices.football.statistics import PREDICTED, Period, Statistic

HALVES = (Period.FIRST_HALF, Period.SECOND_HALF)
PERIODS = (Period.MATCH, *HALVES)
"""The periods of a team's numbers here."""

YELLOWS = frozenset({CardKind.YELLOW})
REDS = frozenset({CardKind.RED, CardKind.SECOND_YELLOW})
Numbers = Mapping[Statistic, Number | None]


def numbers_of(match: Match, home: bool) -> dict[Period, Numbers]:
    """One side's numbers: every period of PERIODS and, in each, every PREDICTED statistic (None = unknown)."""
    numbers = {period: _known(match, home, period) for period in PERIODS}
    _count_cards(match, home, numbers)
    return dict(numbers)


def _known(match: Match, home: bool, period: Period) -> dict[Statistic, Number | None]:
    side = 0 if home else 1
    read = {statistic: pair[side] for statistic, pair in match.team_numbers.get(period, {}).items()}
    return dict.fromkeys(PREDICTED) | {statistic: number for statistic, number in read.items() if number is not None}


def _count_cards(match: Match, home: bool, numbers: Mapping[Period, dict[Statistic, Number | None]]) -> None:
    """Put in the cards counted from events; where the events list fewer than the source counts, they are unknown."""
    if not (match.full_time_seen or match.cards):
        return  # no events: the source's own numbers, if any, stay
    cards = [card for card in match.cards if card.home is home]
    for statistic, kinds in ((Statistic.YELLOW_CARDS, YELLOWS), (Statistic.RED_CARDS, REDS)):
        of_kind = [card for card in cards if card.kind in kinds]
        moments = [card.at.period for card in of_kind if card.on_pitch is not False]
        official = match.team_number(statistic, home, Period.ALL) or match.team_number(statistic, home) or 0
        for period in PERIODS:
            within = HALVES if period is Period.MATCH else (period,)
            counted = sum(1 for moment in moments if moment in within)
            numbers[period][statistic] = counted if len(of_kind) >= official else None
