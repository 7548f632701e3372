"""What happens to fixtures by the clock: kick-offs and final whistles; in a living day also all that changes a plan.

Everything is drawn from the seed: which fixtures are cancelled or postponed, when placeholders become teams, when new
fixtures appear. REST tells at once; the status channel tells of a status; withdrawn books say `deleted`.
"""

from __future__ import annotations

import heapq
import random
from bisect import insort
from collections.abc import Callable, Iterable
from functools import partial
from itertools import count

from PROPPR.SharedServices.simulator.config import SimulatorConfig
from PROPPR.SharedServices.simulator.day import FULL_SQUAD, PLAYERS_A_SIDE, FixtureMaker, is_placeholder
from PROPPR.SharedServices.simulator.messages import Book, Fixture, Message
from PROPPR.SharedServices.simulator.moves import Moves
from PROPPR.SharedServices.simulator.scoreline import fixture_course

MATCH_MS = 115 * 60_000
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
QUARTER_MS = 15 * MINUTE_MS
# Plans change until ten minutes before the kick-off; books open within twenty minutes of a fixture's (new) date.
CHANGES_END_MS = 10 * MINUTE_MS
BOOKS_OPEN_WITHIN_MS = 20 * MINUTE_MS
CANCELLED_SHARE = 0.03
POSTPONED_SHARE = 0.03

# A message that is still due: it is made, and the truth changed, only when its turn has come; None says nothing.
Due = Callable[[], Message | None]
Event = Callable[[int], Iterable[Due]]
"""Something that happens at a moment (ms), and what it leaves to be said."""


def _by_kickoff(fixture: Fixture) -> tuple[int, int]:
    return fixture.kickoff, fixture.id


class Matchday:
    """The fixtures of a feed: `active` are spoken of, nearest kick-off first; `running` are the live ones."""

    def __init__(self, config: SimulatorConfig, moves: Moves, start: int) -> None:
        self._config = config
        self._moves = moves
        self._random = random.Random(f"matchday-{config.seed}")
        squad = FULL_SQUAD if config.profile == "heavy" else PLAYERS_A_SIDE
        self._maker = FixtureMaker(config.seed, config.horizon_hours, 25 if config.living else 211, squad)
        self._agenda: list[tuple[int, int, int, Event]] = []
        self._numbers = count()
        fixtures = self._maker.day(config.fixtures, start)
        for fixture in fixtures:
            moves.truth.add(fixture)
            self._plan(fixture, start)
        self.active = sorted(fixtures, key=_by_kickoff)
        self.running = [fixture for fixture in self.active if fixture.status == "live"]
        self._plan_arrival(start)

    def turn(self, now: int) -> list[Due]:
        """Let everything happen that was due by `now`; returns what is to be said about it, in order."""
        said: list[Due] = []
        while self._agenda and self._agenda[0][0] <= now:
            at, _, _, event = heapq.heappop(self._agenda)
            said.extend(event(at))
        return said

    def shift(self, fixture: Fixture) -> None:
        """The kick-off of a pending fixture moves by a quarter of an hour."""
        if fixture.status == "pending":
            self._move_kickoff(fixture, fixture.kickoff + QUARTER_MS)

    def _at(self, moment: int, fixture_id: int, event: Event) -> None:
        heapq.heappush(self._agenda, (moment, fixture_id, next(self._numbers), event))

    def _move_kickoff(self, fixture: Fixture, kickoff: int) -> None:
        fixture.kickoff = kickoff
        for book in self._moves.books(fixture):
            book.refresh_head()

    # ---- plans

    def _plan(self, fixture: Fixture, now: int) -> None:
        if fixture.status == "live":
            self._at(fixture.kickoff + MATCH_MS, fixture.id, partial(self._end, fixture))
            return
        self._at(fixture.kickoff, fixture.id, partial(self._begin, fixture))
        ahead = fixture.kickoff - CHANGES_END_MS - now
        if not self._config.living or ahead <= 0:
            return
        rng = random.Random(f"life-{self._config.seed}-{fixture.id}")
        draw, moment = rng.random(), now + int(rng.random() * ahead)
        if draw < CANCELLED_SHARE:
            self._at(moment, fixture.id, partial(self._cancel, fixture))
        elif draw < CANCELLED_SHARE + POSTPONED_SHARE:
            self._at(moment, fixture.id, partial(self._postpone, fixture, rng))
        if is_placeholder(fixture):
            self._at(now + int(rng.random() * ahead), fixture.id, partial(self._name, fixture))

    def _plan_arrival(self, now: int) -> None:
        if self._config.new_fixtures_per_hour > 0:
            pause = self._random.expovariate(self._config.new_fixtures_per_hour) * HOUR_MS
            self._at(now + int(pause), 0, self._arrive)

    # ---- what happens

    def _begin(self, fixture: Fixture, at: int) -> Iterable[Due]:
        if fixture.status != "pending":
            return ()
        if fixture.kickoff > at:
            self._at(fixture.kickoff, fixture.id, partial(self._begin, fixture))
            return ()
        self._at(fixture.kickoff + MATCH_MS, fixture.id, partial(self._end, fixture))
        return (partial(self._kick_off, fixture),)

    def _kick_off(self, fixture: Fixture) -> Message | None:
        fixture.status = "live"
        self.running.append(fixture)
        return self._moves.event("status", fixture)

    def _end(self, fixture: Fixture, at: int) -> Iterable[Due]:
        if fixture in self.running:
            self.running.remove(fixture)
        return self._withdraw(fixture, "settled")

    def _cancel(self, fixture: Fixture, at: int) -> Iterable[Due]:
        return self._withdraw(fixture, "cancelled") if fixture.status == "pending" else ()

    def _postpone(self, fixture: Fixture, rng: random.Random, at: int) -> Iterable[Due]:
        if fixture.status != "pending":
            return ()
        self._at(at + int(rng.uniform(0.5, 6) * HOUR_MS), fixture.id, partial(self._reschedule, fixture, rng))
        return self._withdraw(fixture, "postponed")

    def _reschedule(self, fixture: Fixture, rng: random.Random, at: int) -> Iterable[Due]:
        kickoff = at + int(rng.uniform(12, 96) * HOUR_MS)
        self._move_kickoff(fixture, kickoff // QUARTER_MS * QUARTER_MS)
        self._at(fixture.kickoff, fixture.id, partial(self._begin, fixture))
        self._open_books(fixture, at)
        return (partial(self._set_status, fixture, "pending"),)

    def _name(self, fixture: Fixture, at: int) -> Iterable[Due]:
        """A placeholder becomes a team: the event keeps its id, the team brings its own."""
        fixture.away, fixture.away_id = self._maker.team()
        return ()

    def _arrive(self, at: int) -> Iterable[Due]:
        """A new fixture: REST knows it at once, its books open one after the other."""
        self._plan_arrival(at)
        fixture = self._maker.later(at)
        self._moves.truth.add(fixture)
        for book in self._moves.books(fixture):
            book.markets = {}
            book.state = "deleted"
        self._plan(fixture, at)
        insort(self.active, fixture, key=_by_kickoff)
        self._open_books(fixture, at)
        return ()

    def _open_books(self, fixture: Fixture, now: int) -> None:
        for book in self._moves.books(fixture):
            moment = now + int(self._random.random() * BOOKS_OPEN_WITHIN_MS)
            self._at(moment, fixture.id, partial(self._open, book))

    def _open(self, book: Book, at: int) -> Iterable[Due]:
        return (partial(self._created, book),)

    def _created(self, book: Book) -> Message | None:
        """A book prices a fixture (again), unless it does so already or the fixture is off."""
        is_open = book.fixture.status in ("pending", "live")
        return self._moves.comeback(book) if is_open and book.state == "deleted" else None

    # ---- saying so

    def _withdraw(self, fixture: Fixture, status: str) -> Iterable[Due]:
        """Every book leaves the fixture, and then its status is another."""
        return (
            *(partial(self._close, book) for book in self._moves.books(fixture)),
            partial(self._set_status, fixture, status),
        )

    def _close(self, book: Book) -> Message | None:
        return self._moves.clear("deleted", book) if book.state != "deleted" else None

    def _set_status(self, fixture: Fixture, status: str) -> Message | None:
        fixture.status = status
        if status == "settled":
            course = fixture_course(self._config.seed, fixture.id, fixture.league)
            fixture.home_goals, fixture.away_goals = course.ninety(MATCH_MS)
        if fixture in self.active and len(self.active) > 1:
            self.active.remove(fixture)
        if status == "pending" and fixture not in self.active:
            insort(self.active, fixture, key=_by_kickoff)
        return self._moves.event("status", fixture)
