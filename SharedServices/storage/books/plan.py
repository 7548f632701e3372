"""From updates to planned writes: applies quotes, clears and snapshots to a fixture's books. Pure.

The books handed in are not changed; what is new is collected in one draft per stored document. A draft is what MongoDB
is asked to store; only when it has, the writer takes it over into memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from PROPPR.SharedServices.odds.book import (
    TEAM_SEGMENT,
    FeedSlot,
    Market,
    Merge,
    clear_market,
    is_quoted,
    merge,
    predates,
    segment_of,
    slot_of,
    withdraw,
)
from PROPPR.SharedServices.odds.presence import Clear, Inventory, joined_inventory, newest_clear
from PROPPR.SharedServices.odds.types import BookUpdate, FeedCleared, FeedSnapshot, LineChange, MarketUpdate, Source
from PROPPR.SharedServices.storage.books.state import FixtureBooks, Segment

Known = tuple[Clear | None, Inventory | None]
Origin = tuple[Source, int | None, int]
"""What update a change came with: its source, and its sequence or, without one, its time."""


@dataclass(slots=True)
class Accepted:
    """The price changes that one accepted update of a book brought; `at` is its newest market's source time."""

    origin: Origin
    at: int
    changes: list[LineChange]


@dataclass(slots=True)
class SegmentDraft:
    """What is to be written to one stored document.

    `doubted`: an answer lacked a market of the book, and did not prove it to be gone.
    """

    fixture_id: int
    bookmaker: str
    name: str
    segment: Segment
    source: Source = "websocket"
    changed: dict[str, Market] = field(default_factory=dict)
    touched: dict[str, Market] = field(default_factory=dict)
    remembered: dict[str, Market] = field(default_factory=dict)
    clears: dict[FeedSlot, Clear] = field(default_factory=dict)
    inventories: dict[FeedSlot, Inventory] = field(default_factory=dict)
    proves_withdrawal: bool = False
    doubted: bool = False
    accepted: list[Accepted] = field(default_factory=list)

    def market(self, name: str) -> Market | None:
        for overlay in (self.changed, self.touched, self.remembered):
            if name in overlay:
                return overlay[name]
        return self.segment.markets.get(name)

    def take(self, name: str, result: Merge, at: int, sequence: int | None, source: Source) -> None:
        """Add what a merge brought."""
        self.source = source
        if result.what == "lines" or name in self.changed:
            self.changed[name] = result.market
            self.touched.pop(name, None)
        elif result.what == "time" or name in self.touched:
            self.touched[name] = result.market
        else:
            self.remembered[name] = result.market
            return
        self.remembered.pop(name, None)
        if result.changes:
            self._accept((source, sequence, at if sequence is None else 0), at, result.changes)

    def _accept(self, origin: Origin, at: int, changes: tuple[LineChange, ...]) -> None:
        """Changes of one update stay together: its markets follow each other."""
        last = self.accepted[-1] if self.accepted else None
        if last is not None and last.origin == origin:
            last.at = max(last.at, at)
            last.changes.extend(changes)
        else:
            self.accepted.append(Accepted(origin, at, list(changes)))

    @property
    def needs_write(self) -> bool:
        """Whether anything has to be stored; an inventory alone only if a market was withdrawn because of it."""
        return bool(self.changed or self.touched or self.clears or self.proves_withdrawal)


class Planner:
    """Applies updates to one fixture's books, in the order given."""

    def __init__(self, fixture: FixtureBooks) -> None:
        self._fixture = fixture
        self._drafts: dict[tuple[str, str], SegmentDraft] = {}

    def apply(self, updates: Iterable[BookUpdate]) -> None:
        for update in updates:
            if isinstance(update, MarketUpdate):
                self._quote(update, self._known(update.bookmaker, slot_of(update.bookmaker, update.feed)))
            elif isinstance(update, FeedSnapshot):
                self._snapshot(update)
            else:
                self._clear(update)

    def drafts(self) -> list[SegmentDraft]:
        """All drafts, also those that only remember something without a write."""
        return list(self._drafts.values())

    def _draft(self, bookmaker: str, name: str) -> SegmentDraft:
        draft = self._drafts.get((bookmaker, name))
        if draft is None:
            segment = self._fixture.segment(bookmaker, name) or Segment()
            draft = self._drafts[bookmaker, name] = SegmentDraft(self._fixture.fixture_id, bookmaker, name, segment)
        return draft

    def _quote(self, update: MarketUpdate, known: Known, as_of: int | None = None) -> None:
        draft = self._draft(update.bookmaker, segment_of(update.market, update.is_player))
        result = merge(draft.market(update.market), update, known[0], known[1], as_of)
        if result is not None:
            draft.take(update.market, result, update.updated_at, update.sequence, update.source)

    def _known(self, bookmaker: str, slot: FeedSlot) -> Known:
        """What bounds a feed's quotes from below. The team segment holds it for the whole book."""
        clear = self._fixture.clear_of(bookmaker, slot)
        inventory = self._fixture.inventory_of(bookmaker, slot)
        draft = self._drafts.get((bookmaker, TEAM_SEGMENT))
        if draft is None:
            return clear, inventory
        joined = joined_inventory(inventory, draft.inventories.get(slot))
        return newest_clear(clear, draft.clears.get(slot)), joined

    def _segments(self, bookmaker: str) -> Iterator[SegmentDraft]:
        names = set(self._fixture.books.get(bookmaker, ()))
        names.update(name for book, name in self._drafts if book == bookmaker)
        for name in sorted(names):
            yield self._draft(bookmaker, name)

    def _clear(self, update: FeedCleared) -> None:
        if update.bookmaker is None or update.feed is None:
            books = {*self._fixture.books, *(book for book, _ in self._drafts)}
            targets: list[tuple[str, FeedSlot]] = [(book, slot) for book in sorted(books) for slot in ("base", "fast")]
        else:
            targets = [(update.bookmaker, slot_of(update.bookmaker, update.feed))]
        clear = Clear(update.cleared_at, update.sequence)
        for bookmaker, slot in targets:
            self._clear_feed(bookmaker, slot, clear)

    def _clear_feed(self, bookmaker: str, slot: FeedSlot, clear: Clear) -> None:
        known, _ = self._known(bookmaker, slot)
        newest = newest_clear(known, clear)
        if newest is None:
            return
        if newest != known:
            # The team segment holds the mark for the whole book, also for player markets that are not stored yet.
            self._draft(bookmaker, TEAM_SEGMENT).clears[slot] = newest
        for draft in self._segments(bookmaker):
            for name in {**draft.segment.markets, **draft.changed}:
                market = draft.market(name)
                result = None if market is None else clear_market(market, slot, name, newest)
                if result is not None:
                    draft.take(name, result, newest.at, newest.sequence, "websocket")

    def _snapshot(self, update: FeedSnapshot) -> None:
        slot = slot_of(update.bookmaker, update.feed)
        if not update.markets and update.as_of is None:
            return  # nothing says when that was so
        known = self._known(update.bookmaker, slot)
        for market_update in update.markets:
            self._quote(market_update, known, update.as_of)
        at = update.as_of
        if at is None:
            at = max(market_update.updated_at for market_update in update.markets)
        answer = Inventory(as_of=at) if update.sequence is None else Inventory(0, update.sequence, at)
        withdrawn = self._withdraw_missing(update, slot, answer, known[1])
        inventory = joined_inventory(known[1], answer)
        if inventory is not None and inventory != known[1]:
            team = self._draft(update.bookmaker, TEAM_SEGMENT)
            team.inventories[slot] = inventory
            if withdrawn:
                team.proves_withdrawal, team.source = True, update.source

    def _withdraw_missing(
        self, update: FeedSnapshot, slot: FeedSlot, answer: Inventory, before: Inventory | None
    ) -> bool:
        """Withdraw what the answer proves to be gone; whether there was anything."""
        listed = {market_update.market for market_update in update.markets}
        found = False
        for draft in self._segments(update.bookmaker):
            for name in {**draft.segment.markets, **draft.changed}.keys() - listed:
                market = draft.market(name)
                if market is not None and predates(market, slot, answer, before):
                    result = withdraw(market, slot, name, answer.at, update.sequence)
                    if result is not None:
                        draft.take(name, result, answer.at, update.sequence, update.source)
                        found = True
                elif market is not None and is_quoted(market, slot):
                    self._draft(update.bookmaker, TEAM_SEGMENT).doubted = True
        return found


def plan(fixture: FixtureBooks, updates: Iterable[BookUpdate]) -> list[SegmentDraft]:
    """The drafts that bring a fixture's books up to date with `updates`."""
    planner = Planner(fixture)
    planner.apply(updates)
    return planner.drafts()
