"""When a bet settles, when it waits, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from football_payloads import card, goal, substitution
from grading_matches import match_of
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.football.model import Match, State
from PROPPR.SharedServices.grading.bets import Bet
from PROPPR.SharedServices.grading.options import GradingOptions
from PROPPR.SharedServices.grading.readers.bets import read_bet
from PROPPR.SharedServices.grading.result import Pending, Settled
from PROPPR.SharedServices.grading.settle import grade

HOURS = timedelta(hours=1)
GOALS = [goal(12, True, 1009), goal(45, False, 2010, stoppage=2), goal(70, True, 2004, own_goal=True)]
CHANGES = [substitution(60, True, 1012, 1011), substitution(90, False, 2012, 2011, stoppage=4)]
CARDS = [
    card(20, True, 1005),
    card(50, True, 1005, "YellowRed"),
    card(55, False, 2006),
    card(80, False, 2099, off="coach"),
]
TEAM = {"corners": [(3, 2), (2, 4)], "total_shots": [(6, 3), (5, 2)], "fouls": [(5, 6), (7, 4)]}


def played(**parts: Any) -> Match:
    """2-1, an own goal among them; one man sent off by a second yellow, a coach booked."""
    return match_of(**{"goals": GOALS, "cards": CARDS, "substitutions": CHANGES, "team": TEAM, **parts})


def bet_of(kind: str = "team", **fields: Any) -> Bet:
    bet = read_bet({"bet_id": 1, "stake": 10, "odds": 2, **fields}, kind)
    assert isinstance(bet, Bet), bet
    return bet


def settled(match: Match, options: GradingOptions | None = None, **fields: Any) -> Settled:
    kind = "player" if "player" in fields or "player_id" in fields else "team"
    outcome = grade(bet_of(kind, **fields), match, options, match.kickoff + 3 * HOURS)
    assert isinstance(outcome, Settled), outcome
    return outcome


def waits(match: Match, options: GradingOptions | None = None, after: timedelta = 3 * HOURS, **fields: Any) -> str:
    kind = "player" if "player" in fields or "player_id" in fields else "team"
    outcome = grade(bet_of(kind, **fields), match, options, match.kickoff + after)
    assert isinstance(outcome, Pending), outcome
    return str(outcome)


@pytest.mark.parametrize(
    ("fields", "result", "actual"),
    [
        ({"market": "ML", "direction": "home"}, "won", "2-1"),
        ({"market": "ML", "team": "Awayton Rovers"}, "lost", "2-1"),
        ({"market": "ML HT", "direction": "draw"}, "won", "1-1"),
        ({"market": "ML 2H", "direction": "home"}, "won", "1-0"),
        ({"market": "Totals", "direction": "over", "threshold": 2.75}, "half_won", 3),
        ({"market": "Totals HT", "direction": "under", "threshold": 2}, "refund", 2),
        ({"market": "Spread", "direction": "away", "hdp": -1}, "refund", "2-1"),
        ({"market": "Spread", "selection": "Away +0.75"}, "half_lost", "2-1"),
        ({"market": "European Handicap", "direction": "draw", "hdp": -1}, "won", "2-1"),
        ({"market": "Both Teams To Score", "direction": "yes"}, "won", "2-1"),
        ({"market": "Correct Score", "selection": "2-1"}, "won", "2-1"),
        ({"market": "HT/FT", "selection": "X/1"}, "won", "1-1/2-1"),
        ({"market": "Team Total Home", "direction": "over", "threshold": 1.5}, "won", 2),
        ({"market": "clean sheet", "team": "Homeham United"}, "lost", "2-1"),
        ({"market": "Corners Totals", "direction": "over", "threshold": 10.5}, "won", 11),
        ({"market": "Corners Totals HT", "direction": "over", "threshold": 5}, "refund", 5),
        ({"market": "Corners Spread", "direction": "home", "hdp": 1}, "refund", "5-6"),
        ({"market": "corners", "team": "Awayton Rovers", "direction": "over", "threshold": 5.5}, "won", 6),
        ({"market": "Match Shots", "direction": "under", "threshold": 16.5}, "won", 16),
        ({"market": "Team Yellow Cards Home", "direction": "over", "threshold": 0.5}, "won", 1),
        ({"market": "Team Red Cards Home", "direction": "over", "threshold": 0.5}, "won", 1),
        ({"market": "Booking Points", "direction": "over", "threshold": 44.5}, "won", 45),
        ({"market": "Bookings Totals", "direction": "under", "threshold": 45.5}, "won", 45),
        ({"market": "Exact Total Goals", "selection": "3"}, "won", 3),
        ({"market": "Odd/Even", "selection": "odd"}, "won", 3),
    ],
    ids=str,
)
def test_team_markets(fields: dict[str, Any], result: str, actual: object) -> None:
    told = settled(played(), **fields)
    assert (told.result, told.actual) == (result, actual)


def test_a_red_card_may_count_one_or_two() -> None:
    bet = {"market": "Number of Cards In Match", "direction": "over", "threshold": 3.5}
    assert "red card may count" in waits(played(), **bet)
    for red, result in ((1, "lost"), (2, "won")):
        options = GradingOptions(red_counts_at={"some book": red})  # type: ignore[dict-item]
        assert settled(played(), options, **bet, bookmaker="Some Book").result == result
    assert settled(played(), **(bet | {"threshold": 2.5})).result == "won"


@pytest.mark.parametrize(
    ("player", "market", "result"),
    [
        (1009, "Anytime Goalscorer", "won"),
        (1009, "First Goalscorer", "won"),
        (2010, "Last Goalscorer", "won"),  # the later goal is an own goal
        (2004, "Anytime Goalscorer", "lost"),
        (2004, "Last Goalscorer", "lost"),
        (1012, "First Goalscorer", "refund"),  # came on after it
        (1012, "Last Goalscorer", "lost"),
        (2012, "Anytime Goalscorer", "lost"),  # on in the last minute: played
        (2013, "Anytime Goalscorer", "refund"),
        (1005, "Player To Be Booked", "won"),
        (1005, "Player To Be Sent Off", "won"),
        (2006, "Player To Be Sent Off", "lost"),
    ],
)
def test_player_markets(player: int, market: str, result: str) -> None:
    assert settled(played(), player_id=player, market=market).result == result


def test_an_unused_substitute_may_stand() -> None:
    options = GradingOptions(unused_substitute="stands")
    under = {"market": "Player Shots", "direction": "under", "threshold": 0.5, "player_id": 2013}
    assert settled(played(), **under).result == "refund"
    assert settled(played(), options, **under).result == "won"
    assert settled(played(), options, player_id=2013, market="Anytime Goalscorer").result == "lost"


def test_a_scorer_in_the_minute_of_a_substitution_waits() -> None:
    match = played(substitutions=[substitution(12, True, 1012, 1011)])
    assert "minute of the first goal" in waits(match, player_id=1012, market="First Goalscorer")


def test_names_of_players() -> None:
    match = played()
    two = replace(match, home_lineup=replace(match.home_lineup, players=(  # type: ignore[type-var, union-attr]
        *(replace(man, name="Danilo") if man.id in (1003, 1004) else man for man in match.home_lineup.players),  # type: ignore[union-attr]
    )))  # fmt: skip
    bet = {"market": "Anytime Goalscorer"}
    assert waits(two, player="Danilo", **bet).startswith(
        "ambiguous player: 'Danilo' may be Danilo (1003), Danilo (1004)"
    )
    assert settled(match, player="Erling Haaland", **bet).result == "refund"
    assert waits(match, player="Pelé", **bet).startswith("unknown player")
    assert settled(match, player="Man 1009", **bet).result == "won"


def test_an_id_may_be_of_another_source() -> None:
    bet = {"market": "Anytime Goalscorer"}
    assert waits(played(), player_id=9999, **bet).startswith("unknown player")
    assert settled(played(), player_id=9999, player="Man 1009", **bet).result == "won"
    assert waits(played(), player_id=1009, player="Erling Haaland", **bet).startswith("ambiguous player")


def test_goals_and_score_of_a_live_match_have_to_agree() -> None:
    live = replace(played(), state=State.LIVE, ending=None, full_time_seen=False, goals=played().goals[:2])
    bet = {"market": "Totals", "direction": "over", "threshold": 1.5}
    assert waits(live, GradingOptions(settle_early=True), **bet).startswith("sources disagree")


@pytest.mark.parametrize(
    ("reason", "state"), [("PP", "postponed"), ("Can", "cancelled"), ("Ab", "abandoned"), ("AW", "awarded")]
)
def test_not_played_to_the_end_is_void_after_the_delay(reason: str, state: str) -> None:
    match = match_of(reason=reason)
    bet = {"market": "Totals", "direction": "under", "threshold": 2.5}
    assert waits(match, after=47 * HOURS, **bet).startswith(f"not played: {state}")
    late = grade(bet_of(**bet), match, None, match.kickoff + 48 * HOURS)
    assert isinstance(late, Settled)
    assert (late.result, late.returns, late.rule) == ("refund", 10, f"void: {state}")
    options = GradingOptions(void_after_at={"fast": 12 * HOURS})
    assert isinstance(grade(bet_of(**bet, bookmaker="Fast"), match, options, match.kickoff + 13 * HOURS), Settled)
    assert isinstance(grade(bet_of(**bet), match, options), Pending)  # without a time nothing is void


def test_a_match_moved_beyond_the_delay_is_void() -> None:
    match = played()
    bet = {"market": "ML", "direction": "home"}
    moved = match.kickoff - 49 * HOURS
    assert settled(match, kickoff=moved, **bet).rule == "void: moved to 2026-03-07"
    assert settled(match, kickoff=match.kickoff - 47 * HOURS, **bet).result == "won"
    assert waits(match, kickoff=match.kickoff + 49 * HOURS, **bet).startswith("wrong match")
    assert waits(match, home_team="Elsewhere", away_team="Nowhere", **bet).startswith("wrong match")
    assert waits(match, fotmob_match_id=5, **bet).startswith("wrong match")


def test_sides_the_other_way_round_wait() -> None:
    turned = {"home_team": "Awayton Rovers", "away_team": "Homeham United"}
    for bet in ({"market": "ML", "direction": "home"}, {"market": "Correct Score", "selection": "2-1"}):
        assert waits(played(), **bet, **turned).startswith("wrong match")
    assert settled(played(), market="Totals", direction="over", threshold=2.5, **turned).result == "won"


def test_before_the_end_nothing_settles_but_what_is_decided_where_that_is_allowed() -> None:
    live = replace(played(), state=State.LIVE, ending=None, full_time_seen=False)
    early = GradingOptions(settle_early=True)
    over, under = ({"market": "Totals", "direction": side, "threshold": 2.5} for side in ("over", "under"))
    for bet in (over, under):
        assert waits(live, **bet).startswith("not finished")
    assert settled(live, early, **over).result == "won"
    assert settled(live, early, **under).result == "lost"
    for bet in (
        over | {"threshold": 3.5},
        under | {"threshold": 3.5},
        over | {"threshold": 2.75},
        {"market": "ML", "direction": "home"},
        {"market": "Both Teams To Score", "direction": "no"} | {"market": "Both Teams To Score 2H"},
    ):
        assert waits(live, early, **bet).startswith("not finished")
    assert settled(live, early, market="Both Teams To Score", direction="yes").result == "won"
    assert settled(live, early, market="Anytime Goalscorer", player_id=1009).result == "won"
    assert waits(live, early, market="Anytime Goalscorer", player_id=1010).startswith("not finished")
    assert waits(live, early, market="Anytime Goalscorer", player_id=2013).startswith("not finished")


def test_an_abandoned_match_may_keep_what_is_decided() -> None:
    stopped = replace(played(), state=State.ABANDONED, ending=None, full_time_seen=False)
    keeps = GradingOptions(abandoned_keeps_decided=True)
    over = {"market": "Totals", "direction": "over", "threshold": 2.5}
    assert settled(stopped, keeps, **over).result == "won"
    late = grade(bet_of(**(over | {"threshold": 3.5})), stopped, keeps, stopped.kickoff + 50 * HOURS)
    assert isinstance(late, Settled)
    assert late.result == "refund"


@pytest.mark.parametrize("reason", [None, "AW", "Can"])
def test_a_match_that_was_not_played_never_wins_or_loses(reason: str | None) -> None:
    for options in (None, GradingOptions(settle_early=True, abandoned_keeps_decided=True)):
        outcome = grade(bet_of(market="ML", direction="draw"), match_of(reason=reason), options)
        assert isinstance(outcome, Pending)


def test_without_the_end_of_the_second_half_nothing_settles() -> None:
    match = replace(played(), full_time_seen=False)
    assert waits(match, market="ML", direction="home").startswith("state unknown")


def test_extra_time_does_not_count_in_ninety_minutes() -> None:
    match = match_of(
        reason="AET",
        goals=[goal(10, True, 1009), goal(80, False, 2009), goal(110, True, 1010)],
        team={"corners": [(3, 2), (2, 4), (1, 0), (0, 1)]},
        players={1007: {"fouls": 3}, 1008: {"fouls": 0}},
    )
    assert settled(match, market="ML", direction="draw").result == "won"
    assert settled(match, market="Totals", direction="under", threshold=2.5).actual == 2
    assert settled(match, market="Totals incl extra time", direction="over", threshold=2.5).actual == 3
    assert settled(match, market="Corners Totals", direction="over", threshold=11.5).actual == 11
    assert settled(match, market="To Qualify", direction="home").result == "won"
    assert settled(match, player_id=1010, market="Anytime Goalscorer").result == "lost"
    fouls = {"market": "Player Fouls", "player_id": 1007, "direction": "over"}
    assert waits(match, **fouls, threshold=1.5).startswith("unknown number")  # of three some may be of extra time
    assert settled(match, **fouls, threshold=3.5).result == "lost"
    none = {"market": "Player Fouls", "player_id": 1008, "direction": "under", "threshold": 0.5}
    assert settled(match, **none).result == "won"


def test_who_goes_through_on_penalties() -> None:
    match = match_of(reason="Pen", goals=[goal(10, True, 1009), goal(80, False, 2009)], shootout=(3, 4))
    assert settled(match, market="To Qualify", direction="away").result == "won"
    assert settled(match, market="ML", direction="draw").result == "won"
    assert waits(played(), market="To Qualify", direction="home").startswith("no result")


def test_an_unknown_number_is_not_zero() -> None:
    match = played()
    blind = replace(match, team_numbers={period: {} for period in match.team_numbers})
    assert waits(blind, market="Corners Totals", direction="under", threshold=9.5).startswith("incomplete data")
    assert waits(match, market="Match Passes Completed", direction="over", threshold=300).startswith("unknown number")
    assert settled(match, market="ML", direction="home").result == "won"


def test_a_live_handicap_counts_from_the_score_at_the_time() -> None:
    bet = {"market": "Spread", "selection": "Home -0.5", "is_live": True}
    assert waits(played(), **bet).startswith("unclear rule")
    assert settled(played(), **bet, score_at_bet="1-0").result == "lost"  # 1-1 from then on
    assert settled(played(), **bet, score_at_bet="1-1").result == "won"


def test_whose_handicap_a_line_is_may_be_set() -> None:
    bet = {"market": "Spread", "direction": "away", "threshold": 0.5}
    assert settled(played(), **bet).result == "lost"
    assert settled(played(), GradingOptions(handicap_line_is="own"), **(bet | {"threshold": 1.5})).result == "won"
    assert waits(played(), GradingOptions(handicap_line_is="unclear"), **bet).startswith("unclear rule")
    for own in ("home", "own", "unclear"):
        options = GradingOptions(handicap_line_is=own)  # type: ignore[arg-type]
        assert settled(played(), options, market="Spread", direction="away", hdp=-1.5).result == "won"


@given(
    st.sampled_from(["Totals", "Corners Totals", "Match Shots", "Match Fouls", "Booking Points"]),
    st.integers(0, 200).map(lambda quarters: quarters / 4),
    st.decimals("0.01", 5000, places=2),
    st.decimals("1.01", 100, places=2),
)
def test_the_same_answer_every_time_and_money_adds_up(market: str, line: float, stake: Decimal, odds: Decimal) -> None:
    over, under = (
        grade(bet_of(market=market, direction=side, threshold=line, stake=str(stake), odds=str(odds)), MATCH)
        for side in ("over", "under")
    )
    again = grade(bet_of(market=market, direction="over", threshold=line, stake=str(stake), odds=str(odds)), MATCH)
    assert again == over
    assert isinstance(over, Settled) and isinstance(under, Settled)
    assert over.returns == stake + over.profit_loss
    assert {over.result.value, under.result.value} in (
        {"won", "lost"}, {"refund"}, {"half_won", "half_lost"}
    )  # fmt: skip


MATCH = played()
