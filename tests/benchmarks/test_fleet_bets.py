"""The judge of the bots' bets knows the rules, what decides nothing, and what is wrong."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from fleet_bets import Bets, judge_bet, returns_of
from grading_oracle import RawMatch

COMMON = {"bet_id": "b1", "fotmob_match_id": 7, "stake": 10, "odds": 2.5, "home_team": "A", "away_team": "B"}
SHOTS = {"All": {"total_shots": [12, 9], "corners": [5, 5]}}


def page(played: bool = True, home: int = 2, away: int = 1, red: bool = False) -> RawMatch:
    goals = [("1", True, None, False, None, (10, 0))] * home + [("2", False, None, False, None, (60, 0))] * away
    cards = [("1", True, None, "Red" if red else "Yellow", False, (20, 0))] * 3
    return RawMatch(7, "A", "B", played, True, goals, cards, SHOTS, {}, [])


@pytest.mark.parametrize(
    ("bet", "returns"),
    [
        ({"market_name": "ML", "direction": "home"}, 25),
        ({"market_name": "ML", "direction": "draw"}, 0),
        ({"market_name": "Totals", "direction": "over", "threshold": "2.5"}, 25),
        ({"market_name": "Totals", "direction": "under", "threshold": "2.5"}, 0),
        ({"market_name": "Totals", "direction": "under", "threshold": "2.25"}, 0),
        ({"market_name": "Corners Totals", "direction": "over", "threshold": "9.5"}, 25),
        ({"market_name": "Team Shots", "direction": "Over", "threshold": 11.5, "team": "A"}, 25),
        ({"market_name": "Team Shots", "direction": "Over", "threshold": 11.5, "team": "B"}, 0),
        ({"market": "Spread", "market_direction": "Home", "hdp": -0.75}, 17.5),
        ({"market": "Spread", "market_direction": "Away", "hdp": 0}, 0),
        ({"market": "Spread", "market_direction": "Away", "hdp": -0.75}, 5),
    ],
)  # fmt: skip
def test_every_market_of_the_bots(bet: dict[str, Any], returns: float) -> None:
    assert returns_of(COMMON | bet, page()) == {Fraction(returns)}


def test_cards_decide_where_all_rules_agree() -> None:
    bet = COMMON | {"market_name": "Bookings Totals", "direction": "over", "threshold": "3.5"}
    assert returns_of(bet, page()) == {Fraction(0)}
    assert returns_of(bet, page(red=True)) == {Fraction(0), Fraction(25)}
    assert returns_of(bet, page(played=False)) == set()


def judged(possible: set[int], complete: bool = True, **fields: object) -> Bets:
    found = Bets()
    settled = {"status": "won", "returns": 25.0, "profit_loss": 15.0, "grading": {}}
    judge_bet({**COMMON, **settled, **fields}, {Fraction(each) for each in possible}, complete, found)
    return found


def test_right_wrong_late_and_waiting() -> None:
    assert not judged({25}).faults
    assert judged({25}, grading={"history": [{}]}).corrected == 1
    assert "its page says [0.0]" in judged({0}).wrong[0]
    assert "its page says []" in judged(set()).wrong[0]
    assert judged({0, 25}).wrong
    assert "profit" in judged({25}, profit_loss=25.0).wrong[0]
    waiting = {"status": "pending", "grading": {"reason": "incomplete data: corners"}}
    assert judged({25}, **waiting).late
    for possible, complete in (({25}, False), ({0, 25}, True), (set(), True)):
        found = judged(possible, complete, **waiting)
        assert not found.faults and found.waiting == {"incomplete data": 1}
