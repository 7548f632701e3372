"""Cards of a side or a man, from the events: what they count, and which of them are in doubt.

Cards of coaches and of men who are not on the pitch do not count, nor do cards after the final whistle. The source's
own team numbers leave out the first yellow of a man sent off by a second one, so they only serve as a check.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from PROPPR.SharedServices.football.completeness import Code
from PROPPR.SharedServices.football.model import Card, CardKind, Match, Minute, Player
from PROPPR.SharedServices.football.statistics import Period, Statistic
from PROPPR.SharedServices.grading.count import Count
from PROPPR.SharedServices.grading.result import Pending, Reason

HALVES: Final = frozenset({Period.FIRST_HALF, Period.SECOND_HALF})

# A card so far into stoppage time, and so long after all play that is listed, may have come after the whistle.
_LATE, _AFTER_PLAY = 8, 4

Worth = Callable[[CardKind], int]


def periods_of(period: Period) -> frozenset[Period]:
    """The stretches of the clock that a period is made of."""
    if period is Period.MATCH:
        return HALVES
    return HALVES | {Period.EXTRA_TIME} if period is Period.ALL else frozenset({period})


def cards_of_side(match: Match, home: bool, period: Period, worth: Worth, unlike: int = 0) -> Count:
    """What the cards of a side count; `unlike` is by how many cards the source's own number is off (see `off_by`)."""
    count = _counted(match, (card for card in match.cards if card.home is home), period, worth)
    if not unlike:
        return count
    each = max(worth(CardKind.YELLOW), worth(CardKind.RED))
    low, high = count.low + each * min(unlike, 0), count.high + each * max(unlike, 0)
    return count.within(max(0, low), high, _DISAGREE)


def cards_of_man(match: Match, player: Player, period: Period, worth: Worth) -> Count:
    """What the cards of a man count."""
    return _counted(match, (card for card in match.cards if card.player_id == player.id), period, worth)


def off_by(match: Match, home: bool) -> int:
    """By how many cards the source's own numbers of a side exceed (or, below 0, miss) those of the events."""
    cards = [card for card in match.cards if card.home is home]
    twice = {card.player_id for card in cards if card.kind is CardKind.SECOND_YELLOW}
    yellow = [card for card in cards if card.kind is CardKind.YELLOW and card.player_id not in twice]
    red = [card for card in cards if card.kind is not CardKind.YELLOW]
    return max(
        (
            _beyond(match.team_number(statistic, home, Period.ALL), shown)
            for statistic, shown in ((Statistic.YELLOW_CARDS, yellow), (Statistic.RED_CARDS, red))
        ),
        key=abs,
    )


def _beyond(official: float | None, shown: list[Card]) -> int:
    """How far the official number lies outside of what the events allow, cards off the pitch counted or not."""
    if official is None:
        return 0
    fewest = sum(1 for card in shown if card.on_pitch is not False)
    return int(official) - len(shown) if official > len(shown) else min(0, int(official) - fewest)


def _counted(match: Match, cards: Iterable[Card], period: Period, worth: Worth) -> Count:
    low = high = 0
    within = periods_of(period)
    doubtful: Card | None = None
    for card in cards:
        if card.at.period not in within:
            continue
        counts = _counts(match, card)
        low += worth(card.kind) if counts else 0
        high += worth(card.kind) if counts is not False else 0
        doubtful = card if counts is None else doubtful
    if doubtful is None or low == high:
        return Count(low, high)
    shown = f"a card of {doubtful.player_name} in minute {doubtful.at.minute}+{doubtful.at.stoppage} may not count"
    return Count(low, high, Pending(Reason.SOURCES_DISAGREE, shown))


def _counts(match: Match, card: Card) -> bool | None:
    """Whether a card counts, None where that is in doubt."""
    if card.on_pitch is False:
        return False
    if card.player_id is None:
        return None
    man = next((player for player in match.players() if player.id == card.player_id), None)
    if man is None or not man.played:
        return None
    before = man.came_on is not None and card.at < man.came_on
    if before or (man.went_off is not None and card.at > man.went_off):
        return None if card.on_pitch else False
    return None if _may_be_after_the_whistle(match, card.at) else True


def _may_be_after_the_whistle(match: Match, at: Minute) -> bool:
    if at.minute not in (90, 120) or at.stoppage < _LATE:
        return False
    play = [goal.at for goal in match.goals]
    play += [penalty.at for penalty in match.missed_penalties]
    play += [change.at for change in match.substitutions]
    play += [shot.at for shot in match.shots or ()]
    last = max((moment.stoppage for moment in play if moment.minute == at.minute), default=0)
    return at.stoppage > last + _AFTER_PLAY


_DISAGREE = Pending(Reason.SOURCES_DISAGREE, f"{Code.CARDS}: events and the team's number of cards differ")
