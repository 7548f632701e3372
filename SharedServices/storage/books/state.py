"""The books of one fixture as a process holds them in memory: what MongoDB stored at a revision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from PROPPR.SharedServices.odds.book import FeedSlot, Market, size_of
from PROPPR.SharedServices.odds.presence import Clear, Inventory, joined_inventory, newest_clear
from PROPPR.SharedServices.storage.books.codec import decode_market


@dataclass(slots=True)
class Segment:
    """One stored document: the markets of a segment of a book, at a revision (0: not stored yet)."""

    revision: int = 0
    markets: dict[str, Market] = field(default_factory=dict)
    clears: dict[FeedSlot, Clear] = field(default_factory=dict)
    inventories: dict[FeedSlot, Inventory] = field(default_factory=dict)


@dataclass(slots=True)
class FixtureBooks:
    """All stored segments of a fixture, by bookmaker and segment name."""

    fixture_id: int
    books: dict[str, dict[str, Segment]] = field(default_factory=dict)

    def segment(self, bookmaker: str, name: str) -> Segment | None:
        return self.books.get(bookmaker, {}).get(name)

    def clear_of(self, bookmaker: str, slot: FeedSlot) -> Clear | None:
        """The newest clear of a feed, from whichever segment holds it."""
        newest: Clear | None = None
        for segment in self.books.get(bookmaker, {}).values():
            newest = newest_clear(newest, segment.clears.get(slot))
        return newest

    def inventory_of(self, bookmaker: str, slot: FeedSlot) -> Inventory | None:
        """How far the full answers about a feed reach, from whichever segment says so."""
        newest: Inventory | None = None
        for segment in self.books.get(bookmaker, {}).values():
            newest = joined_inventory(newest, segment.inventories.get(slot))
        return newest

    def add(self, document: Mapping[str, Any]) -> None:
        """Take in one stored document of this fixture."""
        self.books.setdefault(document["bookmaker"], {})[document["segment"]] = decode_segment(document)

    def size(self) -> int:
        """Estimated bytes in memory."""
        size = 400
        for book in self.books.values():
            for segment in book.values():
                size += 500 + sum(100 + size_of(market) for market in segment.markets.values())
        return size


def decode_segment(document: Mapping[str, Any]) -> Segment:
    """What a stored document holds."""
    return Segment(
        revision=document["revision"],
        markets={stored["name"]: decode_market(stored) for stored in document["markets"].values()},
        clears=decode_clears(document),
        inventories=decode_inventories(document),
    )


def decode_clears(document: Mapping[str, Any]) -> dict[FeedSlot, Clear]:
    """The clears a stored document holds, by feed."""
    stored = document.get("cleared", {})
    return {slot: Clear(one["at"], one["sequence"], one.get("timed")) for slot, one in stored.items()}


def decode_inventories(document: Mapping[str, Any]) -> dict[FeedSlot, Inventory]:
    """The inventories a stored document holds, by feed."""
    stored = document.get("inventory", {})
    return {slot: Inventory(one["as_of"], one["sequence"], one["newest"]) for slot, one in stored.items()}
