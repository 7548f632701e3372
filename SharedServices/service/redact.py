"""Takes secrets out of text before it reaches a log, an alert, a stored document or an HTTP answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

MARK = "[redacted]"
SHORTEST_SECRET = 4
"""Shorter literal values are left to the patterns: replacing "a" everywhere would make text unreadable, not safer."""

# Anything up to a run of backslashes: JSON inside JSON inside a traceback multiplies them.
_ESCAPE = r"\\{1,8}"

# A name of a credential, a separator (also percent-encoded or quoted), a value.
_NAMED = re.compile(
    r"""((?:api[_-]?key|access[_-]?token|routing[_-]?key|bot[_-]?token|passw(?:or)?d|pwd|secret)"""
    r"""(?:\\*["'])?\s*(?:=|:|%3[dD]|%3[aA])(\s*)((?:\\*["'])?))([^\s&"'<>,;}\\]+)""",
    re.IGNORECASE,
)
_AUTHORIZATION = re.compile(r"\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}", re.IGNORECASE)
_BOT_PATH = re.compile(r"(/|%2[fF])bot[^/\s\"'%]+(?:(?:%3[aA]|:)[^/\s\"'%]*)?")
_BOT_TOKEN = re.compile(r"\b\d{6,12}(?::|%3[aA])[A-Za-z0-9_-]{30,}")
_USER_INFO = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,30}(?:://|%3[aA]%2[fF]%2[fF]))[^\s/?#\"'<>]{1,512}(@|%40)")
_EMAIL = re.compile(r"[\w.+%-]{1,64}(?:@|%40|\\u0040)[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"}
_SHORT_ESCAPES = {"\n": "n", "\r": "r", "\t": "t", "\b": "b", "\f": "f"}


class Redactor:
    """Replaces credentials in text by `[redacted]`.

    Always: `apiKey=`-like pairs, bot tokens, user and password in URLs, e-mail addresses. And the literal `secrets`
    handed in, of at least 4 characters, in every spelling they can get on the way into a text: plain, percent-encoded
    (also twice, upper or lower case), form-encoded, escaped in JSON or in repr(), or a mixture of these.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets: set[str] = set()
        self._literal: re.Pattern[str] | None = None
        self.add(*secrets)

    def add(self, *secrets: str) -> None:
        """Redact these values too, from now on."""
        self._secrets.update(secret for secret in secrets if len(secret) >= SHORTEST_SECRET)
        spellings = [_spellings(secret) for secret in sorted(self._secrets, key=len, reverse=True)]
        self._literal = re.compile("|".join(spellings)) if spellings else None

    def text(self, text: str) -> str:
        """Return `text` without secrets. Text without any is returned unchanged."""
        if self._literal is not None:
            text = self._literal.sub(MARK, text)
        text = _NAMED.sub(_named, text)
        text = _AUTHORIZATION.sub(rf"\g<1> {MARK}", text)
        if "bot" in text:
            text = _BOT_PATH.sub(rf"\g<1>bot{MARK}", text)
        text = _BOT_TOKEN.sub(MARK, text)
        if "@" in text or "%40" in text or "u0040" in text:
            text = _USER_INFO.sub(rf"\g<1>{MARK}\g<2>", text)
            text = _EMAIL.sub(MARK, text)
        return text

    def value(self, value: object) -> object:
        """Return a copy of `value` with every text in it redacted, mappings (keys too) and sequences included.

        Numbers, None and times stay what they are (a number that spells a secret becomes text); objects of other
        types become their redacted str().
        """
        return self._value(value, 0)

    def _value(self, value: object, depth: int) -> object:
        if value is None or isinstance(value, bool | float | datetime):
            return value
        if isinstance(value, int):
            return value if self._literal is None or not self._literal.search(str(value)) else MARK
        if depth < 8 and isinstance(value, Mapping):
            return {self.text(str(key)): self._value(item, depth + 1) for key, item in value.items()}
        if depth < 8 and isinstance(value, list | tuple | set | frozenset):
            return [self._value(item, depth + 1) for item in value]
        if isinstance(value, bytes | bytearray):
            value = bytes(value).decode("utf-8", "backslashreplace")
        return self.text(str(value))


def _named(match: re.Match[str]) -> str:
    head, blank, quote, value = match.groups()
    # "API_KEY: required by ..." is a sentence about the key, not the key.
    is_sentence = blank and not quote and not any(character.isdigit() for character in value)
    return match[0] if is_sentence else f"{head}{MARK}"


def _spellings(secret: str) -> str:
    """Return a pattern that matches `secret` with each character in any of its encodings."""
    return "".join(f"(?:{'|'.join(_character(character))})" for character in secret)


def _character(character: str) -> list[str]:
    raw = character.encode("utf-8", "surrogatepass")
    units = character.encode("utf-16-be", "surrogatepass")
    either_case = [_either_case(f"{byte:02x}") for byte in raw]
    spellings = [
        "".join(f"%(?:25){{0,3}}{byte}" for byte in either_case),
        "".join(f"{_ESCAPE}x{byte}" for byte in either_case),
        "".join(f"{_ESCAPE}u{_either_case(units[i : i + 2].hex())}" for i in range(0, len(units), 2)),
        f"&#(?:{ord(character)}|[xX]0{{0,4}}{_either_case(f'{ord(character):x}')});",
    ]
    if ord(character) <= 0xFF:
        spellings.append(f"{_ESCAPE}x{_either_case(f'{ord(character):02x}')}")
    if ord(character) > 0xFFFF:
        spellings.append(f"{_ESCAPE}U{_either_case(f'{ord(character):08x}')}")
    if character == " ":
        spellings.append(r"\+")
    if character in _SHORT_ESCAPES:
        spellings.append(_ESCAPE + _SHORT_ESCAPES[character])
    if character in _ENTITIES:
        spellings.append(_ENTITIES[character])
    if character == "\\":
        spellings.append(_ESCAPE)
    elif not character.isalnum():
        spellings.append(r"\\{0,8}" + re.escape(character))
    else:
        spellings.append(re.escape(character))
    return spellings


def _either_case(digits: str) -> str:
    return "".join(f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in digits)
