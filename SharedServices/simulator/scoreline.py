"""How matches go: their stoppage time, goals and shootouts, decided by the seed alone and shown by the clock.

The odds side tells a match's score from here, and the statistics side plays the same match out in full, so the two
agree. Moments are (period, minute of the period): (1, 47) is the second minute of the first half's stoppage time.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from functools import lru_cache

from PROPPR.SharedServices.simulator.goals import GRID

Moment = tuple[int, int]
MINUTE_MS = 60_000
LENGTHS = (0, 45, 45, 15, 15)
BREAKS = (0, 0, 15, 5, 1)
_NOMINAL_START = (0, 0, 45, 90, 105)
_FIRST_HALF_SHARE = 0.45
_EXTRA_TIME_SHARE = 0.15
_SHOOTOUT_SCORED = 0.75
SHOOTOUT_MS = 10 * MINUTE_MS


@dataclass(frozen=True, slots=True)
class CourseGoal:
    """A goal: when, and for which side."""

    at: Moment
    home: bool


@dataclass(frozen=True, slots=True)
class Course:
    """A match to its end. `stoppage[p]` are the added minutes of period p; periods 3 and 4 are extra time.

    `shootout` are the kicks in turn, (home, scored); empty where there was none.
    """

    stoppage: tuple[int, int, int, int, int]
    goals: tuple[CourseGoal, ...]
    extra_time: bool = False
    shootout: tuple[tuple[bool, bool], ...] = ()

    @property
    def last_period(self) -> int:
        """2, or 4 with extra time."""
        return 4 if self.extra_time else 2

    def starts(self, period: int) -> int:
        """Milliseconds from the kick-off to the start of a period."""
        minutes = BREAKS[period]
        for earlier in range(1, period):
            minutes += BREAKS[earlier] + LENGTHS[earlier] + self.stoppage[earlier]
        return minutes * MINUTE_MS

    def ends(self, period: int) -> int:
        """Milliseconds from the kick-off to the end of a period."""
        return self.starts(period) + (LENGTHS[period] + self.stoppage[period]) * MINUTE_MS

    @property
    def length(self) -> int:
        """Milliseconds from the kick-off to the final whistle, the shootout included."""
        return self.ends(self.last_period) + (SHOOTOUT_MS if self.shootout else 0)

    def seen_at(self, elapsed: int) -> Moment:
        """The last moment that is over so many milliseconds after the kick-off; (0, 0) before it."""
        seen = (0, 0)
        for period in range(1, self.last_period + 1):
            if elapsed < self.starts(period):
                break
            played = (elapsed - self.starts(period)) // MINUTE_MS
            seen = (period, min(played, LENGTHS[period] + self.stoppage[period]))
        return seen

    def score(self, until: Moment) -> tuple[int, int]:
        """Goals of both sides up to and with a moment, without the shootout."""
        home = sum(goal.home and goal.at <= until for goal in self.goals)
        away = sum(not goal.home and goal.at <= until for goal in self.goals)
        return home, away

    def ninety(self, elapsed: int) -> tuple[int, int]:
        """The score so many milliseconds after the kick-off, extra time left out."""
        return self.score(min(self.seen_at(elapsed), (2, 99)))


def shown(moment: Moment) -> tuple[int, int]:
    """A moment as (minute, stoppage minute): (1, 47) is (45, 2), (2, 3) is (48, 0)."""
    period, minute = moment
    over = max(0, minute - LENGTHS[period])
    return _NOMINAL_START[period] + minute - over, over


def first_means(rng: random.Random) -> tuple[int, int]:
    """Expected goals of both sides in steps of 1 / GRID: the first two draws of a fixture's price model."""
    total = rng.uniform(2.1, 3.5) * GRID
    share = rng.uniform(0.25, 0.72)
    return max(8, int(total * share)), max(8, int(total * (1 - share)))


def is_knockout(league: str) -> bool:
    """Whether a level match goes into extra time."""
    return league.endswith(" Cup")


def means_of(seed: int, fixture_id: int) -> tuple[float, float]:
    """Expected goals of a fixture when the day begins, as the books know them."""
    home, away = first_means(random.Random(f"{seed}-{fixture_id}"))
    return home / GRID, away / GRID


@lru_cache(maxsize=32_768)
def fixture_course(seed: int, fixture_id: int, league: str) -> Course:
    """How a fixture of the day goes."""
    home, away = means_of(seed, fixture_id)
    return draw_course(random.Random(f"course-{seed}-{fixture_id}"), home, away, is_knockout(league))


def draw_course(rng: random.Random, home_mean: float, away_mean: float, knockout: bool) -> Course:
    """A match by chance, for the expected goals of its ninety minutes."""
    stoppage = (0, rng.randint(1, 4), rng.randint(2, 6), rng.randint(0, 2), rng.randint(1, 3))
    goals = [*_goals(rng, 1, stoppage[1], home_mean, away_mean), *_goals(rng, 2, stoppage[2], home_mean, away_mean)]
    if not knockout or not _level(goals):
        return Course(stoppage, tuple(goals))
    for period in (3, 4):
        goals += _goals(rng, period, stoppage[period], home_mean, away_mean)
    shootout = _shootout(rng) if _level(goals) else ()
    return Course(stoppage, tuple(goals), True, shootout)


def _level(goals: list[CourseGoal]) -> bool:
    return 2 * sum(goal.home for goal in goals) == len(goals)


def _goals(rng: random.Random, period: int, added: int, home: float, away: float) -> list[CourseGoal]:
    share = (0.0, _FIRST_HALF_SHARE, 1 - _FIRST_HALF_SHARE, _EXTRA_TIME_SHARE, _EXTRA_TIME_SHARE)[period]
    found = [
        CourseGoal((period, rng.randint(1, LENGTHS[period] + added)), is_home)
        for is_home, mean in ((True, home), (False, away))
        for _ in range(poisson(rng, mean * share))
    ]
    return sorted(found, key=lambda goal: goal.at)


def _shootout(rng: random.Random) -> tuple[tuple[bool, bool], ...]:
    """Five kicks each, ended when decided, then pair by pair."""
    kicks: list[tuple[bool, bool]] = []
    scored = {True: 0, False: 0}
    taken = {True: 0, False: 0}
    while True:
        home = len(kicks) % 2 == 0
        hit = rng.random() < _SHOOTOUT_SCORED
        kicks.append((home, hit))
        scored[home] += hit
        taken[home] += 1
        left = {side: max(0, 5 - taken[side]) for side in taken}
        lead = scored[True] - scored[False]
        if max(taken.values()) <= 5 and (lead > left[False] or -lead > left[True]):
            return tuple(kicks)
        if taken[True] == taken[False] > 5 and lead:
            return tuple(kicks)


def poisson(rng: random.Random, mean: float) -> int:
    """A Poisson number, for small means."""
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count
