"""A man named by a bookmaker to the man of the squad: found, ambiguous or unknown, never a guess."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol, TypeVar

from rapidfuzz.distance import Levenshtein

from PROPPR.SharedServices.mapping.names import fold, plain, short_vowels, word_set


class Named(Protocol):
    """A man of a squad."""

    @property
    def id(self) -> int: ...
    @property
    def name(self) -> str: ...


Man = TypeVar("Man", bound=Named)


@dataclass(frozen=True, slots=True)
class Found:
    """The man. `how` says what matched: the whole name, its parts, initials, a by-name, one word, or a spelling."""

    player_id: int
    name: str
    how: str


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Several men of the squad may be meant equally well."""

    player_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody of the squad has this name."""


Answer = Found | Ambiguous | Unknown

_PARTICLES: Final = word_set(
    """
    de da do dos das di del della der den des van von vom zu la le el al bin ibn abu dal du ter ten e y i
    """
)
_SUFFIXES: Final = {
    "jr": "junior",
    "junior": "junior",
    "jnr": "junior",
    "filho": "filho",
    "neto": "neto",
    "sr": "senior",
}
_GIVEN: Final = {
    frozenset(entry.split())
    for entry in """
    vini vinicius|gabi gabriel|alex alexander alexandre alejandro aleksandr aleksandar alexis|ben benjamin
    dan daniel danny|sam samuel|tom thomas tommy|tim timothy|will william|matt matthew matty
    mike michael mikey|nick nicholas nicolas nico|joe joseph joey|josh joshua|jon jonathan jonny|johnny john
    chris christopher cristian christian|rob robert bobby|max maximilian|ollie oliver|charlie charles
    harry harrison harold|jack jackson|ed edward eddie eduardo|edu eduardo|fred frederico frederick
    kiko francisco|fran francisco|paco francisco|pepe jose|nacho ignacio|toni antonio anthony tony
    javi javier|rafa rafael|manu manuel|leo leonardo lionel leon|santi santiago|dani daniel|rodri rodrigo
    gonzalo gonza|luis lucho|cris cristiano|ste steven stephen steve|andy andrew|greg gregory|lewis louis
    jamie james jimmy|kenny kenneth|cal callum calum|nat nathaniel nathan|freddie frederick|archie archibald
    reece rhys|zeki mehmet|mo mohamed|mohammed mohamed muhammad mohammad mohamad mehmet|ahmed ahmad
    yusuf youssef yousef josef|ibrahim ebrahim|hussein hussain|said saeed|amin ameen|tino valentino
    """.replace("\n", "|").split("|")
    if entry.strip()
}
# Men known by a name that is no word of their own: the by-name, and words that their full name has.
_CALLED: Final = {
    "chicharito": "javier hernandez",
    "koke": "jorge resurreccion",
    "isco": "francisco alarcon",
    "hulk": "givanildo vieira",
    "kun aguero": "sergio aguero",
    "papu gomez": "alejandro gomez",
    "dibu martinez": "emiliano martinez",
    "cuti romero": "cristian romero",
    "licha martinez": "lisandro martinez",
    "taty castellanos": "valentin castellanos",
    "fede valverde": "federico valverde",
    "vini": "vinicius junior",
    "rodri": "rodrigo hernandez",
    "casemiro": "carlos henrique casimiro",
    "fabinho": "fabio henrique tavares",
    "jorginho": "jorge luiz frello",
    "fred": "frederico rodrigues",
    "jonny": "jonathan castro",
    "diogo jota": "diogo teixeira silva",
    "lucas paqueta": "lucas tolentino",
    "emerson royal": "emerson leite",
}
_FULL: Final = "whole name"


@dataclass(frozen=True, slots=True)
class _Name:
    """A man's name: `words` in order without particles and suffix, all of them, and what stood before a comma."""

    words: tuple[str, ...]
    everything: tuple[str, ...]
    suffix: str | None

    @property
    def joined(self) -> str:
        return "".join(self.words)


def _letters(word: str) -> str:
    """A folded word with one letter where spellings have one or two: Mueller and Müller, Djordje and Đorđe."""
    return short_vowels(word).replace("dj", "d")


_GIVEN_BY_NAMES: Final = [frozenset(_letters(word) for word in group) for group in _GIVEN]
_KNOWN_AS: Final = {
    " ".join(map(_letters, name.split())): frozenset(map(_letters, full.split())) for name, full in _CALLED.items()
}


def match_player(name: str, squad: Iterable[Man]) -> Answer:
    """Return who of the squad `name` is.

    The first of these rules that anyone fits decides, and where it fits two men they are Ambiguous: the same name
    letter by letter, the same words (in any order, with or without particles and Jr; `Surname, First`; hyphens and
    diacritics as they like), all words of one name among the other's, initials (`B. Saka`), by-names (`Vini Jr`), one
    telling word, and a slip in the spelling of a long word. Give the squad of one team where the side is known.
    """
    wanted = _read(name)
    men = {man.id: (man, _read(man.name)) for man in squad}
    if not wanted.words:
        return Unknown()
    for how, fits in _RULES:
        found = {man.id: man for man, theirs in men.values() if fits(wanted, theirs)}
        if how == _ONE_WORD and len(wanted.words) > 1:  # a mononym: nobody else may have the rest of the name
            rest = {word for man in found.values() for word in set(wanted.words) - set(men[man.id][1].words)}
            found |= {man.id: man for man, theirs in men.values() if found and rest & set(theirs.words)}
        if len(found) == 1:
            man = next(iter(found.values()))
            return Found(man.id, man.name, how)
        if found:
            return Ambiguous(tuple(sorted(found)))
    return Unknown()


@lru_cache(maxsize=4096)  # the same squads are read for every bet on a match
def _read(name: str) -> _Name:
    surname, comma, given = plain(name).partition(",")
    text = fold(f"{given} {surname}" if comma and given.strip() else name)
    everything = tuple(_letters(word) for word in text.split())
    suffix = _SUFFIXES.get(everything[-1]) if len(everything) > 1 else None
    kept = everything[:-1] if suffix else everything
    words = tuple(word for word in kept if word not in _PARTICLES)
    return _Name(words or kept, everything, suffix)


def _no_contradiction(one: _Name, other: _Name) -> bool:
    return one.suffix is None or other.suffix is None or one.suffix == other.suffix


def _is_letter_by_letter(one: _Name, other: _Name) -> bool:
    return one.everything == other.everything


def _is_whole(one: _Name, other: _Name) -> bool:
    if not _no_contradiction(one, other):
        return False
    return sorted(one.words) == sorted(other.words) or one.joined == other.joined or _is_turned(one, other)


def _is_turned(one: _Name, other: _Name) -> bool:
    """Whether only family and given name change places: Son Heung-Min, Heungmin Son."""
    return any(
        "".join(first.words[cut:] + first.words[:cut]) == second.joined
        for first, second in ((one, other), (other, one))
        for cut in range(1, len(first.words))
    )


def _is_part(one: _Name, other: _Name) -> bool:
    """At least two words, and all of the shorter name, are the other's: Bruno Fernandes, Bruno Borges Fernandes."""
    shorter, longer = sorted((set(one.words), set(other.words)), key=len)
    telling = [word for word in shorter if len(word) > 1]
    return len(telling) >= 2 and shorter <= longer and _no_contradiction(one, other)


def _has_initials(one: _Name, other: _Name) -> bool:
    """Initials on one side for words of the other, at least one word alike: B. Saka, Saka B, H. Son (Heung-Min)."""
    if not _no_contradiction(one, other) or not any(len(word) == 1 for word in one.words + other.words):
        return False
    return any(_agree_in_turn(first, second) for first in _orders(one.words) for second in _orders(other.words))


def _orders(words: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The order given, and the family name last where the form of the name suggests that it stands first."""
    is_family_first = len(words) > 1 and (len(words[-1]) == 1 or len(words) == 3)
    return [words, words[1:] + words[:1]] if is_family_first else [words]


def _agree_in_turn(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    shorter, longer = (one, other) if len(one) <= len(other) else (other, one)
    if len(shorter) < 2:
        return False
    # The first word stands for the given name, the last ones for the family's; words between may be left out.
    pairs = [(shorter[0], longer[0]), *zip(shorter[1:], longer[1 - len(shorter) :], strict=True)]
    if not all(
        first == second or (first[0] == second[0] and 1 in (len(first), len(second))) for first, second in pairs
    ):
        return False
    return any(first == second and len(first) > 1 for first, second in pairs)


def _is_by_name(one: _Name, other: _Name) -> bool:
    for first, second in ((one, other), (other, one)):
        known = _KNOWN_AS.get(" ".join(first.everything))
        if known is not None and known <= set(second.everything):
            return True
    if not _no_contradiction(one, other) or not _same_given(one.words[0], other.words[0]):
        return False
    if len(one.words) == len(other.words) == 1:
        return one.suffix is not None and one.suffix == other.suffix
    shorter, longer = sorted((one.words, other.words), key=len)
    return len(shorter) > 1 and set(shorter[1:]) <= set(longer[1:])


def _same_given(one: str, other: str) -> bool:
    return one == other or any({one, other} <= group for group in _GIVEN_BY_NAMES)


def _is_one_word(one: _Name, other: _Name) -> bool:
    """A single word on one side that is a word of the other name: Rodri, Casemiro, Haaland."""
    for first, second in ((one, other), (other, one)):
        if len(first.words) == 1 and len(first.words[0]) >= 3 and first.words[0] in second.words:
            return _no_contradiction(one, other)
    return False


def _is_slip(one: _Name, other: _Name) -> bool:
    """One letter differs, not the first of a long word, and the other words are the same."""
    rest, theirs = sorted(set(one.words) - set(other.words)), sorted(set(other.words) - set(one.words))
    if not _no_contradiction(one, other) or len(one.words) != len(other.words) or (len(rest), len(theirs)) != (1, 1):
        return False
    least = {1: 9, 2: 6}.get(len(one.words), 4)
    if rest[0][0] != theirs[0][0] or min(len(rest[0]), len(theirs[0])) < least:
        return False
    return Levenshtein.distance(rest[0].replace("eo", "o"), theirs[0].replace("eo", "o")) <= 1  # Hyeon, Hyun


_ONE_WORD: Final = "one word"
_RULES: Final = (
    (_FULL, _is_letter_by_letter),
    (_FULL, _is_whole),
    ("parts of the name", _is_part),
    ("initials", _has_initials),
    ("by-name", _is_by_name),
    (_ONE_WORD, _is_one_word),
    ("spelling", _is_slip),
)
