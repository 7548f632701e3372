"""The provider's times in every form it writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.odds.times import (
    format_iso_ms,
    format_iso_seconds,
    is_plausible_quote_time,
    parse_iso_ms,
)

YEAR_10000_MS = 253_402_300_800_000
BASE = 1_779_855_060_000  # 2026-05-27T04:11:00Z


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("2026-05-27T04:11:00Z", BASE),
        ("2026-05-27T04:11:00.5Z", BASE + 500),
        ("2026-05-27T04:11:00.64Z", BASE + 640),
        ("2026-05-27T04:11:00.532Z", BASE + 532),
        ("2026-05-27T04:11:00.532999999Z", BASE + 532),
        ("2026-05-27T04:11:00.896058179Z", BASE + 896),
        ("2026-05-27T06:11:00+02:00", BASE),
        ("1970-01-01T00:00:00Z", 0),
    ],
)
def test_reads_every_form(text: str, milliseconds: int) -> None:
    assert parse_iso_ms(text) == milliseconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-05-27",
        "2026-05-27T04:11:00",  # without a zone it could be any hour
        "2026-05-27T04:11:00.Z",
        "2026-05-27T04:11:00.1234567890Z",
        "2026-13-27T04:11:00Z",
        "2026-02-30T04:11:00Z",
        "2026-05-27T24:11:00Z",
        "2026-05-27T04:11:60Z",
        "٢٠٢٦-05-27T04:11:00Z",
        "1779855680",
        "2026-05-27T04:11:00Z\n",
        "x" * 100_000,
    ],
)
def test_refuses_what_is_no_instant(text: str) -> None:
    with pytest.raises(ValueError):
        parse_iso_ms(text)


@given(st.integers(0, YEAR_10000_MS - 1))
def test_round_trip(milliseconds: int) -> None:
    assert parse_iso_ms(format_iso_ms(milliseconds)) == milliseconds
    assert parse_iso_ms(format_iso_seconds(milliseconds)) == milliseconds // 1000 * 1000


@given(st.integers(0, YEAR_10000_MS - 1), st.integers(0, 9))
def test_any_number_of_digits(milliseconds: int, digits: int) -> None:
    text = format_iso_ms(milliseconds)
    fraction = (text[20:23] + "999999")[:digits]
    cut = text[:19] + (f".{fraction}" if fraction else "") + "Z"
    assert parse_iso_ms(cut) == milliseconds // 1000 * 1000 + int(fraction[:3].ljust(3, "0"))


@given(st.text(max_size=40))
def test_nothing_but_value_error(text: str) -> None:
    try:
        parse_iso_ms(text)
    except ValueError:
        return


def test_format() -> None:
    assert format_iso_ms(BASE + 5) == "2026-05-27T04:11:00.005Z"
    assert format_iso_seconds(BASE + 999) == "2026-05-27T04:11:00Z"


def test_plausible_quote_times() -> None:
    assert is_plausible_quote_time(BASE, BASE)
    assert is_plausible_quote_time(BASE + 86_400_000, BASE)
    assert not is_plausible_quote_time(BASE + 86_400_001, BASE)
    assert not is_plausible_quote_time(946_684_799_999, None)
    assert is_plausible_quote_time(BASE * 10, None)
