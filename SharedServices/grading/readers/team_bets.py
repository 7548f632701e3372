"""Bets of `team_tracked_bets`: on results, totals and the numbers of teams."""

from __future__ import annotations

from dataclasses import replace

from PROPPR.SharedServices.grading.bets import BadBet, Bet, Pick
from PROPPR.SharedServices.grading.market import Rule, Scope
from PROPPR.SharedServices.grading.readers.checks import check_complete
from PROPPR.SharedServices.grading.readers.common import read_football
from PROPPR.SharedServices.grading.readers.fields import Document, Fields
from PROPPR.SharedServices.grading.readers.words import Teams

_OF_A_SIDE = (Rule.RESULT, Rule.HANDICAP, Rule.EUROPEAN_HANDICAP, Rule.DRAW_NO_BET, Rule.TO_QUALIFY)
_NO_ONE_SIDE = (Rule.DOUBLE_CHANCE, Rule.CORRECT_SCORE, Rule.HALF_TIME_FULL_TIME)


def read_team_bet(document: Document, *, leg: bool = False) -> Bet:
    """Read a team bet. Raises BadBet.

    A `team` beside a bare number ("corners") makes it the team's number; beside a result or handicap it is the side
    backed. Beside a number that is the match's by name ("Match Shots") it contradicts.
    """
    fields = Fields(document)
    bet = read_football(fields, player=False, leg=leg)
    team = fields.text("team", "team_name")
    if bet.market.is_player or bet.market.is_horse:
        raise BadBet("market", "is no market of a team")
    if bet.team is not None and bet.market.scope is Scope.MATCH and bet.market.rule not in _OF_A_SIDE:
        raise BadBet("selection", f"{bet.team!r} is nothing of this market")
    return check_complete(with_team(bet, team))


def with_team(bet: Bet, team: str | None) -> Bet:
    """The bet with the side that its `team` names. Raises BadBet where that contradicts the rest."""
    if team is None:
        return bet
    if bet.market.rule in _NO_ONE_SIDE:
        return bet
    side = Teams(bet.home_team, bet.away_team).side(team)
    if bet.market.rule in _OF_A_SIDE:
        if bet.pick is None:
            return replace(bet, pick=side, team=bet.team or (None if side else team))
        contradicts = bet.pick in (Pick.HOME, Pick.AWAY) and side is not None and side is not bet.pick
    else:
        contradicts = bet.market.scope is Scope.MATCH and bet.market.rule is Rule.TOTAL
        contradicts |= side is Pick.AWAY and bet.market.scope is Scope.HOME
        contradicts |= side is Pick.HOME and bet.market.scope is Scope.AWAY
    if contradicts:
        raise BadBet("team", "contradicts the market or the side backed")
    return replace(bet, team=bet.team or team)
