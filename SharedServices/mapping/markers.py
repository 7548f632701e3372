"""What a name says besides the club: women, reserves, youth, a country or a nick in brackets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from PROPPR.SharedServices.mapping.names import fold, plain, word_set
from PROPPR.SharedServices.mapping.nations import CODES, nation_code

ANY_AGE: Final = 0


@dataclass(frozen=True, slots=True)
class Kind:
    """Which team of a club: the men's first team unless it says otherwise.

    `reserve` is 2 for the second team (II, B, Reserves), 3 for the third; `youth` the age limit, ANY_AGE (0) where it
    is a youth team of an age that the name does not tell.
    """

    women: bool = False
    reserve: int | None = None
    youth: int | None = None

    @property
    def is_first(self) -> bool:
        """Whether it is a men's first team."""
        return self == Kind()

    def joined(self, other: Kind) -> Kind:
        """Return what both say together, `self` first where they differ: a team's name and its league's."""
        youth = self.youth or (other.youth if other.youth is not None else self.youth)
        return Kind(self.women or other.women, self.reserve or other.reserve, youth)

    def agrees(self, other: Kind) -> bool:
        """Whether both can be one team. A youth team of unknown age agrees with any youth team."""
        if self.women != other.women or self.reserve != other.reserve:
            return False
        if self.youth is None or other.youth is None:
            return self.youth is other.youth
        return self.youth == other.youth or ANY_AGE in (self.youth, other.youth)


@dataclass(frozen=True, slots=True)
class Marked:
    """A team's name taken apart: the words of the club, the kind of team, and what stood in brackets.

    `origin` is the country in brackets; `nick` what is in brackets and nothing we know: a player's name in eSports.
    """

    words: tuple[str, ...]
    kind: Kind
    origin: str | None = None
    nick: str | None = None


_WOMEN: Final = word_set(
    """
    women womens woman ladies ladys femenino femenina femenil feminino feminina femminile feminine feminines
    feminin feminas fem frauen damen dames vrouwen kvinner kvinder kvinnor naiset naisten kobiet zeny kadin wfc
    frauenfussball femeni zenska zene
    """
)
_RESERVE: Final = {
    "ii": 2, "2": 2, "b": 2, "iii": 3, "3": 3, "c": 3, "iv": 4,
    "reserves": 2, "reserve": 2, "res": 2, "jong": 2, "amateure": 2, "castilla": 2, "promesas": 2, "futuro": 2,
}  # fmt: skip
_YOUTH_WORDS: Final = word_set(
    """
    youth primavera juvenil juveniles espoirs jugend youths
    """
)
_AGE: Final = re.compile(r"(?:u|under|sub)\s?-?\s?(1[2-9]|2[0-3])(?:s)?")
_AGE_IN_TEXT: Final = re.compile(rf"(?<![a-z0-9]){_AGE.pattern}(?![a-z0-9])")
_BRACKETS: Final = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]")
_GLUED_SECOND: Final = re.compile(r"([a-z]{4,})2")
# Names in which such a word belongs to the name: a king, a pope, a club of a number.
_NOT_A_RESERVE: Final = frozenset({("willem", "ii"), ("pablo", "ii"), ("paulo", "ii"), ("group", "b"), ("group", "c")})
_STATES: Final = word_set(
    """
    ac al ap am ba ce df es go ma mt ms mg pa pb pr pe pi rj rn rs ro rr sc sp se to lp sj rc er gba
    """
)
_FILLERS: Final = frozenset({"", "n", "neutral", "fc", "sc", "club", "team", "football", "soccer", "am"})


def read_name(name: str) -> Marked:
    """Take a team's name apart."""
    inside = [fold(first or second) for first, second in _BRACKETS.findall(plain(name))]
    kind, origin, nick, extra = Kind(), None, None, []
    for text in inside:
        marker = _bracket_kind(text)
        if marker is not None:
            kind = kind.joined(marker)
        elif text.upper() in CODES or nation_code(text):
            origin = nation_code(text) or text.upper()
        elif text in _STATES:
            extra.append(text)
        elif text not in _FILLERS:
            nick = text
    words, said = _strip_markers(fold(_BRACKETS.sub(" ", plain(name))))
    return Marked((*words, *extra), kind.joined(said), origin, nick)


def league_kind(*names: str) -> Kind:
    """Return what the names of a league and its country say about the teams in it."""
    text = " ".join(fold(name) for name in names)
    age = _AGE_IN_TEXT.search(text)
    found = set(text.split())
    is_women = bool(found & (_WOMEN | _WOMENS_LEAGUES)) or any(phrase in f" {text} " for phrase in _WOMENS_PHRASES)
    is_women = is_women or any("(w)" in plain(name) for name in names)
    is_youth = age is not None or bool(found & (_YOUTH_WORDS | _YOUTH_LEAGUES))
    return Kind(
        is_women, 2 if found & _RESERVE_LEAGUES else None, (int(age[1]) if age else ANY_AGE) if is_youth else None
    )


_YOUTH_LEAGUES: Final = word_set("junior juniors juniores junioren juniorky")
_RESERVE_LEAGUES: Final = word_set("reserve reserves reserva reservas")
_WOMENS_LEAGUES: Final = word_set(
    """
    wsl nwsl wsl2 damallsvenskan elitettan toppserien kvindeligaen frauenbundesliga femminile uwcl nadeshiko
    kvindeliga kakkonennaiset weleague naistenliiga
    """
)
_WOMENS_PHRASES: Final = (
    " liga f ", " we league ", " wk league ", " northern super league ", " usl super league ", " super league women ",
    " kansallinen liiga ", " copa de la reina ", " w league ",
    " liga bpi ", " womens ", " she believes ", " shebelieves ", " algarve cup ", " d1 arkema ", " arkema ",
)  # fmt: skip


def _bracket_kind(text: str) -> Kind | None:
    age = re.fullmatch(rf"{_AGE.pattern}|1[5-9]|2[0-3]", text)
    if age is not None:
        return Kind(youth=int(re.sub(r"\D", "", text)))
    if text in ("w", "f", "k", "wom") or text in _WOMEN:
        return Kind(women=True)
    if text == "r" or text in _RESERVE:
        return Kind(reserve=_RESERVE.get(text, 2))
    if text in _YOUTH_WORDS or text in ("y", "yth"):
        return Kind(youth=ANY_AGE)
    return None


def _strip_markers(text: str) -> tuple[tuple[str, ...], Kind]:
    """Return the words without the markers, and what the markers say."""
    ages = [int(age) for age in _AGE_IN_TEXT.findall(text)]
    rest = _AGE_IN_TEXT.sub(" ", text).split()
    kind = Kind(youth=ages[0] if ages else None)
    kept: list[str] = []
    for number, word in enumerate(rest):
        marker = _word_kind(word, rest, number)
        if marker is None:
            glued = _GLUED_SECOND.fullmatch(word)
            kept.append(glued[1] if glued else word)
            kind = kind.joined(Kind(reserve=2)) if glued else kind
        else:
            kind = kind.joined(marker)
    return tuple(kept), kind


def _word_kind(word: str, text: list[str], number: int) -> Kind | None:
    is_last = number == len(text) - 1
    if word in _WOMEN or (word == "w" and is_last and number):
        return Kind(women=True)
    if word in _YOUTH_WORDS and number:
        return Kind(youth=ANY_AGE)
    if word in _RESERVE and not (number and (text[number - 1], word) in _NOT_A_RESERVE):
        if word in ("b", "c") and not (is_last and number):
            return None
        if word == "jong" and (number or len(text) == 1):
            return None
        if word != "jong" and not number:  # "2. ..." at the front is no reserve team
            return None
        return Kind(reserve=_RESERVE[word])
    return None
