from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.odds.book import consolidated
from PROPPR.SharedServices.odds.types import BookUpdate, FeedCleared, FeedSnapshot, Line, MarketUpdate
from PROPPR.SharedServices.storage.books.codec import decode_market, encode_market
from PROPPR.SharedServices.storage.books.plan import plan
from PROPPR.SharedServices.storage.books.state import FixtureBooks, Segment

MARKETS = (("ML", False), ("Totals", False), ("Player Shots", True))
FEEDS = (("Bet365", "Bet365"), ("Bet365", "Bet365 (no latency)"), ("M88", "M88"))


def update(
    market: str, is_player: bool, feed: tuple[str, str], at: int, sequence: int | None, price: float
) -> MarketUpdate:
    line = Line(over=price, player_name="A. Player" if is_player else None, hdp=0.5)
    return MarketUpdate(7, feed[0], feed[1], market, is_player, at, sequence, (line,))


def provider_history(seed: int, length: int) -> list[BookUpdate]:
    """What a provider might send: sequences rise, a market's own time never falls, feeds are cleared and return."""
    random = Random(seed)
    times: dict[tuple[str, str], int] = {}
    history: list[BookUpdate] = []
    for sequence in range(1, length + 1):
        feed = random.choice(FEEDS)
        if random.random() < 0.2:
            everything = random.random() < 0.3
            bookmaker, name = (None, None) if everything else feed
            history.append(FeedCleared(7, bookmaker, name, sequence, sequence, "no_markets"))
            continue
        market, is_player = random.choice(MARKETS)
        key = (feed[1], market)
        times[key] = times.get(key, 0) + random.choice((0, 1, 1, 2))
        history.append(update(market, is_player, feed, times[key], sequence, 1.5 + random.randrange(5) / 10))
    return history


def adopt(fixture: FixtureBooks, updates: list[BookUpdate]) -> None:
    for draft in plan(fixture, updates):
        segment = draft.segment
        for part in (draft.remembered, draft.changed, draft.touched):
            segment.markets.update(part)
        segment.clears.update(draft.clears)
        segment.inventories.update(draft.inventories)
        fixture.books.setdefault(draft.bookmaker, {})[draft.name] = segment


def shown(fixture: FixtureBooks) -> dict[tuple[str, str], list[tuple[float | None, int]]]:
    return {
        (book, name): [(priced.line.over, priced.updated_at) for priced in consolidated(market)]
        for book, segments in fixture.books.items()
        for segment in segments.values()
        for name, market in segment.markets.items()
        if consolidated(market)
    }


def last_word(history: list[BookUpdate]) -> dict[tuple[str, str], list[tuple[float | None, int]]]:
    """Independent of the merge: play the history in order into a table, feed by feed."""
    table: dict[tuple[str, str, str], MarketUpdate] = {}
    for item in history:
        if isinstance(item, MarketUpdate):
            table[item.bookmaker, item.feed, item.market] = item
        elif isinstance(item, FeedCleared):
            table = {key: value for key, value in table.items() if item.feed is not None and key[1] != item.feed}
    best: dict[tuple[str, str], MarketUpdate] = {}
    for (book, _, market), item in sorted(table.items(), key=lambda entry: entry[0][1]):
        known = best.get((book, market))
        if known is None or item.updated_at >= known.updated_at:
            best[book, market] = item
    return {key: [(item.lines[0].over, item.updated_at)] for key, item in best.items()}


@given(seed=st.integers(0, 10**9), length=st.integers(1, 25), batch=st.integers(1, 6))
def test_in_order_the_books_end_with_the_last_word(seed: int, length: int, batch: int) -> None:
    history = provider_history(seed, length)
    fixture = FixtureBooks(7)
    for start in range(0, length, batch):
        adopt(fixture, history[start : start + batch])
    assert shown(fixture) == last_word(history)


@given(seed=st.integers(0, 10**9), length=st.integers(1, 25), batch=st.integers(1, 6), order=st.integers(0, 10**9))
def test_shuffled_and_repeated_the_books_end_the_same(seed: int, length: int, batch: int, order: int) -> None:
    history = provider_history(seed, length)
    delivered = [*history, *Random(order).choices(history, k=5)]
    Random(order).shuffle(delivered)
    fixture = FixtureBooks(7)
    for start in range(0, len(delivered), batch):
        adopt(fixture, delivered[start : start + batch])
    # A clear of every bookmaker can only reach books that are known when it arrives: deliver it once more at the end.
    adopt(fixture, [item for item in history if isinstance(item, FeedCleared) and item.feed is None])
    assert shown(fixture) == last_word(history)


@given(seed=st.integers(0, 10**9), length=st.integers(1, 30))
def test_every_market_survives_storage(seed: int, length: int) -> None:
    fixture = FixtureBooks(7)
    adopt(fixture, provider_history(seed, length))
    for segments in fixture.books.values():
        for segment in segments.values():
            for name, market in segment.markets.items():
                assert decode_market(encode_market(name, market)) == market


def test_a_rich_line_survives_storage() -> None:
    rows = (
        Line(label="1-0", odds=7.5, max=100.0),
        Line(hdp=-1.25, home=1.9, away=2.0, lay=(("away", 2.1), ("home", 1.95)), depth=(("home", 44.5),)),
        Line(player_name="Igor Thiago", team_side="home", stat="First", over=5.0),
    )
    fixture = FixtureBooks(7)
    adopt(fixture, [MarketUpdate(7, "BC.Game", "BC.Game", "Odd.$Name", True, 5, 1, rows)])
    market = fixture.books["BC.Game"]["Odd.$Name"].markets["Odd.$Name"]
    assert decode_market(encode_market("Odd.$Name", market)) == market
    assert [priced.line for priced in consolidated(market)] == list(rows)


def test_a_snapshot_withdraws_markets_it_lacks() -> None:
    fixture = FixtureBooks(7)
    old = [update("ML", False, FEEDS[2], 5, 1, 2.0), update("Totals", False, FEEDS[2], 9, 2, 2.0)]
    adopt(fixture, [*old])
    seen = update("ML", False, FEEDS[2], 8, 10, 2.1)
    adopt(fixture, [FeedSnapshot(7, "M88", "M88", 10, (seen,))])
    assert shown(fixture) == {("M88", "ML"): [(2.1, 8)]}


def test_without_a_sequence_a_snapshot_withdraws_only_what_is_older_than_its_newest_market() -> None:
    fixture = FixtureBooks(7)
    old = [update("ML", False, FEEDS[2], 5, 1, 2.0), update("Totals", False, FEEDS[2], 9, 2, 2.0)]
    adopt(fixture, [*old])
    adopt(fixture, [FeedSnapshot(7, "M88", "M88", None, (update("ML", False, FEEDS[2], 8, None, 2.1),))])
    assert shown(fixture) == {("M88", "ML"): [(2.1, 8)], ("M88", "Totals"): [(2.0, 9)]}
    adopt(fixture, [FeedSnapshot(7, "M88", "M88", None, (update("ML", False, FEEDS[2], 10, None, 2.1),))])
    assert shown(fixture) == {("M88", "ML"): [(2.1, 10)]}


def test_a_change_of_depth_alone_is_stored_without_history() -> None:
    fixture = FixtureBooks(7)
    rows = [(Line(home=2.0, depth=(("home", 50.0),)),), (Line(home=2.0, depth=(("home", 20.0),)),)]
    for at, lines in enumerate(rows, start=1):
        quote = MarketUpdate(7, "Betfair Exchange", "Betfair Exchange", "ML", False, at, at, lines)
        (draft,) = plan(fixture, [quote])
        adopt(fixture, [quote])
    assert list(draft.changed) == ["ML"] and not draft.accepted
    assert [priced.line for priced in consolidated(draft.changed["ML"])] == list(rows[1])


def test_a_stale_snapshot_changes_nothing() -> None:
    fixture = FixtureBooks(7)
    adopt(fixture, [update("ML", False, FEEDS[2], 20, 5, 2.0)])
    stale = update("ML", False, FEEDS[2], 10, 9, 3.0)
    drafts: list[Any] = plan(fixture, [FeedSnapshot(7, "M88", "M88", 9, (stale,))])
    assert not any(draft.needs_write for draft in drafts)


def test_the_books_handed_in_are_not_changed_by_planning() -> None:
    fixture = FixtureBooks(7, {"M88": {"team": Segment(revision=3)}})
    plan(fixture, [update("ML", False, FEEDS[2], 20, 5, 2.0)])
    assert fixture.books["M88"]["team"].markets == {} and fixture.books["M88"]["team"].revision == 3
