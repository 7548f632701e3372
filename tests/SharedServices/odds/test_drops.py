from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.odds.drops import DropRule

RULE = DropRule(Decimal("0.05"))


def test_a_fall_of_the_threshold_is_a_drop_and_a_hair_less_is_not() -> None:
    assert RULE.drop_pct(2.0, 1.999) == 0.05
    assert RULE.drop_pct(2.0, 1.99902) is None
    assert RULE.drop_pct(100.0, 99.95) == 0.05
    assert RULE.drop_pct(100.0, 99.951) is None


def test_only_a_fall_between_two_prices_is_a_drop() -> None:
    assert RULE.drop_pct(2.0, 1.9) == 5.0
    assert RULE.drop_pct(1.9, 2.0) is None
    assert RULE.drop_pct(None, 1.5) is None
    assert RULE.drop_pct(1.5, None) is None


@pytest.mark.parametrize("threshold", ["0", "-1", "NaN", "Infinity"])
def test_a_threshold_must_be_a_positive_percentage(threshold: str) -> None:
    with pytest.raises(ValueError, match="positive percentage"):
        DropRule(Decimal(threshold))


prices = st.decimals(min_value="1.000001", max_value=1000, places=6)


@given(old=prices, new=prices, threshold=st.decimals(min_value="0.001", max_value=50, places=3))
def test_the_rule_is_exact_for_every_price_of_six_decimals(old: Decimal, new: Decimal, threshold: Decimal) -> None:
    exact = new < old and (old - new) * 100 >= old * threshold
    assert (DropRule(threshold).drop_pct(float(old), float(new)) is not None) == exact
