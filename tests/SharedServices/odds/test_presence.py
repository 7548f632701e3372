"""What joined clears say of a quote: the same as each of them alone."""

from __future__ import annotations

from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.odds.presence import Clear, newest_clear

sequences = st.none() | st.integers(1, 9)
clears = st.lists(st.builds(Clear, st.integers(1, 9), sequences), min_size=1, max_size=5)


@given(clears, st.integers(0, 10), sequences)
def test_a_quote_counts_only_if_it_came_after_every_clear(clears: list[Clear], at: int, sequence: int | None) -> None:
    joined = reduce(newest_clear, clears)
    assert joined is not None
    assert joined.precedes(at, sequence) == all(clear.precedes(at, sequence) for clear in clears)


@given(clears)
def test_clears_may_be_joined_in_any_order_and_twice(clears: list[Clear]) -> None:
    joined = reduce(newest_clear, clears)
    assert reduce(newest_clear, reversed(clears)) == joined
    assert reduce(newest_clear, [*clears, *clears]) == joined


def test_a_clear_by_time_counts_beside_an_older_one_with_a_sequence() -> None:
    joined = newest_clear(Clear(5, 50), Clear(20, None))
    assert joined is not None
    assert not joined.precedes(19, 60), "the sequence of the older clear must not let a quote from before the newer in"
    assert joined.precedes(21, 60) and not joined.precedes(21, 50)
