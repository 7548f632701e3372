"""Which markets are worth looking at for arbitrages.

Most quotes are confirmations, and most markets are far from an arbitrage. A confirmed quote can renew an arbitrage or
let one arise whose legs were too old, but not where the prices as such, however old, leave no margin. That is kept in
mind per market until another process stores a book of the fixture. What others store, they look at themselves.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from PROPPR.SharedServices.odds.arbitrage import ArbitrageRule, leaves_margin
from PROPPR.SharedServices.odds.coverage import covers_of, has_two_notations
from PROPPR.SharedServices.odds.shelves import Book
from PROPPR.SharedServices.odds.types import Fixture
from PROPPR.SharedServices.storage.derived.dirty import MarketPlace
from PROPPR.SharedServices.storage.derived.product import Work

MOST_REMEMBERED = 10_000


@dataclass(slots=True)
class _Memory:
    """What is known of a fixture's segment: its books' revisions by bookmaker, and the markets without a margin."""

    revisions: Mapping[str, int] = field(default_factory=dict)
    barren: set[str] = field(default_factory=set)


class Candidates:
    """Not thread-safe."""

    def __init__(self, rule: ArbitrageRule) -> None:
        self._rule = rule
        self._memory: OrderedDict[tuple[int, str], _Memory] = OrderedDict()

    def to_look_at(self, work: Work) -> set[MarketPlace]:
        """The markets whose arbitrages may have changed: by what moved or aged, or by being confirmed."""
        places = {(segment, market) for segment, _, market in work.dirty.moved} | work.dirty.aged
        if work.dirty.everything:
            places |= {place for bookmaker, segment in work.fresh.basis for place in _markets(work, bookmaker, segment)}
        for segment, revisions in _by_segment(work).items():
            memory = self._remembered(work.fixture.id, segment)
            books = revisions.keys() | memory.revisions.keys()
            if any(_is_foreign(work, (bookmaker, segment), revisions, memory.revisions) for bookmaker in books):
                memory.barren.clear()
            memory.revisions = revisions
            places |= {
                place
                for place in work.dirty.confirmed
                if place[0] == segment and (place[1] not in memory.barren or has_two_notations(place[1]))
            }
        return {place for place in places if covers_of(place[1], work.fixture.sport)}

    def leaves_margin(self, fixture: Fixture, place: MarketPlace, books: Sequence[Book]) -> bool:
        """Whether the prices of a market would be an arbitrage if none were too old; remembers it."""
        segment, market = place
        found = leaves_margin(market, fixture.sport, books, self._rule)
        memory = self._remembered(fixture.id, segment)
        if found:
            memory.barren.discard(market)
        else:
            memory.barren.add(market)
        # Which notation a book uses is told by all its lines together: the fresh ones alone may tell another one.
        return found or has_two_notations(market)

    def _remembered(self, fixture_id: int, segment: str) -> _Memory:
        key = (fixture_id, segment)
        memory = self._memory.get(key)
        if memory is None:
            memory = self._memory[key] = _Memory()
            while len(self._memory) > MOST_REMEMBERED:
                self._memory.popitem(last=False)
        else:
            self._memory.move_to_end(key)
        return memory


def _by_segment(work: Work) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (bookmaker, segment), revision in work.fresh.basis.items():
        found.setdefault(segment, {})[bookmaker] = revision
    return found


def _is_foreign(work: Work, key: tuple[str, str], revisions: Mapping[str, int], known: Mapping[str, int]) -> bool:
    """Whether anybody else stored the document since it was last looked at here."""
    now, before = revisions.get(key[0], 0), known.get(key[0], 0)
    own = work.dirty.commits.get(key) or set()
    return now < before or any(revision not in own for revision in range(before + 1, now + 1))


def _markets(work: Work, bookmaker: str, segment: str) -> set[MarketPlace]:
    held = work.books.segment(bookmaker, segment)
    return set() if held is None else {(segment, market) for market in list(held.markets)}
