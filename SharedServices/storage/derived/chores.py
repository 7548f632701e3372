"""What a follower of the books does beside its queue: whatever time, dead processes or missing names ask for."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from PROPPR.SharedServices.odds.times import milliseconds_of
from PROPPR.SharedServices.odds.types import Fixture
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.storage.derived.debts import EVER, Debts
from PROPPR.SharedServices.storage.derived.dirty import Dirty, DirtyFixtures
from PROPPR.SharedServices.storage.derived.product import Product

log = logging.getLogger(__name__)

# So many fixtures of a debt wait in the queue at most: what moves now must not wait behind it.
SLICE = 20
MOST_NAMELESS = 5_000


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Seconds between looks at what time has ended, statements of one's debt, and looks at others' debts.

    One process is enough for what time ends: the first of the living (`Debts.is_first`).
    """

    sweep: float = 1.0
    state: float = 3.0
    look: float = 5.0


class Chores:
    """Used by the follower's thread alone. Raises pymongo's errors: the next `run` does it again."""

    def __init__(
        self,
        debts: Debts,
        queue: DirtyFixtures,
        products: Sequence[Product],
        fixtures: Callable[[Iterable[int]], Mapping[int, Fixture]],
        clock: Clock,
        rhythm: Rhythm,
    ) -> None:
        self._rhythm = rhythm
        self._debts = debts
        self._queue = queue
        self._products = products
        self._fixtures = fixtures
        self._clock = clock
        self._owed: list[tuple[int, list[int]]] = []
        self._nameless: OrderedDict[int, int] = OrderedDict()
        self._due = dict.fromkeys(("sweep", "look", "state"), clock.monotonic())
        self._rules_checked = False

    @property
    def backlog(self) -> int:
        """Fixtures of debts that are not in the queue yet."""
        return sum(len(ids) for _, ids in self._owed)

    def patience(self, most: float) -> float:
        """Seconds until the next chore, at most `most`."""
        if self._owed:
            return 0.0
        return max(0.0, min(most, min(self._due.values()) - self._clock.monotonic()))

    def run(self, ending: bool = False) -> None:
        """Do what is due; nothing new any more if the process is `ending`."""
        if ending:
            return
        if not self._rules_checked:
            self._check_rules()
        if self._is_due("sweep", self._rhythm.sweep) and self._debts.is_first():
            self._sweep()
        if self._is_due("look", self._rhythm.look):
            self._look_for_debts()
            self._ask_names()
        self._work_off()
        if self._is_due("state", self._rhythm.state):
            self._debts.state(self._owed_since())

    def nameless(self, fixture_id: int) -> None:
        """A fixture that the registry does not know is looked at once it does."""
        self._nameless[fixture_id] = self._clock.now_ms()
        if len(self._nameless) > MOST_NAMELESS:
            self._nameless.popitem(last=False)

    def finish(self) -> None:
        """The process ends: without a debt nothing of it remains."""
        since = self._queue.owed_since()
        if since is None and not self._owed:
            self._debts.settle()
        else:
            self._debts.state(self._owed_since())

    def _is_due(self, chore: str, every: float) -> bool:
        now = self._clock.monotonic()
        if now < self._due[chore]:
            return False
        self._due[chore] = now + every
        return True

    def _owed_since(self) -> int:
        waiting = self._queue.owed_since()
        known = [since for since, _ in self._owed] + ([] if waiting is None else [waiting])
        return min(known, default=self._clock.now_ms())

    def _check_rules(self) -> None:
        rules = "; ".join(product.rule for product in self._products)
        if self._debts.rules_changed(rules):
            self._take_over(EVER)
            self._debts.note_rules(rules)
        self._rules_checked = True

    def _look_for_debts(self) -> None:
        for silent in self._debts.silent():
            log.info("another process left its work to others", extra={"source": silent["source"]})
            self._take_over(milliseconds_of(silent["owed_since"]))
            self._debts.remove(silent)
        count, lost = self._queue.lost, self._queue.lost_since
        if lost is not None and not self._queue.urgent:
            self._take_over(lost)
            self._queue.found_lost(count)

    def _take_over(self, since: int) -> None:
        """Owe it durably before anything else, so that it is never forgotten between two processes."""
        self._debts.state(min(since, self._owed_since()))
        ids = self._debts.fixtures_since(since)
        if since == EVER:
            ids.update(*(product.fixtures() for product in self._products))
        if ids:
            self._owed.append((since, sorted(ids)))

    def _work_off(self) -> None:
        while self._owed and self._queue.urgent < SLICE and self._queue.room > 0:
            since, ids = self._owed[0]
            self._queue.mark(Dirty(ids.pop(), since, everything=True))
            if not ids:
                self._owed.pop(0)

    def _sweep(self) -> None:
        now = self._clock.now_ms()
        for product in self._products:
            for fixture_id, markets in product.sweep().items():
                self._queue.mark(Dirty(fixture_id, now, aged=markets or set(), everything=markets is None))

    def _ask_names(self) -> None:
        if not self._nameless:
            return
        asked = [fixture_id for fixture_id, _ in zip(self._nameless, range(500), strict=False)]
        named = self._fixtures(asked)
        for fixture_id in asked:
            since = self._nameless.pop(fixture_id)
            if fixture_id in named:
                self._queue.mark(Dirty(fixture_id, since, everything=True))
            else:
                self._nameless[fixture_id] = since
