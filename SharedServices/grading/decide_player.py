"""Player markets: whether he played, and what he did."""

from __future__ import annotations

from typing import Final

from PROPPR.SharedServices.football.model import Match, Minute, Player, Role
from PROPPR.SharedServices.grading.bets import Pick
from PROPPR.SharedServices.grading.cards import periods_of
from PROPPR.SharedServices.grading.count import Count, Waits, certain
from PROPPR.SharedServices.grading.decide_number import Case, line_of, quantity_of, settle_range, worths
from PROPPR.SharedServices.grading.market import Rule
from PROPPR.SharedServices.grading.people import find_player
from PROPPR.SharedServices.grading.result import Decision, Reason, Result, mirrored
from PROPPR.SharedServices.grading.rules import players, totals

_STOPPAGE: Final = frozenset({45, 90, 105, 120})


def decide_player(case: Case) -> Decision:
    """Refund for a man who was not there, else the rule of the market. Raises Waits."""
    presence = find_player(case.bet, case.facts)
    if not presence.in_squad:
        return Decision(Result.REFUND, None, {"player": "not in the squad"})
    if not presence.played and case.options.unused_substitute == "refund":
        return Decision(Result.REFUND, None, {"player": "unused substitute"})
    player = presence.player
    assert player is not None  # noqa: S101 - he is in the squad
    if case.bet.market.rule is Rule.PLAYER_TOTAL:
        return _total(case, player)
    return _scorer(case, player)


def _total(case: Case, player: Player) -> Decision:
    bet = case.bet
    line, over = line_of(bet), bet.pick is Pick.OVER
    decision = settle_range(_counts(case, player), lambda number: totals.over_under(number, line, over=over))
    return Decision(decision.result, decision.actual, {"player": f"{player.name} ({player.id})"})


def _counts(case: Case, player: Player) -> list[Count]:
    if not player.played:
        return [certain(0)]
    quantity, period = quantity_of(case.bet), case.bet.market.period
    return [case.facts.of_man(player, quantity, period, worth) for worth in worths(case, quantity)]


def _scorer(case: Case, player: Player) -> Decision:
    case.facts.check_scorers()
    match, within = case.facts.match, periods_of(case.bet.market.period)
    goals = [goal for goal in match.goals if goal.at.period in within]
    if case.bet.market.rule is Rule.LAST_SCORER:
        result: Result | None = players.last_scorer(goals, player.id)
    elif not player.played:
        result = Result.LOST
    else:
        result = players.first_scorer(goals, player.id, _came_on(match, player))
    counted = players.scorers(goals)
    if result is None:
        raise Waits(Reason.UNCLEAR_RULE, f"{player.name} came on in the minute of the first goal")
    decisive = counted[-1 if case.bet.market.rule is Rule.LAST_SCORER else 0].player_name if counted else "nobody"
    shown = {"player": f"{player.name} ({player.id})"}
    return Decision(mirrored(result) if case.bet.pick is Pick.NO else result, decisive, shown)


def _came_on(match: Match, player: Player) -> Minute | None:
    if player.role is Role.STARTER:
        return None
    listed = any(change.on_id == player.id for change in match.substitutions)
    if player.came_on is None or (not listed and player.came_on.minute in _STOPPAGE):
        raise Waits(Reason.UNKNOWN_NUMBER, f"when {player.name} came on")
    return player.came_on
