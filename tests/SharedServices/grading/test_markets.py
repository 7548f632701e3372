"""Markets by name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.grading.markets import UNRELIABLE, fold_name, market_of

KNOWN = """
ML = 1X2, match, goals, match
ML HT = 1X2, match, goals, first_half
ML 2H = 1X2, match, goals, second_half
Match Result = 1X2, match, goals, match
Half Time Result = 1X2, match, goals, first_half
Draw No Bet = draw no bet, match, goals, match
Double Chance = double chance, match, goals, match
Spread = Asian handicap, match, goals, match
Spread HT = Asian handicap, match, goals, first_half
Alternative Asian Handicap = Asian handicap, match, goals, match
Corners Spread = Asian handicap, match, corners, match
Bookings Spread = Asian handicap, match, bookings, match
European Handicap = European handicap, match, goals, match
Totals = over/under, match, goals, match
Totals HT = over/under, match, goals, first_half
Goals Over/Under = over/under, match, goals, match
Alternative Goal Line = over/under, match, goals, match
Alternative Total Goals = over/under, match, goals, match
Team Total Home = over/under, home, goals, match
Team Total Goals Away = over/under, away, goals, match
Both Teams To Score = both teams to score, match, goals, match
Both Teams To Score 2H = both teams to score, match, goals, second_half
BTTS = both teams to score, match, goals, match
Correct Score = correct score, match, goals, match
Half Time/Full Time = half-time/full-time, match, goals, match
Exact Total Goals = exact total, match, goals, match
Number of Goals In Match = exact total, match, goals, match
Odd/Even = odd/even, match, goals, match
Corners = over/under, any, corners, match
Corners Totals = over/under, match, corners, match
Corners Totals HT = over/under, match, corners, first_half
Corners 2-Way = over/under, match, corners, match
Total Corners = over/under, match, corners, match
Team Corners Home = over/under, home, corners, match
Bookings Totals = over/under, match, bookings, match
Number of Cards In Match = over/under, match, cards, match
Team Cards Away = over/under, away, cards, match
Booking Points = over/under, any, booking_points, match
Match Shots = over/under, match, shots, match
Match Shots on Target = over/under, match, shots_on_target, match
Match Tackles = over/under, match, tackles, match
Team Offsides Away = over/under, away, offsides, match
shots_on_target = over/under, any, shots_on_target, match
1st Half Corners = over/under, any, corners, first_half
Player Shots = player over/under, player, shots, match
Player Shots On Target Over/Under = player over/under, player, shots_on_target, match
Player Fouls Committed = player over/under, player, fouls, match
Goalkeeper Saves = player over/under, player, saves, match
Anytime Goalscorer = player over/under, player, goals, match
First Goalscorer = first goalscorer, player, goals, match
Last Goalscorer = last goalscorer, player, goals, match
Multi Scorers = player over/under, player, goals, match
Player To Score or Assist = player over/under, player, goals_and_assists, match
Totals including extra time = over/under, match, goals, all
To Qualify = to qualify, match, goals, all
Each Way = horse each way
"""
PAIRS = [tuple(line.split(" = ")) for line in KNOWN.strip().splitlines()]


@pytest.mark.parametrize(("name", "means"), PAIRS, ids=[name for name, _ in PAIRS])
def test_a_known_name(name: str, means: str) -> None:
    assert str(market_of(name)) == means
    assert market_of(name.upper()) == market_of(f"  {name.lower()} ")


@pytest.mark.parametrize(
    "name",
    ["Corners Race", "Corner Handicap", "1st Half Handicap", "First 10 Minutes (00:00 - 09:59)", "Specials", "", "?",
     "Player Props", "goals corners", "corners HT 2H", "Home Away goals", "Player goals ML", "throw-ins", "xG", "Team",
     "European Handicap corners", "Totals (Games)", "Map Handicap"],
)  # fmt: skip
def test_a_name_that_is_not_known_for_certain_is_no_market(name: str) -> None:
    assert market_of(name) is None


def test_a_bare_number_of_a_player_bet_is_his() -> None:
    assert str(market_of("shots", player=True)) == "player over/under, player, shots, match"
    assert str(market_of("shots on target 1st half", player=True)).endswith("shots_on_target, first_half")


@given(st.text(max_size=60))
def test_any_text_is_a_market_or_none(name: str) -> None:
    assert market_of(name) == market_of(name.strip())


def test_unreliable_names_are_written_as_they_are_compared() -> None:
    assert all(fold_name(name) == name for name in UNRELIABLE)
