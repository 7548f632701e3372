"""Decimal odds as the provider writes them.

Prices are JSON strings ("1.571", "1.90"), sometimes numbers; an unpriced side is "N/A", a missing key, "", "0", "-" or
null. Nothing at or below 1.0 is a price, while 1.004 is (alternative lines of Bet365).
"""

from __future__ import annotations

from functools import lru_cache

MAX_PRICE = 1e6
MAX_PRICE_TEXT = 32
DECIMALS = 6


class PriceError(ValueError):
    """The value is no scalar (an object, a list, ...), so the row that holds it can't be trusted."""


def parse_number(value: object) -> float | None:
    """Return a finite float of a JSON number or plain decimal string, None for other scalars.

    Raises PriceError for what is no scalar.
    """
    if isinstance(value, str):
        if len(value) > MAX_PRICE_TEXT or "_" in value or not value.isascii():
            return None
        try:
            number = float(value)
        except ValueError:
            return None
    elif value is None or isinstance(value, bool):
        return None
    elif isinstance(value, int | float):
        if isinstance(value, int) and abs(value) > 1 << 62:
            return None
        number = float(value)
    else:
        raise PriceError(f"a price is a string or a number, not {type(value).__name__}")
    return number if -1e18 < number < 1e18 else None


def parse_price(value: object) -> float | None:
    """Return the decimal odds of a side, rounded to 6 decimals, or None where it has no price.

    None for "N/A", "", "0", "-", null, anything that is no number, NaN, infinity, at most 1, or above a million.
    Raises PriceError for what is no scalar.
    """
    number = parse_number(value)
    if number is None or not 1.0 < number <= MAX_PRICE:
        return None
    price = round(number, DECIMALS)
    return price if price > 1.0 else None


@lru_cache(maxsize=16384)
def cached_price(value: str | float) -> float | None:
    """`parse_price` for the hot path: books repeat the same few thousand prices."""
    return parse_price(value)


def parse_amount(value: object) -> float | None:
    """Return a positive amount of money (depth, maximum stake), rounded to 6 decimals, or None.

    Raises PriceError for what is no scalar.
    """
    number = parse_number(value)
    if number is None or not 0.0 < number < 1e15:
        return None
    return round(number, DECIMALS) or None
