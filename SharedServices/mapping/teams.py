"""Whether two names are one team: of the same club, and of its men's, women's, reserve or youth side alike."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import Levenshtein
from rapidfuzz.fuzz import token_sort_ratio

from PROPPR.SharedServices.mapping.clubs import meaning_of
from PROPPR.SharedServices.mapping.markers import Kind, read_name
from PROPPR.SharedServices.mapping.names import short_vowels, word_set
from PROPPR.SharedServices.mapping.nations import nation_code
from PROPPR.SharedServices.mapping.vocabulary import CLUB_WORDS, TOO_COMMON, usual

SPELT_TOGETHER: Final = 0.97
NEARLY: Final = 0.92
CONTAINED: Final = (0.80, 0.92)
OTHER_CLUB_WORDS: Final = 0.93
ONE_CLUB_WORD: Final = 0.99
ONE_NUMBER: Final = 0.98
MOST_OF_OTHERS: Final = 0.55
"""The most that names of different teams get: it only ranks them for a person who looks."""


@dataclass(frozen=True, slots=True)
class TeamName:
    """A team's name as it is compared. `core` are the words that tell the club, `light` those that come and go."""

    core: frozenset[str]
    order: tuple[str, ...]
    light: frozenset[str]
    numbers: frozenset[str]
    kind: Kind
    nation: str | None
    origin: str | None
    nick: str | None


@lru_cache(maxsize=50_000)
def read_team(name: str, country: str | None = None) -> TeamName:
    """Read a team's name; `country` (a code) says whose by-names hold."""
    marked = read_name(name)
    kind, spelled = marked.kind, tuple(usual(word) for word in marked.words)
    nation = nation_code(" ".join(marked.words))
    meaning = meaning_of(" ".join(spelled), country)
    if meaning is None:
        meaning = meaning_of(" ".join(word for word in spelled if word not in _OFTEN_LEFT_OUT), country)
    if meaning is not None:
        if meaning[-1] == "ii":
            meaning, kind = meaning[:-1], kind.joined(Kind(reserve=2))
        return TeamName(frozenset(meaning), meaning, frozenset(), frozenset(), kind, None, marked.origin, marked.nick)
    core = tuple(word for word in spelled if word not in CLUB_WORDS and not word.isdigit())
    if not core:  # a club that is called only so
        return TeamName(frozenset(spelled), spelled, frozenset(), frozenset(), kind, None, marked.origin, marked.nick)
    numbers = frozenset(word.lstrip("0") for word in spelled if word.isdigit()) - {"1", ""}
    light = frozenset(word for word in spelled if word in CLUB_WORDS and len(word) > 1 and word not in _GRAMMAR)
    return TeamName(frozenset(core), core, light, numbers, kind, nation, marked.origin, marked.nick)


_OFTEN_LEFT_OUT: Final = word_set("fc cf afc sc ac fk club 1")
_GRAMMAR: Final = word_set("de of the la le las los do da di du del des der and und et")


def kind(name: str) -> Kind:
    """Return which side of its club a name means: women, reserves, youth, or none of these."""
    return read_team(name).kind


def similarity(one: str, other: str, country: str | None = None) -> float:
    """Return how surely two names are one team, from 0 to 1; symmetric, and 1 for equal names.

    At least 0.8 where they can be one team, at most 0.55 where they can't: words on both sides that the other lacks
    (City and United), or one name a mere part of the other that fits several clubs (Sheffield). 0 for sides of
    different kinds, for different countries, and for names of eSports players. `country` is the code of the league's
    country and decides which by-names hold (Racing in Spain, Racing in Argentina).
    """
    first, second = read_team(one, country), read_team(other, country)
    return club_similarity(first, second) if first.kind.agrees(second.kind) else 0.0


def club_similarity(first: TeamName, second: TeamName) -> float:
    """Return `similarity` of two names without regard to their kinds, for who knows more of the kinds."""
    if first.nation or second.nation:
        return 1.0 if first.nation == second.nation else 0.0
    if first.nick != second.nick or (first.origin and second.origin and first.origin != second.origin):
        return 0.0
    lead, lag = (
        (first, second) if (first.order, first.origin or "") <= (second.order, second.origin or "") else (second, first)
    )
    return _compare(lead, lag)


@lru_cache(maxsize=200_000)
def _compare(first: TeamName, second: TeamName) -> float:
    alike, left, right = _align(first.core, second.core)
    if left or right:
        joined = "".join(first.order), "".join(second.order)
        if joined[0] == joined[1] and len(joined[0]) >= 5:
            return SPELT_TOGETHER * _light_factor(first, second)
    shared = (first.core - left) | (second.core - right)
    is_telling = any(word not in TOO_COMMON for word in shared)
    one_numbers, other_numbers = first.numbers - second.numbers, second.numbers - first.numbers
    apart = (left or one_numbers) and (right or other_numbers)
    if apart or ((left or right) and not is_telling) or ((one_numbers or other_numbers) and not is_telling):
        return _of_others(first, second)
    score = alike * _light_factor(first, second) * (ONE_NUMBER if one_numbers or other_numbers else 1.0)
    if left or right:
        whole = sum(map(len, first.core | second.core))
        low, high = CONTAINED
        score *= low + (high - low) * (1 - sum(map(len, left | right)) / max(1, whole))
    return score


def _align(first: frozenset[str], second: frozenset[str]) -> tuple[float, frozenset[str], frozenset[str]]:
    """Pair equal words, then nearly equal ones: how alike the pairs are, and the words left over on either side."""
    left, right = set(first - second), set(second - first)
    alike = 1.0
    for word in sorted(left):
        near = sorted(
            (other for other in right if _nearly(word, other)),
            key=lambda other: (Levenshtein.distance(word, other), other),
        )
        if near:
            alike *= NEARLY
            left.discard(word)
            right.discard(near[0][1])
    return alike, frozenset(left), frozenset(right)


def _nearly(one: str, other: str) -> bool:
    """Whether two words differ as spellings do; Genk and Gent, Persija and Persita must not be near each other."""
    if short_vowels(one) == short_vowels(other) and len(one) >= 5:
        return True
    shorter = min(len(one), len(other))
    if shorter < 8 or one[0] != other[0] or {one, other} & TOO_COMMON:
        return False
    return Levenshtein.distance(one, other) <= (2 if shorter >= 11 else 1)


def _light_factor(first: TeamName, second: TeamName) -> float:
    one, other = first.light - second.light, second.light - first.light
    if one and other:
        return OTHER_CLUB_WORDS
    return ONE_CLUB_WORD if one or other else 1.0


def _of_others(first: TeamName, second: TeamName) -> float:
    ratio = token_sort_ratio(" ".join(first.order), " ".join(second.order)) / 100
    return MOST_OF_OTHERS * float(ratio)
