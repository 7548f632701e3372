"""What changed between two lists of a market's lines: the quick way and the general one agree."""

from __future__ import annotations

from array import array

from hypothesis import given, settings
from hypothesis import strategies as st

from PROPPR.SharedServices.odds.book import consolidated, merge
from PROPPR.SharedServices.odds.changes import aligned_changes, line_changes, line_key
from PROPPR.SharedServices.odds.types import Line, MarketUpdate

PRICES = st.sampled_from([None, 1.5, 1.9, 2.2])
LINES = st.lists(
    st.builds(
        Line,
        label=st.sampled_from([None, "1-0"]),
        hdp=st.sampled_from([None, 0.5, 1.5]),
        over=PRICES,
        under=PRICES,
        max=st.sampled_from([None, 10.0]),
        player_name=st.sampled_from([None, "A. Player", "B. Player"]),
        stat=st.sampled_from([None, "First"]),
    ),
    max_size=5,
).map(tuple)


def quote(lines: tuple[Line, ...], at: int, feed: str = "M88") -> MarketUpdate:
    return MarketUpdate(1, "M88", feed, "Goals", False, at, None, lines)


@settings(max_examples=300)
@given(first=LINES, second=LINES, new_prices=st.lists(PRICES, min_size=5, max_size=5), same=st.booleans())
def test_one_feed_alone_changes_as_it_does_beside_a_silent_one(
    first: tuple[Line, ...], second: tuple[Line, ...], new_prices: list[float | None], same: bool
) -> None:
    """Beside a second feed that prices nothing the general way is taken."""
    if same:
        second = tuple(
            Line(x.label, x.hdp, over=p, under=x.under, player_name=x.player_name, stat=x.stat)
            for x, p in zip(first, new_prices, strict=False)
        )
    quotes = [quote(first, 1), quote(second, 2)]
    alone = beside = None
    changes = []
    for update in quotes:
        result = merge(alone, update, None)
        assert result is not None
        alone = result.market
        changes.append(result.changes)
    general = []
    for update in (quote((), 1, "M88 (no latency)"), *quotes):
        result = merge(beside, update, None)
        assert result is not None
        beside = result.market
        general.append(result.changes)
    assert alone is not None and beside is not None
    assert [sorted(map(repr, found)) for found in changes] == [sorted(map(repr, found)) for found in general[1:]]
    assert consolidated(alone) == consolidated(beside)


def test_lines_in_another_order_are_not_aligned() -> None:
    lines = (Line(hdp=0.5, over=1.9), Line(hdp=1.5, over=2.2))
    times = array("q", [1, 1])
    assert aligned_changes("Goals", lines, lines[::-1], times, 2) is None
    assert aligned_changes("Goals", lines, lines[:1], times, 2) is None
    assert list(times) == [1, 1]


def test_only_the_times_of_lines_whose_price_moved_are_new() -> None:
    old = (Line(hdp=0.5, over=1.9), Line(hdp=1.5, over=2.2, max=5.0), Line(hdp=2.5, over=3.0))
    new = (Line(hdp=0.5, over=1.9), Line(hdp=1.5, over=2.2, max=6.0), Line(hdp=2.5, over=3.1, under=1.4))
    times = array("q", [1, 1, 1])
    found = aligned_changes("Goals", old, new, times, 7)
    assert found is not None
    assert [(one.hdp, one.side, one.previous, one.price) for one in found] == [
        (2.5, "over", 3.0, 3.1),
        (2.5, "under", None, 1.4),
    ]
    assert list(times) == [1, 1, 7]


def test_a_line_that_appears_or_goes_has_no_price_before_or_after() -> None:
    line = Line(hdp=0.5, over=1.9)
    assert [(one.previous, one.price) for one in line_changes("Goals", None, line)] == [(None, 1.9)]
    assert [(one.previous, one.price) for one in line_changes("Goals", line, None)] == [(1.9, None)]
    assert line_changes("Goals", line, line) == line_changes("Goals", None, None) == []
    assert line_key(line) == (None, 0.5, None, None, None)
