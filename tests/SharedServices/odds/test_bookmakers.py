"""Feeds and the books they belong to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.odds.bookmakers import FAST_SUFFIX, book_of, is_fast_feed


@pytest.mark.parametrize(
    ("feed", "book"),
    [
        ("Bet365", "Bet365"),
        ("Bet365 (no latency)", "Bet365"),
        ("M88 (no latency)", "M88"),
        ("Bet365 (No Latency)", "Bet365"),
        ("bet365 NJ", "bet365 NJ"),
        ("BC.Game", "BC.Game"),
        ("Betfair Exchange", "Betfair Exchange"),
        (" (no latency)", " (no latency)"),
        ("(no latency)", "(no latency)"),
        ("Bet365 (no latency) 2", "Bet365 (no latency) 2"),
    ],
)
def test_book_of(feed: str, book: str) -> None:
    assert book_of(feed) == book
    assert is_fast_feed(feed) == (feed != book)


@given(st.text(min_size=1, max_size=30).filter(lambda text: text.strip() == text and text))
def test_any_book_can_have_a_fast_feed(name: str) -> None:
    assert book_of(name + FAST_SUFFIX) == name
    assert is_fast_feed(name + FAST_SUFFIX)
