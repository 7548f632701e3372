"""The seeded football day as a feed: every message is decided by the seed and the number of messages before it.

A true state of every match walks at random; each feed's view follows it, sharp books at once and soft ones later, so
drops and value bets occur as they do in life. Wall time never decides what is said, only when.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from functools import partial

from PROPPR.SharedServices.simulator.config import SimulatorConfig
from PROPPR.SharedServices.simulator.day import football_day
from PROPPR.SharedServices.simulator.messages import Book, Fixture, Message
from PROPPR.SharedServices.simulator.moves import Moves
from PROPPR.SharedServices.simulator.truth import Truth

MATCH_MS = 115 * 60_000
RETURN_SHARE = 0.35
GOAL_SHARE = 0.2
_QUARTER = 15 * 60_000
_CALENDAR_EVERY = 64

# A message that is still due: it is made, and the truth changed, only when its turn has come.
Due = Callable[[], Message | None]


class Generator:
    """A feed source: `next()` makes the next message and applies it to the truth.

    `start` is the first instant of the day in ms, `stamp` tells the time of each message, `today` the time by which
    matches begin and end.
    """

    def __init__(self, config: SimulatorConfig, start: int, stamp: Callable[[], int], today: Callable[[], int]) -> None:
        self._rng = random.Random(f"feed-{config.seed}")
        self._moves = Moves(config, self._rng, start, stamp)
        self._steady = config.profile == "benchmark"
        self._bookmakers = config.bookmakers
        self._today = today
        self._calendar_every = 1 if config.is_fast else _CALENDAR_EVERY
        self._feeds = [style.feed for style in self._moves.styles.values() for _ in range(style.weight)]
        self._due: deque[Due] = deque()
        self._rarities: tuple[tuple[float, Callable[[Book], Message | None]], ...] = (
            (0.03, self._moves.bump),
            (0.010, self._moves.suspend_market),
            (0.020, self._moves.suspend_rows),
            (0.008, partial(self._moves.clear, "no_markets")),
            (0.002, partial(self._moves.clear, "deleted")),
            (0.0002, lambda book: self._moves.clear_fixture(book.fixture)),
            (0.002, self._shift_kickoff),
            (0.02, self._match_event),
        )
        fixtures = football_day(config.seed, config.fixtures, start)
        for fixture in fixtures:
            self.truth.add(fixture)
        self._active = sorted(fixtures, key=lambda fixture: (fixture.kickoff, fixture.id))
        self._calendar = [fixture for fixture in self._active if fixture.status == "pending"]
        self._running = [fixture for fixture in self._active if fixture.status == "live"]
        self.count = 0

    @property
    def truth(self) -> Truth:
        """What the messages so far add up to."""
        return self._moves.truth

    def next(self) -> Message:
        """Make the next message."""
        if not self._steady and self.count % self._calendar_every == 0:
            self._turn_calendar()
        message: Message | None = None
        while message is None:
            message = self._due.popleft()() if self._due else self._decide()
        self.count += 1
        return message

    @property
    def bookmakers(self) -> tuple[str, ...]:
        """Those of the configuration."""
        return self._bookmakers

    @staticmethod
    def due() -> float | None:
        """Always None: the rate alone paces a generated feed."""
        return None

    def _decide(self) -> Message | None:
        rng = self._rng.random
        pick = rng()
        fixture = self._active[int(len(self._active) * pick * pick)]
        if fixture.deleted:
            if rng() < RETURN_SHARE:
                self._due.extend(partial(self._moves.comeback, book) for book in self._moves.books(fixture))
            return None
        book = self.truth.book(fixture, self._feeds[int(rng() * len(self._feeds))])
        if book is None:
            return None
        if book.state != "priced":
            return self._moves.comeback(book) if rng() < RETURN_SHARE else None
        if self._steady:
            return self._moves.move(book)
        return self._speak(book, rng())

    def _speak(self, book: Book, draw: float) -> Message | None:
        for share, action in self._rarities:
            if draw < share:
                return action(book)
            draw -= share
        return self._moves.move(book)

    def _shift_kickoff(self, book: Book) -> Message | None:
        """The kick-off moves by a quarter of an hour; REST tells, and the date in the books' messages."""
        fixture = book.fixture
        if fixture.status == "pending":
            fixture.kickoff += _QUARTER
            for other in self._moves.books(fixture):
                other.refresh_head()
            self._calendar.sort(key=lambda entry: (entry.kickoff, entry.id))
        return self._moves.move(book)

    # ---- the matches themselves

    def _match_event(self, book: Book) -> Message | None:
        """A score message of a running match; now and then a goal, and some books pause for it."""
        if not self._running:
            return self._moves.move(book)
        match = self._running[int(self._rng.random() * len(self._running))]
        if self._rng.random() < GOAL_SHARE:
            if self._rng.random() < 0.55:
                match.home_goals += 1
            else:
                match.away_goals += 1
            self._due.extend(partial(self._pause, paused) for paused in self._moves.books(match)[:4])
        return self._moves.event("score", match)

    def _pause(self, book: Book) -> Message | None:
        return self._moves.clear("no_markets", book) if book.state == "priced" else None

    def _turn_calendar(self) -> None:
        """Kick-offs and final whistles that fall due by the messages' own clock."""
        now = self._today()
        for fixture in [match for match in self._running if match.kickoff + MATCH_MS <= now]:
            self._running.remove(fixture)
            self._due.extend(partial(self._close, book) for book in self._moves.books(fixture))
            self._due.append(partial(self._settle, fixture))
        while self._calendar and self._calendar[0].kickoff <= now:
            self._due.append(partial(self._begin, self._calendar.pop(0)))

    def _close(self, book: Book) -> Message | None:
        return self._moves.clear("deleted", book) if book.state != "deleted" else None

    def _settle(self, fixture: Fixture) -> Message | None:
        fixture.status = "settled"
        if len(self._active) > 1:
            self._active.remove(fixture)
        return self._moves.event("status", fixture)

    def _begin(self, fixture: Fixture) -> Message | None:
        fixture.status = "live"
        self._running.append(fixture)
        return self._moves.event("status", fixture)
