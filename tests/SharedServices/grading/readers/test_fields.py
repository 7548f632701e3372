"""Values as bots write them."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from bson import Decimal128, Int64
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.grading.bets import BadBet
from PROPPR.SharedServices.grading.readers.fields import Fields, fold_key, number_of
from PROPPR.SharedServices.grading.readers.statuses import read_status


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (2.5, "2.5"), ("2.5", "2.5"), ("2,5", "2.5"), (" 2.50 ", "2.50"), (Decimal128("1.91"), "1.91"), (3, "3"),
        (Int64(7), "7"), ("-0.25", "-0.25"), ("−0.25", "-0.25"), ("+1", "1"), (".5", "0.5"), (0.1, "0.1"),
    ],
    ids=str,
)  # fmt: skip
def test_a_number_however_it_is_written(value: object, number: str) -> None:
    assert number_of(value, "x") == Decimal(number)


@pytest.mark.parametrize(
    "value",
    ["1,000", "1,000.50", "1e5", "0x10", "NaN", "ten", "1 2", "١", "--1", float("nan"), float("inf"), True,
     Decimal128("NaN"), Decimal128("Infinity"), [], {}, b"2.5", "9" * 40],
    ids=lambda value: repr(value)[:20],
)  # fmt: skip
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(BadBet):
        number_of(value, "x")


@given(st.one_of(st.text(max_size=30), st.floats(), st.integers(), st.binary(max_size=5), st.none(), st.booleans()))
def test_any_value_is_a_finite_number_or_refused(value: Any) -> None:
    with suppress(BadBet):
        assert number_of(value, "x").is_finite()


@pytest.mark.parametrize("key", ["Market Direction", "marketDirection", "market_direction", "MARKET-DIRECTION"])
def test_keys_in_any_case(key: str) -> None:
    assert fold_key(key) == "market_direction"
    assert Fields({key: "Over"}).text("market_direction") == "Over"


def test_one_field_twice_has_to_agree() -> None:
    assert Fields({"Odds": 1.9, "odds": 1.9}).number("odds") == Decimal("1.9")
    with pytest.raises(BadBet, match="twice"):
        Fields({"Odds": 1.9, "odds": 2.9}).number("odds")
    assert Fields({"Odds": None, "odds": 2.9}).number("odds") == Decimal("2.9")


def test_what_an_alert_says_fills_gaps_only() -> None:
    fields = Fields({"odds": 2, "alert": {"Odds": 3, "Player": "Someone"}})
    assert (fields.number("odds"), fields.text("player")) == (2, "Someone")


@pytest.mark.parametrize("value", [12345, "12345", 12345.0, Decimal128("12345"), Int64(12345)], ids=repr)
def test_an_id_as_number_or_text(value: object) -> None:
    fields = Fields({"user_id": value})
    assert (fields.text("user_id"), fields.identity("user_id")) == ("12345", 12345)


@pytest.mark.parametrize("value", [0, -1, 1.5, 2**64, "abc"])
def test_what_is_no_id_is_refused(value: object) -> None:
    with pytest.raises(BadBet):
        Fields({"user_id": value}).identity("user_id")


@pytest.mark.parametrize(
    "value",
    [datetime(2026, 3, 7, 15, tzinfo=UTC), "2026-03-07T15:00:00Z", "2026-03-07T16:00:00+01:00", 1772895600,
     "1772895600", 1772895600000, datetime(2026, 3, 7, 15)],  # noqa: DTZ001 - as a driver without time zones reads it
    ids=repr,
)  # fmt: skip
def test_a_time_however_it_is_written(value: object) -> None:
    assert Fields({"kickoff": value}).moment("kickoff") == datetime(2026, 3, 7, 15, tzinfo=UTC)


@pytest.mark.parametrize("value", ["soon", 1e30, "2026-13-01", {}], ids=repr)
def test_what_is_no_time_is_refused(value: object) -> None:
    with pytest.raises(BadBet):
        Fields({"kickoff": value}).moment("kickoff")


@pytest.mark.parametrize(
    ("status", "means"),
    [("Pending", "pending"), ("OPEN", "pending"), (None, "pending"), ("", "pending"), ("WON", "won"), ("win", "won"),
     ("Loss", "lost"), ("push", "refund"), ("Void", "refund"), ("Half Won", "half_won"), ("half-loss", "half_lost"),
     ("halfWon", "half_won"), ("who knows", None), (7, None)],
)  # fmt: skip
def test_statuses_in_their_spellings(status: object, means: str | None) -> None:
    assert read_status(status) == means


def test_what_the_document_says_comes_before_its_nested_parts() -> None:
    fields = Fields({"odds_taken": 1.8, "alert": {"odds": 2.2, "stake": 5, "alert": {"amount": 7, "market": "ML"}}})
    assert fields.number("odds", "odds_taken") == Decimal("1.8")
    assert fields.name_of("odds", "odds_taken") == "odds_taken"
    assert fields.number("amount", "stake") == 5
    assert fields.text("market_name", "market") == "ML"
    assert fields.replaced({"market": "Totals"}).text("market") == "Totals"
