"""Where the time of one message goes, single-threaded, stage by stage."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from load import Feed, Shape
from pymongo.database import Database

from PROPPR.SharedServices.odds.drops import DropRule
from PROPPR.SharedServices.odds.types import MarketUpdate
from PROPPR.SharedServices.odds.wire import OddsMessage, decode_frame
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.storage.books.cache import BookCache
from PROPPR.SharedServices.storage.books.history import drops_of, history_of
from PROPPR.SharedServices.storage.books.plan import SegmentDraft, plan
from PROPPR.SharedServices.storage.books.state import FixtureBooks
from PROPPR.SharedServices.storage.books.store import BookStore

CLOCK = SystemClock()
BATCH = 50


def stages(  # noqa: C901 - one closure per stage reads better than a class
    database: Database[dict[str, Any]], shape: Shape, rows: list[tuple[str, str, str]]
) -> None:
    """Add a row per stage: microseconds a message and its share."""
    feed = Feed(Shape(fixtures=50, bookmakers=shape.bookmakers), seed=4)
    rule = DropRule(Decimal("0.05"))
    store, cache = BookStore(database, CLOCK, rule, timedelta(days=1)), BookCache(2**30)
    spent: dict[str, float] = {}

    def timed(stage: str, work: Callable[[], Any]) -> Any:  # noqa: ANN401 - hands through whatever the work returns
        started = time.perf_counter()
        result = work()
        spent[stage] = spent.get(stage, 0.0) + time.perf_counter() - started
        return result

    def batch(frames: list[str]) -> None:
        updates: dict[int, list[MarketUpdate]] = {}
        for frame in frames:
            decoded = timed("decode and validate", lambda frame=frame: decode_frame(frame, CLOCK.now_ms()))
            for message in decoded.messages:
                assert isinstance(message, OddsMessage)
                updates.setdefault(message.fixture_id, []).extend(message.updates)
        drafts: list[SegmentDraft] = []
        for fixture_id, waiting in updates.items():
            fixture = cache.get(fixture_id)
            if fixture is None:
                fixture = FixtureBooks(fixture_id)
                cache.put(fixture)
            drafts += timed("merge and diff", lambda fixture=fixture, waiting=waiting: plan(fixture, waiting))
        writes = [draft for draft in drafts if draft.needs_write]
        now = CLOCK.now()
        history = timed("(history, within the bulk)", lambda: [history_of(draft, now) for draft in writes])
        timed("(drops, within the copy)", lambda: [drops_of(documents, rule) for documents in history])
        result = timed("encode and bulk, majority-committed", lambda: store.commit(writes))
        timed("copy history", lambda: store.record(result.history))
        for draft in drafts:
            cache.adopt(draft, written=draft in result.committed)

    for chunk in _chunks(list(feed.whole_books()), BATCH):
        batch(chunk)
    spent.clear()
    frames = list(feed.messages(5000))
    for chunk in _chunks(frames, BATCH):
        batch(chunk)
    total = sum(seconds for stage, seconds in spent.items() if not stage.startswith("("))
    for stage, seconds in spent.items():
        rows.append((f"stage: {stage}", f"{seconds / len(frames) * 1e6:.0f} us/message", f"{seconds / total:.0%}"))


def _chunks(items: list[str], size: int) -> list[list[str]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
