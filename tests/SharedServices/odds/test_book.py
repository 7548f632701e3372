from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.odds.book import (
    Market,
    clear_market,
    consolidated,
    is_withdrawn,
    merge,
    predates,
    updated_at,
    withdraw,
)
from PROPPR.SharedServices.odds.presence import Clear, Inventory
from PROPPR.SharedServices.odds.types import Line, MarketUpdate

FAST = "Bet365 (no latency)"


def quote(at: int, lines: tuple[Line, ...] | None = None, **values: Any) -> MarketUpdate:
    values = {"feed": "Bet365", "sequence": None, **values}
    lines = (Line(home=2.0, away=1.8),) if lines is None else lines
    return MarketUpdate(1, "Bet365", values["feed"], "ML", False, at, values["sequence"], lines)


def book(*quotes: MarketUpdate, clear: Clear | None = None) -> Market:
    market: Market | None = None
    for update in quotes:
        result = merge(market, update, clear)
        market = market if result is None else result.market
    assert market is not None
    return market


def shown(market: Market) -> list[Line]:
    return [priced.line for priced in consolidated(market)]


def test_an_older_quote_never_replaces_a_newer_one() -> None:
    assert merge(book(quote(20)), quote(10, (Line(home=9.0),), sequence=99), None) is None


def test_at_equal_times_the_higher_sequence_wins_and_a_missing_one_loses() -> None:
    market = book(quote(10, (Line(home=2.0),), sequence=5))
    assert merge(market, quote(10, (Line(home=3.0),), sequence=4), None) is None
    assert merge(market, quote(10, (Line(home=3.0),)), None) is None
    later = book(quote(10, (Line(home=2.0),), sequence=5), quote(10, (Line(home=3.0),), sequence=6))
    assert shown(later)[0].home == 3.0


def test_a_bump_of_the_time_alone_brings_no_change_but_is_stored() -> None:
    result = merge(book(quote(10)), quote(20), None)
    assert result is not None and result.what == "time" and not result.changes
    assert [priced.changed_at for priced in consolidated(result.market)] == [10]
    repeated = merge(result.market, quote(20, sequence=7), None)
    assert repeated is not None and repeated.what == "sequence"


def test_a_line_that_is_not_quoted_any_more_is_gone() -> None:
    both = (Line(hdp=2.5, over=1.9, under=1.9), Line(hdp=3.5, over=2.9, under=1.4))
    result = merge(book(quote(10, both)), quote(20, both[:1]), None)
    assert result is not None
    assert shown(result.market) == [both[0]]
    assert [(c.hdp, c.side, c.price, c.previous) for c in result.changes] == [
        (3.5, "over", None, 2.9),
        (3.5, "under", None, 1.4),
    ]


def test_only_the_line_that_changed_gets_a_new_change_time() -> None:
    before = (Line(hdp=2.5, over=1.9), Line(hdp=3.5, over=2.9))
    after = (Line(hdp=3.5, over=2.8), Line(hdp=2.5, over=1.9))
    market = book(quote(10, before), quote(20, after))
    assert {priced.line.hdp: priced.changed_at for priced in consolidated(market)} == {3.5: 20, 2.5: 10}


def test_the_newer_of_two_feeds_is_shown_per_line_and_a_tie_goes_to_the_fast_one() -> None:
    slow = quote(10, (Line(hdp=1, over=1.5), Line(hdp=2, over=2.5)))
    tie = quote(10, (Line(hdp=1, over=1.6),), feed=FAST)
    older = quote(9, (Line(hdp=1, over=1.6),), feed=FAST)
    assert [line.over for line in shown(book(slow, tie))] == [1.6, 2.5]
    assert [line.over for line in shown(book(slow, older))] == [1.5, 2.5]
    assert [line.over for line in shown(book(tie, slow))] == [1.6, 2.5]


def test_clearing_one_feed_leaves_the_other() -> None:
    market = book(quote(10, (Line(home=2.0),)), quote(12, (Line(home=2.1),), feed=FAST))
    result = clear_market(market, "fast", "ML", Clear(at=13, sequence=None))
    assert result is not None and shown(result.market) == [Line(home=2.0)]


def test_a_replay_from_before_a_clear_does_not_bring_the_market_back() -> None:
    clear = Clear(at=0, sequence=50)
    cleared = clear_market(book(quote(10, sequence=40)), "base", "ML", clear)
    assert cleared is not None and is_withdrawn(cleared.market)
    assert merge(cleared.market, quote(12, sequence=45), clear) is None
    back = merge(cleared.market, quote(10, sequence=51), clear)
    assert back is not None and not is_withdrawn(back.market)


def test_a_withdrawn_market_returns_without_a_previous_price() -> None:
    gone = withdraw(book(quote(10)), "base", "ML", 11, None)
    assert gone is not None
    back = merge(gone.market, quote(12), None)
    assert back is not None and {c.previous for c in back.changes} == {None}


def test_a_full_answer_withdraws_only_what_is_provably_older() -> None:
    market = book(quote(10, sequence=5))
    assert predates(market, "base", Inventory(0, 6, 11), None)
    assert predates(market, "base", Inventory(0, 6, 10), None)
    assert not predates(market, "base", Inventory(0, 4, 11), None)
    assert predates(market, "base", Inventory(11), None)
    assert not predates(market, "base", Inventory(10), None)
    assert not predates(market, "base", Inventory(11), Inventory(11)), "an answer as new may have confirmed the quote"
    assert not predates(market, "base", Inventory(11), Inventory(0, 6, 12))
    assert predates(market, "base", Inventory(12), Inventory(11))


def test_a_quote_older_than_a_full_answer_that_lacks_it_stays_out() -> None:
    seen = Inventory(as_of=10)
    assert merge(None, quote(9), None, seen) is None
    assert merge(None, quote(10), None, seen) is not None
    assert merge(None, quote(9), None, seen, as_of=10) is not None
    assert merge(None, quote(9, sequence=70), None, Inventory(0, 60, 12)) is not None
    assert merge(None, quote(13, sequence=60), None, Inventory(0, 60, 12)) is None
    assert merge(None, quote(11), None, Inventory(0, 60, 12)) is None


def test_a_full_answer_brings_a_withdrawn_market_back_at_its_old_time() -> None:
    gone = withdraw(book(quote(10, sequence=4)), "base", "ML", 12, None)
    assert gone is not None
    assert merge(gone.market, quote(10), None, Inventory(12), as_of=11) is None
    back = merge(gone.market, quote(10), None, Inventory(12), as_of=13)
    assert back is not None and not is_withdrawn(back.market)


def test_a_full_answer_does_not_undo_a_clear() -> None:
    clear = Clear(at=7, sequence=50)
    cleared = clear_market(book(quote(10, sequence=40)), "base", "ML", clear)
    assert cleared is not None
    assert merge(cleared.market, quote(10), clear, None, as_of=20) is None


lines = st.lists(
    st.builds(
        Line,
        hdp=st.sampled_from([None, 0.5, 1.5, 2.5]),
        label=st.sampled_from([None, "1-0"]),
        over=st.sampled_from([None, 1.5, 1.9, 2.2]),
        under=st.sampled_from([None, 1.7, 2.4]),
    ),
    max_size=4,
    unique_by=lambda line: (line.hdp, line.label),
).map(tuple)
quotes = st.lists(
    st.builds(
        quote,
        st.integers(1, 6),
        lines,
        feed=st.sampled_from(["Bet365", FAST]),
        sequence=st.none() | st.integers(1, 9),
    ),
    min_size=1,
    max_size=8,
)


@given(quotes=quotes, order=st.randoms(use_true_random=False))
def test_the_market_does_not_depend_on_order_or_repetition(quotes: list[MarketUpdate], order: Any) -> None:
    shuffled = [*quotes, *order.choices(quotes, k=3)]
    order.shuffle(shuffled)
    first, second = book(*quotes), book(*shuffled)
    assert shown(first) == shown(second)
    assert updated_at(first) == updated_at(second)


@given(quotes=quotes)
def test_the_changes_lead_from_each_state_to_the_next(quotes: list[MarketUpdate]) -> None:
    market: Market | None = None
    prices: dict[tuple[object, ...], float] = {}
    for update in quotes:
        result = merge(market, update, None)
        if result is None:
            continue
        market = result.market
        for change in result.changes:
            key = (change.label, change.hdp, change.side)
            assert prices.get(key) == change.previous
            assert change.price != change.previous
            prices[key] = change.price  # type: ignore[assignment]
        prices = {key: price for key, price in prices.items() if price is not None}
        now = {(x.label, x.hdp, side): getattr(x, side) for x in shown(market) for side in ("over", "under")}
        assert prices == {key: price for key, price in now.items() if price is not None}
