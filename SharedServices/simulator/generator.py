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
from PROPPR.SharedServices.simulator.matchday import Due, Matchday
from PROPPR.SharedServices.simulator.messages import Book, Fixture, Message
from PROPPR.SharedServices.simulator.moves import Moves
from PROPPR.SharedServices.simulator.scoreline import fixture_course
from PROPPR.SharedServices.simulator.truth import Truth

RETURN_SHARE = 0.35
_CALENDAR_EVERY = 64


class Generator:
    """A feed source: `next()` makes the next message and applies it to the truth.

    `start` is the first instant of the day in ms, `stamp` tells the time of each message, `today` the time by which
    matches begin and end.
    """

    def __init__(self, config: SimulatorConfig, start: int, stamp: Callable[[], int], today: Callable[[], int]) -> None:
        self._rng = random.Random(f"feed-{config.seed}")
        self._moves = Moves(config, self._rng, start, stamp)
        self._seed = config.seed
        self._steady = config.profile == "benchmark"
        self._bookmakers = config.bookmakers
        self.today = today
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
        self._matchday = Matchday(config, self._moves, start)
        self.count = 0

    @property
    def truth(self) -> Truth:
        """What the messages so far add up to."""
        return self._moves.truth

    def next(self) -> Message:
        """Make the next message."""
        if not self._steady and self.count % self._calendar_every == 0:
            self._due.extend(self._matchday.turn(self.today()))
        message: Message | None = None
        while message is None:
            message = self._due.popleft()() if self._due else self._decide()
        self.count += 1
        return message

    @property
    def fixtures(self) -> list[Fixture]:
        """The fixtures that are spoken of, nearest kick-off first."""
        return self._matchday.active

    def requoted(self, book: Book, rng: random.Random) -> list[tuple[str, bytes]]:
        """Other prices for every market of a book, not said yet."""
        return self._moves.requoted(book, rng)

    def quote(self, book: Book, rows: list[tuple[str, bytes]]) -> Message:
        """Say a book's prices (market, rows)."""
        self.count += 1
        return self._moves.quote(book, rows)

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
        active = self._matchday.active
        fixture = active[int(len(active) * pick * pick)]
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
        self._matchday.shift(book.fixture)
        return self._moves.move(book)

    # ---- the matches themselves

    def _match_event(self, book: Book) -> Message | None:
        """A score message of a running match; where a goal has fallen since the last one, some books pause for it."""
        running = self._matchday.running
        if not running:
            return self._moves.move(book)
        match = running[int(self._rng.random() * len(running))]
        course = fixture_course(self._seed, match.id, match.league)
        score = course.ninety(self.today() - match.kickoff)
        if score != (match.home_goals, match.away_goals):
            match.home_goals, match.away_goals = score
            self._due.extend(partial(self._pause, paused) for paused in self._moves.books(match)[:4])
        return self._moves.event("score", match)

    def _pause(self, book: Book) -> Message | None:
        return self._moves.clear("no_markets", book) if book.state == "priced" else None
