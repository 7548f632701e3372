"""The checks of single settings: from the text of an environment variable to a value, or a reason why not."""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from PROPPR.SharedServices.service.redact import Redactor

LONGEST_DURATION = 31 * 86_400.0
"""Seconds. Longer waits would overflow the timers of the operating system."""

# Their values may hold credentials: a message must not repeat them.
_NEVER_REPEATED = re.compile(r"KEY|TOKEN|URI|URL|SECRET|PASSWORD|EMAIL")

HASH_FORMAT = r"scrypt:(\d{5,7}):(8):(\d{1,2}):([A-Za-z0-9_-]{22}):([A-Za-z0-9_-]{43})"
"""scrypt:N:r:p:salt:key. Colons, since a dollar in a file of settings is replaced by what reads it."""

Item = TypeVar("Item", str, int)


def comma_separated(value: object) -> object:
    """Split text at commas, without the blanks around the items and without empty items."""
    if isinstance(value, str):
        return tuple(item.strip() for item in value.split(",") if item.strip())
    return value


def without_repeats(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Keep the first of items that differ only by case."""
    first: dict[object, Item] = {}
    for item in items:
        first.setdefault(item.casefold() if isinstance(item, str) else item, item)
    return tuple(first.values())


def with_ml_first(markets: tuple[str, ...]) -> tuple[str, ...]:
    """Put ML in front, adding it where it lacks."""
    return ("ML", *(market for market in markets if market.casefold() != "ml"))


def named_percentages(items: tuple[str, ...]) -> dict[str, float]:
    """Read `name=percent` items, from 0 to below 100, into fractions by name."""
    found: dict[str, float] = {}
    for item in items:
        name, equals, percent = item.rpartition("=")
        if not (name.strip() and equals and re.fullmatch(r"\d{1,2}(\.\d+)?", percent.strip())):
            raise ValueError(f"must be items like Betfair Exchange=5 with a percentage below 100, not {item!r}")
        found[name.strip()] = float(percent) / 100
    return found


def named_seconds(items: tuple[str, ...]) -> dict[str, float]:
    """Read `name=seconds` items, above 0 and up to the longest duration."""
    found: dict[str, float] = {}
    for item in items:
        name, equals, seconds = item.rpartition("=")
        if not (name.strip() and equals and re.fullmatch(r"\d{1,7}(\.\d+)?", seconds.strip())):
            raise ValueError(f"must be items like Bet365=172800 with a number of seconds, not {item!r}")
        found[name.strip()] = float(seconds)
        if not 0 < found[name.strip()] <= LONGEST_DURATION:
            raise ValueError(f"must be above 0 and at most {LONGEST_DURATION:.0f} seconds, not {item!r}")
    return found


def named_cards(items: tuple[str, ...]) -> dict[str, Literal[1, 2]]:
    """Read `name=1` and `name=2` items."""
    found: dict[str, Literal[1, 2]] = {}
    for item in items:
        name, _, number = item.rpartition("=")
        if not name.strip() or number.strip() not in ("1", "2"):
            raise ValueError(f"must be items like Bet365=2 with 1 or 2 cards, not {item!r}")
        found[name.strip()] = 1 if number.strip() == "1" else 2
    return found


def named_names(items: tuple[str, ...]) -> dict[str, str]:
    """Read `name=other name` items."""
    pairs = [[part.strip() for part in item.partition("=")] for item in items]
    if not all(name and other for name, _, other in pairs):
        raise ValueError("must be items like One Bookmaker=Other Bookmaker")
    return {name: other for name, _, other in pairs}


def checked(read: Callable[[tuple[str, ...]], object]) -> Callable[[tuple[str, ...]], tuple[str, ...]]:
    """Return a check that items can be read so; it leaves them as they are."""

    def check(items: tuple[str, ...]) -> tuple[str, ...]:
        read(items)
        return items

    return check


def upper_case(value: object) -> object:
    """Return text in upper case."""
    return value.strip().upper() if isinstance(value, str) else value


def lower_case(value: object) -> object:
    """Return text in lower case."""
    return value.strip().lower() if isinstance(value, str) else value


def time_of_day(value: object) -> object:
    """Read `HH:MM`."""
    if not isinstance(value, str):
        return value
    match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", value.strip())
    if match is None:
        raise ValueError("must be a time of day like 06:00")
    return dt.time(int(match[1]), int(match[2]))


def time_of_day_or_never(value: object) -> object:
    """Read `HH:MM`, or `never` as None."""
    return None if isinstance(value, str) and value.strip().lower() == "never" else time_of_day(value)


def mail_server_url(secret: SecretStr) -> SecretStr:
    """Check that a mail server's URL names a host and no impossible port; it is left as it is."""
    try:
        parts = urlsplit(secret.get_secret_value())
        usable = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable:
        raise ValueError(
            "must be like smtp://user:password@host:587, with signs like / # @ in the password as %2F %23 %40"
        )
    return secret


def password_hash(secret: SecretStr) -> SecretStr:
    """Check that a password's hash is one that `proppr console password` makes, within bounds; it is left as it is."""
    match = re.fullmatch(HASH_FORMAT, secret.get_secret_value())
    if match is None or not 2**14 <= int(match[1]) <= 2**20 or not 1 <= int(match[3]) <= 16:
        raise ValueError("must be what `proppr console password` prints")
    return secret


def access_token(secret: SecretStr) -> SecretStr:
    """Check that a token is long enough not to be guessed, and can stand in a header; it is left as it is."""
    if not re.fullmatch(r"[A-Za-z0-9._~+/=-]{24,512}", secret.get_secret_value()):
        raise ValueError("must be 24 to 512 letters, digits or signs of -._~+/= (`openssl rand -hex 32` makes one)")
    return secret


def ip_address(text: str) -> str:
    """Check an IP address."""
    return str(ipaddress.ip_address(text))


def mail_addresses(text: str) -> str:
    """Check one or several e-mail addresses, separated by commas."""
    addresses = [address.strip() for address in text.split(",")]
    if not all(re.fullmatch(r"[^\s@<>,;:\"()]{1,64}@[^\s@<>,;:\"()]{1,255}", address) for address in addresses):
        raise ValueError("must be e-mail addresses, separated by commas")
    return ",".join(addresses)


def readable(read: Callable[[str], object]) -> Callable[[str], str]:
    """Return a check that a text can be read so; it leaves it as it is."""

    def check(text: str) -> str:
        read(text)
        return text

    return check


def database_name(name: str) -> str:
    """Check a database's name against MongoDB's rules."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,63}", name):
        raise ValueError("must be 1 to 63 letters, digits, dashes or underscores")
    return name


def url_with_scheme(*schemes: str) -> Callable[[str], str]:
    """Return a check for a URL with a host and one of `schemes`; it takes a trailing slash away."""

    def check(url: str) -> str:
        try:
            parts = urlsplit(url)
            found = parts.scheme in schemes and bool(parts.netloc) and (parts.port or True)
        except ValueError:
            found = False
        if not found or re.search(r"[\s\x00-\x1f]", url):
            raise ValueError(f"must be a URL that starts with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        return url.rstrip("/")

    return check


def secret_url_with_scheme(*schemes: str) -> Callable[[SecretStr], SecretStr]:
    """Return a check like url_with_scheme() for a URL that may hold a password; it is left as it is."""

    def check(secret: SecretStr) -> SecretStr:
        # Several hosts, each with a port, are no valid netloc for urlsplit().port: only scheme and host are checked.
        url = secret.get_secret_value()
        if not any(re.fullmatch(rf"{re.escape(scheme)}://[^\s/][^\s]*", url) for scheme in schemes):
            raise ValueError(f"must be a URL that starts with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        return secret

    return check


def credentials_of(url: str) -> list[str]:
    """Return the password of a URL, as written and decoded; a user without one is a secret itself."""
    match = re.match(r"[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)@", url)
    if match is None:
        return []
    user, colon, password = match[1].partition(":")
    secret = password if colon else user
    return [text for text in dict.fromkeys((secret, unquote(secret))) if text]


def printable(value: object, redactor: Redactor) -> object:
    """Return a setting's value as plain, redacted data."""
    if isinstance(value, tuple):
        return [printable(item, redactor) for item in value]
    if isinstance(value, dt.time):
        return value.strftime("%H:%M")
    if isinstance(value, Decimal | Path):
        return redactor.text(str(value))
    return redactor.value(value)


def problem_of(detail: Mapping[str, Any], given: Mapping[str, str]) -> tuple[str, str]:
    """Return (key, message) of one of pydantic's error details, with the given value where that gives nothing away."""
    key = str(detail["loc"][0]).upper() if detail["loc"] else "settings"
    message = _message(str(detail["type"]), str(detail["msg"]), detail.get("ctx") or {})
    if key in given and not _NEVER_REPEATED.search(key):
        message += f" (given: {given[key][:100]!r})"
    return key, message


def _message(kind: str, message: str, context: Mapping[str, Any]) -> str:
    if kind == "too_long":
        return f"the provider takes at most {context['max_length']}, given are {context['actual_length']}"
    if kind == "literal_error":
        return f"must be {_unquoted(context['expected'])}"
    for prefix in ("Value error, ", "Input should be ", "Input "):
        if message.startswith(prefix):
            rest = message.removeprefix(prefix)
            return rest if prefix == "Value error, " else f"must be {rest}"
    return message


def _unquoted(expected: object) -> str:
    text: Sequence[str] = str(expected).split("'")
    return "".join(text)
