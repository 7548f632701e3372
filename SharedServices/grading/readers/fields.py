"""Values of a bot's document: numbers as number, text or Decimal128, ids as number or text, keys in any case."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final

from PROPPR.SharedServices.grading.bets import BadBet

Document = Mapping[str, Any]

NESTED: Final = ("alert", "alert_data", "bet", "bet_details", "bet_data")
"""Parts of a document whose fields count where the document itself says nothing of the kind."""

LONGEST_TEXT: Final = 500
DEEPEST: Final = 2
_PLAIN: Final = re.compile(r"[+-]?(\d{1,15}([.,]\d{1,15})?|[.,]\d{1,15})\Z")
_THOUSANDS: Final = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?\Z")
_EMPTY: Final = frozenset({"", "none", "null", "n/a", "nan", "-"})


class Fields:
    """A document by folded keys: "Market Direction", "marketDirection" and "market_direction" are one key.

    Two such keys with different values contradict each other; reading that field raises BadBet.
    """

    def __init__(self, document: Document) -> None:
        self._values: dict[str, Any] = {}
        self._nested: dict[str, int] = {}  # how deep those are that the document itself has not
        self._contradictory: set[str] = set()
        self._take(document, depth=0)

    def replaced(self, values: Mapping[str, object]) -> Fields:
        """The same document with other values in these fields."""
        fields = Fields(values)
        fields._values = self._values | fields._values
        fields._nested = {name: depth for name, depth in self._nested.items() if name not in values}
        fields._contradictory = self._contradictory - values.keys()
        return fields

    def without(self, name: str) -> Fields:
        """The same document without this field."""
        fields = self.replaced({})
        fields._values.pop(name, None)
        return fields

    def raw(self, *names: str) -> object:
        """The first of these fields that is there and not empty, None without any. Raises BadBet.

        What the document itself says, under whichever of the names, comes before what its nested parts say.
        """
        values = self._values
        for name in names:
            if name in values:
                chosen = name if name not in self._nested else self.names_of(*names)[0]
                if chosen in self._contradictory:
                    raise BadBet(chosen, "is there twice and differs")
                return values[chosen]
        return None

    def name_of(self, *names: str) -> str:
        """The name under which `raw` finds it, else the first."""
        first = next((name for name in names if name in self._values), names[0])
        return first if first not in self._nested else self.names_of(*names)[0]

    def names_of(self, *names: str) -> list[str]:
        """Those of the names that are there as near to the document itself as the nearest of them, in their order."""
        there = [name for name in names if name in self._values]
        if len(there) < 2 or not self._nested:
            return there
        depths = {name: self._nested.get(name, 0) for name in there}
        nearest = min(depths.values(), default=0)
        return [name for name, depth in depths.items() if depth == nearest]

    def text(self, *names: str) -> str | None:
        """A text, or a number as text; None where there is none. Raises BadBet."""
        value = self.raw(*names)
        if value is None:
            return None
        value = _unwrapped(value)
        if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
            raise BadBet(self.name_of(*names), f"is a {type(value).__name__}, no text")
        shown = value.strip() if isinstance(value, str) else _identity(value)
        if len(shown) > LONGEST_TEXT or "\x00" in shown:
            raise BadBet(self.name_of(*names), "is no plausible text")
        return shown

    def number(self, *names: str) -> Decimal | None:
        """A finite number however it is written; None where there is none. Raises BadBet."""
        value = self.raw(*names)
        return None if value is None else number_of(value, self.name_of(*names))

    def identity(self, *names: str) -> int | None:
        """A positive whole number of at most 64 bits, as number or text. Raises BadBet."""
        value = self.number(*names)
        if value is None:
            return None
        if value != value.to_integral_value() or not 0 < value < 2**63:
            raise BadBet(self.name_of(*names), "is no id")
        return int(value)

    def flag(self, *names: str) -> bool:
        """A yes or no, also as text or number; no where there is none. Raises BadBet."""
        value = self.raw(*names)
        shown = str(value).strip().casefold()
        if value is None or shown in ("false", "0", "no", "0.0"):
            return False
        if shown in ("true", "1", "yes", "1.0"):
            return True
        raise BadBet(self.name_of(*names), "is neither yes nor no")

    def moment(self, *names: str) -> datetime | None:
        """A time in UTC: a date, an ISO text, or seconds since 1970. Raises BadBet."""
        value = self.raw(*names)
        if value is None:
            return None
        try:
            return _moment(value)
        except (ValueError, OverflowError, TypeError) as error:
            raise BadBet(self.name_of(*names), "is no time") from error

    def _take(self, document: Document, depth: int) -> None:
        """Take in what is not empty and not there yet; twice in one document is a contradiction, unless it is equal."""
        held = frozenset(self._values)
        for key, value in document.items():
            if _is_empty(value):
                continue
            folded = fold_key(str(key))
            if folded not in self._values:
                self._values[folded] = value
                if depth:
                    self._nested[folded] = depth
            elif folded not in held and not _same(self._values[folded], value):
                self._contradictory.add(folded)
        for name in NESTED if depth < DEEPEST else ():
            part = document.get(name, document.get(name.capitalize()))
            if isinstance(part, Mapping):
                self._take(part, depth + 1)


@lru_cache(maxsize=4096)
def fold_key(key: str) -> str:
    """A key in small letters with underscores: "Market Direction" and "marketDirection" become market_direction."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key.strip())
    return re.sub(r"[^a-z0-9]+", "_", parted.casefold()).strip("_") or key


def number_of(value: object, field: str) -> Decimal:
    """A finite number of an int, float, Decimal, Decimal128 or text ("2.5", "2,5"). Raises BadBet.

    "1,000" may be a thousand or one: it is refused.
    """
    if isinstance(value, bool):
        raise BadBet(field, "is a yes or no, no number")
    value = _unwrapped(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise BadBet(field, "is not finite")
        value = Decimal(repr(value))
    if isinstance(value, int):
        value = Decimal(value)
    if isinstance(value, Decimal):
        if not value.is_finite() or value.adjusted() > 30:
            raise BadBet(field, "is not finite")
        return value
    if not isinstance(value, str):
        raise BadBet(field, f"is a {type(value).__name__}, no number")
    return _written(value.strip().replace("−", "-"), field)


def _written(shown: str, field: str) -> Decimal:
    if _THOUSANDS.match(shown):
        raise BadBet(field, "may be thousands or decimals")
    if not shown.isascii() or not _PLAIN.match(shown):
        raise BadBet(field, "is no number")
    try:
        return Decimal(shown.replace(",", "."))
    except InvalidOperation as error:
        raise BadBet(field, "is no number") from error


def _moment(value: object) -> datetime:
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, str) and not value.strip().isdigit():
        moment = datetime.fromisoformat(value.strip())
    else:
        seconds = float(str(_unwrapped(value)))
        moment = datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _unwrapped(value: object) -> object:
    """The number of a Decimal128, told by its method: this package knows no database."""
    unwrap = getattr(value, "to_decimal", None)
    return unwrap() if callable(unwrap) else value


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str) and value.strip().casefold() in _EMPTY)


def _same(one: object, other: object) -> bool:
    return str(one).strip().casefold() == str(other).strip().casefold()


def _identity(value: int | float | Decimal) -> str:
    return str(int(value)) if math.isfinite(value) and value == int(value) else str(value)
