"""Whether a match is over and all there: the identities that hold between the parts of a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from PROPPR.SharedServices.football.model import CardKind, Ending, Lineup, Match, Role, Score, State
from PROPPR.SharedServices.football.statistics import Period, Statistic


class Code(StrEnum):
    """An identity that can fail."""

    GOAL_EVENTS = "goal_events"
    SCORERS = "scorers"
    SCORE_90 = "score_90"
    NO_TEAM_NUMBERS = "no_team_numbers"
    HALVES = "halves"
    NO_LINEUPS = "no_lineups"
    STARTERS = "starters"
    NO_MINUTES = "no_minutes"
    MINUTES = "minutes"
    PLAYER_SUM = "player_sum"
    CARDS = "cards"


@dataclass(frozen=True, slots=True)
class Problem:
    """An identity that a match fails, and which number it is about, if it is about one."""

    code: Code
    text: str
    statistic: Statistic | None = None


SUMMED = (
    Statistic.SHOTS,
    Statistic.SHOTS_ON_TARGET,
    Statistic.BLOCKED_SHOTS,
    Statistic.CORNERS,
    Statistic.OFFSIDES,
    Statistic.FOULS,
    Statistic.TACKLES,
    Statistic.INTERCEPTIONS,
    Statistic.SAVES,
    Statistic.PASSES,
    Statistic.PASSES_COMPLETED,
)
"""What the men of a side add up to. Clearances are not among them: one in three old pages leaves out the keeper's."""

LASTING = frozenset({Statistic.FOULS, Statistic.TACKLES, Statistic.INTERCEPTIONS, Statistic.YELLOW_CARDS})
"""Numbers whose identities also fail in final data now and then: they don't make a match incomplete."""

_EXACT_HALVES = (*SUMMED, Statistic.YELLOW_CARDS, Statistic.RED_CARDS, Statistic.CLEARANCES, Statistic.BIG_CHANCES)
_ELEVEN = 11
_MINUTES_LATE = 1
"""A man who came on in stoppage time may have one minute though nobody has one less."""


def is_settled_as_played(match: Match) -> bool:
    """Whether the match was played to the end: its state says so and the end of the second half is listed.

    Abandoned, postponed and awarded matches, which the source has called finished too, are not.
    """
    return match.state is State.PLAYED and match.full_time_seen


def is_complete(match: Match) -> bool:
    """Whether the match was played to the end and everything of it is there.

    False just after the whistle, when numbers are still to come, and for good where the source lacks some. True does
    not exclude a later correction.
    """
    return is_settled_as_played(match) and all(problem.statistic in LASTING for problem in problems(match))


def problems(match: Match) -> tuple[Problem, ...]:
    """Return the identities that a played match fails; nothing for a match that is not played to the end."""
    if match.state is not State.PLAYED:
        return ()
    return (*_score(match), *_halves(match), *_squads(match), *_sums(match), *_cards(match))


def _score(match: Match) -> Iterator[Problem]:
    listed = [goal.home for goal in match.goals]
    if match.score != Score(listed.count(True), listed.count(False)):
        yield Problem(Code.GOAL_EVENTS, f"{len(listed)} goals are listed, the score is {match.score}")
    early = [goal.home for goal in match.goals if goal.at.minute <= 90]
    if match.score_90 != Score(early.count(True), early.count(False)):
        yield Problem(Code.SCORE_90, f"the goals to the ninetieth minute are not the score then, {match.score_90}")
    scored = Counter(goal.player_id for goal in match.goals if not goal.own_goal)
    for player in match.players():
        goals = player.numbers.get(Statistic.GOALS)
        if goals is not None and goals != scored[player.id]:
            yield Problem(Code.SCORERS, f"{player.name} has {goals} goals, {scored[player.id]} are listed")


def _halves(match: Match) -> Iterator[Problem]:
    numbers = match.team_numbers
    whole = numbers.get(Period.ALL, {})
    if not whole.keys() - {Statistic.GOALS}:
        yield Problem(Code.NO_TEAM_NUMBERS, "no numbers of the teams")
    parts = [Period.FIRST_HALF, Period.SECOND_HALF]
    if match.ending is not Ending.FULL_TIME:
        parts.append(Period.EXTRA_TIME)
    for statistic in _EXACT_HALVES:
        for side in (0, 1):
            shown = [numbers.get(period, {}).get(statistic, (None, None))[side] for period in (Period.ALL, *parts)]
            total, *halves = (value for value in shown)
            known = [value for value in halves if value is not None]
            if total is not None and len(known) == len(parts) and sum(known) != total:
                yield Problem(Code.HALVES, f"{_side(side)}: {known} are not {total} {statistic}", statistic)


def _squads(match: Match) -> Iterator[Problem]:
    for side, lineup in enumerate((match.home_lineup, match.away_lineup)):
        if lineup is None or not lineup.confirmed:
            yield Problem(Code.NO_LINEUPS, f"{_side(side)}: no confirmed line-up")
            continue
        starters = [player for player in lineup.players if player.role is Role.STARTER]
        if len(starters) != _ELEVEN:
            yield Problem(Code.STARTERS, f"{_side(side)}: {len(starters)} starters")
        without = sum(1 for player in starters if player.minutes is None)
        if without:
            yield Problem(Code.NO_MINUTES, f"{_side(side)}: {without} starters without minutes")
        else:
            yield from _minutes(match, side, lineup)


def _minutes(match: Match, side: int, lineup: Lineup) -> Iterator[Problem]:
    """Eleven men's minutes, less what those sent off did not play."""
    length = 90 if match.ending is Ending.FULL_TIME else 120
    sent_off = {
        card.player_id: min(card.at.minute, length)
        for card in match.cards
        if card.home is (side == 0) and card.kind is not CardKind.YELLOW and card.on_pitch is not False
    }
    expected = _ELEVEN * length - sum(length - minute for minute in sent_off.values())
    played = [player for player in lineup.players if player.played]
    found = sum(player.minutes or 0 for player in played)
    changes = sum(1 for player in played if player.role is Role.SUBSTITUTE_USED)
    if abs(found - expected) > _MINUTES_LATE * (changes + len(sent_off)):
        yield Problem(Code.MINUTES, f"{_side(side)}: {found} minutes, not about {expected}")


def _sums(match: Match) -> Iterator[Problem]:
    for side, lineup in enumerate((match.home_lineup, match.away_lineup)):
        played = [player for player in lineup.players if player.played] if lineup is not None else []
        if not any(player.numbers for player in played):
            continue
        for statistic in SUMMED:
            total = match.team_number(statistic, side == 0, Period.ALL)
            found = sum(player.numbers.get(statistic, 0) for player in played)
            if total is not None and found != total:
                text = f"{_side(side)}: the men have {found} {statistic}, the team {total}"
                yield Problem(Code.PLAYER_SUM, text, statistic)


def _cards(match: Match) -> Iterator[Problem]:
    """The team's yellow cards leave out men sent off by a second one, and mostly cards of the bench, but not always."""
    for side in (0, 1):
        total = match.team_number(Statistic.YELLOW_CARDS, side == 0, Period.ALL)
        cards = [card for card in match.cards if card.home is (side == 0)]
        twice = {card.player_id for card in cards if card.kind is CardKind.SECOND_YELLOW}
        shown = [card for card in cards if card.kind is CardKind.YELLOW and card.player_id not in twice]
        fewest = sum(1 for card in shown if card.on_pitch is not False)
        if total is not None and not fewest <= total <= len(shown):
            text = f"{_side(side)}: {fewest} to {len(shown)} yellow cards are listed, the team has {total}"
            yield Problem(Code.CARDS, text, Statistic.YELLOW_CARDS)


def _side(side: int) -> str:
    return "away" if side else "home"
