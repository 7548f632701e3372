"""Exchange prices after commission: the examples of the docstrings, and what laying really pays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.odds.commission import back_price, lay_price

odds = st.floats(1.001, 1000)
shares = st.floats(0, 0.2)


def test_by_hand() -> None:
    assert back_price(3.0, 0.05) == pytest.approx(2.9)
    assert lay_price(3.0, 0.05) == pytest.approx(1.475)
    assert back_price(3.0) == 3.0
    assert lay_price(2.0) == 2.0  # laying evens backs "not" at evens
    assert lay_price(1.01) == pytest.approx(101)


@given(odds, shares)
def test_a_bet_pays_what_an_account_shows(price: float, share: float) -> None:
    """10 staked, backed and laid: the balance after a win over what was put at risk."""
    assert 10 + 10 * (price - 1) * (1 - share) == pytest.approx(10 * back_price(price, share))
    liability = 10 * (price - 1)
    assert liability + 10 * (1 - share) == pytest.approx(liability * lay_price(price, share))


@given(odds, shares)
def test_commission_only_takes_and_leaves_a_price(price: float, share: float) -> None:
    assert 1 < back_price(price, share) <= price + 1e-9
    assert 1 < lay_price(price, share) <= lay_price(price)


@given(odds)
def test_one_exchange_s_own_price_backed_and_laid_leaves_nothing(price: float) -> None:
    assert 1 / back_price(price) + 1 / lay_price(price) == pytest.approx(1)
