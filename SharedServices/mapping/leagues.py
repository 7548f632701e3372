"""Whether two sources mean one competition, judged by its country and its name together, never by the name alone.

Which competition a league is comes from a table, from names that are equal, or from what a person has confirmed.
Nothing is learnt by itself from matches that were mapped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from rapidfuzz.fuzz import token_set_ratio

from PROPPR.SharedServices.football.model import League
from PROPPR.SharedServices.mapping.competitions import COMPETITIONS, LISTED_IDS
from PROPPR.SharedServices.mapping.names import fold, word_set
from PROPPR.SharedServices.mapping.nations import country_code, nation_code

LeagueKey = tuple[str | None, str]
ENOUGH_CONFIRMATIONS: Final = 2


class Relation(StrEnum):
    """What is known of two leagues: one competition, perhaps one, or surely two."""

    SAME = "same"
    POSSIBLE = "possible"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Judgement:
    """The relation of two leagues and how alike their names are, from 0 to 1 (1 where they are the same)."""

    relation: Relation
    likeness: float


_SAME: Final = Judgement(Relation.SAME, 1.0)
_OTHER: Final = Judgement(Relation.OTHER, 0.0)
# Parts of a name that tell a stage of a competition, not the competition; with the letter or number of the stage.
_STAGE: Final = word_set(
    """
    playoff playoffs play off offs knockout qualification qualifying qualifiers qualifier promotion relegation apertura
    clausura final finals regular season opening closing placement matches preliminary group groups stage phase round
    """
)
_NUMBERED_STAGE: Final = re.compile(
    r"\b(?:first|second|third|fourth|1st|2nd|3rd|4th|\d{1,2}) (?:stage|phase|round)\b"
    r"|\b(?:group|grp|groups|zona|zone|stage|phase|round|avd|girone|part)\b(?: (?:[a-z0-9]{1,2}|[a-z] [a-z])\b)?"
)
_ORDINALS: Final = {
    "first": "1", "second": "2", "third": "3", "fourth": "4", "1st": "1", "2nd": "2", "3rd": "3", "4th": "4",
    "i": "1", "ii": "2", "iii": "3", "iv": "4", "one": "1", "two": "2", "three": "3", "four": "4",
}  # fmt: skip
_LOWER_TIERS: Final = frozenset(["2", "3", "4", "5", "b", "c", "d", "e"])
_SAME_WORDS: Final = {"laliga": "la liga", "laliga2": "la liga 2", "div": "division", "divisie": "division"}


def league_key(country: str, league: str) -> LeagueKey:
    """Return what a league is known by: its country's code (None if unknown) and its folded name.

    Takes the whole name too (`England - Premier League`).
    """
    before, separator, rest = league.partition(" - ")
    if separator and fold(before) == fold(country):
        league = rest
    return country_code(country), fold(league)


def judge(country: str, league: str, other: League, confirmed: Mapping[LeagueKey, int] | None = None) -> Judgement:
    """Return how a league of the odds (`country`, `league`) and one of FotMob go together.

    SAME only by the table, by what was `confirmed`, or by the same country and name. OTHER where countries differ or
    are unknown, where one of them is known to be something else, or where one is of a lower tier (A and B, 1 and 2).
    """
    key = league_key(country, league)
    known = (confirmed or {}).get(key)
    ids = (known,) if known is not None else COMPETITIONS.get(key)
    code, competition = country_code(other.country_code), other.competition_id
    if ids is not None:
        if competition in ids:
            return _SAME
        if competition in LISTED_IDS or known is not None:
            return _OTHER
    if key[0] is None or code != key[0]:
        return _OTHER
    return _compare(key[1], fold(other.name))


def confirmed_leagues(settled: Iterable[tuple[str, str, int]]) -> dict[LeagueKey, int]:
    """Return the competitions that people's settlements agree on, from (country, league, FotMob competition) of each.

    A league counts when at least two settlements name its competition and none names another.
    """
    votes: dict[LeagueKey, list[int]] = {}
    for country, league, competition in settled:
        votes.setdefault(league_key(country, league), []).append(competition)
    return {
        key: found[0]
        for key, found in votes.items()
        if key[0] is not None and len(found) >= ENOUGH_CONFIRMATIONS and len(set(found)) == 1
    }


@lru_cache(maxsize=20_000)
def _compare(one: str, other: str) -> Judgement:
    first, second = _telling_words(one), _telling_words(other)
    if first == second and first:
        return _SAME
    if set(first) & _LOWER_TIERS != set(second) & _LOWER_TIERS:
        return _OTHER
    return Judgement(Relation.POSSIBLE, float(token_set_ratio(" ".join(first), " ".join(second))) / 100)


def _telling_words(name: str) -> tuple[str, ...]:
    text = " ".join(_SAME_WORDS.get(word, word) for word in _NUMBERED_STAGE.sub(" ", name).split())
    kept = (_ORDINALS.get(word, word) for word in text.split() if word not in _STAGE and nation_code(word) is None)
    return tuple(sorted(kept))
