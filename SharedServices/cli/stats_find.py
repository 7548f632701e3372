"""What a person means by a typed name: teams, players, fixtures. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rapidfuzz.fuzz import ratio

from PROPPR.SharedServices.mapping.names import fold
from PROPPR.SharedServices.mapping.players import Ambiguous, Found, match_player
from PROPPR.SharedServices.mapping.teams import similarity

SAME_TEAM: Final = 0.8
LEAST_ALIKE: Final = 75.0
"""Percent of the letters: below, a name is no slip of another."""
NEARLY_AS_ALIKE: Final = 5.0
_BETWEEN: Final = re.compile(r"\s+(?:-|\u2013|\u2014|v|vs|vs\.|:)\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody or something with a name; `detail` tells two of one name apart."""

    id: int
    name: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class KnownFixture:
    """A fixture with its teams."""

    id: int
    home: str
    away: str
    kickoff: datetime
    league: str = ""


Rule = Callable[[str, Sequence[Known]], Sequence[Known]]


def find_team(text: str, teams: Sequence[Known]) -> list[Known]:
    """The teams that `text` may mean, by name; those of the first way of comparing that finds any."""
    return _find(text, teams, _same_team)


def find_player(text: str, players: Sequence[Known]) -> list[Known]:
    """The players that `text` may mean, by name; those of the first way of comparing that finds any."""
    return _find(text, players, _same_man)


def find_fixture(text: str, fixtures: Sequence[KnownFixture], now: datetime) -> list[KnownFixture]:
    """The fixtures that `Home - Away` may mean (in either order), or all of one team; earliest first.

    Where some of them are still to come, those that are over are not meant.
    """
    found = _between(text, fixtures) or _between_turned(text, fixtures) or _of_team(text, fixtures)
    coming = [each for each in found if each.kickoff >= now]
    return sorted(coming or found, key=lambda each: (each.kickoff, each.id))


def _find(text: str, known: Sequence[Known], rule: Rule) -> list[Known]:
    wanted = fold(text)
    if not wanted:
        return []
    same = [each for each in known if fold(each.name) == wanted]
    begun = [] if same else [each for each in known if _begins(wanted, fold(each.name))]
    found: Iterable[Known] = same or begun or rule(text, known) or _alike(wanted, known)
    return sorted(found, key=lambda each: (fold(each.name), each.detail, each.id))


def _begins(wanted: str, name: str) -> bool:
    """Whether every typed word begins a word of the name, each another one: `man utd` does not, `man u` does."""
    left = name.split()
    for word in sorted(wanted.split(), key=len, reverse=True):
        match = next((each for each in left if each.startswith(word)), None)
        if match is None:
            return False
        left.remove(match)
    return True


def _same_team(text: str, teams: Sequence[Known]) -> Sequence[Known]:
    scored = [(similarity(text, each.name), each) for each in teams]
    best = max((score for score, _ in scored), default=0.0)
    return [each for score, each in scored if score >= max(SAME_TEAM, best - NEARLY_AS_ALIKE / 100)]


def _same_man(text: str, players: Sequence[Known]) -> Sequence[Known]:
    answer = match_player(text, players)
    ids: tuple[int, ...] = ()
    if isinstance(answer, Found):
        ids = (answer.player_id,)
    elif isinstance(answer, Ambiguous):
        ids = answer.player_ids
    return [each for each in players if each.id in ids]


def _alike(wanted: str, known: Sequence[Known]) -> Sequence[Known]:
    """Names with a slip: those as alike as the most alike one, nearly."""
    scored = [(ratio(wanted, fold(each.name)), each) for each in known]
    best = max((score for score, _ in scored), default=0.0)
    return [each for score, each in scored if score >= max(LEAST_ALIKE, best - NEARLY_AS_ALIKE)]


def _splits(text: str) -> Iterator[tuple[str, str]]:
    """Every way in which the text may be two names: a name may hold a dash itself."""
    for sign in _BETWEEN.finditer(text):
        yield text[: sign.start()], text[sign.end() :]


def _between(text: str, fixtures: Sequence[KnownFixture]) -> list[KnownFixture]:
    homes, aways = _sides(fixtures)
    for home, away in _splits(text):
        ids = {each.id for each in find_team(home, homes)} & {each.id for each in find_team(away, aways)}
        if ids:
            return [each for each in fixtures if each.id in ids]
    return []


def _between_turned(text: str, fixtures: Sequence[KnownFixture]) -> list[KnownFixture]:
    for home, away in _splits(text):
        found = _between(f"{away} - {home}", fixtures)
        if found:
            return found
    return []


def _of_team(text: str, fixtures: Sequence[KnownFixture]) -> list[KnownFixture]:
    homes, aways = _sides(fixtures)
    ids = {each.id for each in find_team(text, [*homes, *aways])}
    return [each for each in fixtures if each.id in ids]


def _sides(fixtures: Sequence[KnownFixture]) -> tuple[list[Known], list[Known]]:
    return [Known(each.id, each.home) for each in fixtures], [Known(each.id, each.away) for each in fixtures]
