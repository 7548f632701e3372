"""Names as plain letters: what two spellings of one name have in common."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from anyascii import anyascii

# Before transliteration: marks that only steer the direction of text, and quotes of every shape.
_INVISIBLE: Final = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_QUOTES: Final = re.compile("['`\u00b4\u0092\u02bb\u02bc\u02be\u02bf\u2018\u2019\u201b\u2032\ua78c]")
_INITIALS: Final = re.compile(r"(?<![a-z0-9])(?:[a-z]\.){2,}(?![a-z0-9])")
_INITIALS_OPEN: Final = re.compile(r"(?<![a-z0-9])((?:[a-z]\.)+[a-z])(?![a-z0-9])")
_OTHER: Final = re.compile(r"[^a-z0-9]+")
# Letters where the usual English spelling differs from a transliteration letter by letter.
_OWN: Final = {ord("\u01dd"): "a", ord("\u0259"): "a", ord("\u018f"): "A", ord("\u00fe"): "th", ord("\u00de"): "Th"}

LONGEST: Final = 200
"""Characters of a name that are looked at; no name of a team or a man is longer."""


def plain(text: str) -> str:
    """Return the text in lower-case ASCII letters, with its punctuation: diacritics and foreign scripts are gone.

    Also the letters that Unicode's decomposition leaves alone (ø ł đ ß ð þ ı æ œ). Quotes and invisible marks vanish.
    """
    text = _QUOTES.sub("", _INVISIBLE.sub("", text[:LONGEST]))
    return _QUOTES.sub("", anyascii(text.translate(_OWN))).lower()


@lru_cache(maxsize=50_000)
def fold(name: str) -> str:
    """Return a name as lower-case ASCII words with single blanks between them: equal for spellings of one name.

    `F.C.` becomes `fc`, `&` and `+` become `and`, every other sign a blank. Folding twice changes nothing.
    """
    text = plain(name).replace("&", " and ").replace("+", " and ")
    text = _INITIALS.sub(lambda found: found[0].replace(".", "") + " ", text)
    text = _INITIALS_OPEN.sub(lambda found: found[0].replace(".", ""), text)
    return _OTHER.sub(" ", text).strip()


def words(name: str) -> tuple[str, ...]:
    """Return the folded name's words."""
    return tuple(fold(name).split())


def word_set(text: str) -> frozenset[str]:
    """Return the words of a list that is written as a text."""
    return frozenset(text.split())


def short_vowels(word: str) -> str:
    """Return a folded word with the digraphs for umlauts and Nordic vowels as one letter: `muller` for `mueller`."""
    return word.replace("ae", "a").replace("oe", "o").replace("ue", "u").replace("aa", "a")
