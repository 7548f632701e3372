"""Scores and match clocks, as events (REST) and the channels `scores` and `status` (WebSocket) carry them."""

from __future__ import annotations

from PROPPR.SharedServices.odds.fields import read_object, text_fault
from PROPPR.SharedServices.odds.rejects import WireError

MAX_PERIODS = 40
MAX_CLOCK_KEYS = 20
MAX_GOALS = 10_000
STATUSES_WITHOUT_RESULT = frozenset({"pending", "prematch", "cancelled", "canceled", "postponed"})
"""Statuses whose `scores` of 0-0 are no result (reference, sections 3.2 and 7.9)."""

_PERIOD_NAMES = {"fulltime": "ft", "overtime": "ot", "afterpenalties": "ap"}

Scores = dict[str, object]


def _read_goals(value: object, field: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 5:
        value = int(value)
    if isinstance(value, float) and value.is_integer() and abs(value) <= MAX_GOALS:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise WireError("wrong_type", field)
    if not 0 <= value <= MAX_GOALS:
        raise WireError("bad_number", field)
    return value


def _read_pair(value: object, field: str) -> dict[str, int]:
    pair = read_object(value, field)
    read = {side: _read_goals(pair.get(side), f"{field}.{side}") for side in ("home", "away")}
    return {side: goals for side, goals in read.items() if goals is not None}


def _is_key(key: str) -> bool:
    return text_fault(key) is None and len(key) <= 40 and "." not in key and not key.startswith("$")


def read_scores(value: object, field: str = "scores") -> Scores | None:
    """Return `{home, away, periods?: {p1: {home, away}, ..., ft, ot, ap}}`; None where there are none.

    Both spellings of the periods are read: `fulltime` is `ft`, `overtime` is `ot`. A side that is missing stays
    missing: unknown is not zero. Raises WireError.
    """
    if value is None:
        return None
    scores = read_object(value, field)
    read: Scores = dict(_read_pair(scores, field))
    periods = scores.get("periods")
    if periods is not None:
        named = read_object(periods, f"{field}.periods")
        if len(named) > MAX_PERIODS or not all(_is_key(name) for name in named):
            raise WireError("too_many" if len(named) > MAX_PERIODS else "bad_key", f"{field}.periods")
        read["periods"] = {
            _PERIOD_NAMES.get(name.casefold(), name): _read_pair(pair, f"{field}.periods")
            for name, pair in named.items()
            if pair is not None
        }
    return read or None


def scores_of_status(value: object, status: str, field: str = "scores") -> Scores | None:
    """`read_scores`, but None while the status says that its 0-0 is no result."""
    scores = read_scores(value, field)
    return None if status.casefold() in STATUSES_WITHOUT_RESULT else scores


def read_clock(value: object, field: str = "clock") -> Scores | None:
    """Return the running match clock: its scalar members, at most 20, as received. Raises WireError."""
    if value is None:
        return None
    clock = read_object(value, field)
    if len(clock) > MAX_CLOCK_KEYS or not all(_is_key(key) for key in clock):
        raise WireError("too_many" if len(clock) > MAX_CLOCK_KEYS else "bad_key", field)
    return {key: member for key, member in clock.items() if _is_scalar(member)} or None


def _is_scalar(value: object) -> bool:
    if isinstance(value, str):
        return text_fault(value) is None
    if isinstance(value, int | float):
        return abs(value) < 1e15
    return False
