"""A seeded football day: fixtures of invented clubs with invented players, kick-offs around a starting instant."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import count

from PROPPR.SharedServices.simulator.catalogue import leagues, slug
from PROPPR.SharedServices.simulator.messages import Fixture

_STEMS = (
    "Alder", "Ash", "Barrow", "Birch", "Black", "Bright", "Burn", "Cald", "Castle", "Clay", "Cold", "Copper", "Crow",
    "Dale", "Deer", "East", "Elm", "Fair", "Fen", "Fox", "Gran", "Green", "Hart", "Haw", "High", "Holm", "Iron", "Kirk",
    "Lang", "Lin", "Mar", "Mill", "Moor", "Nor", "Oak", "Old", "Pen", "Pine", "Raven", "Red", "Rose", "Salt", "Silver",
    "South", "Stone", "Thorn", "Wake", "West", "White", "Wind",
)  # fmt: skip
_ENDS = (
    "borough", "bridge", "brook", "bury", "by", "chester", "cliff", "combe", "cross", "den", "field", "ford", "gate",
    "ham", "haven", "hill", "hurst", "leigh", "ley", "mere", "minster", "mouth", "port", "side", "stead", "thorpe",
    "ton", "vale", "wick", "worth",
)  # fmt: skip
_CLUB_FORMS = ("{0} FC", "{0} United", "{0} Town", "{0} City", "AFC {0}", "{0} & District", "Real {0}", "Sporting {0}")
_FIRST = (
    "Adem", "Ben", "Caio", "Dario", "Emil", "Fabio", "Goran", "Hugo", "Ilja", "Jonas", "Kofi", "Luca", "Milan", "Nils",
    "Oskar", "Pavel", "Rui", "Samu", "Tiago", "Viktor", "Yusuf", "Zeki", "D'Andre", "Jean-Luc",
)  # fmt: skip
_LAST = (
    "Abara", "Bellini", "Carvo", "Dahlke", "Eriksen-Holt", "Fontanel", "Gorski", "Hartvig", "Ivanek", "Jansko", "Kovar",
    "Lindmar", "Moretto", "Nowik", "Okonta", "Petrescu", "Quintal", "Rossel", "Sandoval", "Tanaro", "Urbanek", "Vesely",
    "Wiborg", "Zamfir", "van Doorn", "de la Rue",
)  # fmt: skip
FIRST_EVENT_ID = 70_100_000
_WIDE_ID_STEP = 7_291_000_000
PLAYERS_A_SIDE = 14
FULL_SQUAD = 22
FIRST_OTHER_TEAM_ID = 500_000
PLACEHOLDER = "Winner of "
_HOUR = 3_600_000
_QUARTER = _HOUR // 4
_ATTEMPTS = 100


def _club(rng: random.Random, taken: set[str]) -> str:
    for attempt in count():
        place = rng.choice(_STEMS) + rng.choice(_ENDS)
        if attempt >= _ATTEMPTS:  # nearly all names are taken
            place = f"{place} {attempt}"
        name = rng.choice(_CLUB_FORMS).format(place)
        if name not in taken:
            taken.add(name)
            break
    return name


def _squads(rng: random.Random, each: int) -> tuple[tuple[str, int], ...]:
    """(name, side) of both squads; no name twice in a match, as some labels carry no side."""
    names: dict[str, None] = {}
    while len(names) < 2 * each:
        names[f"{rng.choice(_FIRST)} {rng.choice(_LAST)}"] = None
    return tuple((name, 1 + index // each) for index, name in enumerate(names))


def _league_order(rng: random.Random) -> list[tuple[str, int]]:
    """Every pairing of every league, one league after the other, each in a random order of clubs."""
    rows: list[tuple[str, int]] = []
    for name, tier, clubs in leagues():
        rows.extend((name, tier) for _ in range(clubs // 2))
    rng.shuffle(rows)
    rows.sort(key=lambda row: row[1])
    return rows


class FixtureMaker:
    """Makes fixtures, the same ones for the same seed: those of the first instant, and more that appear later.

    Every hundredth id is above 2^31, as real ids may be; every `placeholder_every`-th fixture's away team is not known.
    """

    def __init__(
        self, seed: int, horizon_hours: float, placeholder_every: int, players_a_side: int = PLAYERS_A_SIDE
    ) -> None:
        self._random = random.Random(f"day-{seed}")
        self._taken: set[str] = set()
        self._order = _league_order(self._random)
        self._horizon = horizon_hours
        self._placeholder_every = placeholder_every
        self._players_a_side = players_a_side
        self._number = 0
        self._teams = 0

    def day(self, count: int, start: int) -> list[Fixture]:
        """`count` fixtures for a day that begins at `start` (ms)."""
        return [self._make(self._first_kickoff, start) for _ in range(count)]

    def later(self, now: int) -> Fixture:
        """One more, that appears at `now` (ms) and lies ahead."""
        return self._make(self._later_kickoff, now)

    def team(self) -> tuple[str, int]:
        """Name and id of a team that nobody has had."""
        self._teams += 1
        return _club(self._random, self._taken), FIRST_OTHER_TEAM_ID + self._teams

    def _make(self, kickoff_of: Callable[[int], int], now: int) -> Fixture:
        number = self._number
        self._number += 1
        league, tier = self._order[number % len(self._order)]
        home, away = _club(self._random, self._taken), _club(self._random, self._taken)
        if number % self._placeholder_every == self._placeholder_every - 1:
            away = f"{PLACEHOLDER}{home[:4].strip()} Group"
        kickoff = kickoff_of(now)
        return Fixture(
            id=FIRST_EVENT_ID + number * 7 + (_WIDE_ID_STEP if number % 100 == 99 else 0),
            home=home,
            away=away,
            home_id=1000 + 2 * number,
            away_id=1001 + 2 * number,
            league=league,
            league_slug=slug(league),
            sport="Football",
            sport_slug="football",
            kickoff=kickoff,
            status="live" if kickoff <= now else "pending",
            tier=tier,
            players=_squads(self._random, self._players_a_side),
        )

    def _first_kickoff(self, start: int) -> int:
        """A tenth in play (less over a long horizon), the rest ahead, on whole quarters of an hour."""
        in_play = min(0.1, 3.0 / self._horizon)
        live = self._random.random() < in_play
        hours = self._random.uniform(-1.5, 0.0) if live else self._random.uniform(0.2, self._horizon)
        return (start + int(hours * _HOUR)) // _QUARTER * _QUARTER

    def _later_kickoff(self, now: int) -> int:
        hours = self._random.uniform(min(2.0, self._horizon / 2), self._horizon)
        return (now + int(hours * _HOUR)) // _QUARTER * _QUARTER


def is_placeholder(fixture: Fixture) -> bool:
    """Whether the away team is still to be found out."""
    return fixture.away.startswith(PLACEHOLDER)
