"""From a bet and a match to money, or to the reason why the bet waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from PROPPR.SharedServices.football.completeness import is_settled_as_played
from PROPPR.SharedServices.football.model import Match, State
from PROPPR.SharedServices.football.statistics import Statistic
from PROPPR.SharedServices.grading.bets import BadBet, Bet, Pick
from PROPPR.SharedServices.grading.count import Waits
from PROPPR.SharedServices.grading.decide_number import Case
from PROPPR.SharedServices.grading.decide_player import decide_player
from PROPPR.SharedServices.grading.decide_team import decide_team
from PROPPR.SharedServices.grading.facts import Facts
from PROPPR.SharedServices.grading.market import Built, Rule
from PROPPR.SharedServices.grading.options import GradingOptions
from PROPPR.SharedServices.grading.people import check_teams
from PROPPR.SharedServices.grading.result import VOID, Decision, Pending, Reason, Result, Settled
from PROPPR.SharedServices.grading.rules.returns import profit_of, returns_of

NOT_PLAYED: Final = frozenset({State.POSTPONED, State.CANCELLED, State.ABANDONED, State.AWARDED})

# What only grows during a match, so that more of it can't undo a win of over or a loss of under.
_GROWING: Final = frozenset({Rule.TOTAL, Rule.PLAYER_TOTAL, Rule.BOTH_TEAMS_TO_SCORE})
_BY_EVENTS: Final = frozenset({Statistic.GOALS, Statistic.YELLOW_CARDS, Statistic.RED_CARDS, *Built})
_EARLY: Final = frozenset(
    {(Pick.OVER, Result.WON), (Pick.YES, Result.WON), (Pick.UNDER, Result.LOST), (Pick.NO, Result.LOST)}
)


def grade(
    bet: Bet, match: Match, options: GradingOptions | None = None, at: datetime | None = None
) -> Settled | Pending:
    """Settle one bet on a match, or say why it waits. Never an exception, whatever bet and match are like.

    `at` is the time of the match's data; without it nothing is void for want of play. The same bet, match, options and
    time always give the same answer.
    """
    return MatchGrader(match, options or GradingOptions(), at).grade(bet)


class MatchGrader:
    """Grades bets on one match; what the match says is looked up once for all of them."""

    def __init__(self, match: Match, options: GradingOptions, at: datetime | None = None) -> None:
        self.match = match
        self.facts = Facts(match)
        self.options = options
        self.at = at

    def grade(self, bet: Bet) -> Settled | Pending:
        """Settle one bet, or say why it waits."""
        try:
            decision = self.decide(bet)
        except Waits as waits:
            return waits.pending
        return settled(bet, decision, self._rule(bet, decision))

    def decide(self, bet: Bet) -> Decision:
        """The result without money. Raises Waits."""
        if bet.market.is_horse:
            raise Waits(Reason.BAD_BET, "a bet on a race, not on a match")
        self._check_match(bet)
        void = self._void(bet)
        if void is not None:
            return void
        state = self.match.state
        if state is State.PLAYED and is_settled_as_played(self.match):
            return self._apply(bet)
        if state is State.LIVE and self.options.settle_early:
            return self._early(bet)
        if state in NOT_PLAYED:
            hours = self.options.delay(bet.bookmaker).total_seconds() / 3600
            raise Waits(Reason.NOT_PLAYED, f"{state}; void {hours:g} h after kick-off")
        if state is State.PLAYED:
            raise Waits(Reason.STATE_UNKNOWN, "the end of the second half is not listed")
        raise Waits(Reason.STATE_UNKNOWN if state is State.UNKNOWN else Reason.NOT_FINISHED, str(state))

    def _check_match(self, bet: Bet) -> None:
        if bet.match_id is not None and bet.match_id != self.match.match_id:
            raise Waits(Reason.WRONG_MATCH, f"the bet is on {bet.match_id}, not on {self.match.match_id}")
        check_teams(bet, self.match)
        early = bet.kickoff is not None and bet.kickoff - self.match.kickoff > self.options.delay(bet.bookmaker)
        if early:
            raise Waits(Reason.WRONG_MATCH, "the match was long before the bet's kick-off")

    def _void(self, bet: Bet) -> Decision | None:
        """A refund where the match was not played to the end within the delay after the kick-off of the bet."""
        deadline = (bet.kickoff or self.match.kickoff) + self.options.delay(bet.bookmaker)
        if bet.kickoff is not None and self.match.kickoff > deadline and self.match.state is not State.UNKNOWN:
            is_late = self.match.state is State.PLAYED or (self.at is not None and self.at >= deadline)
            return (
                Decision(Result.REFUND, None, {"match": f"moved to {self.match.kickoff:%Y-%m-%d}"}) if is_late else None
            )
        if self.match.state not in NOT_PLAYED:
            return None
        if self.match.state is State.ABANDONED and self.options.abandoned_keeps_decided:
            try:
                return self._early(bet)
            except Waits:
                pass  # it was not decided by then: void like all others
        if self.at is None or self.at < deadline:
            return None
        return Decision(Result.REFUND, None, {"match": str(self.match.state)})

    def _apply(self, bet: Bet) -> Decision:
        case = Case(bet, self.facts, self.options)
        return decide_player(case) if bet.market.is_player else decide_team(case)

    def _early(self, bet: Bet) -> Decision:
        """An over won or an under lost that nothing can change any more. Raises Waits for all else."""
        market = bet.market
        beyond = self.match.full_time_seen or any(goal.at.minute > 90 for goal in self.match.goals)
        if market.rule in _GROWING and (market.quantity in _BY_EVENTS or not beyond):
            decision = self._apply(bet)
            if (bet.pick, decision.result) in _EARLY:
                return replace(decision, numbers={**decision.numbers, "match": str(self.match.state)})
        raise Waits(Reason.NOT_FINISHED, f"{self.match.state}, not decided yet")

    def _rule(self, bet: Bet, decision: Decision) -> str:
        is_void = decision.result is Result.REFUND and "match" in decision.numbers
        return f"{VOID}{decision.numbers['match']}" if is_void else rule_text(bet)


def settled(bet: Bet, decision: Decision, rule: str) -> Settled:
    """The money of a decision."""
    returns = returns_of(bet.stake, bet.odds, decision.result)
    profit = profit_of(bet.stake, returns)
    return Settled(decision.result, decision.actual, returns, profit, rule, decision.numbers)


def rule_text(bet: Bet) -> str:
    """The rule a bet is settled by, in words: market, what was backed, line."""
    parts = [str(bet.market), *(str(part) for part in (bet.pick, bet.line) if part is not None)]
    if bet.score is not None:
        parts.append(f"{bet.score[0]}-{bet.score[1]}")
    if bet.halves is not None:
        parts.append("/".join(bet.halves))
    if bet.span is not None:
        parts.append(f"{bet.span.lowest} to {bet.span.highest if bet.span.highest is not None else 'more'}")
    return ", ".join(parts)


def bad(bet: BadBet) -> Pending:
    """What a bet waits for that can't be read."""
    return Pending(Reason.BAD_BET, str(bet))
