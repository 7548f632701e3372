"""What a backfill reads, in which order, and what that costs. Pure."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from PROPPR.SharedServices.ingest.book_reader import BOOKMAKERS_PER_CALL
from PROPPR.SharedServices.odds.statuses import may_move
from PROPPR.SharedServices.storage.fixture_choice import Chosen


@dataclass(frozen=True, slots=True)
class Choice:
    """The fixtures to read, in this order; `over` are left out, because no bookmaker prices them any more."""

    ids: tuple[int, ...]
    over: int


def choose_order(fixtures: Iterable[Chosen], named: Collection[int], done: Collection[int], now: int) -> Choice:
    """Running fixtures first, then by the nearest kick-off, without those that are `done`.

    A fixture that is over is read only if its id was `named`: somebody wants to know.
    """
    open_ones, over = [], 0
    for fixture in fixtures:
        if fixture.id in done:
            continue
        if fixture.id in named or may_move(fixture.status, fixture.kickoff, now):
            open_ones.append(fixture)
        else:
            over += 1
    open_ones.sort(key=lambda one: (one.status != "live", abs(one.kickoff - now), one.id))
    return Choice(tuple(one.id for one in open_ones), over)


def requests_for(fixtures: int, bookmakers: int, batch_size: int, lookups: int = 0) -> int:
    """The least requests that this takes; books that an answer lacks are asked for once more."""
    return math.ceil(fixtures / batch_size) * math.ceil(bookmakers / BOOKMAKERS_PER_CALL) + lookups


Batch = tuple[int, ...]
"""Fixtures that are read by one call."""


class WorkQueue:
    """The batches still to be read. What fails is halved and put at the end, until one fixture stands alone."""

    def __init__(self, ids: Sequence[int], batch_size: int) -> None:
        starts = range(0, len(ids), batch_size)
        self._batches: deque[Batch] = deque(tuple(ids[start : start + batch_size]) for start in starts)

    def next(self) -> Batch | None:
        """The next batch; None when all is read."""
        return self._batches.popleft() if self._batches else None

    def failed(self, batch: Batch) -> int | None:
        """Note that a batch can't be read together; returns the fixture that can't be read alone."""
        if len(batch) == 1:
            return batch[0]
        middle = len(batch) // 2
        self._batches.extend((batch[:middle], batch[middle:]))
        return None

    def again(self, batch: Batch) -> None:
        """Read this one next."""
        self._batches.appendleft(batch)
