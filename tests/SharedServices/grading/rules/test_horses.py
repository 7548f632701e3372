"""Horses: place terms, dead heats, Rule 4."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.grading.rules.horses import (
    Finish,
    PlaceTerms,
    each_way_factor,
    place_factor,
    result_of_factor,
    rule_4,
    rule_4_together,
    share_of_place,
    standard_terms,
    win_factor,
)

ODDS = st.decimals("1.05", 200, places=2)
FIFTH = PlaceTerms(3, Decimal("0.2"))


@pytest.mark.parametrize(
    ("price", "pence"),
    [
        ("1.111", 90), ("1.18", 85), ("1.22", 80), ("1.29", 75), ("1.36", 70), ("1.5", 65), ("1.615", 60), ("1.67", 55),
        ("1.91", 50), ("2", 45), ("2.2", 45), ("2.25", 40), ("2.5", 40), ("2.6", 35), ("3", 30), ("3.4", 25), ("4", 25),
        ("5", 20), ("5.5", 15), ("6.5", 15), ("7", 10), ("10", 10), ("11", 5), ("15", 5), ("17", 0),
    ],
)  # fmt: skip
def test_the_scale_of_rule_4(price: str, pence: int) -> None:
    assert rule_4(Decimal(price)) == Decimal(pence) / 100


def test_several_withdrawn_take_at_most_ninety_pence() -> None:
    assert rule_4_together((Decimal(2), Decimal(3))) == Decimal("0.75")
    assert rule_4_together((Decimal(2), Decimal("1.5"))) == Decimal("0.9")
    assert rule_4_together(()) == 0


@pytest.mark.parametrize(
    ("runners", "handicap", "places", "fraction"),
    [(5, False, 2, "0.25"), (7, True, 2, "0.25"), (8, False, 3, "0.2"), (20, False, 3, "0.2"), (11, True, 3, "0.2"),
     (12, True, 3, "0.25"), (15, True, 3, "0.25"), (16, True, 4, "0.25")],
)  # fmt: skip
def test_standard_terms(runners: int, handicap: bool, places: int, fraction: str) -> None:
    assert standard_terms(runners, handicap=handicap) == PlaceTerms(places, Decimal(fraction))


def test_four_runners_have_no_places() -> None:
    assert standard_terms(4, handicap=False) is None


@pytest.mark.parametrize(
    ("position", "sharing", "places", "share"),
    [
        (1, 1, 1, "1"),
        (2, 1, 1, "0"),
        (1, 2, 1, "0.5"),
        (3, 2, 3, "0.5"),
        (2, 2, 3, "1"),
        (3, 1, 3, "1"),
        (4, 1, 3, "0"),
    ],
)
def test_a_dead_heat_shares_what_places_are_left(position: int, sharing: int, places: int, share: str) -> None:
    assert share_of_place(Finish(True, position, sharing), places) == Decimal(share)


def test_each_way() -> None:
    odds = Decimal(11)
    assert each_way_factor(Finish(True, 1), odds, FIFTH) == Decimal(7)  # half at 11, half at 3
    assert each_way_factor(Finish(True, 3), odds, FIFTH) == Decimal("1.5")
    assert each_way_factor(Finish(True, 4), odds, FIFTH) == 0
    assert each_way_factor(Finish(True, None), odds, FIFTH) == 0
    assert each_way_factor(Finish(False), odds, FIFTH) == 1


def test_rule_4_is_taken_of_winnings_only() -> None:
    assert win_factor(Finish(True, 1, 1, Decimal("0.25")), Decimal(5)) == 4
    assert place_factor(Finish(True, 2, 1, Decimal("0.25")), Decimal(11), FIFTH) == Decimal("2.5")
    assert win_factor(Finish(True, 1, 2, Decimal("0.25")), Decimal(5)) == 2


@given(ODDS, st.integers(2, 6))
def test_a_dead_heat_pays_all_who_share_together_what_one_would_get(odds: Decimal, sharing: int) -> None:
    alone, shared = win_factor(Finish(True, 1), odds), win_factor(Finish(True, 1, sharing), odds)
    assert abs(shared * sharing - alone) < Decimal("1e-50")


@given(ODDS, st.integers(1, 9))
def test_each_way_is_the_mean_of_win_and_place(odds: Decimal, position: int) -> None:
    finish = Finish(True, position)
    both = win_factor(finish, odds) + place_factor(finish, odds, FIFTH)
    assert each_way_factor(finish, odds, FIFTH) == both / 2


@pytest.mark.parametrize(
    ("became", "whole", "expected"),
    [("0", "5", "lost"), ("5", "5", "won"), ("1", "5", "refund"), ("1.5", "5", "half_won"), ("0.5", "5", "half_lost")],
)
def test_the_status_goes_with_the_money(became: str, whole: str, expected: str) -> None:
    assert result_of_factor(Decimal(became), Decimal(whole)) == expected
