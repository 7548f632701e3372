"""Clubs of the FotMob side: their names, their lasting strengths and their squads."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from functools import cached_property

from PROPPR.SharedServices.simulator.fotmob.names import ClubName, invented, player_name

SQUAD_SIZE = 24
LEAGUE_MEAN = 1.3
HOME_EDGE = 1.15
# The odds side lists strikers first and the keeper at index 13; then reserves.
POSITIONS = (3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 2, 2, 2, 3, 3, 1, 2)
ELEVEN = (13, 7, 8, 9, 10, 3, 4, 5, 0, 1, 2)
FORMATION = "4-3-3"
PITCH_POSITIONS = (11, 32, 34, 36, 38, 73, 75, 77, 83, 105, 107)
COUNTRY_CODES = ("NOR", "ENG", "POL", "BRA", "FRA", "ESP", "GER", "CRO", "SRB", "NED", "SEN", "TUR")


@dataclass(frozen=True, slots=True, eq=False)
class Man:
    """A player (or, with index -1, the coach). `position` is 0 keeper, 1 defender, 2 midfielder, 3 forward."""

    id: int
    first: str
    last: str
    index: int
    position: int
    shirt: int
    age: int
    country: str

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"


@dataclass(frozen=True, slots=True)
class Style:
    """What a club keeps from match to match: factors around 1."""

    attack: float
    weakness: float
    shots: float
    fouls: float
    corners: float
    cards: float
    passes: float
    tackles: float


@dataclass(frozen=True)
class Club:
    """A club. `known` are its men whom the odds side names, in the odds side's order; `means` its expected goals and
    those of its opponent in the fixture from which its strength follows, None for clubs the odds side does not know. A
    placeholder stands for a club that is still to be found out: it has no past.
    """

    id: int
    name: ClubName
    seed: int
    known: tuple[str, ...] = ()
    means: tuple[float, float, bool] | None = None
    is_placeholder: bool = False

    @cached_property
    def style(self) -> Style:
        """Drawn from the seed; goals so that the fixture's expected goals come out as the books know them."""
        rng = random.Random(f"style-{self.seed}-{self.id}")

        def factor(spread: float) -> float:
            return math.exp(rng.gauss(0.0, spread))

        attack, weakness = factor(0.2), factor(0.2)
        if self.means is not None:
            own, other, home = self.means
            edge = math.sqrt(HOME_EDGE) if home else 1 / math.sqrt(HOME_EDGE)
            attack = math.sqrt(own / (LEAGUE_MEAN * edge))
            weakness = math.sqrt(other / (LEAGUE_MEAN / edge))
        shots = attack**0.7 * factor(0.08)
        return Style(
            attack, weakness, shots, factor(0.12), shots * factor(0.1), factor(0.18), factor(0.15), factor(0.1)
        )

    @cached_property
    def squad(self) -> tuple[Man, ...]:
        """All men in the order of POSITIONS."""
        rng = random.Random(f"squad-{self.seed}-{self.id}")
        taken: set[str] = set()
        men = []
        for index in range(SQUAD_SIZE):
            first, last = player_name(self.known[index]) if index < len(self.known) else invented(rng, taken)
            men.append(self._man(rng, index, first, last))
        return tuple(men)

    @cached_property
    def coach(self) -> Man:
        """The coach, who can be shown a card."""
        rng = random.Random(f"coach-{self.seed}-{self.id}")
        first, last = invented(rng, set())
        return Man(self.id * 100 + 99, first, last, -1, 2, 0, rng.randint(38, 68), rng.choice(COUNTRY_CODES))

    def _man(self, rng: random.Random, index: int, first: str, last: str) -> Man:
        shirt = 1 if index == ELEVEN[0] else index + 2
        return Man(
            self.id * 100 + index,
            first,
            last,
            index,
            POSITIONS[index],
            shirt,
            rng.randint(18, 36),
            rng.choice(COUNTRY_CODES),
        )


def expected_goals(home: Club, away: Club) -> tuple[float, float]:
    """Expected goals of a meeting of two clubs."""
    edge = math.sqrt(HOME_EDGE)
    own = LEAGUE_MEAN * edge * home.style.attack * away.style.weakness
    other = LEAGUE_MEAN / edge * away.style.attack * home.style.weakness
    return min(own, 5.0), min(other, 5.0)
