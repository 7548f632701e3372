"""What a market needs to be settled at all."""

from __future__ import annotations

from dataclasses import replace

from PROPPR.SharedServices.grading.bets import BadBet, Bet, Pick
from PROPPR.SharedServices.grading.market import Rule, Scope
from PROPPR.SharedServices.grading.rules.lines import HALF

_SIDES = frozenset({Pick.HOME, Pick.AWAY})
_THREE = frozenset({Pick.HOME, Pick.DRAW, Pick.AWAY})
_OVER_UNDER = frozenset({Pick.OVER, Pick.UNDER})
_YES_NO = frozenset({Pick.YES, Pick.NO})
_PICKS = {
    Rule.TOTAL: _OVER_UNDER,
    Rule.PLAYER_TOTAL: _OVER_UNDER,
    Rule.ODD_EVEN: frozenset({Pick.ODD, Pick.EVEN}),
    Rule.HANDICAP: _SIDES,
    Rule.EUROPEAN_HANDICAP: _THREE,
    Rule.RESULT: _THREE,
    Rule.DOUBLE_CHANCE: frozenset({Pick.HOME_OR_DRAW, Pick.HOME_OR_AWAY, Pick.DRAW_OR_AWAY}),
    Rule.DRAW_NO_BET: _SIDES,
    Rule.TO_QUALIFY: _SIDES,
    Rule.BOTH_TEAMS_TO_SCORE: _YES_NO,
    Rule.CLEAN_SHEET: _YES_NO,
    Rule.WIN_TO_NIL: _YES_NO,
    Rule.FIRST_SCORER: _YES_NO,
    Rule.LAST_SCORER: _YES_NO,
}
_SCORERS = frozenset({Rule.FIRST_SCORER, Rule.LAST_SCORER})
_WITH_LINE = frozenset({Rule.TOTAL, Rule.PLAYER_TOTAL, Rule.HANDICAP, Rule.EUROPEAN_HANDICAP})
_BY_NAME = frozenset({Rule.HANDICAP, Rule.EUROPEAN_HANDICAP, Rule.RESULT, Rule.DRAW_NO_BET, Rule.TO_QUALIFY})
_DEFAULTS = {Rule.CLEAN_SHEET: Pick.YES, Rule.WIN_TO_NIL: Pick.YES, Rule.FIRST_SCORER: Pick.YES,
             Rule.LAST_SCORER: Pick.YES}  # fmt: skip


def check_complete(bet: Bet) -> Bet:
    """The bet with what its market says by itself. Raises BadBet where something is missing or does not fit."""
    bet = _with_defaults(bet)
    rule = bet.market.rule
    wanted = {Rule.CORRECT_SCORE: bet.score, Rule.HALF_TIME_FULL_TIME: bet.halves, Rule.EXACT_TOTAL: bet.span}
    if rule in wanted:
        if wanted[rule] is None:
            raise BadBet("selection", "is missing")
        return bet
    if bet.pick is None and not (rule in _BY_NAME and bet.team):
        raise BadBet("direction", "is missing" if not bet.team else "is nothing of this market")
    if bet.pick is not None and bet.pick not in _PICKS[rule]:
        raise BadBet("direction", f"{bet.pick} is nothing of this market")
    _check_line(bet)
    if bet.market.scope is Scope.TEAM and not bet.team:
        raise BadBet("team", "is missing")
    return bet


def _with_defaults(bet: Bet) -> Bet:
    """Who scores is over the line that the market's name means, and yes and no are over and under it."""
    rule, fixed = bet.market.rule, bet.market.fixed_line
    if rule is Rule.PLAYER_TOTAL and bet.pick in _YES_NO and (fixed is not None or bet.line is not None):
        bet = replace(bet, pick=Pick.OVER if bet.pick is Pick.YES else Pick.UNDER)
    if fixed is not None:
        if bet.line not in (None, fixed):
            raise BadBet("threshold", "contradicts the market")
        bet = replace(bet, line=fixed)
        if bet.pick is None:
            bet = replace(bet, pick=Pick.OVER)
    if rule in _SCORERS and bet.pick in _OVER_UNDER and bet.line in (None, HALF):  # as the provider writes yes
        bet = replace(bet, pick=Pick.YES if bet.pick is Pick.OVER else Pick.NO, line=None)
    if bet.pick is None and rule in _DEFAULTS:
        bet = replace(bet, pick=_DEFAULTS[rule])
    return bet


def _check_line(bet: Bet) -> None:
    rule, line = bet.market.rule, bet.line
    if rule not in _WITH_LINE:
        if line:
            raise BadBet("threshold", "does not belong to this market")
        return
    if line is None:
        raise BadBet("threshold", "is missing")
    if rule is Rule.EUROPEAN_HANDICAP and line != line.to_integral_value():
        raise BadBet("threshold", "is no whole number")
    if rule in (Rule.TOTAL, Rule.PLAYER_TOTAL) and line < 0:
        raise BadBet("threshold", "is below 0")
