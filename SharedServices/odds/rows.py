"""Provider rows as typed values, decoded in one go where they are regular and key by key where they are not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec

from PROPPR.SharedServices.odds.fields import read_line_number, read_object, text_fault
from PROPPR.SharedServices.odds.prices import MAX_PRICE_TEXT, PriceError, parse_amount
from PROPPR.SharedServices.odds.rejects import WireError
from PROPPR.SharedServices.odds.types import SIDES

Quote = Annotated[str, msgspec.Meta(max_length=MAX_PRICE_TEXT)] | float | None
"""A side as received: not yet a price."""

MAX_MARKETS: Final = 500
MAX_ROWS: Final = 5000


class Row(msgspec.Struct, gc=False):
    """One row of a market as received."""

    label: str | None = None
    hdp: float | None = None
    home: Quote = None
    draw: Quote = None
    away: Quote = None
    over: Quote = None
    under: Quote = None
    yes: Quote = None
    no: Quote = None
    odds: Quote = None
    max: float | None = None


class ExchangeRow(Row, gc=False, rename="camel"):
    """A row of a betting exchange: what can be laid, and how much waits on either side of each price."""

    lay_home: Quote = None
    lay_draw: Quote = None
    lay_away: Quote = None
    lay_over: Quote = None
    lay_under: Quote = None
    lay_yes: Quote = None
    lay_no: Quote = None
    depth_home: Quote = None
    depth_draw: Quote = None
    depth_away: Quote = None
    depth_over: Quote = None
    depth_under: Quote = None
    depth_yes: Quote = None
    depth_no: Quote = None
    depth_lay_home: Quote = None
    depth_lay_draw: Quote = None
    depth_lay_away: Quote = None
    depth_lay_over: Quote = None
    depth_lay_under: Quote = None
    depth_lay_yes: Quote = None
    depth_lay_no: Quote = None


EXCHANGE_SIDES: Final = ("away", "draw", "home", "no", "over", "under", "yes")
_EXCHANGE_KEYS: Final = tuple(
    (f"{prefix}{side.capitalize()}", f"{name}_{side}")
    for prefix, name in (("lay", "lay"), ("depth", "depth"), ("depthLay", "depth_lay"))
    for side in EXCHANGE_SIDES
)


class Market(msgspec.Struct, gc=False, rename="camel"):
    """A market of a bookmaker that is no exchange, as received."""

    name: str
    updated_at: str
    odds: list[Row] | None


class ExchangeMarket(msgspec.Struct, gc=False, rename="camel"):
    """A market as received, with the keys of exchanges."""

    name: str
    updated_at: str
    odds: list[ExchangeRow] | None


def _read_quote(row: Mapping[str, Any], key: str) -> str | float | None:
    value = row.get(key)
    if isinstance(value, str):
        return value if len(value) <= MAX_PRICE_TEXT else None
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        if not abs(value) < 1 << 62:
            raise WireError("bad_number", key)
        return float(value)
    raise WireError("wrong_type", key)


def read_row(value: object) -> ExchangeRow:
    """Read one irregular row key by key. Raises WireError with the key that is wrong."""
    row = read_object(value, "")
    label = row.get("label")
    if label is not None and not isinstance(label, str):
        raise WireError("wrong_type", "label")
    if label:
        fault = text_fault(label)
        if fault is not None:
            raise WireError(fault, "label")
    read = ExchangeRow(label=label, hdp=read_line_number(row.get("hdp"), "hdp"))
    for side in SIDES:
        setattr(read, side, _read_quote(row, side))
    for key, name in _EXCHANGE_KEYS:
        if key in row:
            setattr(read, name, _read_quote(row, key))
    try:
        read.max = parse_amount(row.get("max"))
    except PriceError:
        raise WireError("wrong_type", "max") from None
    return read
