"""A seeded football day: fixtures of invented clubs with invented players, kick-offs around a starting instant."""

from __future__ import annotations

import random

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
_HOUR = 3_600_000


def _club(rng: random.Random, taken: set[str]) -> str:
    while True:
        place = rng.choice(_STEMS) + rng.choice(_ENDS)
        name = rng.choice(_CLUB_FORMS).format(place)
        if name not in taken:
            taken.add(name)
            return name


def _squads(rng: random.Random) -> tuple[tuple[str, int], ...]:
    """(name, side) of both squads; no name twice in a match, as some labels carry no side."""
    names: dict[str, None] = {}
    while len(names) < 2 * PLAYERS_A_SIDE:
        names[f"{rng.choice(_FIRST)} {rng.choice(_LAST)}"] = None
    return tuple((name, 1 + index // PLAYERS_A_SIDE) for index, name in enumerate(names))


def _league_order(rng: random.Random) -> list[tuple[str, int]]:
    """Every pairing of every league, one league after the other, each in a random order of clubs."""
    rows: list[tuple[str, int]] = []
    for name, tier, clubs in leagues():
        rows.extend((name, tier) for _ in range(clubs // 2))
    rng.shuffle(rows)
    rows.sort(key=lambda row: row[1])
    return rows


def _kickoff(rng: random.Random, start: int) -> int:
    """A tenth in play, the rest over the next 30 hours, on whole quarters of an hour."""
    offset = rng.uniform(-1.5, 0.0) if rng.random() < 0.1 else rng.uniform(0.2, 30.0)
    quarter = _HOUR // 4
    return (start + int(offset * _HOUR)) // quarter * quarter


def football_day(seed: int, count: int, start: int) -> list[Fixture]:
    """`count` fixtures for a day that begins at `start` (ms). The same arguments give the same fixtures.

    Every hundredth id is above 2^31, as real ids may be; a few teams are placeholders.
    """
    rng = random.Random(f"day-{seed}")
    taken: set[str] = set()
    order = _league_order(rng)
    fixtures: list[Fixture] = []
    for number in range(count):
        league, tier = order[number % len(order)]
        home, away = _club(rng, taken), _club(rng, taken)
        if number % 211 == 210:
            away = f"Winner of {home[:4].strip()} Group"
        event_id = FIRST_EVENT_ID + number * 7 + (_WIDE_ID_STEP if number % 100 == 99 else 0)
        kickoff = _kickoff(rng, start)
        fixtures.append(
            Fixture(
                id=event_id,
                home=home,
                away=away,
                home_id=1000 + 2 * number,
                away_id=1001 + 2 * number,
                league=league,
                league_slug=slug(league),
                sport="Football",
                sport_slug="football",
                kickoff=kickoff,
                status="live" if kickoff <= start else "pending",
                tier=tier,
                players=_squads(rng),
            ),
        )
    return fixtures
