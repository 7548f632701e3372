"""What a collection that follows from the books has to be able to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from PROPPR.SharedServices.odds.types import Fixture
from PROPPR.SharedServices.storage.books.state import FixtureBooks
from PROPPR.SharedServices.storage.derived.dirty import Dirty, MarketPlace
from PROPPR.SharedServices.storage.derived.freshness import Fresh


@dataclass(frozen=True, slots=True)
class Work:
    """One fixture to be looked at: what the registry knows of it, its books as stored, and what of them changed."""

    fixture: Fixture
    fresh: Fresh
    dirty: Dirty

    @property
    def books(self) -> FixtureBooks:
        return self.fresh.books


class Product(Protocol):
    """A derived collection. Its content is a function of the stored books, the registry and the time.

    `refresh` makes what depends on the changes right, and returns the fixtures it wrote for. It keeps no memory of what
    it wrote: it reads what is stored *after* the books were read, so that leaving something alone rests on the
    collection itself, which another process may have written. `sweep` is called about every second and returns what has
    to be looked at again without a new quote: the markets, by fixture, None for all of a fixture.
    """

    name: str

    def refresh(self, works: Sequence[Work]) -> set[int]: ...

    def sweep(self) -> Mapping[int, set[MarketPlace] | None]: ...

    def fixtures(self) -> set[int]:
        """The fixtures that have something stored."""
        ...

    @property
    def rule(self) -> str:
        """The rule in words that change with it: what was stored under another one has to be computed anew."""
        ...

    @property
    def written(self) -> int:
        """Documents written since the start."""
        ...

    @property
    def removed(self) -> int:
        """Documents removed since the start."""
        ...
