"""Markets on who: results, handicaps, scores, who goes through."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from itertools import product
from typing import Final

from PROPPR.SharedServices.football.model import Ending, Score
from PROPPR.SharedServices.football.statistics import Period, Statistic
from PROPPR.SharedServices.grading.bets import Pick
from PROPPR.SharedServices.grading.count import Count, Waits
from PROPPR.SharedServices.grading.decide_number import (
    Case,
    exact_total,
    line_of,
    odd_even,
    quantity_of,
    sides,
    total,
    undecided,
    worths,
)
from PROPPR.SharedServices.grading.facts import Facts
from PROPPR.SharedServices.grading.market import Rule, Scope
from PROPPR.SharedServices.grading.options import GradingOptions
from PROPPR.SharedServices.grading.people import check_sides, side_named, side_of
from PROPPR.SharedServices.grading.result import Decision, Reason, Result
from PROPPR.SharedServices.grading.rules import handicaps, results

_WIDEST: Final = 20


def decide_team(case: Case) -> Decision:
    """Apply the rule of a team market. Raises Waits."""
    return _RULES[case.bet.market.rule](case)


def _on_both(case: Case, rule: Callable[[int, int], Result]) -> Decision:
    """The result of a rule on both sides' numbers, if all that are possible give the same."""
    quantity = quantity_of(case.bet)
    pairs = [sides(case, quantity, worth) for worth in worths(case, quantity)]
    found = {rule(ours, theirs) for home, away in pairs for ours, theirs in product(_possible(home), _possible(away))}
    if len(found) > 1:
        raise undecided([count for pair in pairs for count in pair])
    home, away = pairs[0]
    return Decision(found.pop(), f"{home.shown}-{away.shown}")


def _possible(count: Count) -> range:
    low, high = int(count.low), int(count.high)
    if high - low > _WIDEST or low != count.low or high != count.high:
        raise undecided([count])
    return range(low, high + 1)


def _handicap(case: Case) -> Decision:
    bet = case.bet
    home = side_of(bet, case.facts.match)
    line = _own_line(case, home)
    start = _start(case)

    def rule(ours: int, theirs: int) -> Result:
        since = (ours - start.home, theirs - start.away)
        own, other = since if home else since[::-1]
        return handicaps.asian_handicap(own, other, line)

    return _on_both(case, rule)


def _european_handicap(case: Case) -> Decision:
    bet = case.bet
    if bet.pick is Pick.DRAW:
        check_sides(bet, case.facts.match)
        backed, line = "draw", line_of(bet)
        if bet.own_line and line:
            raise Waits(Reason.UNCLEAR_RULE, "the handicap of a draw has no side of its own")
    else:
        home = side_of(bet, case.facts.match)
        backed, own = ("home" if home else "away"), _own_line(case, home)
        line = own if home else -own
    return _on_both(case, lambda ours, theirs: handicaps.european_handicap(ours, theirs, int(line), backed))


def _own_line(case: Case, home: bool) -> Decimal:
    """The line of the side backed."""
    line, own = line_of(case.bet), case.bet.own_line
    if own is None and not home and line:
        if case.options.handicap_line_is == "unclear":
            raise Waits(Reason.UNCLEAR_RULE, "the line may be that of either side")
        own = case.options.handicap_line_is == "own"
    return line if own or home else -line


def _start(case: Case) -> Score:
    """The score from which a handicap on goals counts: that at the time of the bet if placed during the match."""
    bet = case.bet
    if bet.market.quantity is not Statistic.GOALS or not bet.live:
        return Score(0, 0)
    if bet.score_at_bet is None:
        raise Waits(Reason.UNCLEAR_RULE, "placed during the match: the score at the time is missing")
    return bet.score_at_bet


def _result(case: Case) -> Decision:
    backed = "draw" if case.bet.pick is Pick.DRAW else _named(case)
    return _on_both(case, lambda home, away: results.match_result(home, away, backed))


def _draw_no_bet(case: Case) -> Decision:
    backed = _named(case)
    return _on_both(case, lambda home, away: results.draw_no_bet(home, away, backed))


def _double_chance(case: Case) -> Decision:
    assert case.bet.pick is not None  # noqa: S101 - the reader has seen to it
    check_sides(case.bet, case.facts.match)
    outcomes = case.bet.pick.outcomes
    return _on_both(case, lambda home, away: results.double_chance(home, away, outcomes))


def _named(case: Case) -> str:
    return "home" if side_of(case.bet, case.facts.match) else "away"


def _both_teams_to_score(case: Case) -> Decision:
    score = case.facts.score(case.bet.market.period)
    yes = case.bet.pick is Pick.YES
    return Decision(results.both_teams_to_score(score.home, score.away, yes=yes), _text(score))


def _correct_score(case: Case) -> Decision:
    check_sides(case.bet, case.facts.match)
    score = case.facts.score(case.bet.market.period)
    assert case.bet.score is not None  # noqa: S101 - the reader has seen to it
    return Decision(results.correct_score(score.home, score.away, case.bet.score), _text(score))


def _half_time_full_time(case: Case) -> Decision:
    check_sides(case.bet, case.facts.match)
    half, full = case.facts.score(Period.FIRST_HALF), case.facts.score()
    assert case.bet.halves is not None  # noqa: S101 - the reader has seen to it
    backed = (case.bet.halves[0].value, case.bet.halves[1].value)
    decision = results.half_time_full_time((half.home, half.away), (full.home, full.away), backed)
    return Decision(decision, f"{_text(half)}/{_text(full)}")


def _clean_sheet(case: Case) -> Decision:
    home, score, yes = _team_side(case), case.facts.score(case.bet.market.period), case.bet.pick is Pick.YES
    return Decision(results.clean_sheet(score.away if home else score.home, yes=yes), _text(score))


def _win_to_nil(case: Case) -> Decision:
    home, score, yes = _team_side(case), case.facts.score(case.bet.market.period), case.bet.pick is Pick.YES
    own, other = (score.home, score.away) if home else (score.away, score.home)
    return Decision(results.win_to_nil(own, other, yes=yes), _text(score))


def _team_side(case: Case) -> bool:
    scope = case.bet.market.scope
    if scope in (Scope.HOME, Scope.AWAY):
        check_sides(case.bet, case.facts.match)
        return scope is Scope.HOME
    return side_named(case.bet.team or "", case.bet, case.facts.match)


def _to_qualify(case: Case) -> Decision:
    home = side_of(case.bet, case.facts.match)
    through, shown = who_goes_through(case.facts, case.options)
    return Decision(results.to_qualify(through, home=home), shown)


def who_goes_through(facts: Facts, options: GradingOptions) -> tuple[bool, str]:
    """Whether the home side goes through, and by which score. Raises Waits where one match does not tell.

    A shootout tells. So does extra time: the tie was level before, so who wins extra time goes through. Ninety minutes
    tell in a knock-out round of a competition of single matches alone.
    """
    match = facts.match
    whole, ninety = facts.score(Period.ALL), facts.score()
    if match.ending is Ending.PENALTIES:
        shootout = match.shootout
        if shootout is None or shootout.home == shootout.away:
            raise Waits(Reason.UNKNOWN_NUMBER, "the shootout's score is not known")
        return shootout.home > shootout.away, f"{_text(whole)}, {_text(shootout)} on penalties"
    margin = (whole.home - ninety.home) - (whole.away - ninety.away)
    if match.ending is Ending.EXTRA_TIME and margin:
        return margin > 0, f"{_text(whole)} after extra time"
    knock_out = match.league.round is not None and not match.league.round.isdecimal()
    single = match.league.competition_id in options.single_match_ties and knock_out
    if match.ending is Ending.FULL_TIME and single and whole.home != whole.away:
        return whole.home > whole.away, _text(whole)
    raise Waits(Reason.NO_RESULT, "this match does not tell who goes through")


def _text(score: Score) -> str:
    return f"{score.home}-{score.away}"


_RULES: Final[dict[Rule, Callable[[Case], Decision]]] = {
    Rule.TOTAL: total,
    Rule.EXACT_TOTAL: exact_total,
    Rule.ODD_EVEN: odd_even,
    Rule.HANDICAP: _handicap,
    Rule.EUROPEAN_HANDICAP: _european_handicap,
    Rule.RESULT: _result,
    Rule.DRAW_NO_BET: _draw_no_bet,
    Rule.DOUBLE_CHANCE: _double_chance,
    Rule.BOTH_TEAMS_TO_SCORE: _both_teams_to_score,
    Rule.CORRECT_SCORE: _correct_score,
    Rule.HALF_TIME_FULL_TIME: _half_time_full_time,
    Rule.CLEAN_SHEET: _clean_sheet,
    Rule.WIN_TO_NIL: _win_to_nil,
    Rule.TO_QUALIFY: _to_qualify,
}
