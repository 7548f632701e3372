"""Invariant 6: whatever happens in whatever order, what waits or is remembered stays within its bound."""

from __future__ import annotations

import threading
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from PROPPR.SharedServices.odds.types import Line, MarketUpdate
from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.storage.books.cache import BookCache
from PROPPR.SharedServices.storage.books.intake import Entry, Intake
from PROPPR.SharedServices.storage.books.plan import plan
from PROPPR.SharedServices.storage.books.state import FixtureBooks
from PROPPR.SharedServices.storage.books.watermark import SequenceWatermark

STOPPED = threading.Event()
STOPPED.set()
OPEN = threading.Event()
BATCH = 20


def quote(fixture: int, market: int, at: int, lines: int = 1) -> MarketUpdate:
    rows = tuple(Line(hdp=float(row), over=2.0) for row in range(lines))
    return MarketUpdate(fixture, "M88", "M88", f"Totals {market}", False, at, at, rows)


@given(seed=st.integers(0, 10**9), soft=st.integers(1, 40), room=st.integers(1, 40))
@settings(max_examples=60)
def test_the_intake_holds_no_more_than_its_limit_and_what_comes_back(seed: int, soft: int, room: int) -> None:
    random = Random(seed)
    hard = soft + room
    intake = Intake(soft, hard)
    hand: list[Entry] = []
    for step in range(200):
        fate = random.random()
        if fate < 0.7:
            fixture = random.randrange(5)
            # A full intake blocks; a stopped sender returns instead, so that this test can go on.
            stop = STOPPED if intake.full else OPEN
            intake.put(fixture, [quote(fixture, random.randrange(3), step)], step, 0.0, stop)
        elif fate < 0.85 and not hand:
            hand = intake.take(random.randrange(1, BATCH), timeout=0)
        elif hand:
            intake.put_back(hand)
            hand = []
        assert intake.depth + sum(len(entry.updates) for entry in hand) <= 2 * hard + 2 * BATCH


@given(seed=st.integers(0, 10**9), limit=st.integers(5_000, 100_000))
@settings(max_examples=30)
def test_the_cache_keeps_to_its_bytes_and_counts_them_right(seed: int, limit: int) -> None:
    random = Random(seed)
    cache = BookCache(limit)
    for step in range(1, 80):
        fixture_id = random.randrange(12)
        fixture = cache.get(fixture_id)
        if fixture is None:
            fixture = FixtureBooks(fixture_id)
            cache.put(fixture)
        for draft in plan(fixture, [quote(fixture_id, random.randrange(4), step, random.randrange(20))]):
            cache.adopt(draft, written=True)
        cache.shrink()
        held = [cache.get(key) for key in list(cache)]
        assert cache.bytes <= limit or len(held) == 1
        assert abs(cache.bytes - sum(books.size() for books in held if books is not None)) <= 500 * 12


@given(seed=st.integers(0, 10**9))
@settings(max_examples=20)
def test_the_watermark_remembers_no_more_than_what_is_outstanding(seed: int) -> None:
    random = Random(seed)
    clock = ManualClock()
    watermark = SequenceWatermark(clock, lag=2)
    waiting: list[int] = []
    for ticket in range(2000):
        watermark.received(ticket, ticket)
        waiting.append(ticket)
        if len(waiting) > 50:
            watermark.done(waiting.pop(random.randrange(len(waiting))))
        clock.advance(random.random() / 100)
        assert watermark.outstanding == len(waiting)
        assert len(watermark._marks) <= 25
