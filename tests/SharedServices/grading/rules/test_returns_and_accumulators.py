"""Money: conserved, to the cent, and never by way of a float."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.grading.result import Result
from PROPPR.SharedServices.grading.rules.accumulators import accumulator_result, accumulator_returns, factor_of
from PROPPR.SharedServices.grading.rules.handicaps import asian_handicap
from PROPPR.SharedServices.grading.rules.returns import factor, profit_of, returns_of, to_the_cent
from PROPPR.SharedServices.grading.rules.totals import over_under

STAKES = st.decimals("0.01", 100_000, places=2)
ODDS = st.decimals("1.001", 1000, places=3)
RESULTS = st.sampled_from(Result)
LEGS = st.lists(st.tuples(RESULTS, ODDS), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("result", "expected"),
    [("won", "19.10"), ("lost", "0.00"), ("refund", "10.00"), ("half_won", "14.55"), ("half_lost", "5.00")],
)
def test_what_comes_back(result: str, expected: str) -> None:
    back = returns_of(Decimal(10), Decimal("1.91"), Result(result))
    assert str(back) == expected
    assert profit_of(Decimal(10), back) == Decimal(expected) - 10


@pytest.mark.parametrize(
    ("amount", "cents"), [("0.125", "0.12"), ("0.135", "0.14"), ("0.1250001", "0.13"), ("-0.5", "-0.50")]
)
def test_half_a_cent_goes_to_the_even_one(amount: str, cents: str) -> None:
    assert str(to_the_cent(Decimal(amount))) == cents


@given(STAKES, ODDS, RESULTS)
def test_to_the_cent_as_fractions_say(stake: Decimal, odds: Decimal, result: Result) -> None:
    worth = {
        Result.WON: Fraction(odds),
        Result.LOST: Fraction(0),
        Result.REFUND: Fraction(1),
        Result.HALF_WON: (Fraction(odds) + 1) / 2,
        Result.HALF_LOST: Fraction(1, 2),
    }[result]
    expected = Fraction(round(Fraction(stake) * worth * 100), 100)
    back = returns_of(stake, odds, result)
    assert Fraction(back) == expected
    assert Fraction(str(float(back))) == expected  # as a document stores it
    assert stake + profit_of(stake, back) == back


@given(
    st.integers(0, 12),
    st.integers(-16, 40).map(lambda quarters: Decimal(quarters) / 4),
    st.integers(101, 5000).map(lambda hundredths: Fraction(hundredths, 100)),
)
def test_money_is_conserved_at_fair_odds(goals: int, line: Decimal, odds: Fraction) -> None:
    """Staked on both sides in proportion to fair odds, all comes back whatever happens, and no more."""
    other = odds / (odds - 1)
    stakes = (1 / odds, 1 / other)
    assert sum(stakes) == 1
    for results in (
        (over_under(goals, line, over=True), over_under(goals, line, over=False)),
        (asian_handicap(goals, 5, line), asian_handicap(5, goals, -line)),
    ):
        back = sum(
            stake * _worth(result, price) for stake, price, result in zip(stakes, (odds, other), results, strict=True)
        )
        assert back == 1


def _worth(result: Result, odds: Fraction) -> Fraction:
    won, lost = Fraction(factor(Result.HALF_WON, Decimal(3))) - 1, Fraction(factor(Result.HALF_LOST, Decimal(3)))
    assert (won, lost) == (1, Fraction(1, 2))
    return {
        Result.WON: odds,
        Result.LOST: Fraction(0),
        Result.REFUND: Fraction(1),
        Result.HALF_WON: (odds + 1) / 2,
        Result.HALF_LOST: Fraction(1, 2),
    }[result]


@given(STAKES, LEGS, ODDS)
def test_a_void_leg_counts_as_odds_of_one(stake: Decimal, legs: list[tuple[Result, Decimal]], odds: Decimal) -> None:
    void = [*legs, (Result.REFUND, odds)]
    assert accumulator_returns(stake, void) == accumulator_returns(stake, legs)
    assert accumulator_returns(stake, [*legs, (Result.WON, Decimal(1))]) == accumulator_returns(stake, legs)
    assert accumulator_result(void) is accumulator_result(legs)


@given(STAKES, LEGS)
def test_an_accumulator_is_rounded_once(stake: Decimal, legs: list[tuple[Result, Decimal]]) -> None:
    exact = Fraction(stake) * prod((_worth(result, Fraction(odds)) for result, odds in legs), start=Fraction(1))
    assert Fraction(accumulator_returns(stake, legs)) == Fraction(round(exact * 100), 100)


@given(LEGS)
def test_the_status_of_an_accumulator_goes_with_its_money(legs: list[tuple[Result, Decimal]]) -> None:
    status, became = accumulator_result(legs), factor_of(legs)
    assert (status is Result.LOST) == (became == 0)
    if status in (Result.WON, Result.HALF_WON):
        assert became > 1
    if status is Result.HALF_LOST:
        assert became < 1
    if status is Result.REFUND:
        assert became == 1


@given(STAKES, ODDS, RESULTS)
def test_an_accumulator_of_one_is_the_bet(stake: Decimal, odds: Decimal, result: Result) -> None:
    assert accumulator_returns(stake, [(result, odds)]) == returns_of(stake, odds, result)
    assert accumulator_result([(result, odds)]) is result


def test_there_is_no_accumulator_without_legs() -> None:
    with pytest.raises(ValueError, match="legs"):
        accumulator_result([])
