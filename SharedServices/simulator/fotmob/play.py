"""A match played out: line-ups, cards, substitutions, shots and every counted act of every man, from the seed alone.

Team numbers are counts of acts, player numbers are counts of the same acts, and what is seen at a moment is the acts up
to it: so sums over players and halves agree by construction.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

from PROPPR.SharedServices.simulator.fotmob.clubs import Club, Man
from PROPPR.SharedServices.simulator.fotmob.squad_of_day import Booking, Change, SideOfDay, draw_side
from PROPPR.SharedServices.simulator.scoreline import LENGTHS, Course, Moment

# What a position does of each kind of act, per man: keeper, defender, midfielder, forward.
_WEIGHTS = {
    "shot": (0.0, 0.5, 1.0, 2.2),
    "foul": (0.05, 1.0, 1.2, 1.0),
    "fouled": (0.1, 0.7, 1.1, 1.4),
    "corner": (0.0, 0.2, 1.5, 0.6),
    "offside": (0.0, 0.1, 0.3, 2.0),
    "tackle": (0.0, 1.3, 1.3, 0.4),
    "interception": (0.05, 1.5, 1.0, 0.3),
    "clearance": (0.5, 2.4, 0.7, 0.3),
    "recovery": (0.6, 1.2, 1.3, 0.6),
    "block": (0.0, 1.6, 0.8, 0.2),
    "dribble": (0.0, 0.4, 0.9, 1.4),
    "aerial": (0.05, 1.3, 0.7, 1.2),
    "throw": (0.0, 2.0, 0.5, 0.2),
}
_MEANS = {
    "foul": 11.0, "corner": 4.9, "offside": 1.8, "tackle": 17.0, "interception": 8.5, "clearance": 20.0,
    "recovery": 42.0, "dribble": 8.0, "aerial": 12.0, "throw": 18.0,
}  # fmt: skip
_SHOT_MEAN = 11.0
_SHOT_ENDS = ("AttemptSaved", "Blocked", "Miss", "Post")
_SHOT_SHARES = (0.30, 0.60, 0.96, 1.0)
PENALTY_SHARE = 0.09
OWN_GOAL_SHARE = 0.035
MISSED_PENALTY_SHARE = 0.06


class Act(NamedTuple):
    """One counted act of a man."""

    at: Moment
    home: bool
    kind: str
    man: Man


@dataclass(slots=True)
class Attempt:
    """A shot, an own goal or a kick of the shootout. `home` is the side whose man took it; `scored_for` profits."""

    at: Moment
    home: bool
    man: Man
    end: str
    xg: float
    x: float
    y: float
    number: int
    own_goal: bool = False
    penalty: bool = False
    assist: Man | None = None
    keeper: Man | None = None
    headed: bool = False
    blocker: Man | None = None

    @property
    def scored_for(self) -> bool:
        """The side that profits from a goal."""
        return self.home != self.own_goal

    @property
    def goal(self) -> bool:
        """Whether it went in."""
        return self.end == "Goal"

    @property
    def on_target(self) -> bool:
        """Opta's shot on target: a goal or a save, no own goal."""
        return not self.own_goal and self.end in ("Goal", "AttemptSaved")


@dataclass(slots=True)
class Game:
    """A whole match. `attempts` and `acts` are in the order of the clock; `kicks` are those of the shootout."""

    course: Course
    home: SideOfDay
    away: SideOfDay
    attempts: list[Attempt] = field(default_factory=list)
    kicks: list[Attempt] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)

    def side(self, home: bool) -> SideOfDay:
        """One side."""
        return self.home if home else self.away

    @property
    def bookings(self) -> list[Booking]:
        """All cards, by the clock."""
        return sorted([*self.home.bookings, *self.away.bookings], key=lambda booking: booking.at)

    @property
    def changes(self) -> list[tuple[bool, Change]]:
        """All substitutions, by the clock."""
        both = [*((True, change) for change in self.home.changes), *((False, change) for change in self.away.changes)]
        return sorted(both, key=lambda row: row[1].at)


def play(seed: int, match_id: int, home: Club, away: Club, course: Course) -> Game:
    """Play a match; the same one always for the same arguments."""
    rng = random.Random(f"play-{seed}-{match_id}")
    game = Game(course, draw_side(rng, home, course, True), draw_side(rng, away, course, False))
    _Playing(rng, game, home, away).run()
    return game


class _Playing:
    """The chances of one match."""

    def __init__(self, rng: random.Random, game: Game, home: Club, away: Club) -> None:
        self._rng = rng
        self._game = game
        self._styles = {True: home.style, False: away.style}
        self._cumulated: dict[tuple[bool, int, str], list[float]] = {}
        self._minutes = [
            LENGTHS[period] + game.course.stoppage[period] for period in range(1, game.course.last_period + 1)
        ]
        self._share = sum(self._minutes) / 96.0

    def run(self) -> None:
        """Goals first, as the course has them; then all the rest."""
        game = self._game
        for goal in game.course.goals:
            game.attempts.append(self._goal(goal.at, goal.home))
        for home in (True, False):
            style, other = self._styles[home], self._styles[not home]
            for _ in range(self._count(_SHOT_MEAN * style.shots * self._share)):
                game.attempts.append(self._shot(self._moment(), home))
            if self._rng.random() < MISSED_PENALTY_SHARE:
                game.attempts.append(self._missed_penalty(self._moment(), home))
            factors = {
                "foul": style.fouls, "corner": style.corners, "tackle": style.tackles, "clearance": other.shots,
            }  # fmt: skip
            for kind, mean in _MEANS.items():
                self._acts(kind, home, mean * factors.get(kind, 1.0) * self._share)
        game.attempts.sort(key=lambda attempt: attempt.at)
        for number, attempt in enumerate(game.attempts):
            attempt.number = number
        game.acts.sort(key=lambda act: act.at)
        self._shootout()

    def _count(self, mean: float) -> int:
        return max(0, round(self._rng.gauss(mean, (mean * 1.1) ** 0.5)))

    def _moment(self) -> Moment:
        minute = int(self._rng.random() * sum(self._minutes))
        for period, length in enumerate(self._minutes, 1):
            if minute < length:
                return period, minute + 1
            minute -= length
        return len(self._minutes), self._minutes[-1]

    def _man(self, home: bool, kind: str, at: Moment) -> Man:
        side = self._game.side(home)
        stretch = side.stretch(at)
        men = side.stretches[stretch]
        weights = self._cumulated.get((home, stretch, kind))
        if weights is None:
            by_position = _WEIGHTS[kind]
            weights = list(accumulate(by_position[man.position] * _rank(man, kind) for man in men))
            self._cumulated[home, stretch, kind] = weights
        return self._rng.choices(men, cum_weights=weights)[0]

    def _acts(self, kind: str, home: bool, mean: float) -> None:
        acts = self._game.acts
        for _ in range(self._count(mean)):
            at = self._moment()
            acts.append(Act(at, home, kind, self._man(home, kind, at)))
            if kind == "foul" and self._rng.random() < 0.97:
                acts.append(Act(at, not home, "fouled", self._man(not home, "fouled", at)))

    # ---- attempts

    def _place(self, xg: float) -> tuple[float, float]:
        rng = self._rng
        far = rng.uniform(2.0, 16.0) if xg > 0.06 else rng.uniform(12.0, 30.0)
        return round(105.0 - far, 2), round(34.0 + rng.gauss(0.0, 6.0), 2)

    def _shot(self, at: Moment, home: bool) -> Attempt:
        rng = self._rng
        draw = rng.random()
        end = next(name for name, share in zip(_SHOT_ENDS, _SHOT_SHARES, strict=True) if draw <= share)
        xg = round(min(0.75, rng.expovariate(12.0) + 0.01), 6)
        attempt = Attempt(at, home, self._man(home, "shot", at), end, xg, *self._place(xg), 0)
        attempt.headed = rng.random() < 0.17
        if end == "AttemptSaved":
            attempt.keeper = self._game.side(not home).keeper(at)
            if attempt.keeper is None:
                attempt.end = "Miss"
        elif end == "Blocked":
            attempt.blocker = self._man(not home, "block", at)
        return attempt

    def _goal(self, at: Moment, home: bool) -> Attempt:
        rng = self._rng
        draw = rng.random()
        if draw < OWN_GOAL_SHARE:
            man = self._man(not home, "clearance", at)
            return Attempt(at, not home, man, "Goal", 0.0, 4.5, 33.0, 0, own_goal=True)
        if draw < OWN_GOAL_SHARE + PENALTY_SHARE:
            taker = self._game.side(home).taker(at)
            return Attempt(at, home, taker, "Goal", 0.7884, 94.0, 34.0, 0, penalty=True)
        xg = round(min(0.9, rng.uniform(0.04, 0.6)), 6)
        attempt = Attempt(at, home, self._man(home, "shot", at), "Goal", xg, *self._place(xg), 0)
        attempt.headed = rng.random() < 0.17
        if rng.random() < 0.7:
            helper = self._man(home, "corner", at)
            attempt.assist = helper if helper is not attempt.man else None
        return attempt

    def _missed_penalty(self, at: Moment, home: bool) -> Attempt:
        keeper = self._game.side(not home).keeper(at)
        end = "AttemptSaved" if keeper is not None and self._rng.random() < 0.7 else "Miss"
        return Attempt(
            at, home, self._game.side(home).taker(at), end, 0.7884, 94.0, 34.0, 0, penalty=True, keeper=keeper
        )

    def _shootout(self) -> None:
        game = self._game
        end = (game.course.last_period, 99)
        takers = {home: game.side(home).takers(end) for home in (True, False)}
        for number, (home, scored) in enumerate(game.course.shootout):
            men = takers[home]
            man = men[number // 2 % len(men)]
            how = "Goal" if scored else self._rng.choice(("AttemptSaved", "Miss"))
            keeper = game.side(not home).keeper(end)
            game.kicks.append(Attempt(end, home, man, how, 0.7884, 94.0, 34.0, number, penalty=True, keeper=keeper))


def _rank(man: Man, kind: str) -> float:
    """Strikers' chances fall with their place in the squad, as in the odds side's prices; reserves do as much as men
    of the eleven."""
    return 1.0 / (1.0 + man.index * 0.35) + 0.1 if kind == "shot" and man.index < 14 else 0.5 if kind == "shot" else 1.0
