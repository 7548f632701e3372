"""Prices: strings or numbers, and the many ways to have none."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.odds.prices import PriceError, cached_price, parse_amount, parse_number, parse_price


@pytest.mark.parametrize(
    "value",
    [
        *("N/A", "n/a", "", "0", "-", None, 0, 1, 1.0, "1", "1.0", "1.000", "0.99", -2, "-2.5", True, False, "abc"),
        *(float("nan"), float("inf"), "NaN", "Infinity", "1e400", 10**400, 1e300, "1000001", 1.0000001),
        *("1,90", "１.９", "1_9", "x" * 999),
    ],
)
def test_no_price(value: object) -> None:
    assert parse_price(value) is None


@pytest.mark.parametrize(
    ("value", "price"),
    [
        ("1.571", 1.571),
        ("2.00", 2.0),
        ("2", 2.0),
        (2, 2.0),
        (1.9, 1.9),
        ("1.004", 1.004),
        ("1.01", 1.01),
        ("1000000", 1e6),
        ("1.23456789", 1.234568),
        (" 1.5 ", 1.5),
    ],
)
def test_price(value: object, price: float) -> None:
    assert parse_price(value) == price


@pytest.mark.parametrize("value", [[], {}, ["1.9"], {"$gt": 1}, object(), b"1.9"])
def test_no_scalar_is_an_error(value: object) -> None:
    with pytest.raises(PriceError):
        parse_price(value)
    with pytest.raises(PriceError):
        parse_amount(value)


@given(st.decimals(Decimal("1.000001"), Decimal(1_000_000), places=6))
def test_six_decimals_survive_exactly(price: Decimal) -> None:
    assert parse_price(str(price)) == float(price)
    assert Decimal(str(parse_price(str(price)))) == price


@given(st.one_of(st.text(max_size=50), st.floats(), st.integers(), st.none(), st.booleans()))
def test_scalars_never_raise_and_prices_are_prices(value: object) -> None:
    price = parse_price(value)
    if price is not None:
        assert 1.0 < price <= 1e6
        assert round(price, 6) == price
        assert parse_price(price) == price
        assert parse_price(repr(price)) == price
    assert parse_number(value) is None or abs(parse_number(value) or 0) < 1e18


@given(st.one_of(st.text(max_size=30), st.floats(allow_nan=False)))
def test_the_cache_changes_nothing(value: str | float) -> None:
    assert cached_price(value) == parse_price(value) == cached_price(value)


@pytest.mark.parametrize(
    ("value", "amount"), [("4491.85", 4491.85), (19, 19.0), ("0", None), ("N/A", None), (-1, None)]
)
def test_amounts(value: object, amount: float | None) -> None:
    assert parse_amount(value) == amount
