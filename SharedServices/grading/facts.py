"""The numbers of a match that bets are settled on, each with what is known of its truth."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from PROPPR.SharedServices.football.completeness import SUMMED, Code, problems
from PROPPR.SharedServices.football.model import CardKind, Match, Player, Score, State
from PROPPR.SharedServices.football.statistics import Period, Statistic
from PROPPR.SharedServices.grading.cards import cards_of_man, cards_of_side, off_by, periods_of
from PROPPR.SharedServices.grading.count import Count, Waits, certain
from PROPPR.SharedServices.grading.market import Built, Quantity
from PROPPR.SharedServices.grading.result import Pending, Reason
from PROPPR.SharedServices.grading.rules.counts import BOOKING_POINTS, RED_COUNTS_ONE, CardWorth

_INCOMPLETE: Final = (Code.NO_LINEUPS, Code.STARTERS, Code.NO_MINUTES, Code.NO_TEAM_NUMBERS)
_FROM_SHOTS: Final = frozenset({Statistic.SHOTS, Statistic.SHOTS_ON_TARGET})
_FROM_EVENTS: Final = frozenset({Statistic.GOALS, Statistic.ASSISTS})
_COLOURS: Final = {
    Statistic.YELLOW_CARDS: lambda kind: int(kind is CardKind.YELLOW),
    Statistic.RED_CARDS: lambda kind: int(kind is not CardKind.YELLOW),
}


@dataclass(frozen=True)
class Facts:
    """A match with what of it is contradictory, looked up once for all its bets.

    Numbers of a match that is under way are those up to now; only those of a match played to the end are checked.
    """

    match: Match

    @property
    def is_over(self) -> bool:
        """Whether it was played to the end."""
        return self.match.state is State.PLAYED

    @cached_property
    def has_extra_time(self) -> bool:
        """Whether numbers of the whole match may hold extra time."""
        return self.match.ending is not None and self.match.ending.value != "FT"

    @cached_property
    def codes(self) -> dict[Code, str]:
        """What is wrong with the match, with a text for each."""
        return {problem.code: problem.text for problem in problems(self.match)}

    @cached_property
    def off(self) -> dict[Statistic, str]:
        """The statistics whose parts do not add up."""
        return {problem.statistic: problem.text for problem in problems(self.match) if problem.statistic is not None}

    @cached_property
    def torn(self) -> dict[Statistic, str]:
        """The statistics whose halves are not the whole."""
        found = (problem for problem in problems(self.match) if problem.code is Code.HALVES)
        return {problem.statistic: problem.text for problem in found if problem.statistic is not None}

    def check_complete(self) -> None:
        """Raise Waits unless both elevens with their minutes and the teams' numbers are there."""
        for code in _INCOMPLETE if self.is_over else ():
            if code in self.codes:
                raise Waits(Reason.INCOMPLETE, self.codes[code])

    def score(self, period: Period = Period.MATCH) -> Score:
        """Goals of a period, own goals for the side that profits. Raises Waits."""
        listed = self._listed(period)
        if not self.is_over:
            if self.match.score not in (None, self._listed(Period.ALL)):
                raise Waits(Reason.SOURCES_DISAGREE, f"the score is {self.match.score}, goals listed: {listed}")
            return listed
        for code in (Code.GOAL_EVENTS, Code.SCORE_90):
            if code in self.codes:
                raise Waits(Reason.SOURCES_DISAGREE, self.codes[code])
        home, away = (self.match.team_number(Statistic.GOALS, side, period) for side in (True, False))
        if home is None or away is None:
            raise Waits(Reason.UNKNOWN_NUMBER, f"the score of {period} is not known")
        if (home, away) != (listed.home, listed.away):
            raise Waits(Reason.SOURCES_DISAGREE, f"{home}-{away} in {period}, goals listed: {listed}")
        return listed

    def of_side(self, quantity: Quantity, home: bool, period: Period, worth: CardWorth = RED_COUNTS_ONE) -> Count:
        """A side's number in a period. Raises Waits where nothing is known of it."""
        key = (quantity, home, period, worth)
        if key not in self._of_sides:
            self._of_sides[key] = self._of_side(quantity, home, period, worth)
        return self._of_sides[key]

    @cached_property
    def _of_sides(self) -> dict[tuple[Quantity, bool, Period, CardWorth], Count]:
        return {}

    def _of_side(self, quantity: Quantity, home: bool, period: Period, worth: CardWorth) -> Count:
        if quantity is Statistic.GOALS:
            score = self.score(period)
            return certain(score.home if home else score.away)
        self.check_complete()
        if isinstance(quantity, Built) or quantity in _COLOURS:
            return self._cards(quantity, home, period, worth)
        number = self.match.team_number(quantity, home, period)
        if number is None:
            raise Waits(Reason.UNKNOWN_NUMBER, f"{quantity} of {_side(home)} in {period}")
        if quantity in self.torn and period is not Period.ALL:
            raise Waits(Reason.SOURCES_DISAGREE, self.torn[quantity])
        return self._checked(certain(number), quantity, home)

    def of_man(self, player: Player, quantity: Quantity, period: Period, worth: CardWorth = RED_COUNTS_ONE) -> Count:
        """A man's number in a period; he has to have played. Raises Waits where nothing is known of it."""
        if quantity is Built.GOALS_AND_ASSISTS:
            goals, assists = (self._listed_of(player, part, period) for part in (Statistic.GOALS, Statistic.ASSISTS))
            return goals + assists
        if quantity in _FROM_EVENTS:
            return self._listed_of(player, Statistic(quantity), period)
        self.check_complete()
        if isinstance(quantity, Built):
            return cards_of_man(self.match, player, period, (worth if quantity is Built.CARDS else BOOKING_POINTS).of)
        if quantity in _COLOURS:
            return cards_of_man(self.match, player, period, _COLOURS[quantity])
        return self._number_of(player, quantity, period)

    def check_scorers(self) -> None:
        """Raise Waits where the goals listed and the men's own numbers name different scorers."""
        if Code.SCORERS in self.codes:
            raise Waits(Reason.SOURCES_DISAGREE, self.codes[Code.SCORERS])
        self.score(Period.ALL)

    def _listed(self, period: Period) -> Score:
        sides = [goal.home for goal in self.match.goals if goal.at.period in periods_of(period)]
        return Score(sides.count(True), sides.count(False))

    def _cards(self, quantity: Quantity, home: bool, period: Period, worth: CardWorth) -> Count:
        if quantity is Built.GOALS_AND_ASSISTS:
            raise Waits(Reason.UNCLEAR_RULE, "goals and assists are numbers of a man")
        weigh = _COLOURS.get(quantity) if isinstance(quantity, Statistic) else None
        if weigh is None:
            weigh = BOOKING_POINTS.of if quantity is Built.BOOKING_POINTS else worth.of
        return cards_of_side(self.match, home, period, weigh, off_by(self.match, home) if self.is_over else 0)

    def _checked(self, count: Count, statistic: Statistic, home: bool) -> Count:
        """Widened by as much as the men's numbers and the team's differ."""
        difference = self._difference(statistic, home)
        if not difference:
            return count
        low, high = count.low + min(difference, 0), count.high + max(difference, 0)
        return count.within(max(0, low), high, Pending(Reason.SOURCES_DISAGREE, self.off[statistic]))

    def _difference(self, statistic: Statistic, home: bool) -> float:
        """The sum of a side's men less the team's number, 0 where one of them is not there."""
        if not self.is_over or statistic not in SUMMED or statistic not in self.off:
            return 0
        total = self.match.team_number(statistic, home, Period.ALL)
        lineup = self.match.home_lineup if home else self.match.away_lineup
        known = [
            man.numbers[statistic] for man in (lineup.players if lineup is not None else ()) if statistic in man.numbers
        ]
        return sum(known) - total if known and total is not None else 0

    def _listed_of(self, player: Player, statistic: Statistic, period: Period) -> Count:
        goals = statistic is Statistic.GOALS
        if goals and self.is_over:
            self.check_scorers()
        listed = [
            goal.at.period
            for goal in self.match.goals
            if (goal.player_id if goals else goal.assist_id) == player.id and not (goals and goal.own_goal)
        ]
        count = certain(sum(1 for moment in listed if moment in periods_of(period)))
        whole = player.numbers.get(statistic)
        if not self.is_over or whole is None or whole == len(listed):
            return count
        low, high = count.low + min(0, whole - len(listed)), count.high + max(0, whole - len(listed))
        text = f"{player.name} has {whole} {statistic}, {len(listed)} are listed"
        return count.within(max(0, low), high, Pending(Reason.SOURCES_DISAGREE, text))

    def _number_of(self, player: Player, statistic: Statistic, period: Period) -> Count:
        whole = player.numbers.get(statistic)
        if whole is None:
            raise Waits(Reason.UNKNOWN_NUMBER, f"{statistic} of {player.name}")
        if period is Period.ALL or (period is Period.MATCH and not self.has_extra_time):
            return self._of_sum(certain(whole), player, statistic)
        shots = self._shots_of(player, statistic)
        if shots is not None and len(shots) == whole:
            return certain(sum(1 for moment in shots if moment in periods_of(period)))
        text = f"{statistic} of {player.name} in {period}: the source has no split"
        return Count(0, whole, Pending(Reason.UNKNOWN_NUMBER, text)) if whole else certain(0)

    def _of_sum(self, count: Count, player: Player, statistic: Statistic) -> Count:
        """One of the men has more or less than is said, if they do not add up to their team."""
        missing = -self._difference(statistic, player.home)
        if not missing:
            return count
        low, high = count.low + min(missing, 0), count.high + max(missing, 0)
        return count.within(max(0, low), high, Pending(Reason.SOURCES_DISAGREE, self.off[statistic]))

    def _shots_of(self, player: Player, statistic: Statistic) -> list[Period] | None:
        if statistic not in _FROM_SHOTS or self.match.shots is None:
            return None
        own = (shot for shot in self.match.shots if shot.player_id == player.id)
        return [shot.period for shot in own if statistic is Statistic.SHOTS or shot.on_target]


def _side(home: bool) -> str:
    return "home" if home else "away"
