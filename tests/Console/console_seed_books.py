"""Books of five bookmakers and how their prices moved, through the code that stores the real ones."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from math import exp
from typing import Any, Final

from console_names import players
from pymongo.database import Database

from PROPPR.SharedServices.odds.arbitrage import ArbitrageRule
from PROPPR.SharedServices.odds.drops import DropRule
from PROPPR.SharedServices.odds.types import Fixture, Line, MarketUpdate
from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.storage.books.plan import plan
from PROPPR.SharedServices.storage.books.state import FixtureBooks
from PROPPR.SharedServices.storage.books.store import BookStore
from PROPPR.SharedServices.storage.derived.arbitrage_bets import ArbitrageBets
from PROPPR.SharedServices.storage.derived.dirty import Dirty
from PROPPR.SharedServices.storage.derived.freshness import FreshReader
from PROPPR.SharedServices.storage.derived.product import Work
from PROPPR.SharedServices.storage.derived.value_bets import ValueBets, ValueRule

Document = dict[str, Any]
MARGINS: Final = {"Bet365": 0.055, "M88": 0.03, "FB Sports": 0.028, "BetOnline.ag": 0.045, "Betano": 0.065}
SHARP: Final = ("M88", "FB Sports")
OTHER_MARKETS: Final = ("Draw No Bet", "Both Teams To Score", "Totals", "Spread", "Corners Totals", "Bookings Totals")
MOST_GOALS: Final = 9
BATCH: Final = 500
TOTAL_LINES: Final = (0.5, 1.5, 2.5, 3.5, 4.5)
HANDICAPS: Final = (-1.5, -0.5, 0.5, 1.5)
LOWEST, HIGHEST = 1.01, 51.0


@dataclass(slots=True)
class Strength:
    """What a match is expected to be: goals of both teams. It drifts, and each bookmaker sees it a little wrongly."""

    home: float
    away: float

    def drift(self, chance: random.Random) -> None:
        """Let some news come."""
        self.home = max(0.3, self.home * exp(chance.gauss(0, 0.02)))
        self.away = max(0.3, self.away * exp(chance.gauss(0, 0.02)))


class Books:
    """Stores the books of fixtures. `clock` is set to when the prices are said to have been quoted."""

    def __init__(self, database: Database[Document], chance: random.Random, clock: ManualClock) -> None:
        self._store = BookStore(database, clock, DropRule(Decimal("0.05")))
        self._chance = chance
        self._clock = clock
        self._strengths: dict[int, Strength] = {}
        self._sequence = 10_000

    @property
    def drops(self) -> int:
        """Price drops stored so far."""
        return self._store.drops

    def open(self, fixtures: Sequence[Fixture], with_players: int = 0) -> None:
        """Every bookmaker's first prices; of the first `with_players` fixtures with markets on players."""
        for start in range(0, len(fixtures), BATCH // len(MARGINS)):
            drafts = []
            for place, fixture in enumerate(fixtures[start : start + BATCH // len(MARGINS)], start):
                strength = Strength(self._chance.uniform(0.8, 2.1), self._chance.uniform(0.6, 1.8))
                self._strengths[fixture.id] = strength
                updates = self._updates(fixture, tuple(MARGINS), place < with_players)
                drafts += plan(FixtureBooks(fixture.id), updates)
            self._store.record(self._store.commit(drafts).history)

    def move(self, fixtures: Sequence[Fixture], bookmakers: Sequence[str] = tuple(MARGINS)) -> None:
        """Some news of each fixture, and what these bookmakers make of it in two of its markets and the moneyline."""
        books = self._store.load([fixture.id for fixture in fixtures])
        drafts = []
        for fixture in fixtures:
            self._strengths[fixture.id].drift(self._chance)
            moved = {"ML", *self._chance.sample(OTHER_MARKETS, 2)}
            updates = [each for each in self._updates(fixture, bookmakers) if each.market in moved]
            drafts += plan(books[fixture.id], updates)
        self._store.record(self._store.commit(drafts).history)

    def stir(self, fixture: Fixture, rounds: int, every: timedelta) -> None:
        """A lively history of one fixture up to now: one bookmaker after the other follows the news."""
        names = list(MARGINS)
        for turn in range(rounds):
            self._clock.advance(every.total_seconds())
            self.move([fixture], (names[turn % len(names)], names[(turn * 3 + 1) % len(names)]))

    def _updates(self, fixture: Fixture, bookmakers: Sequence[str], with_players: bool = False) -> list[MarketUpdate]:
        updates = []
        at = self._clock.now_ms()
        for bookmaker in bookmakers:
            self._sequence += 1
            strength = self._strengths[fixture.id]
            error = self._chance.gauss(0, 0.015 if bookmaker in SHARP else 0.04)
            view = Strength(strength.home * exp(error), strength.away * exp(-error))
            markets = list(_markets(view, MARGINS[bookmaker]))
            if with_players and bookmaker in ("Bet365", "M88"):
                markets += _player_markets(fixture, MARGINS[bookmaker], random.Random(fixture.id))
            updates += [
                MarketUpdate(fixture.id, bookmaker, bookmaker, name, is_player, at, self._sequence, lines)
                for name, is_player, lines in markets
            ]
        return updates


def derive(database: Database[Document], fixtures: Sequence[Fixture], clock: ManualClock) -> None:
    """The value bets and arbitrages that these fixtures' stored books hold."""
    values = ValueBets(database, clock, ValueRule(SHARP, minimum=103.0), "websocket")
    arbitrages = ArbitrageBets(database, clock, ArbitrageRule(), "websocket")
    reader = FreshReader(database)
    for start in range(0, len(fixtures), 50):
        some = fixtures[start : start + 50]
        dirty = [Dirty(fixture.id, clock.now_ms(), everything=True) for fixture in some]
        fresh = reader.read(dirty)
        works = [Work(fixture, fresh[one.fixture_id], one) for fixture, one in zip(some, dirty, strict=True)]
        values.refresh(works)
        arbitrages.refresh(works)


def _markets(view: Strength, margin: float) -> Iterator[tuple[str, bool, tuple[Line, ...]]]:
    margins, totals = _chances(view)
    home = sum(chance for goals, chance in margins.items() if goals > 0)
    draw = margins[0]
    away = 1 - home - draw
    yield "ML", False, (Line(home=_price(home, margin), draw=_price(draw, margin), away=_price(away, margin)),)
    yield "Draw No Bet", False, (_pair("home", "away", home / (home + away), margin),)
    both = (1 - exp(-view.home)) * (1 - exp(-view.away))
    yield "Both Teams To Score", False, (_pair("yes", "no", both, margin),)
    yield "Totals", False, tuple(_over(line, totals, margin) for line in TOTAL_LINES)
    yield (
        "Spread",
        False,
        tuple(
            _pair("home", "away", sum(chance for goals, chance in margins.items() if goals + line > 0), margin, line)
            for line in HANDICAPS
        ),
    )
    corners = _poisson(4.0 + 2.2 * (view.home + view.away), 25)
    yield "Corners Totals", False, tuple(_over(line, corners, margin) for line in (8.5, 9.5, 10.5))
    yield "Bookings Totals", False, tuple(_over(line, _poisson(4.1, 15), margin) for line in (3.5, 4.5))


def _player_markets(
    fixture: Fixture, margin: float, chance: random.Random
) -> Iterator[tuple[str, bool, tuple[Line, ...]]]:
    men = [*players(fixture.home), *players(fixture.away)]
    scorers = tuple(Line(odds=_price(chance.uniform(0.06, 0.4), margin), player_name=man) for man in men)
    yield "Anytime Goalscorer", True, scorers
    shots = [(man, chance.uniform(0.35, 0.65)) for man in men]
    yield (
        "Player Shots",
        True,
        tuple(
            Line(hdp=1.5, over=_price(over, margin), under=_price(1 - over, margin), player_name=man)
            for man, over in shots
        ),
    )


def _over(line: float, chances: Sequence[float], margin: float) -> Line:
    return _pair("over", "under", sum(chances[int(line) + 1 :]), margin, line)


def _pair(one: str, other: str, chance: float, margin: float, hdp: float | None = None) -> Line:
    return Line(**{one: _price(chance, margin), other: _price(1 - chance, margin)}, hdp=hdp)


def _price(chance: float, margin: float) -> float:
    return round(min(HIGHEST, max(LOWEST, 1 / (max(chance, 1e-6) * (1 + margin)))), 2)


def _chances(view: Strength) -> tuple[dict[int, float], list[float]]:
    """The chances of each goal difference and of each number of goals."""
    home, away = _poisson(view.home, MOST_GOALS), _poisson(view.away, MOST_GOALS)
    margins = dict.fromkeys(range(-MOST_GOALS, MOST_GOALS + 1), 0.0)
    totals = [0.0] * (2 * MOST_GOALS + 1)
    for own, chance in enumerate(home):
        for other, also in enumerate(away):
            margins[own - other] += chance * also
            totals[own + other] += chance * also
    return margins, totals


def _poisson(mean: float, most: int) -> list[float]:
    chances = [exp(-mean)]
    for number in range(1, most + 1):
        chances.append(chances[-1] * mean / number)
    return chances
