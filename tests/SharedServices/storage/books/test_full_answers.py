"""REST answers and messages of the stream about one book, in every order: the book ends as the newest of them says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from PROPPR.SharedServices.odds.book import consolidated
from PROPPR.SharedServices.odds.types import BookUpdate, FeedCleared, FeedSnapshot, Line, MarketUpdate
from PROPPR.SharedServices.storage.books.plan import SegmentDraft, plan
from PROPPR.SharedServices.storage.books.state import FixtureBooks

MARKETS = {"ML": False, "Totals": False, "Player Shots": True}
FAST = "M88 (no latency)"
Shown = dict[str, tuple[float | None, int]]


def quote(market: str, at: int, price: float, sequence: int | None, feed: str = "M88") -> MarketUpdate:
    player = "A. Player" if MARKETS[market] else None
    return MarketUpdate(7, "M88", feed, market, MARKETS[market], at, sequence, (Line(over=price, player_name=player),))


def answer(
    quotes: Sequence[MarketUpdate], as_of: int | None = None, sequence: int | None = None, feed: str = "M88"
) -> FeedSnapshot:
    return FeedSnapshot(7, "M88", feed, sequence, tuple(quotes), as_of=as_of)


def apply(fixture: FixtureBooks, updates: Sequence[BookUpdate]) -> list[SegmentDraft]:
    drafts = plan(fixture, updates)
    for draft in drafts:
        segment = draft.segment
        for part in (draft.remembered, draft.changed, draft.touched):
            segment.markets.update(part)
        segment.clears.update(draft.clears)
        segment.inventories.update(draft.inventories)
        fixture.books.setdefault(draft.bookmaker, {})[draft.name] = segment
    return drafts


def shown(fixture: FixtureBooks) -> Shown:
    return {
        name: (priced[0].line.over, priced[0].updated_at)
        for segment in fixture.books.get("M88", {}).values()
        for name, market in segment.markets.items()
        if (priced := consolidated(market))
    }


def after(updates: Sequence[BookUpdate], size: int = 1) -> Shown:
    fixture = FixtureBooks(7)
    for start in range(0, len(updates), size):
        apply(fixture, updates[start : start + size])
    return shown(fixture)


class Truth:
    """What a bookmaker quotes over time: at each step one market is quoted, or vanishes or returns without a word."""

    def __init__(self, seed: int, steps: int) -> None:
        self.random = Random(seed)
        self.states: list[dict[str, MarketUpdate]] = [{}]
        self.messages: list[MarketUpdate] = []
        gone: dict[str, MarketUpdate] = {}
        for at in range(1, steps + 1):
            state = dict(self.states[-1])
            market = self.random.choice(list(MARKETS))
            if market in state and self.random.random() < 0.5:
                gone[market] = state.pop(market)
            elif market in gone and self.random.random() < 0.8:
                state[market] = gone.pop(market)
            else:
                gone.pop(market, None)
                state[market] = quote(market, at, 1.5 + self.random.randrange(9) / 10, at)
                self.messages.append(state[market])
            self.states.append(state)

    def updated(self, at: int) -> FeedSnapshot:
        """`/odds/updated` made at a moment: no sequence; other fixtures' quotes say when, at the earliest."""
        quotes = self._rest(at, None)
        newest = max((one.updated_at for one in quotes), default=0)
        return answer(quotes, as_of=self.random.randint(newest, at))

    def multi(self, at: int) -> FeedSnapshot:
        """`/odds/multi` with the feed's position."""
        return answer(self._rest(at, at), as_of=at, sequence=at)

    def _rest(self, at: int, sequence: int | None) -> list[MarketUpdate]:
        return [quote(one.market, one.updated_at, one.lines[0].over or 0, sequence) for one in self.states[at].values()]


def newest_of(updates: Sequence[BookUpdate]) -> Shown:
    """Independent of the merge: what is alive is what was seen after it was last missed, at its newest price."""
    seen: dict[str, int] = {}
    missed: dict[str, int] = {}
    prices: dict[str, MarketUpdate] = {}

    def see(one: MarketUpdate, at: int) -> None:
        seen[one.market] = max(at, seen.get(one.market, 0))
        if one.market not in prices or one.updated_at > prices[one.market].updated_at:
            prices[one.market] = one

    for update in updates:
        if isinstance(update, MarketUpdate):
            see(update, update.updated_at)
        elif isinstance(update, FeedSnapshot) and (update.markets or update.as_of is not None):
            at = update.as_of or 0
            for one in update.markets:
                see(one, max(at, one.updated_at))
            for name in MARKETS.keys() - {one.market for one in update.markets}:
                missed[name] = max(at, missed.get(name, 0))
    return {
        name: (one.lines[0].over, one.updated_at) for name, one in prices.items() if seen[name] >= missed.get(name, 0)
    }


times = st.integers(1, 12)


@settings(max_examples=400)
@given(seed=st.integers(0, 10**9), message=st.integers(0, 99), first=times, second=times, size=st.integers(1, 3))
def test_a_message_an_answer_and_a_stale_one_end_the_same_in_every_order(
    seed: int, message: int, first: int, second: int, size: int
) -> None:
    truth = Truth(seed, 12)
    stale, fresh = truth.updated(min(first, second)), truth.updated(max(first, second))
    updates: list[BookUpdate] = [truth.messages[message % len(truth.messages)], fresh, stale]
    for chosen in ((0, 1), (0, 2), (1, 2), (0, 1, 2)):
        items = [updates[index] for index in chosen]
        for order in permutations(items):
            assert after(order, size) == newest_of(items)


@settings(max_examples=400)
@given(seed=st.integers(0, 10**9), message=st.integers(0, 99), first=times, second=times, size=st.integers(1, 3))
def test_the_same_with_answers_that_state_their_sequence(
    seed: int, message: int, first: int, second: int, size: int
) -> None:
    truth = Truth(seed, 12)
    updates: list[BookUpdate] = [truth.messages[message % len(truth.messages)], truth.multi(first), truth.multi(second)]
    for order in permutations(updates):
        assert after(order, size) == newest_of(updates)


@given(seed=st.integers(0, 10**9), first=times, second=times, repeats=st.integers(0, 10**9))
def test_all_that_was_said_in_any_order_with_both_kinds_of_answers(
    seed: int, first: int, second: int, repeats: int
) -> None:
    truth = Truth(seed, 12)
    updates: list[BookUpdate] = [*truth.messages, truth.updated(first), truth.multi(second), truth.multi(12)]
    random = Random(repeats)
    delivered = [*updates, *random.choices(updates, k=4)]
    random.shuffle(delivered)
    assume(truth.states[12])
    assert {name: at for name, (_, at) in after(delivered, random.randint(1, 4)).items()} == {
        name: one.updated_at for name, one in truth.states[12].items()
    }


def test_a_market_that_vanishes_between_two_answers_is_withdrawn_without_a_sequence() -> None:
    old = [quote("ML", 5, 2.0, None), quote("Totals", 5, 1.9, None)]
    assert after([answer(old, as_of=5), answer(old[:1], as_of=9)]) == {"ML": (2.0, 5)}


def test_an_answer_from_the_cache_withdraws_nothing() -> None:
    old, new = quote("ML", 5, 2.0, None), quote("Totals", 6, 1.9, None)
    assert after([answer([old, new], as_of=9), answer([old], as_of=8)]) == {"ML": (2.0, 5), "Totals": (1.9, 6)}


def test_a_quote_dated_ahead_withdraws_nothing_where_the_age_of_the_answer_is_known() -> None:
    ahead, other = quote("ML", 99, 2.0, None), quote("Totals", 9, 1.9, 3)
    assert after([other, answer([ahead], as_of=9)]) == {"ML": (2.0, 99), "Totals": (1.9, 9)}


def test_the_age_of_an_answer_counts_for_its_own_feed_only() -> None:
    slow, fast = quote("ML", 5, 2.0, None), quote("Totals", 5, 1.9, None, FAST)
    assert after([slow, fast, answer([quote("Totals", 5, 1.9, None, FAST)], as_of=9, feed=FAST)]) == {
        "ML": (2.0, 5),
        "Totals": (1.9, 5),
    }


def test_an_answer_without_markets_says_something_only_if_it_is_known_when_it_was_made() -> None:
    assert after([quote("ML", 5, 2.0, None), answer([], as_of=None)]) == {"ML": (2.0, 5)}
    assert after([quote("ML", 5, 2.0, None), answer([], as_of=4)]) == {"ML": (2.0, 5)}
    assert after([quote("ML", 5, 2.0, None), answer([], as_of=9)]) == {}


@pytest.mark.parametrize("later", [0, 1])
def test_a_clear_and_an_answer_made_before_it(later: int) -> None:
    clear = FeedCleared(7, "M88", "M88", 9, 50, "no_markets")
    pair: list[BookUpdate] = [answer([quote("ML", 5, 2.0, None)], as_of=8), clear]
    assert after([quote("ML", 5, 2.0, 5), *(pair if later else reversed(pair))]) == {}


def what_is_written(drafts: Sequence[SegmentDraft]) -> Mapping[str, bool]:
    return {draft.name: draft.needs_write for draft in drafts}


def test_how_far_an_answer_reaches_is_stored_with_what_it_changes_and_never_alone() -> None:
    fixture = FixtureBooks(7)
    team, player = quote("ML", 5, 2.0, None), quote("Player Shots", 5, 3.0, None)
    assert what_is_written(apply(fixture, [answer([team, player], as_of=6)])) == {"team": True, "Player Shots": True}
    assert what_is_written(apply(fixture, [answer([team, player], as_of=7)])) == {"team": False, "Player Shots": False}
    withdrawn = apply(fixture, [answer([team], as_of=8)])
    assert what_is_written(withdrawn) == {"team": True, "Player Shots": True}
    assert {draft.source for draft in withdrawn} == {"api_poller"}
