"""The books in memory, as stored: bounded by bytes, least recently used fixtures leave first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

from PROPPR.SharedServices.odds.book import size_of
from PROPPR.SharedServices.storage.books.plan import SegmentDraft
from PROPPR.SharedServices.storage.books.state import FixtureBooks, Segment


class BookCache:
    """Not thread-safe: each writer worker has its own."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._fixtures: OrderedDict[int, tuple[FixtureBooks, int]] = OrderedDict()
        self.bytes = 0
        self.evictions = 0

    def get(self, fixture_id: int) -> FixtureBooks | None:
        found = self._fixtures.get(fixture_id)
        if found is None:
            return None
        self._fixtures.move_to_end(fixture_id)
        return found[0]

    def put(self, fixture: FixtureBooks) -> None:
        self.drop(fixture.fixture_id)
        size = fixture.size()
        self._fixtures[fixture.fixture_id] = (fixture, size)
        self.bytes += size

    def drop(self, fixture_id: int) -> None:
        """Forget a fixture; it is read again when it is needed."""
        found = self._fixtures.pop(fixture_id, None)
        if found is not None:
            self.bytes -= found[1]

    def adopt(self, draft: SegmentDraft, written: bool) -> bool:
        """Take a draft over: what was stored if `written`, else only what is remembered without a write.

        False if the fixture is not here any more.
        """
        found = self._fixtures.get(draft.fixture_id)
        if found is None:
            return False
        fixture, size = found
        before = sum(_size(draft.segment, name) for name in draft.changed)
        segment = draft.segment
        segment.markets.update(draft.remembered)
        segment.inventories.update(draft.inventories)
        if written:
            segment.revision += 1
            segment.markets.update(draft.changed)
            segment.markets.update(draft.touched)
            segment.clears.update(draft.clears)
            fixture.books.setdefault(draft.bookmaker, {})[draft.name] = segment
            grown = sum(_size(segment, name) for name in draft.changed) - before
            self._fixtures[draft.fixture_id] = (fixture, size + grown)
            self.bytes += grown
        return True

    def shrink(self) -> None:
        """Let fixtures go until the limit holds; call between batches."""
        while self.bytes > self._limit and len(self._fixtures) > 1:
            _, (_, size) = self._fixtures.popitem(last=False)
            self.bytes -= size
            self.evictions += 1

    def __len__(self) -> int:
        return len(self._fixtures)

    def __iter__(self) -> Iterator[int]:
        return iter(self._fixtures)


def _size(segment: Segment, name: str) -> int:
    market = segment.markets.get(name)
    return 0 if market is None else 100 + size_of(market)
