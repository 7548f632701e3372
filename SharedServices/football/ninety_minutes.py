"""A team's numbers in ninety minutes and in their halves, put together from all that a match says.

Cards are counted from the events, not taken from the source's team numbers: those leave out the first yellow of a man
who is sent off by a second one. So YELLOW_CARDS = yellow cards shown, first yellows of such men included and second
yellows not; RED_CARDS = straight reds and second yellows. Cards of coaches and of men on the bench don't count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from PROPPR.SharedServices.football.model import CardKind, Ending, Goal, Match, Number, Score
from PROPPR.SharedServices.football.statistics import PREDICTED, Period, Statistic

HALVES = (Period.FIRST_HALF, Period.SECOND_HALF)
PERIODS = (Period.MATCH, *HALVES)
"""The periods of a team's numbers here."""

YELLOWS = frozenset({CardKind.YELLOW})
REDS = frozenset({CardKind.RED, CardKind.SECOND_YELLOW})
Numbers = Mapping[Statistic, Number | None]

# A share can't be summed; the halves of throw-ins don't add up at the source.
_NOT_ADDITIVE = frozenset({Statistic.POSSESSION, Statistic.THROW_INS})


def numbers_of(match: Match, home: bool) -> dict[Period, Numbers]:
    """One side's numbers: every period of PERIODS and, in each, every PREDICTED statistic (None = unknown).

    Extra time and the shootout never count. A number of the match that the source does not give is the sum of both
    halves where they are known, or the whole match's where there was no extra time.
    """
    numbers: dict[Period, dict[Statistic, Number | None]] = {
        period: dict.fromkeys(PREDICTED) | _of_source(match, home, period) for period in PERIODS
    }
    for period in PERIODS:
        goals = _goals_in(match, period)
        if goals is not None:
            numbers[period][Statistic.GOALS] = goals.home if home else goals.away
    _count_cards(match, home, numbers)
    return dict(numbers)


def _of_source(match: Match, home: bool, period: Period) -> dict[Statistic, Number | None]:
    side = 0 if home else 1
    known: dict[Statistic, Number | None] = {
        statistic: pair[side]
        for statistic, pair in match.team_numbers.get(period, {}).items()
        if pair[side] is not None
    }
    if period is not Period.MATCH:
        return known
    whole = match.team_numbers.get(Period.ALL, {}) if match.ending is Ending.FULL_TIME else {}
    first, second = (match.team_numbers.get(half, {}) for half in HALVES)
    for statistic, pair in whole.items():
        if pair[side] is not None:
            known.setdefault(statistic, pair[side])
    for statistic in first.keys() & second.keys() - known.keys() - _NOT_ADDITIVE:
        before, after = first[statistic][side], second[statistic][side]
        if before is not None and after is not None:
            known[statistic] = before + after
    return known


def _goals_in(match: Match, period: Period) -> Score | None:
    """Goals of a period from the scores, else from the goals listed, if those make up the result."""
    whole = match.score_90 or (match.score if match.ending is Ending.FULL_TIME else None)
    if whole is None:
        whole = _counted(match, HALVES)
    if period is Period.MATCH or whole is None:
        return whole
    first = match.score_half or _counted(match, (Period.FIRST_HALF,))
    if first is None or first.home > whole.home or first.away > whole.away:
        return None
    return first if period is Period.FIRST_HALF else Score(whole.home - first.home, whole.away - first.away)


def _counted(match: Match, periods: Sequence[Period]) -> Score | None:
    def tally(goals: Iterable[Goal]) -> Score:
        sides = [goal.home for goal in goals]
        return Score(sides.count(True), sides.count(False))

    if match.score is None or tally(match.goals) != match.score:
        return None
    return tally(goal for goal in match.goals if goal.at.period in periods)


def _count_cards(match: Match, home: bool, numbers: Mapping[Period, dict[Statistic, Number | None]]) -> None:
    """Put in the cards counted from events; where the events list fewer than the source counts, they are unknown."""
    if not (match.full_time_seen or match.cards):
        return  # no events: the source's own numbers, if any, stay
    lineup = match.home_lineup if home else match.away_lineup
    squad = {player.id for player in lineup.players} if lineup is not None and lineup.confirmed else set()
    shown = [
        card
        for card in match.cards
        if card.home is home
        and card.on_pitch is not False
        and (card.on_pitch or not squad or card.player_id is None or card.player_id in squad)
    ]
    for statistic, kinds in ((Statistic.YELLOW_CARDS, YELLOWS), (Statistic.RED_CARDS, REDS)):
        moments = [card.at.period for card in shown if card.kind in kinds]
        listed = sum(1 for card in match.cards if card.home is home and card.kind in kinds)
        official = match.team_number(statistic, home, Period.ALL) or match.team_number(statistic, home) or 0
        complete = listed >= official
        for period in PERIODS:
            within = HALVES if period is Period.MATCH else (period,)
            numbers[period][statistic] = sum(1 for moment in moments if moment in within) if complete else None
