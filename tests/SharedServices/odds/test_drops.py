from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.odds.drops import DropRule
from PROPPR.SharedServices.odds.types import LineChange

RULE = DropRule(Decimal("0.05"))


def change(previous: float | None, price: float | None) -> LineChange:
    return LineChange("ML", "home", None, None, None, None, price, previous)


def test_a_fall_of_the_threshold_is_a_drop_and_a_hair_less_is_not() -> None:
    assert RULE.is_drop(2.0, 1.999)
    assert not RULE.is_drop(2.0, 1.99902)
    assert RULE.is_drop(100.0, 99.95)
    assert not RULE.is_drop(100.0, 99.951)


def test_the_drop_states_both_prices_and_the_percentage() -> None:
    (drop,) = RULE.drops([change(2.0, 1.9), change(1.9, 2.0), change(None, 1.5), change(1.5, None)])
    assert (drop.old_odds, drop.new_odds, drop.drop_pct) == (2.0, 1.9, 5.0)


@pytest.mark.parametrize("threshold", ["0", "-1", "NaN", "Infinity"])
def test_a_threshold_must_be_a_positive_percentage(threshold: str) -> None:
    with pytest.raises(ValueError, match="positive percentage"):
        DropRule(Decimal(threshold))


prices = st.decimals(min_value="1.000001", max_value=1000, places=6)


@given(old=prices, new=prices, threshold=st.decimals(min_value="0.001", max_value=50, places=3))
def test_the_rule_is_exact_for_every_price_of_six_decimals(old: Decimal, new: Decimal, threshold: Decimal) -> None:
    exact = new < old and (old - new) * 100 >= old * threshold
    assert DropRule(threshold).is_drop(float(old), float(new)) == exact
