"""Over and under, lines and their quarters."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.grading.result import Result, mean_result, mirrored
from PROPPR.SharedServices.grading.rules import totals
from PROPPR.SharedServices.grading.rules.lines import is_line, parts

QUARTERS = st.integers(0, 80).map(lambda quarters: Decimal(quarters) / 4)
NUMBERS = st.integers(0, 25)
WORTH = {Result.WON: 2, Result.HALF_WON: 1, Result.REFUND: 0, Result.HALF_LOST: -1, Result.LOST: -2}


@pytest.mark.parametrize(
    ("actual", "line", "expected"),
    [
        (3, "2.5", "won"),
        (2, "2.5", "lost"),
        (2, "2", "refund"),
        (2, "2.25", "half_lost"),
        (3, "2.75", "half_won"),
        (3, "2.25", "won"),
        (2, "2.75", "lost"),
        (0, "0", "refund"),
        (1, "0.75", "half_won"),
    ],
)
def test_over(actual: int, line: str, expected: str) -> None:
    assert totals.over_under(actual, Decimal(line), over=True) == expected
    assert totals.over_under(actual, Decimal(line), over=False) == mirrored(Result(expected))


@given(NUMBERS, QUARTERS)
def test_over_and_under_mirror_each_other(actual: int, line: Decimal) -> None:
    over, under = (totals.over_under(actual, line, over=side) for side in (True, False))
    assert over is mirrored(under)


@given(NUMBERS, QUARTERS)
def test_a_line_is_worth_the_mean_of_its_parts(actual: int, line: Decimal) -> None:
    halves = [totals.over_under(actual, part, over=True) for part in parts(line)]
    whole = totals.over_under(actual, line, over=True)
    assert Fraction(WORTH[whole]) == Fraction(sum(WORTH[half] for half in halves), len(halves))


@given(NUMBERS, NUMBERS, QUARTERS)
def test_over_never_gets_worse_with_more(one: int, other: int, line: Decimal) -> None:
    low, high = sorted((one, other))
    assert WORTH[totals.over_under(low, line, over=True)] <= WORTH[totals.over_under(high, line, over=True)]


@given(st.decimals(allow_nan=True, allow_infinity=True))
def test_only_multiples_of_a_quarter_are_lines(line: Decimal) -> None:
    expected = line.is_finite() and (Fraction(line) * 4).denominator == 1
    if line.is_finite() and abs(line.adjusted()) > 20:
        return
    assert is_line(line) is expected
    if not expected:
        with pytest.raises(ValueError, match="quarter"):
            parts(line)


def test_a_float_counts_as_it_is_written() -> None:
    assert totals.over_under(2.5, Decimal("2.5"), over=True) == "refund"
    with pytest.raises(ValueError, match="halves"):  # between both halves of the line
        totals.over_under(0.1 + 0.2, Decimal("0.25"), over=True)
    assert totals.exact(0.1) == Decimal("0.1")


@pytest.mark.parametrize(("goals", "odd"), [(0, False), (1, True), (2, False), (7, True)])
def test_none_is_even(goals: int, odd: bool) -> None:
    assert totals.odd_even(goals, odd=odd) == "won"
    assert totals.odd_even(goals, odd=not odd) == "lost"


def test_ranges_hold_their_ends() -> None:
    assert [totals.between(goals, 2, 3).value for goals in range(5)] == ["lost", "lost", "won", "won", "lost"]
    assert totals.between(9, 7, None) == "won"
    assert totals.exactly(3, 3) == "won"


def test_halves_that_are_no_neighbours_are_no_result() -> None:
    with pytest.raises(ValueError, match="halves"):
        mean_result([Result.WON, Result.LOST])
