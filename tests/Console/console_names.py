"""Teams, leagues and men that nobody knows: what the console's tests and pictures show."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

TEAMS_OF_A_LEAGUE: Final = 20
_TOWNS: Final = (
    "Alder", "Amber", "Ash", "Black", "Bram", "Bright", "Cald", "Cinder", "Clear", "Copper", "Crow", "Dun", "East",
    "Elm", "Fal", "Fern", "Frost", "Glen", "Gold", "Grey", "Hart", "Hazel", "Iron", "Kestrel", "Lark", "Lin", "Marl",
    "Mill", "Moor", "North", "Oak", "Otter", "Raven", "Red", "Rook", "Salt", "Silver", "Stone", "Thorn", "West",
)  # fmt: skip
_ENDS: Final = (
    "bourne", "bridge", "burn", "by", "combe", "dale", "den", "fall", "field", "ford", "gate", "ham", "haven", "holm",
    "ley", "mere", "mouth", "stead", "ton", "wick",
)  # fmt: skip
_FORMS: Final = ("", " Town", " United", " Rovers", " Athletic", " City", " Wanderers", " FC")
_COUNTRIES: Final = (
    "England", "Spain", "Italy", "Germany", "France", "Portugal", "Netherlands", "Belgium", "Scotland", "Norway",
    "Sweden", "Denmark", "Poland", "Austria", "Greece", "Brazil", "Chile", "Mexico", "Japan", "Australia",
)  # fmt: skip
_LEVELS: Final = ("First Division", "Second Division", "Cup")
_FIRST: Final = ("Adri", "Bas", "Cael", "Dario", "Emre", "Finn", "Goran", "Ivo", "Jonas", "Kofi", "Luka", "Milo")
_LAST: Final = ("Arendal", "Brask", "Corvane", "Delmont", "Estrup", "Fontaro", "Grevik", "Hollow", "Ibarro", "Juvan")


@dataclass(frozen=True, slots=True)
class League:
    """A league with its teams."""

    country: str
    name: str
    teams: tuple[str, ...]


def leagues() -> list[League]:
    """All of them, always the same: three in each of twenty countries."""
    chance = random.Random(20)
    towns = [f"{town}{end}" for town in _TOWNS for end in _ENDS]
    chance.shuffle(towns)
    found = []
    for number, country in enumerate(_COUNTRIES):
        for level, name in enumerate(_LEVELS):
            begin = (number * len(_LEVELS) + level) * TEAMS_OF_A_LEAGUE
            own = [towns[place % len(towns)] for place in range(begin, begin + TEAMS_OF_A_LEAGUE)]
            teams = tuple(f"{town}{_FORMS[(index + level) % len(_FORMS)]}" for index, town in enumerate(own))
            found.append(League(country, name, teams))
    return found


def players(team: str) -> tuple[str, ...]:
    """Six men of a team."""
    chance = random.Random(team)
    names = [f"{first} {last}" for first in _FIRST for last in _LAST]
    return tuple(chance.sample(names, 6))
